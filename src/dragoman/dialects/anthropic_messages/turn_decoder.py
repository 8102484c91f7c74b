"""Turns of a Messages request as messages of a chat.

Tool results stand in turns of the user on this wire; in a chat they are a message of their own,
before the rest of the turn. A redacted thought before a call may be that call's signature
(`natives`). Blocks that the middle has no word for are native.
Source: Claude API docs "Messages" and the SDK's `MessageParam`, read 2026-11-21.
"""

import msgspec

from dragoman.dialects.anthropic_messages.natives import native_fields, seal_redacted, tool_seal_of
from dragoman.dialects.anthropic_messages.sources import decode_document, decode_image
from dragoman.dialects.anthropic_messages.tables import NAME, PART_HINTS
from dragoman.dialects.reading import Field
from dragoman.dialects.signatures import foreign_or_own, sign
from dragoman.messages import (
    Document,
    Image,
    Message,
    Part,
    Reasoning,
    Role,
    Text,
    ToolCall,
    ToolResult,
)
from dragoman.native import Native

__all__ = ["decode_system", "decode_turns"]

_ROLES: tuple[Role, ...] = ("user", "assistant", "system")
_TEXT_HINTS = PART_HINTS | {"citations"}


def decode_system(body: Field) -> list[Message]:
    """The field `system` as a message, if it says anything."""
    system = body.get("system")
    if system is None or not system.value:
        return []
    return [Message("system", _texts(system))]


def decode_turns(body: Field) -> list[Message]:
    """The turns as messages; `InputError` for a result without its call."""
    calls: set[str] = set()
    messages: list[Message] = []
    for turn in body.need("messages").items():
        messages += _turn(turn, calls)
    if not messages:
        body.need("messages").refuse("is empty: give at least one message")
    return messages


def _turn(turn: Field, calls: set[str]) -> list[Message]:
    role = turn.need("role").word(_ROLES)
    inner = turn.need("content")
    native = native_fields(turn.rest(("role", "content")), frozenset())
    if role == "system":
        return [Message(role, _texts(inner), native)]
    if isinstance(inner.value, str):
        return [Message(role, (Text(inner.text()),), native)]
    parts = _parts(inner, calls)
    results = tuple(part for part in parts if isinstance(part, ToolResult))
    rest = tuple(part for part in parts if not isinstance(part, ToolResult))
    found: list[Message] = []
    if results:
        found.append(Message("tool", results, None if rest else native))
    if rest or not results:
        found.append(Message(role, rest, native))
    return found


def _texts(inner: Field) -> tuple[Text, ...]:
    if isinstance(inner.value, str):
        return (Text(inner.text()),)
    found: list[Text] = []
    for block in inner.items():
        block.need("type").word(("text",))
        found.append(_text(block))
    return tuple(found)


def _parts(inner: Field, calls: set[str]) -> list[Part]:
    parts: list[Part] = []
    seal: str | None = None
    for block in inner.items():
        kind = block.need("type").text(empty=False)
        if kind == "redacted_thinking":
            data = block.need("data").text()
            seal = tool_seal_of(data)
            if seal is None:
                parts.append(Reasoning("", sign(NAME, seal_redacted(data))))
        elif kind == "tool_use":
            call, seal = _call(block, seal), None
            parts.append(call)
            calls.add(call.id)
        elif kind == "tool_result":
            parts.append(_result(block, calls))
        else:
            parts.append(_part(block, kind))
    return parts


def _part(block: Field, kind: str) -> Part:
    match kind:
        case "text":
            return _text(block)
        case "thinking":
            return _thought(block)
        case _:
            return _piece(block, kind)


def _piece(block: Field, kind: str) -> Image | Document | Native:
    """What may also stand in the result of a tool."""
    found: Image | Document | None = None
    if kind == "image":
        found = decode_image(block)
    elif kind == "document":
        found = decode_document(block)
    return found or Native(NAME, block.fields())


def _text(block: Field) -> Text:
    native = native_fields(block.rest(("type", "text")), _TEXT_HINTS)
    return Text(block.need("text").text(), native)


def _thought(block: Field) -> Reasoning:
    text = block.need("thinking").text()
    proof = block.get("signature")
    said = proof.text() if proof else ""
    return Reasoning(text, foreign_or_own(NAME, said) if said else None)


def _call(block: Field, seal: str | None) -> ToolCall:
    arguments = block.need("input").fields()
    return ToolCall(
        block.need("id").text(empty=False),
        block.need("name").text(empty=False),
        msgspec.json.encode(arguments).decode(),
        seal,
        native_fields(block.rest(("type", "id", "name", "input"))),
    )


def _result(block: Field, calls: set[str]) -> ToolResult:
    call_id = block.need("tool_use_id")
    if call_id.text() not in calls:
        call_id.refuse("names no earlier tool_use")
    inner, failed = block.get("content"), block.get("is_error")
    return ToolResult(
        call_id.text(),
        _given(inner) if inner else (),
        failed.flag() if failed else False,
        native_fields(block.rest(("type", "tool_use_id", "content", "is_error"))),
    )


def _given(inner: Field) -> tuple[Text | Image | Document | Native, ...]:
    if isinstance(inner.value, str):
        return (Text(inner.text()),)
    found: list[Text | Image | Document | Native] = []
    for block in inner.items():
        kind = block.need("type").text(empty=False)
        found.append(_text(block) if kind == "text" else _piece(block, kind))
    return tuple(found)
