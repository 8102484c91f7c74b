"""A chat as values: what is asked, what comes back, and how a stream becomes a reply."""

from collections.abc import AsyncIterable, Iterable, Mapping
from typing import assert_never

import msgspec

from dragoman.errors import InputError, ResponseError, StreamTruncatedError, excerpt
from dragoman.events import (
    Event,
    Finished,
    FinishReason,
    Grammar,
    ReasoningDelta,
    Started,
    TextDelta,
    ToolCallDelta,
    ToolCallStarted,
    Usage,
    UsageReported,
)
from dragoman.messages import Message, ToolCall, is_unicode

__all__ = ["OPTIONS", "ChatReply", "ChatRequest", "Gathered", "collect", "decode_options"]


class ChatRequest(msgspec.Struct, frozen=True, kw_only=True):
    """One question to one model. An option that is None is left to the provider."""

    model: str
    messages: tuple[Message, ...]
    temperature: float | None = None
    top_p: float | None = None
    max_tokens: int | None = None
    stop: tuple[str, ...] | None = None
    seed: int | None = None
    presence_penalty: float | None = None
    frequency_penalty: float | None = None

    def given(self) -> frozenset[str]:
        """The names of the options that were asked for."""
        values = msgspec.structs.astuple(self)[2:]
        if values.count(None) == len(values):
            return _NO_OPTIONS
        return frozenset(
            name for name, value in zip(OPTIONS, values, strict=True) if value is not None
        )


OPTIONS: Mapping[str, str] = {
    "temperature": "how freely the model chooses: 0 to 2",
    "top_p": "the share of likely words it chooses from: 0 to 1",
    "max_tokens": "the longest answer, in tokens: a whole number, at least 1",
    "stop": "a text, or a list of texts, that ends the answer; none of them empty",
    "seed": "a whole number of at most 64 bits that makes an answer repeatable",
    "presence_penalty": "-2 to 2: against what was said at all",
    "frequency_penalty": "-2 to 2: against what was said often",
}
"""The options of a request and what they mean; printed in the docs and by the command line."""

_NO_OPTIONS: frozenset[str] = frozenset()
_RANGES = {
    "temperature": (0, 2),
    "top_p": (0, 1),
    "presence_penalty": (-2, 2),
    "frequency_penalty": (-2, 2),
}
_WHOLE = {"max_tokens": (1, 2**63 - 1), "seed": (-(2**63), 2**63 - 1)}


def decode_options(options: Mapping[str, object]) -> dict[str, object]:
    """The options as `ChatRequest` has them; `InputError` names the one that is wrong.

    What is None, or an empty list, was not asked for.
    """
    decoded: dict[str, object] = {}
    for name, value in options.items():
        if name not in OPTIONS:
            raise InputError(f"unknown option {name!r}; known: {', '.join(OPTIONS)}")
        if value is not None and value != [] and value != ():
            decoded[name] = _option(name, value)
    return decoded


def _option(name: str, value: object) -> object:
    if name == "stop":
        texts = (value,) if isinstance(value, str) else value
        if isinstance(texts, list | tuple) and all(_is_text(text) for text in texts):
            return tuple(texts)
    elif name in _RANGES:
        low, high = _RANGES[name]
        # Comparing refuses NaN as well.
        if isinstance(value, int | float) and not isinstance(value, bool) and low <= value <= high:
            return float(value)
    else:
        least, most = _WHOLE[name]
        if isinstance(value, int) and not isinstance(value, bool) and least <= value <= most:
            return int(value)
    raise InputError(f"{name} = {excerpt(repr(value))}: it is {OPTIONS[name]}")


def _is_text(value: object) -> bool:
    return isinstance(value, str) and value != "" and is_unicode(value)


class ChatReply(msgspec.Struct, frozen=True, kw_only=True):
    """A whole answer."""

    model: str
    text: str
    reasoning: str = ""
    tool_calls: tuple[ToolCall, ...] = ()
    finish_reason: FinishReason = "stop"
    usage: Usage | None = None
    dropped: tuple[str, ...] = ()


class Gathered:
    """The parts of a reply while its events come."""

    def __init__(self) -> None:
        self.started = Started("")
        self.text: list[str] = []
        self.reasoning: list[str] = []
        self.calls: list[tuple[str, str, list[str]]] = []
        self.usage: Usage | None = None
        self.finished: Finished | None = None

    def add(self, events: Iterable[Event]) -> None:
        """Take the next events."""
        for event in events:
            match event:
                case TextDelta(text):
                    self.text.append(text)
                case ReasoningDelta(text):
                    self.reasoning.append(text)
                case ToolCallStarted(_, call_id, name):
                    self.calls.append((call_id, name, []))
                case ToolCallDelta(index, arguments):
                    self.calls[index][2].append(arguments)
                case UsageReported(usage):
                    self.usage = usage
                case Started():
                    self.started = event
                case Finished():
                    self.finished = event
                case _:
                    assert_never(event)

    def rewrite(self, error: ResponseError) -> None:
        """Take the whole answer of a service that rewrote it; raise any other error."""
        if error.final_text is None:
            raise error
        self.text = [error.final_text]
        self.finished = Finished()

    def reply(self) -> ChatReply:
        """The whole answer; `StreamTruncatedError` if its end has not come."""
        if self.finished is None:
            error = StreamTruncatedError("the stream ended without its end")
            error.text = "".join(self.text)
            raise error
        return ChatReply(
            model=self.started.model,
            text="".join(self.text),
            reasoning="".join(self.reasoning),
            tool_calls=tuple(ToolCall(i, name, "".join(args)) for i, name, args in self.calls),
            finish_reason=self.finished.reason,
            usage=self.usage,
            dropped=self.started.dropped,
        )


async def collect(events: AsyncIterable[Event]) -> ChatReply:
    """Read a stream to its end.

    Raises whatever the stream raises, and `StreamTruncatedError` if it ends without `Finished`.
    An answer that its service rewrote on the way comes as it was in the end.
    """
    grammar = Grammar()
    gathered = Gathered()
    try:
        async for event in events:
            grammar.check((event,))
            gathered.add((event,))
    except ResponseError as error:
        gathered.rewrite(error)
    return gathered.reply()
