"""A chat without the features that a wire has no words for: what `Hint` means, in one place.

So no encoder has to know which of the things that it can say its service does not bear.
"""

from collections.abc import Mapping, Set
from typing import Any, TypeVar

from msgspec.structs import replace

from dragoman.chat import ChatRequest
from dragoman.messages import Document, Image, Message, Part, Reasoning, ToolResult
from dragoman.native import Native
from dragoman.tools import JsonSchema, Tool, ToolChoice

__all__ = ["without"]

_P = TypeVar("_P", bound=Part)

_OF_PARTS: Mapping[str, tuple[type[Part], Mapping[str, Any]]] = {
    "image_detail": (Image, {"detail": None}),
    "document_name": (Document, {"name": None}),
    "tool_result_error": (ToolResult, {"is_error": False}),
}
_OF_SCHEMA: Mapping[str, Mapping[str, Any]] = {
    "json_schema_name": {"name": "answer", "description": None},
    "json_schema_strict": {"strict": None},
}
_FIELDS = frozenset(ChatRequest.__struct_fields__)


def without(chat: ChatRequest, names: Set[str]) -> ChatRequest:
    """The chat without these features of `features.FEATURES`, as far as one can do without them."""
    left: dict[str, Any] = {name: None for name in names if name in _FIELDS}
    if "tool_strict" in names:
        left["tools"] = tuple(_not_strict(tool) for tool in chat.tools or ())
    if "tool_choice_names" in names and chat.tool_choice is not None:
        left["tool_choice"] = ToolChoice(chat.tool_choice.mode)
    if isinstance(chat.output, JsonSchema):
        changes = _changes(names, _OF_SCHEMA)
        left |= {"output": replace(chat.output, **changes)} if changes else {}
    if names & (_OF_PARTS.keys() | {"reasoning"}):
        messages = [_message(message, names) for message in chat.messages]
        left["messages"] = tuple(message for message in messages if message is not None)
    return replace(chat, **left) if left else chat


def _changes(names: Set[str], table: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    return {field: value for name in table.keys() & names for field, value in table[name].items()}


def _not_strict(tool: Tool | Native) -> Tool | Native:
    return replace(tool, strict=None) if isinstance(tool, Tool) else tool


def _message(message: Message, names: Set[str]) -> Message | None:
    """The turn without them; None if it was nothing but thoughts, and they go."""
    parts = message.parts
    if "reasoning" in names:
        parts = tuple(part for part in parts if not isinstance(part, Reasoning))
    if message.parts and not parts:
        return None
    return replace(message, parts=tuple(_part(part, names) for part in parts))


def _part(part: _P, names: Set[str]) -> _P:
    for name, (kind, changes) in _OF_PARTS.items():
        if name in names and isinstance(part, kind):
            part = replace(part, **changes)
    if isinstance(part, ToolResult):
        inner = tuple(_part(piece, names) for piece in part.parts)
        part = replace(part, parts=inner)
    return part
