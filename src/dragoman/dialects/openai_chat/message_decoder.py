"""Messages as JSON values: what a program sends, and what Python callers write.

Both are the same form, `{"role": "user", "content": "Hi"}`. A program's is read to the letter; a
Python caller may also pass `Message` and part values, tuples and other mappings, and leave out
which call a tool's result belongs to. Whatever is wrong is said before any request is made.
Source: as `dragoman.dialects.openai_chat.tables`.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import get_args

import msgspec

from dragoman.dialects.openai_chat.call_decoder import decode_calls, earlier_call
from dragoman.dialects.openai_chat.part_decoder import Manner, decode_part
from dragoman.dialects.openai_chat.tables import NAME
from dragoman.dialects.openai_chat.thoughts import detail_text, proof
from dragoman.dialects.reading import Field
from dragoman.dialects.signatures import foreign_or_own
from dragoman.errors import InputError
from dragoman.messages import (
    Document,
    Image,
    Message,
    Messages,
    Part,
    Reasoning,
    Refusal,
    Role,
    Text,
    ToolResult,
    is_unicode,
)
from dragoman.native import Native

__all__ = ["decode_messages", "read_messages"]

_ROLES: dict[str, Role] = {role: role for role in get_args(Role)} | {
    "developer": "system",
    "function": "tool",
}
_PLAIN_ROLES = {name: role for name, role in _ROLES.items() if role != "tool"}
_CALLER = Manner()
_KNOWN = ("role", "content")
_KNOWN_OF_ASSISTANTS = (
    *_KNOWN,
    "reasoning_content",
    "reasoning",
    "reasoning_details",
    "refusal",
    "tool_calls",
    "function_call",
    "audio",
)


def decode_messages(messages: Messages) -> tuple[Message, ...]:
    """A Python caller's messages as values.

    `InputError` names the message (from 1) and what is wrong with it.
    """
    # The exact type first: asking for an abstract one takes as long as the rest.
    if type(messages) is not list and (
        isinstance(messages, str | bytes | Mapping) or not isinstance(messages, Iterable)
    ):
        raise InputError(
            f"messages must be a list of {{'role', 'content'}}, not {type(messages).__name__}",
            place="messages",
        )
    decoded: list[Message] = []
    for number, item in enumerate(messages):
        decoded.append(_plain(item) or _message(item, number, decoded))
    if not decoded:
        text = "no message: give at least one {'role': 'user', 'content': ...}"
        raise InputError(text, place="messages")
    return tuple(decoded)


def _plain(item: object) -> Message | None:
    """A turn of text alone, which nearly all of them are."""
    if type(item) is not dict or len(item) != 2:
        return None
    role, text = item.get("role"), item.get("content")
    if type(role) is not str or type(text) is not str or not is_unicode(text):
        return None
    found = _PLAIN_ROLES.get(role)
    return None if found is None else Message(found, (Text(text),))


def _message(item: object, number: int, before: Sequence[Message]) -> Message:
    """Any other message of a Python caller's."""
    place = f"messages[{number}]"
    who = f"message {number + 1}"
    if isinstance(item, Message):
        native, item = item.native, {"role": item.role, "content": item.parts}
    else:
        native = None
    if not isinstance(item, Mapping):
        raise InputError(
            f"{who} must be a mapping with 'role' and 'content', not {type(item).__name__}",
            place=place,
        )
    role = item.get("role")
    if "role" not in item:
        raise InputError(f"{who} has no 'role'", place=f"{place}.role")
    if not isinstance(role, str) or role not in _ROLES:
        text = f"{who} has the unknown role {role!r}; known: {', '.join(_ROLES)}"
        raise InputError(text, place=f"{place}.role")
    if "content" not in item and not set(item) & set(_KNOWN_OF_ASSISTANTS[2:]):
        raise InputError(f"{who} has no 'content'", place=f"{place}.content")
    try:
        found = _decoded(Field(item, place), _CALLER, before)
    except InputError as error:
        told = error.message.removeprefix(place).removeprefix(".")
        raise InputError(f"{who}: {told}", place=error.place) from error
    return found if native is None else msgspec.structs.replace(found, native=native)


