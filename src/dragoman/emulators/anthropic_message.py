"""The assistant's message and its content blocks, as values and as JSON.

Source: the types of the official SDK 2.12 (`anthropic.types.Message`), read 2026-11-21.
"""

from typing import TypeAlias, assert_never

import msgspec
from msgspec import Struct

from dragoman.emulators.service import Json

__all__ = [
    "Message",
    "RedactedBlock",
    "SaidBlock",
    "TextBlock",
    "ThinkingBlock",
    "ToolUseBlock",
    "content",
    "whole",
]


class TextBlock(Struct, frozen=True):
    """Text, in the pieces that a stream brings."""

    pieces: tuple[str, ...]


class ThinkingBlock(Struct, frozen=True):
    """Thinking, in pieces; none if it is not shown."""

    pieces: tuple[str, ...]
    signature: str


class RedactedBlock(Struct, frozen=True):
    """Thinking that nobody can read."""

    data: str


class ToolUseBlock(Struct, frozen=True):
    """A call of a tool; `arguments` is compact JSON."""

    id: str
    name: str
    arguments: str


SaidBlock: TypeAlias = TextBlock | ThinkingBlock | RedactedBlock | ToolUseBlock


class Message(Struct, frozen=True, kw_only=True):
    """A message that is about to be sent."""

    id: str
    model: str
    blocks: tuple[SaidBlock, ...]
    stop_reason: str
    stop_sequence: str | None
    stop_details: Json
    usage: dict[str, Json]


def whole(message: Message) -> dict[str, Json]:
    """The message as one JSON object."""
    return {
        "id": message.id,
        "type": "message",
        "role": "assistant",
        "model": message.model,
        "content": [content(block) for block in message.blocks],
        "stop_reason": message.stop_reason,
        "stop_sequence": message.stop_sequence,
        "stop_details": message.stop_details,
        "usage": message.usage,
    }


def content(block: SaidBlock) -> dict[str, Json]:
    """A content block, whole."""
    match block:
        case TextBlock():
            return {"type": "text", "text": "".join(block.pieces)}
        case ThinkingBlock():
            thinking = "".join(block.pieces)
            return {"type": "thinking", "thinking": thinking, "signature": block.signature}
        case RedactedBlock():
            return {"type": "redacted_thinking", "data": block.data}
        case ToolUseBlock():
            return {
                "type": "tool_use",
                "id": block.id,
                "name": block.name,
                "input": msgspec.json.decode(block.arguments),
                "caller": {"type": "direct"},
            }
        case _:
            assert_never(block)
