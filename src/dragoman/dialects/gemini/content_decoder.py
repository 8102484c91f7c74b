"""Gemini's contents to messages: who said what, with each result at the call that it answers.

A call may come without an id, and a result with the name of its function alone: then calls are
numbered in their order, and a result belongs to the first call of its name that has none. What
stands in one content with results becomes a message of its own.
Source: the REST reference of Content and Part, and "Function calling" of the Gemini API docs,
read 2026-11-21.
"""

from collections.abc import Callable, Iterator, Mapping
from itertools import groupby
from typing import TypeVar

import msgspec

from dragoman.dialects.gemini.media import Media, decode_blob, decode_file
from dragoman.dialects.gemini.proofs import take_back
from dragoman.dialects.gemini.results import decode_response
from dragoman.dialects.gemini.spelling import camel, get, items, native, need, rest
from dragoman.dialects.gemini.tables import NAME, PART_HINTS
from dragoman.dialects.reading import Field
from dragoman.messages import (
    Audio,
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

__all__ = ["decode_contents", "decode_system"]

_M = TypeVar("_M", bound=Media)

_ROLES: Mapping[str, Role] = {"user": "user", "model": "assistant", "function": "user"}
_NOTES = (
    "thought",
    "thoughtSignature",
    "videoMetadata",
    "mediaResolution",
    "mediaProcessing",
    "partMetadata",
)


def decode_system(field: Field) -> tuple[Part, ...]:
    """The texts of a system instruction, whose role means nothing."""
    parts = tuple(part for item in items(need(field, "parts")) for part in _system_part(item))
    if not parts:
        need(field, "parts").refuse("is empty")
    return parts


def decode_contents(field: Field) -> list[Message]:
    """The messages; `InputError` names the place of what is wrong."""
    calls = _Calls()
    messages = [
        message for content in items(field) for message in _Content(content, calls).messages()
    ]
    if not messages:
        field.refuse("there is no message")
    return messages


class _Calls:
    """The calls so far: their names by id, and those that wait for a result."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}
        self._waiting: list[str] = []

    def add(self, given: str | None, name: str) -> str:
        """The id of a call."""
        number = len(self._names)
        call_id = given or f"call_{number}"
        while not given and call_id in self._names:
            number += 1
            call_id = f"call_{number}"
        self._names[call_id] = name
        self._waiting.append(call_id)
        return call_id

    def answered(self, field: Field) -> str:
        """The id of the call that this response is for."""
        named, given = get(field, "name"), get(field, "id")
        name = named.text(empty=False) if named else None
        if given is None or not given.text():
            return self._by_name(field, name or need(field, "name").text())
        call_id = given.text()
        if call_id not in self._names:
            given.refuse(f"there is no call {call_id!r} before it")
        if name is not None and named is not None and name != self._names[call_id]:
            named.refuse(f"the call {call_id!r} is one of {self._names[call_id]}")
        return self._done(call_id)

    def _by_name(self, field: Field, name: str) -> str:
        found = next((one for one in self._waiting if self._names[one] == name), None)
        if found is None:
            need(field, "name").refuse(f"there is no call of {name} that waits for a result")
        return self._done(found)

    def _done(self, call_id: str) -> str:
        if call_id in self._waiting:
            self._waiting.remove(call_id)
        return call_id


class _Content:
    """One content, and the calls before it."""

    def __init__(self, field: Field, calls: _Calls) -> None:
        self._field = field
        self._calls = calls
        role = get(field, "role")
        # The service takes a content without a role for a user's.
        self._role: Role = _ROLES[role.word(tuple(_ROLES))] if role and role.value else "user"
        self._decoders: Mapping[str, Callable[[Field, Field], Iterator[Part]]] = {
            "text": _text,
            "inlineData": _inline,
            "fileData": _file,
            "functionCall": self._call,
            "functionResponse": self._response,
        }

    def messages(self) -> list[Message]:
        field = need(self._field, "parts")
        if not field.value:
            field.refuse("is empty")
        parts = [part for item in items(field) for part in self._parts(item)]
        messages = [
            Message("tool" if is_result else self._role, tuple(run))
            for is_result, run in groupby(parts, lambda part: isinstance(part, ToolResult))
        ]
        kept = native(rest(self._field, "role", "parts"), PART_HINTS)
        if kept is not None and messages:
            messages[0] = msgspec.structs.replace(messages[0], native=kept)
        return messages

    def _parts(self, field: Field) -> Iterator[Part]:
        found = [name for name in self._decoders if get(field, name)]
        if len(found) > 1:
            field.refuse(f"is both {found[0]} and {found[1]}")
        if not found:
            return iter((_native_part(field),))
        return self._decoders[found[0]](field, need(field, found[0]))

    def _call(self, part: Field, call: Field) -> Iterator[Part]:
        if self._role != "assistant":
            call.refuse("a call belongs to the role model")
        given, args = get(call, "id"), get(call, "args")
        name = need(call, "name").text(empty=False)
        signature = get(part, "thoughtSignature")
        kept = rest(part, "functionCall", "thoughtSignature", "thought")
        yield ToolCall(
            self._calls.add(given.text() if given else None, name),
            name,
            msgspec.json.encode(args.fields()).decode() if args else "{}",
            take_back(signature.text()) if signature else None,
            native(kept | rest(call, "id", "name", "args", path="functionCall."), PART_HINTS),
        )

    def _response(self, part: Field, response: Field) -> Iterator[Part]:
        if self._role != "user":
            response.refuse("a result belongs to the role user")
        call_id = self._calls.answered(response)
        said, is_error = _said(response)
        media = get(response, "parts")
        found = [_result_part(item) for item in items(media)] if media else []
        kept = rest(response, "id", "name", "response", "parts", path="functionResponse.")
        yield ToolResult(
            call_id,
            ((Text(said),) if said is not None else ()) + tuple(found),
            is_error,
            native(rest(part, "functionResponse") | kept, PART_HINTS),
        )


def _said(response: Field) -> tuple[str | None, bool]:
    found = get(response, "response")
    said, is_error = decode_response(found.fields()) if found else (None, False)
    return said, is_error


def _text(part: Field, text: Field) -> Iterator[Part]:
    said = text.text()
    thought, signed = get(part, "thought"), get(part, "thoughtSignature")
    signature = take_back(signed.text()) if signed else None
    kept = native(rest(part, "text", "thought", "thoughtSignature"), PART_HINTS)
    if thought is not None and thought.flag():
        yield from (Reasoning(said, signature),) if said or signature else ()
        return
    if said or kept is not None or signature is None:
        yield Text(said, kept)
    if signature is not None:
        yield Reasoning("", signature)


def _inline(part: Field, blob: Field) -> Iterator[Part]:
    yield _kept(decode_blob(blob), part, blob, "inlineData")


def _file(part: Field, file: Field) -> Iterator[Part]:
    yield _kept(decode_file(file), part, file, "fileData")


def _kept(media: _M, part: Field, inner: Field, name: str) -> _M:
    """With what else stands in the part and in its `inlineData` or `fileData`."""
    known = ["mimeType", "data" if name == "inlineData" else "fileUri"]
    known += ["displayName"] if isinstance(media, Document) else []
    fields = rest(part, name, "thought") | rest(inner, *known, path=f"{name}.")
    return msgspec.structs.replace(media, native=native(fields, PART_HINTS))


def _result_part(field: Field) -> Image | Document | Native:
    for name, decode in (("inlineData", decode_blob), ("fileData", decode_file)):
        inner = get(field, name)
        if inner is not None:
            found = decode(inner)
            if isinstance(found, Audio):
                found = Document(content=found.content, media_type=found.media_type)
            return _kept(found, field, inner, name)
    return _native_part(field)


def _system_part(field: Field) -> Iterator[Part]:
    text = get(field, "text")
    if text is None:
        field.refuse("a system instruction is text alone")
    return _text(field, text)


def _native_part(field: Field) -> Native:
    """A part that only this dialect has: one object beside notes about it."""
    fields = {name: value for name, value in field.fields().items() if value is not None}
    kinds = [camel(name) for name, value in fields.items() if isinstance(value, dict)]
    kinds = [name for name in kinds if name not in _NOTES]
    if len(kinds) != 1:
        field.wrong("a part: text, inlineData, fileData, functionCall, functionResponse ...")
    return Native(NAME, {"type": kinds[0], **fields})
