"""What a stream is made of: events, and the order in which they may come.

Every provider gives the same events, whatever its wire looks like. A stream ends in
`Finished` or in an exception; nothing else is a success. `LEGAL_NEXT` is the whole grammar: it is
checked at run time, printed in the docs and walked by the tests.
"""

from collections.abc import Iterable
from typing import Literal

import msgspec

from dragoman.errors import ResponseError
from dragoman.native import Native

__all__ = [
    "CONTENT",
    "LEGAL_NEXT",
    "Event",
    "FinishReason",
    "Finished",
    "Grammar",
    "LogprobsReported",
    "NativeReported",
    "OtherChoice",
    "ReasoningDelta",
    "ReasoningSigned",
    "RefusalDelta",
    "Started",
    "TextDelta",
    "TokenLogprob",
    "ToolCallDelta",
    "ToolCallStarted",
    "Usage",
    "UsageReported",
]

MAX_CHOICES = 1024

FinishReason = Literal["stop", "length", "tool_calls", "content_filter"]


class Usage(msgspec.Struct, frozen=True, repr_omit_defaults=True):
    """Tokens of one answer, as the service counted them; None is "it did not say".

    The cached, newly cached and audio ones are among those in, the reasoning and audio ones among
    those out, whatever the service's own habit is.
    """

    input_tokens: int | None = None
    output_tokens: int | None = None
    cached_tokens: int | None = None
    reasoning_tokens: int | None = None
    cache_write_tokens: int | None = None
    input_audio_tokens: int | None = None
    output_audio_tokens: int | None = None


class TokenLogprob(msgspec.Struct, frozen=True, repr_omit_defaults=True):
    """How likely a token was, as a natural logarithm, and what stood beside it in `top`."""

    token: str
    logprob: float
    top: "tuple[TokenLogprob, ...]" = ()


class Started(msgspec.Struct, frozen=True, tag="started", repr_omit_defaults=True):
    """The answer begins. `model` is the one that answers, as its provider names it."""

    model: str
    id: str | None = None
    """The provider's name for this answer."""
    dropped: tuple[str, ...] = ()
    """What of the request this provider cannot express and was left out."""
    native: Native | None = None
    """Fields of the whole reply that only its dialect knows."""


class ReasoningDelta(msgspec.Struct, frozen=True, gc=False, tag="reasoning"):
    """More of what the model thinks aloud; never part of the answer's text."""

    text: str


class ReasoningSigned(msgspec.Struct, frozen=True, gc=False, tag="reasoning_signed"):
    """The provider's proof of the reasoning before it, which ends here; to be sent back as it is.

    With no reasoning before it, the thought itself is hidden.
    """

    signature: str


class TextDelta(msgspec.Struct, frozen=True, gc=False, tag="text"):
    """More of the answer: not empty, and never half a character."""

    text: str


class RefusalDelta(msgspec.Struct, frozen=True, gc=False, tag="refusal"):
    """More of what the model says in place of an answer that it declines to give."""

    text: str


class ToolCallStarted(
    msgspec.Struct, frozen=True, gc=False, tag="tool_call", repr_omit_defaults=True
):
    """The model calls a tool. `index` counts the calls of one answer from 0."""

    index: int
    id: str
    name: str
    signature: str | None = None


class ToolCallDelta(msgspec.Struct, frozen=True, gc=False, tag="tool_call_delta"):
    """More of the JSON text of one tool call's arguments."""

    index: int
    arguments: str


class LogprobsReported(msgspec.Struct, frozen=True, tag="logprobs"):
    """How likely the next tokens of the answer's text were."""

    tokens: tuple[TokenLogprob, ...]


class NativeReported(msgspec.Struct, frozen=True, tag="native"):
    """A piece of the answer that only its dialect has words for, whole."""

    part: Native


class UsageReported(msgspec.Struct, frozen=True, tag="usage"):
    """What the answer used up to now; a later report replaces an earlier one."""

    usage: Usage


class Finished(msgspec.Struct, frozen=True, tag="finished", repr_omit_defaults=True):
    """The answer is whole, as far as the service is concerned."""

    reason: FinishReason = "stop"
    word: str | None = None
    """The service's own word, where it says more than `reason`."""
    stop_sequence: str | None = None
    """The text of `stop` that ended the answer, if the service tells."""


class OtherChoice(msgspec.Struct, frozen=True, tag="other_choice"):
    """An event of another of several answers (`n`): `index` counts from 1, the first has none."""

    index: int
    event: "ChoiceEvent"


ChoiceEvent = (
    ReasoningDelta
    | ReasoningSigned
    | TextDelta
    | RefusalDelta
    | ToolCallStarted
    | ToolCallDelta
    | LogprobsReported
    | NativeReported
    | Finished
)

CONTENT: frozenset[type] = frozenset(
    {
        NativeReported,
        OtherChoice,
        ReasoningDelta,
        RefusalDelta,
        TextDelta,
        ToolCallDelta,
        ToolCallStarted,
    }
)
"""The events that bring something of the answer, whatever it is."""

Event = Started | UsageReported | OtherChoice | ChoiceEvent

_INSIDE: frozenset[type] = frozenset(
    {
        ReasoningDelta,
        ReasoningSigned,
        TextDelta,
        RefusalDelta,
        ToolCallStarted,
        LogprobsReported,
        NativeReported,
        OtherChoice,
        UsageReported,
        Finished,
    }
)
_IN_TOOL_CALL = _INSIDE | {ToolCallDelta}
_TOOL_CALLS: frozenset[type] = frozenset({ToolCallStarted, ToolCallDelta})

LEGAL_NEXT: dict[type | None, frozenset[type]] = {
    None: frozenset({Started}),
    Started: _INSIDE,
    ReasoningDelta: _INSIDE,
    ReasoningSigned: _INSIDE,
    TextDelta: _INSIDE,
    RefusalDelta: _INSIDE,
    ToolCallStarted: _IN_TOOL_CALL,
    ToolCallDelta: _IN_TOOL_CALL,
    LogprobsReported: _IN_TOOL_CALL,
    NativeReported: _INSIDE,
    OtherChoice: _IN_TOOL_CALL,
    UsageReported: _IN_TOOL_CALL,
    Finished: frozenset(),
}
"""Which event may follow which; None is the beginning. See also `Grammar`."""


class Grammar:
    """Walks one stream and refuses an event that may not come now.

    Besides `LEGAL_NEXT`, the calls of one answer are numbered 0, 1, 2 ... and a
    `ToolCallDelta` belongs to a call that has started. Each of several choices keeps these rules.
    """

    __slots__ = ("_calls", "_last", "_others")

    def __init__(self) -> None:
        self._last: type | None = None
        self._calls = 0
        self._others: dict[int, Grammar] = {}

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
            if isinstance(event, OtherChoice):
                self._other(event)
            last = kind
        self._last = last

    def _other(self, choice: OtherChoice) -> None:
        if not 1 <= choice.index <= MAX_CHOICES:
            raise ResponseError(f"there is no choice {choice.index}")
        grammar = self._others.get(choice.index)
        if grammar is None:
            grammar = self._others[choice.index] = Grammar()
            grammar.check((Started(""),))
        grammar.check((choice.event,))

    def _numbered(self, event: Event) -> bool:
        if isinstance(event, ToolCallStarted):
            self._calls += 1
            return event.index == self._calls - 1
        return not isinstance(event, ToolCallDelta) or 0 <= event.index < self._calls
