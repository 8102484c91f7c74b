"""What a stream is made of: events, and the order in which they may come.

Every provider gives the same seven events, whatever its wire looks like. A stream ends in
`Finished` or in an exception; nothing else is a success. `LEGAL_NEXT` is the whole grammar: it is
checked at run time, printed in the docs and walked by the tests.
"""

from collections.abc import Iterable
from typing import Literal

import msgspec

from dragoman.errors import ResponseError

__all__ = [
    "LEGAL_NEXT",
    "Event",
    "FinishReason",
    "Finished",
    "Grammar",
    "ReasoningDelta",
    "Started",
    "TextDelta",
    "ToolCallDelta",
    "ToolCallStarted",
    "Usage",
    "UsageReported",
]

FinishReason = Literal["stop", "length", "tool_calls", "content_filter"]


class Usage(msgspec.Struct, frozen=True):
    """Tokens of one answer, as the service counted them; None is "it did not say"."""

    input_tokens: int | None = None
    output_tokens: int | None = None
    cached_tokens: int | None = None
    reasoning_tokens: int | None = None


class Started(msgspec.Struct, frozen=True, tag="started"):
    """The answer begins. `model` is the one that answers, as its provider names it."""

    model: str
    id: str | None = None
    """The provider's name for this answer."""
    dropped: tuple[str, ...] = ()
    """Options of the request that this provider cannot express and that were left out."""


class ReasoningDelta(msgspec.Struct, frozen=True, gc=False, tag="reasoning"):
    """More of what the model thinks aloud; never part of the answer's text."""

    text: str


class TextDelta(msgspec.Struct, frozen=True, gc=False, tag="text"):
    """More of the answer: not empty, and never half a character."""

    text: str


class ToolCallStarted(msgspec.Struct, frozen=True, gc=False, tag="tool_call"):
    """The model calls a tool. `index` counts the calls of one answer from 0."""

    index: int
    id: str
    name: str


class ToolCallDelta(msgspec.Struct, frozen=True, gc=False, tag="tool_call_delta"):
    """More of the JSON text of one tool call's arguments."""

    index: int
    arguments: str


class UsageReported(msgspec.Struct, frozen=True, tag="usage"):
    """What the answer used up to now; a later report replaces an earlier one."""

    usage: Usage


class Finished(msgspec.Struct, frozen=True, tag="finished"):
    """The answer is whole, as far as the service is concerned."""

    reason: FinishReason = "stop"


Event = (
    Started
    | ReasoningDelta
    | TextDelta
    | ToolCallStarted
    | ToolCallDelta
    | UsageReported
    | Finished
)

_INSIDE: frozenset[type] = frozenset(
    {ReasoningDelta, TextDelta, ToolCallStarted, UsageReported, Finished}
)
_IN_TOOL_CALL = _INSIDE | {ToolCallDelta}
_TOOL_CALLS: frozenset[type] = frozenset({ToolCallStarted, ToolCallDelta})

LEGAL_NEXT: dict[type | None, frozenset[type]] = {
    None: frozenset({Started}),
    Started: _INSIDE,
    ReasoningDelta: _INSIDE,
    TextDelta: _INSIDE,
    ToolCallStarted: _IN_TOOL_CALL,
    ToolCallDelta: _IN_TOOL_CALL,
    UsageReported: _IN_TOOL_CALL,
    Finished: frozenset(),
}
"""Which event may follow which; None is the beginning. See also `Grammar`."""


class Grammar:
    """Walks one stream and refuses an event that may not come now.

    Besides `LEGAL_NEXT`, the calls of one answer are numbered 0, 1, 2 ... and a
    `ToolCallDelta` belongs to a call that has started.
    """

    __slots__ = ("_calls", "_last")

    def __init__(self) -> None:
        self._last: type | None = None
        self._calls = 0

    @property
    def finished(self) -> bool:
        """Whether `Finished` has come."""
        return self._last is Finished

    def check(self, events: Iterable[Event]) -> None:
        """Take the next events; `ResponseError` names the first that is out of order."""
        last = self._last
        for event in events:
            kind = type(event)
            if kind is last and kind is TextDelta:
                # Nearly every event; the table says the same.
                continue
            if kind not in LEGAL_NEXT[last] or (kind in _TOOL_CALLS and not self._numbered(event)):
                before = last.__name__ if last else "the beginning"
                raise ResponseError(f"{kind.__name__} may not come after {before}")
            last = kind
        self._last = last

    def _numbered(self, event: Event) -> bool:
        if isinstance(event, ToolCallStarted):
            self._calls += 1
            return event.index == self._calls - 1
        return not isinstance(event, ToolCallDelta) or 0 <= event.index < self._calls
