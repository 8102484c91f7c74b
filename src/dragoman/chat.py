"""A chat as values: what is asked, and a whole answer."""

from typing import Literal, assert_never

import msgspec

from dragoman.events import (
    ChoiceEvent,
    Event,
    Finished,
    FinishReason,
    LogprobsReported,
    NativeReported,
    OtherChoice,
    ReasoningDelta,
    ReasoningSigned,
    RefusalDelta,
    Started,
    TextDelta,
    TokenLogprob,
    ToolCallDelta,
    ToolCallStarted,
    Usage,
    UsageReported,
)
from dragoman.messages import (
    Audio,
    Document,
    Image,
    Message,
    Part,
    Reasoning,
    Refusal,
    Text,
    ToolCall,
    ToolResult,
)
from dragoman.native import Native
from dragoman.tools import Output, Tool, ToolChoice

__all__ = ["ChatReply", "ChatRequest", "Effort", "Summary"]

Effort = Literal["none", "minimal", "low", "medium", "high", "xhigh", "max"]
"""How much a model may think, least first."""

Summary = Literal["none", "auto", "concise", "detailed"]
"""Whether the reasoning is shown, and how long its summary is."""


class ChatRequest(msgspec.Struct, frozen=True, kw_only=True, repr_omit_defaults=True):
    """One question to one model. What is None is left to the provider.

    `stream` is how the caller wants the answer; `native` are fields that only one dialect has.
    """

    model: str
    messages: tuple[Message, ...]
    temperature: float | None = None
    top_p: float | None = None
    top_k: int | None = None
    max_tokens: int | None = None
    stop: tuple[str, ...] | None = None
    seed: int | None = None
    presence_penalty: float | None = None
    frequency_penalty: float | None = None
    logprobs: int | None = None
    n: int | None = None
    user: str | None = None
    parallel_tool_calls: bool | None = None
    reasoning_effort: Effort | None = None
    reasoning_budget: int | None = None
    reasoning_summary: Summary | None = None
    tools: tuple[Tool | Native, ...] | None = None
    tool_choice: ToolChoice | None = None
    output: Output | None = None
    stream: bool = True
    native: Native | None = None

    def given(self) -> frozenset[str]:
        """The names of the options, tools and output among them, that were asked for."""
        values = msgspec.structs.astuple(self)[2:-2]
        if values.count(None) == len(values):
            return _NO_OPTIONS
        return frozenset(
            name for name, value in zip(_OPTION_NAMES, values, strict=True) if value is not None
        )


_OPTION_NAMES = ChatRequest.__struct_fields__[2:-2]
_NO_OPTIONS: frozenset[str] = frozenset()


class ChatReply(msgspec.Struct, frozen=True, kw_only=True, repr_omit_defaults=True):
    """A whole answer.

    `message` is the assistant's turn as it is sent back in the next request, with its parts in the
    order in which they came; `text`, `reasoning`, `refusal` and `tool_calls` read it.
    """

    model: str
    message: Message
    finish_reason: FinishReason = "stop"
    finish_word: str | None = None
    stop_sequence: str | None = None
    usage: Usage | None = None
    dropped: tuple[str, ...] = ()
    id: str | None = None
    logprobs: tuple[TokenLogprob, ...] = ()
    others: "tuple[ChatReply, ...]" = ()
    """The other answers, where more than one was asked for with `n`."""
    native: Native | None = None

    @property
    def text(self) -> str:
        """The answer's text."""
        return self.message.text

    @property
    def reasoning(self) -> str:
        """What the model thought aloud."""
        return "".join(part.text for part in self.message.parts if isinstance(part, Reasoning))

    @property
    def refusal(self) -> str:
        """What the model said in place of an answer."""
        return "".join(part.text for part in self.message.parts if isinstance(part, Refusal))

    @property
    def tool_calls(self) -> tuple[ToolCall, ...]:
        """The calls that the model made."""
        return tuple(part for part in self.message.parts if isinstance(part, ToolCall))

    def events(self) -> list[Event]:
        """The answer as a stream would have brought it; `collect` of them is this reply."""
        events: list[Event] = [Started(self.model, self.id, self.dropped, self.native)]
        events += self._said()
        for number, other in enumerate(self.others, 1):
            events += [OtherChoice(number, event) for event in (*other._said(), other._end())]
        if self.usage is not None:
            events.append(UsageReported(self.usage))
        events.append(self._end())
        return events

    def _said(self) -> list[ChoiceEvent]:
        events: list[ChoiceEvent] = []
        calls = 0
        for part in self.message.parts:
            events += _events_of(part, calls)
            calls += isinstance(part, ToolCall)
        if self.logprobs:
            events.append(LogprobsReported(self.logprobs))
        return events

    def _end(self) -> Finished:
        return Finished(self.finish_reason, self.finish_word, self.stop_sequence)


def _events_of(part: Part, index: int) -> list[ChoiceEvent]:
    match part:
        case Text(text):
            return [TextDelta(text)] if text else []
        case Refusal(text):
            return [RefusalDelta(text)] if text else []
        case Reasoning(text, signature):
            deltas: list[ChoiceEvent] = [ReasoningDelta(text)] if text else []
            return [*deltas, ReasoningSigned(signature)] if signature else deltas
        case ToolCall(call_id, name, arguments, signature):
            started = ToolCallStarted(index, call_id, name, signature)
            return [started, ToolCallDelta(index, arguments)] if arguments else [started]
        case Native():
            return [NativeReported(part)]
        case Image() | Audio() | Document() | ToolResult():
            # No event brings these; a service that answers with them says so natively.
            return []
        case _:
            assert_never(part)
