"""What an answer said so far, for the error that may end it; and how much an answer may say.

A service that never ends its answer must not fill its reader's memory.
"""

from dragoman.errors import ResponseError
from dragoman.events import Event, ReasoningDelta, RefusalDelta, TextDelta, ToolCallDelta

__all__ = ["MAX_CHARS", "MAX_EVENTS", "Said"]

MAX_CHARS = 64 * 1024 * 1024
MAX_EVENTS = 4_000_000
"""No model says as much: a million tokens are four million characters."""

_FOLD_BATCHES = 64


class Said:
    """The texts of one answer; true once there was any event."""

    __slots__ = ("_batches", "_chars", "_events", "_texts")

    def __init__(self) -> None:
        self._batches: list[list[Event]] = []
        self._texts: list[str] = []
        self._chars = self._events = 0

    def __bool__(self) -> bool:
        return self._events > 0

    def add(self, events: list[Event]) -> None:
        """Take the next events; `ResponseError` if they are more than any answer's."""
        self._batches.append(events)
        self._events += len(events)
        # Looked at now and then only: this is on the path of every event.
        if len(self._batches) >= _FOLD_BATCHES:
            self._fold()
        if self._events > MAX_EVENTS or self._chars > MAX_CHARS:
            raise ResponseError(
                f"an answer without end: {self._events} events, {self._chars} characters"
            )

    def text(self) -> str:
        """The answer so far."""
        self._fold()
        return "".join(self._texts)

    def _fold(self) -> None:
        texts: list[str] = []
        for events in self._batches:
            for event in events:
                match event:
                    case TextDelta(text) | RefusalDelta(text):
                        texts.append(text)
                    case ReasoningDelta(text) | ToolCallDelta(_, text):
                        self._chars += len(text)
        self._batches.clear()
        whole = "".join(texts)
        self._chars += len(whole)
        self._texts.append(whole)
