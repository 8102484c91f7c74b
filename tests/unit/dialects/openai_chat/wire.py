"""Pieces of a stream, and what a reader sees of one."""

import itertools

from dragoman.dialects.openai_chat.stream_decoder import Decoder
from dragoman.errors import ChatError
from dragoman.events import Event

__all__ = ["DONE", "STOP", "cut", "decode", "piece"]


def piece(delta: str = "{}", reason: str = "null", more: str = "") -> bytes:
    choice = f'{{"index":0,"delta":{delta},"finish_reason":{reason}}}'
    return f'data: {{"id":"c1","model":"m","choices":[{choice}]{more}}}\n\n'.encode()


DONE = b"data: [DONE]\n\n"
STOP = piece(reason='"stop"')


def decode(chunks: list[bytes]) -> tuple[list[Event], ChatError | None]:
    """What a reader sees: the events, and the error that ended them."""
    decoder = Decoder("asked")
    events: list[Event] = []
    try:
        for chunk in chunks:
            events += decoder.feed(chunk)
        events += decoder.close()
    except ChatError as error:
        return events, error
    return events, None


def cut(wire: bytes, places: list[int]) -> list[bytes]:
    marks = [0, *sorted(place % (len(wire) + 1) for place in places), len(wire)]
    return [wire[start:end] for start, end in itertools.pairwise(marks)]
