"""What the decoders of all streams have in common: how one ends, and what comes before an error.

However the bytes are cut, what came before an error is handed out first; from then on the error is
all that there is. After the answer's end bytes are ignored.

A broken event is an error, for nobody knows what it said. Two are passed over, and counted: one
whose name says that it carries nothing of an answer, and one that the end of the body cut off
behind the reason why the answer ended, after which nothing is said.
"""

from abc import ABC, abstractmethod

import msgspec

from dragoman.dialects.failures import FOREIGN
from dragoman.errors import ChatError
from dragoman.events import Event
from dragoman.wire.sse import SseDecoder, SseMessage

__all__ = ["SAYS_NOTHING", "AnswerDecoder", "SseAnswerDecoder", "is_broken"]

SAYS_NOTHING = frozenset({"ping", "response.in_progress", "response.queued"})
"""The names of events that carry nothing of an answer: signs of life."""

_OBJECT = msgspec.json.Decoder(dict[str, msgspec.Raw])


class AnswerDecoder(ABC):
    """One answer's decoder; what the format is, a subclass knows.

    `feed` and `close` raise `ResponseError` for what makes no sense, or the error that the service
    reports inside the answer. `skipped` is how many broken events were passed over; `broken` is
    what the next call raises, if the answer has not ended.
    """

    __slots__ = ("_over", "broken", "skipped")

    def __init__(self) -> None:
        self.skipped = 0
        self.broken: ChatError | None = None
        self._over = False

    def feed(self, chunk: bytes) -> list[Event]:
        """The events that these bytes complete."""
        events: list[Event] = []
        if self._over:
            return events
        if self.broken is not None:
            raise self.broken
        try:
            self._read(chunk, events)
        except ChatError as error:
            self.broken = error
            if not events:
                raise
        return events

    def close(self) -> list[Event]:
        """The events that the end of the body completes."""
        if self.broken is not None:
            raise self.broken
        events: list[Event] = []
        if not self._over:
            self._read_end(events)
        return events

    @abstractmethod
    def _read(self, chunk: bytes, events: list[Event]) -> None:
        """Add the events of these bytes; `_over` is set by the one that ends the answer."""

    @abstractmethod
    def _read_end(self, events: list[Event]) -> None:
        """Add the events of a body that ended before its answer, or raise that it is cut off."""


class SseAnswerDecoder(AnswerDecoder):
    """One answer in server-sent events. `model` is the name to give where the service tells none.

    `_started` is whether `Started` was said, for which `_model` and `_dropped` are kept.
    """

    __slots__ = ("_dropped", "_model", "_sse", "_started")

    def __init__(self, model: str, *, dropped: tuple[str, ...] = ()) -> None:
        super().__init__()
        self._sse = SseDecoder()
        self._model = model
        self._dropped = dropped
        self._started = False

    def _read(self, chunk: bytes, events: list[Event]) -> None:
        for message in self._sse.feed(chunk):
            if message.event in SAYS_NOTHING:
                self._hear(message, events)
            else:
                self._take(message, events)

    def _read_end(self, events: list[Event]) -> None:
        for message in self._sse.close():
            if self._may_end() and message.data != b"[DONE]" and is_broken(message.data):
                self.skipped += 1
            else:
                self._hear(message, events)
        if not self._over:
            self._read_rest(self._sse.rest, events)

    def _hear(self, message: SseMessage, events: list[Event]) -> None:
        if message.event in SAYS_NOTHING and not self._over and is_broken(message.data):
            self.skipped += 1
        else:
            self._take(message, events)

    def _may_end(self) -> bool:
        """Whether the end of the body would be the answer's end."""
        return False

    @abstractmethod
    def _take(self, message: SseMessage, events: list[Event]) -> None:
        """Add the events of one message; none behind the end."""

    @abstractmethod
    def _read_rest(self, rest: bytes, events: list[Event]) -> None:
        """Add the end of an answer without an end sign, or raise; `rest` is what was no event."""


def is_broken(data: bytes) -> bool:
    """Whether an event's data is no JSON object, or not UTF-8."""
    try:
        # What the decoder passes over it does not look at.
        data.decode()
        _OBJECT.decode(data)
    except FOREIGN:
        return True
    return False
