"""One form for values that mean the same: what a wire may join, order or name in its own way.

Tool calls' arguments are compared as JSON; neighbouring texts are one; a count of 0 is none.
"""

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from dragoman.chat import ChatReply, ChatRequest
from dragoman.events import Event, Grammar, Usage
from dragoman.features import REPLY_FEATURES, Carried, Mapped
from dragoman.gathered import Gathered
from dragoman.messages import (
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
from dragoman.tools import ToolChoice
from tests.law.shape import Table

__all__ = ["normal_events", "normal_reply", "normal_request"]

_NOTHING_TO_GIVE = ({"type": "object"}, {"type": "object", "properties": {}})
_COUNTS = {
    "cached_tokens": "cached_tokens",
    "cache_write_tokens": "cache_write_tokens",
    "reasoning_tokens": "reasoning_tokens",
    "input_audio_tokens": "audio_tokens",
    "output_audio_tokens": "audio_tokens",
}
_ORDER: tuple[type, ...] = (Reasoning, Text, Refusal)


def normal_request(
    chat: ChatRequest, *, reasoning: bool = True, ids: bool = True, texts_first: bool = False
) -> ChatRequest:
    """The chat with neighbouring messages of one role, and neighbouring texts, as one.

    Without `reasoning` earlier thoughts and all signatures are left out, for a wire that takes
    only its own; without `ids` calls are numbered anew, for a wire that has no names for them;
    `texts_first` is for a wire with one text beside the other parts.
    What is native to a dialect on the way is left out.
    """
    messages: list[Message] = []
    for message in chat.messages:
        if messages and messages[-1].role == message.role:
            message = Message(message.role, messages.pop().parts + message.parts)
        messages.append(message)
    names = {} if ids else _numbers(messages)
    found = []
    for message in messages:
        parts = [_part(part, names, reasoning) for part in message.parts]
        if not reasoning:
            parts = [part for part in parts if not isinstance(part, Reasoning)]
        if texts_first:
            parts.sort(key=lambda part: not isinstance(part, Text))
        if parts := _joined(parts):
            found.append(msgspec.structs.replace(message, parts=tuple(parts)))
    return msgspec.structs.replace(
        chat,
        messages=tuple(found),
        tools=tuple(map(_tool, chat.tools)) if chat.tools else None,
        tool_choice=None if chat.tool_choice == ToolChoice() else chat.tool_choice,
        native=None,
    )


def _numbers(messages: Iterable[Message]) -> Mapping[str, str]:
    calls = [part for message in messages for part in message.parts if isinstance(part, ToolCall)]
    return {call.id: f"call_{number}" for number, call in enumerate(calls)}


def _part(part: Part, names: Mapping[str, str], reasoning: bool) -> Part:
    match part:
        case ToolCall(call_id, name, arguments, signature):
            signature = signature if reasoning else None
            return ToolCall(names.get(call_id, call_id), name, _json(arguments), signature)
        case ToolResult(call_id):
            inner = _joined([_part(piece, names, reasoning) for piece in part.parts])
            return msgspec.structs.replace(
                part,
                call_id=names.get(call_id, call_id),
                parts=tuple(inner),
            )
        case Image() | Document() if part.url is not None:
            # Few wires have a media type beside an address.
            return msgspec.structs.replace(part, media_type=None)
        case _:
            return part


def _joined(parts: Iterable[Part]) -> list[Part]:
    found: list[Part] = []
    for part in parts:
        last = found[-1] if found else None
        if isinstance(part, Text) and not part.text:
            continue
        if isinstance(part, Text) and isinstance(last, Text):
            found[-1] = Text(last.text + part.text)
        elif isinstance(part, Reasoning) and isinstance(last, Reasoning) and not last.signature:
            found[-1] = Reasoning(last.text + part.text, part.signature)
        else:
            found.append(part)
    return found


def _tool(tool: object) -> object:
    if getattr(tool, "parameters", None) in _NOTHING_TO_GIVE:
        return msgspec.structs.replace(tool, parameters=None)  # type: ignore[type-var]  # a tool with parameters is a Tool
    return tool


def _json(text: str) -> str:
    try:
        return msgspec.json.encode(msgspec.json.decode(text or "{}"), order="sorted").decode()
    except msgspec.DecodeError:
        return text


def normal_reply(
    reply: ChatReply, *tells: Table, ids: bool = True, ordered: bool = False
) -> ChatReply:
    """The answer as `collect` gives it, without what one of the tables does not tell.

    Without `ids` calls are numbered anew; `ordered` puts reasoning, text, refusal and calls in this
    order, for a wire with one place for each.
    """
    gathered = Gathered()
    gathered.add(reply.events())
    found = gathered.reply()
    told = _told(tells)
    whole = _choice(found, told, ids=ids, ordered=ordered)
    others = [_choice(other, told, ids=ids, ordered=ordered) for other in found.others]
    return msgspec.structs.replace(
        whole,
        id=found.id if "id" in told else None,
        usage=_usage(found.usage, told) if "usage" in told else None,
        others=tuple(others) if "choices" in told else (),
    )


def normal_events(
    events: Sequence[Event], *tells: Table, ids: bool = True, ordered: bool = False
) -> list[Event]:
    """A legal stream as `ChatReply.events` would say it, without what the tables do not tell."""
    grammar = Grammar()
    grammar.check(events)
    assert grammar.finished
    gathered = Gathered()
    gathered.add(events)
    return normal_reply(gathered.reply(), *tells, ids=ids, ordered=ordered).events()


def _told(tells: Sequence[Table]) -> frozenset[str]:
    return frozenset(
        name
        for name in REPLY_FEATURES
        if all(isinstance(table.get(name), Carried | Mapped) for table in tells)
    )


def _choice(reply: ChatReply, told: frozenset[str], *, ids: bool, ordered: bool) -> ChatReply:
    calls = [part for part in reply.message.parts if isinstance(part, ToolCall)]
    names = {} if ids else {call.id: f"call_{number}" for number, call in enumerate(calls)}
    parts: list[Part] = []
    for part in reply.message.parts:
        parts += _said(part, told, names)
    if ordered or "order" not in told:
        parts.sort(key=lambda part: _ORDER.index(type(part)) if type(part) in _ORDER else 9)
    told_reason = reply.finish_reason not in {"length", "content_filter"} - told
    return msgspec.structs.replace(
        reply,
        message=Message("assistant", tuple(_joined(parts))),
        finish_reason=reply.finish_reason if told_reason else "stop",
        finish_word=None,
        stop_sequence=reply.stop_sequence if "stop_sequence" in told else None,
        logprobs=reply.logprobs if "logprobs" in told else (),
        dropped=(),
        native=None,
    )


def _said(part: Part, told: frozenset[str], names: Mapping[str, str]) -> list[Part]:
    match part:
        case Reasoning(text, signature):
            signature = signature if "signature" in told else None
            is_told = "reasoning" in told and (text or signature)
            return [Reasoning(text, signature)] if is_told else []
        case ToolCall():
            found = _part(part, names, "tool_signature" in told)
            return [found] if "tool_calls" in told else []
        case Refusal(text):
            return [part if "refusal" in told else Text(text)]
        case _:
            return [part]


def _usage(usage: Usage | None, told: frozenset[str]) -> Usage | None:
    if usage is None:
        return None
    counts = Usage(
        input_tokens=usage.input_tokens or None,
        output_tokens=usage.output_tokens or None,
        **{
            field: getattr(usage, field) or None
            for field, feature in _COUNTS.items()
            if feature in told
        },
    )
    return None if counts == Usage() else counts
