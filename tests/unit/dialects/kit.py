"""A body cut into chunks, and what a decoder hears in them: for the tests of every dialect."""

import itertools
from collections.abc import Iterable, Sequence

from hypothesis import strategies as st

from dragoman.dialects.dialect import StreamDecoder, StreamEncoder
from dragoman.errors import ChatError
from dragoman.events import Event

__all__ = ["cut", "cuts", "heard", "heard_or_refused", "told_in_two"]


def cut(body: bytes, places: Iterable[int]) -> list[bytes]:
    """The body, cut at these places, of which any number is one; some pieces are empty."""
    marks = [0, *sorted(place % (len(body) + 1) for place in places), len(body)]
    return [body[start:end] for start, end in itertools.pairwise(marks)]


def cuts(data: st.DataObject, body: bytes) -> list[bytes]:
    """The body, cut at any places."""
    return cut(body, data.draw(st.lists(st.integers(0, len(body)), max_size=4)))


def heard(decoder: StreamDecoder, *chunks: bytes) -> list[Event]:
    """The events of a whole stream."""
    return [*(event for chunk in chunks for event in decoder.feed(chunk)), *decoder.close()]


def heard_or_refused(
    decoder: StreamDecoder, chunks: Iterable[bytes]
) -> tuple[list[Event], ChatError | None]:
    """What a reader sees: the events, and the error that ended them."""
    events: list[Event] = []
    try:
        for chunk in chunks:
            events += decoder.feed(chunk)
        events += decoder.close()
    except ChatError as error:
        return events, error
    return events, None


def told_in_two(data: st.DataObject, encoder: StreamEncoder, events: Sequence[Event]) -> bytes:
    """The stream of these events, which the encoder gets in two goes."""
    place = data.draw(st.integers(0, len(events)))
    return encoder.feed(events[:place]) + encoder.feed(events[place:])
