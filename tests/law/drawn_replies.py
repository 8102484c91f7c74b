"""Any answer, whole or as a stream, that some dialects carry."""

from collections.abc import Sequence
from functools import cache

import msgspec
from hypothesis import strategies as st

from dragoman.chat import ChatReply
from dragoman.events import (
    Event,
    Finished,
    FinishReason,
    LogprobsReported,
    OtherChoice,
    ReasoningDelta,
    RefusalDelta,
    Started,
    TextDelta,
    TokenLogprob,
    ToolCallDelta,
    Usage,
    UsageReported,
)
from dragoman.messages import Message, Part, Refusal, Text, ToolCall
from tests.law.shape import ARGUMENTS, IDS, NAMES, TEXTS, Carries, signatures, thoughts

__all__ = ["reply", "stream"]


@st.composite
def reply(draw: st.DrawFn, carries: Carries) -> ChatReply:
    """A whole answer with whatever may be told of it."""
    model = draw(NAMES)
    others = draw(st.lists(_choice(carries, model), max_size=2)) if carries("choices") else []
    return msgspec.structs.replace(
        draw(_choice(carries, model)),
        id=draw(IDS) if carries("id") else None,
        usage=draw(st.none() | _usages(carries)) if carries("usage") else None,
        others=tuple(others),
    )


@cache
@st.composite
def _choice(draw: st.DrawFn, carries: Carries, model: str) -> ChatReply:
    parts = draw(_parts(carries))
    reason = draw(_reasons(carries, parts))
    stopped = carries("stop_sequence") and reason == "stop" and _is_text(parts)
    return ChatReply(
        model=model,
        message=Message("assistant", tuple(parts)),
        finish_reason=reason,
        stop_sequence=draw(st.none() | TEXTS) if stopped else None,
        logprobs=draw(_logprobs(carries)),
    )


def _is_text(parts: Sequence[Part]) -> bool:
    return not any(isinstance(part, ToolCall | Refusal) for part in parts)


@cache
@st.composite
def _parts(draw: st.DrawFn, carries: Carries) -> list[Part]:
    parts = draw(thoughts(carries))
    count = draw(st.integers(0, 2)) if carries("tool_calls") else 0
    if not count or draw(st.booleans()):
        refuses = carries("refusal") and not count and draw(st.booleans())
        parts.append(Refusal(draw(TEXTS)) if refuses else Text(draw(TEXTS)))
    signed = carries("tool_signature")
    for number in range(count):
        signature = draw(signatures(carries)) if signed else None
        call_id = f"call_{number}{draw(IDS)}"
        parts.append(ToolCall(call_id, draw(NAMES), draw(ARGUMENTS), signature))
    if carries("order"):
        parts += [] if any(isinstance(part, Refusal) for part in parts) else draw(thoughts(carries))
        parts = draw(st.permutations(parts))
    return parts


def _reasons(carries: Carries, parts: Sequence[Part]) -> st.SearchStrategy[FinishReason]:
    if any(isinstance(part, ToolCall) for part in parts):
        return st.just("tool_calls")
    reasons: list[FinishReason] = ["stop"]
    if _is_text(parts):
        reasons += ["length"] if carries("length") else []
        reasons += ["content_filter"] if carries("content_filter") else []
    return st.sampled_from(reasons)


@cache
@st.composite
def _usages(draw: st.DrawFn, carries: Carries) -> Usage:
    """Numbers that fit: what is counted apart is among what is counted in all."""
    few = st.integers(1, 9)

    def part(name: str) -> int | None:
        return draw(st.none() | few) if carries(name) else None

    return Usage(
        input_tokens=draw(st.integers(40, 90)),
        output_tokens=draw(st.integers(40, 90)),
        cached_tokens=part("cached_tokens"),
        reasoning_tokens=part("reasoning_tokens"),
        cache_write_tokens=part("cache_write_tokens"),
        input_audio_tokens=part("audio_tokens"),
        output_audio_tokens=part("audio_tokens"),
    )


@cache
def _logprobs(carries: Carries) -> st.SearchStrategy[tuple[TokenLogprob, ...]]:
    if not carries("logprobs"):
        return st.just(())
    numbers = st.integers(-90, 0).map(lambda number: number / 8)
    tops = st.lists(st.builds(TokenLogprob, TEXTS, numbers), max_size=2).map(tuple)
    return st.lists(st.builds(TokenLogprob, TEXTS, numbers, tops), max_size=3).map(tuple)


@st.composite
def stream(draw: st.DrawFn, carries: Carries) -> list[Event]:
    """A whole answer, in the pieces in which a service might say it."""
    answer = draw(reply(carries))
    events: list[Event] = []
    others: list[Event] = []
    for event in answer.events():
        (others if isinstance(event, OtherChoice) else events).extend(draw(_pieces(carries, event)))
    usage: list[Event] = [event for event in events if isinstance(event, UsageReported)]
    said: list[Event] = [
        event for event in events if not isinstance(event, Started | UsageReported | Finished)
    ]
    counts_early = draw(st.booleans())
    if usage and counts_early:
        # An earlier count, which the last one replaces.
        said.insert(0, UsageReported(Usage(input_tokens=7)))
    return [events[0], *draw(_riffled(said, others)), *usage, events[-1]]


@st.composite
def _riffled(draw: st.DrawFn, first: Sequence[Event], second: Sequence[Event]) -> list[Event]:
    """Both, each in its own order, as two choices come."""
    left, right = list(first), list(second)
    mixed: list[Event] = []
    while left and right:
        mixed.append((left if draw(st.booleans()) else right).pop(0))
    return [*mixed, *left, *right]


@st.composite
def _pieces(draw: st.DrawFn, carries: Carries, event: Event) -> list[Event]:
    match event:
        case TextDelta(text) | ReasoningDelta(text) | RefusalDelta(text):
            return [type(event)(piece) for piece in draw(_cut(text))]
        case ToolCallDelta(index, text) if carries("tool_deltas"):
            return [ToolCallDelta(index, piece) for piece in draw(_cut(text))]
        case LogprobsReported(tokens):
            return [LogprobsReported((token,)) for token in tokens]
        case OtherChoice(index, inner):
            pieces = draw(_pieces(carries, inner))
            return [OtherChoice(index, piece) for piece in pieces]  # type: ignore[arg-type]  # pieces of a choice's event
        case _:
            return [event]


@cache
@st.composite
def _cut(draw: st.DrawFn, text: str) -> list[str]:
    place = draw(st.integers(0, len(text)))
    return [piece for piece in (text[:place], text[place:]) if piece]