def read_messages(field: Field, hints: frozenset[str]) -> tuple[Message, ...]:
    """A program's messages; `hints` are fields of the dialect's own that change nothing.

    `InputError` names the place of what is wrong, a result without its call among that.
    """
    manner = Manner(hints)
    decoded: list[Message] = []
    calls: set[object] = set()
    for item in field.items():
        message = _plain(item.value)
        if message is not None:
            decoded.append(message)
            continue
        item.need("role").word(tuple(_ROLES))
        message = _decoded(item, manner, decoded)
        decoded.append(message)
        calls |= _call_ids(message)
        for part in message.parts:
            if isinstance(part, ToolResult) and part.call_id not in calls:
                Field(None, f"{item.place}.tool_call_id").refuse(
                    f"there is no call {part.call_id!r} before it"
                )
    if not decoded:
        field.refuse("there is no message")
    return tuple(decoded)


def _call_ids(message: Message) -> set[object]:
    return {
        part.fields.get("id") if isinstance(part, Native) else getattr(part, "id", None)
        for part in message.parts
    }


def _decoded(field: Field, manner: Manner, before: Sequence[Message]) -> Message:
    said = field.fields()["role"]
    role = _ROLES[str(said)]
    if role == "assistant":
        native = manner.native(field.rest(_KNOWN_OF_ASSISTANTS))
        return Message(role, tuple(_assistants(field, manner, len(before))), native)
    if role != "tool":
        if manner.is_strict:
            field.need("content")
        return Message(role, _content(field, manner), manner.native(field.rest(_KNOWN)))
    native = manner.native(field.rest((*_KNOWN, "tool_call_id", "name")))
    found = field.need("tool_call_id") if said == "tool" and manner.is_strict else None
    found = found or field.get("tool_call_id")
    if found is not None:
        call_id = found.text(empty=False)
    elif said == "function":
        call_id = earlier_call(field.need("name"), before)
    else:
        return Message(role, _content(field, manner), native)
    return Message(role, (ToolResult(call_id, _result(field, manner), native=native),))


def _result(field: Field, manner: Manner) -> tuple[Text | Image | Document | Native, ...]:
    parts: list[Text | Image | Document | Native] = []
    for part in _content(field, manner):
        if not isinstance(part, Text | Image | Document | Native):
            field.need("content").refuse("the result of a tool is text, images and files")
        parts.append(part)
    return tuple(parts)


def _content(field: Field, manner: Manner) -> tuple[Part, ...]:
    content = field.get("content")
    if content is None:
        return ()
    if isinstance(content.value, str):
        return (Text(content.text()),)
    if not isinstance(content.value, list | tuple):
        content.refuse(f"must be text or a list of parts, not {type(content.value).__name__}")
    return tuple(decode_part(part, manner) for part in content.items())


def _assistants(field: Field, manner: Manner, number: int) -> Iterator[Part]:
    yield from _thoughts(field)
    yield from _content(field, manner)
    if refusal := field.get("refusal"):
        yield Refusal(refusal.text())
    yield from decode_calls(field, manner, number)
    if audio := field.get("audio"):
        yield Native(NAME, {"type": "audio", "audio": dict(audio.fields())})


def _thoughts(field: Field) -> list[Reasoning]:
    found = field.get("reasoning_content", "reasoning")
    text = found.text() if found else ""
    listed = field.get("reasoning_details")
    thoughts = [_thought(detail) for detail in listed.items()] if listed else []
    if not text or any(thought.text for thought in thoughts):
        return _joined(thoughts)
    # The text of all thoughts; the first proof that is not of a hidden one is its own.
    if listed and thoughts and next(listed.items()).fields().get("type") == "reasoning.text":
        return [Reasoning(text, thoughts[0].signature), *thoughts[1:]]
    return [Reasoning(text), *thoughts]


def _thought(detail: Field) -> Reasoning:
    said = proof(detail.fields())
    signature = None if said is None else foreign_or_own(NAME, said)
    return Reasoning(Field(detail_text(detail.fields()), detail.place).text(), signature)


def _joined(thoughts: Iterable[Reasoning]) -> list[Reasoning]:
    """The thoughts, a text with the proof that follows it."""
    joined: list[Reasoning] = []
    for thought in thoughts:
        if joined and joined[-1].signature is None:
            text = joined.pop().text + thought.text
            thought = Reasoning(text, thought.signature)
        joined.append(thought)
    return joined
