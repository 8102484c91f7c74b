"""Messages as input items: a turn of the assistant's is several of them.

Texts and refusals that stand together are one message item; a thought, a call and a result are
items of their own. A thought goes back only with this service's own proof (see `proofs`).
Source: OpenAI API reference, "Create a model response" (`input`), and the types of the package
openai 3.54.0, read 2026-11-21.
"""

from collections.abc import Sequence
from typing import assert_never

from dragoman.dialects.openai_responses.content_encoder import (
    encode_content,
    encode_parts,
    own_fields,
)
from dragoman.dialects.openai_responses.proofs import split_signature
from dragoman.dialects.openai_responses.tables import ANNOTATIONS
from dragoman.errors import InputError
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

__all__ = ["encode_input"]

_Object = dict[str, object]


def encode_input(messages: Sequence[Message]) -> tuple[str | None, list[_Object]]:
    """The instructions, which are a first system message of plain text, and the items.

    `InputError` names the part that the service does not take.
    """
    first = messages[0] if messages else None
    instructions = _plain(first) if first is not None and first.role == "system" else None
    items: list[_Object] = []
    for number, message in enumerate(messages):
        if number or instructions is None:
            items += _items(message, f"messages[{number}]")
    return instructions, items


def _plain(message: Message) -> str | None:
    """The text of a message that is one text and nothing else."""
    match message:
        case Message(_, (Text(text, None),), None):
            return text
        case _:
            return None


def _items(message: Message, place: str) -> list[_Object]:
    text = _plain(message)
    if text is not None and message.role != "tool":
        return [{"role": message.role, "content": text}]
    turn = _Turn(message, place)
    for at, part in enumerate(message.parts):
        turn.add(part, f"{place}.content[{at}]")
    return turn.close()


class _Turn:
    """The items of one message while its parts come."""

    def __init__(self, message: Message, place: str) -> None:
        self._message = message
        self._place = place
        self._fields = own_fields(message.native)
        self._items: list[_Object] = []
        self._content: list[_Object] = []

    def add(self, part: Part, place: str) -> None:
        match part:
            case Native():
                self._native(part)
            case Reasoning():
                self._item(_thought(part))
            case ToolCall(call_id, name, arguments):
                call = {"call_id": call_id, "name": name, "arguments": arguments}
                self._item({"type": "function_call", **call, **own_fields(part.native)})
            case ToolResult(call_id, parts):
                output = {"call_id": call_id, "output": encode_parts(parts, place)}
                self._item({"type": "function_call_output", **output, **own_fields(part.native)})
            case Text() | Refusal() | Image() | Document() | Audio():
                self._content.append(encode_content(part, self._message.role, place))
            case _:
                assert_never(part)

    def close(self) -> list[_Object]:
        if not self._message.parts:
            self._items.append(self._whole())
        self._flush()
        return self._items

    def _native(self, native: Native) -> None:
        fields = own_fields(native)
        kind = str(fields.get("type"))
        if kind in ANNOTATIONS:
            self._annotate(fields)
        elif kind.startswith(("input_", "output_")):
            self._content.append(fields)
        elif kind == "message" and "content" not in fields:
            # What a model's answer says of the message item that follows.
            self._flush()
            self._fields = fields
        else:
            self._item(fields)

    def _annotate(self, annotation: _Object) -> None:
        last = self._content[-1] if self._content else {}
        annotations = last.get("annotations")
        if isinstance(annotations, list):
            last["annotations"] = [*annotations, annotation]

    def _item(self, item: _Object) -> None:
        if item:
            self._flush()
            self._items.append(item)

    def _flush(self) -> None:
        if self._content:
            self._items.append(self._whole())
            self._content, self._fields = [], {}

    def _whole(self) -> _Object:
        role = self._message.role
        if role == "tool":
            raise InputError(
                f"{self._place}: a tool's message holds results of calls", place=self._place
            )
        return {"type": "message", "role": role, "content": self._content} | self._fields


def _thought(thought: Reasoning) -> _Object:
    proof = split_signature(thought.signature)
    if proof is None:
        return {}
    name, encrypted = proof
    item: _Object = {"type": "reasoning"}
    if name:
        item["id"] = name
    if encrypted:
        summary = [{"type": "summary_text", "text": thought.text}] if thought.text else []
        return item | {"summary": summary, "encrypted_content": encrypted}
    # A service that shows the thought itself and hides nothing.
    return item | {"summary": [], "content": [{"type": "reasoning_text", "text": thought.text}]}
