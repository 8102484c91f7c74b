"""Parts of a message as content blocks of a request.

Empty texts, which the service refuses, are left out. A thought goes back only with the proof that
this service gave for it. Ids of calls that other services made are written in letters that this
one takes.
Source: Claude API docs "Messages", "Handle tool calls", "Extended thinking", read 2026-11-21.
"""

import base64
import re
from collections.abc import Mapping
from typing import assert_never

from dragoman.dialects.anthropic_messages.cited_blocks import Block, CitedBlocks
from dragoman.dialects.anthropic_messages.natives import (
    CITATION,
    MARKS,
    TEXT_BREAK,
    TOOL_FIELDS,
    merged,
    redacted_of,
)
from dragoman.dialects.anthropic_messages.sources import encode_document, encode_image
from dragoman.dialects.anthropic_messages.tables import NAME
from dragoman.dialects.arguments import sent_arguments
from dragoman.dialects.signatures import own
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

__all__ = ["content", "encode_parts"]

_ID = re.compile(r"[a-zA-Z0-9_-]+")


def encode_parts(message: Message, place: str) -> list[Block]:
    """The blocks of a message; `InputError` names the place of what the wire cannot say."""
    found = CitedBlocks()
    more: Mapping[str, object] = {}
    for at, part in enumerate(message.parts):
        if isinstance(part, Native):
            more = _native(part.of(NAME), found) or more
        elif (block := _block(part, f"{place}.content[{at}]")) is not None:
            if more and isinstance(part, ToolCall):
                block, more = merged(more, block), {}
            found.add(block)
    return [block for block in found.blocks if block.get("text") != ""]


def _native(fields: Mapping[str, object], found: CitedBlocks) -> Mapping[str, object]:
    """Add a native piece to the blocks; gives the fields that belong to the next call."""
    match fields:
        case {"type": str(kind), "fields": dict(more)} if kind == TOOL_FIELDS:
            return more
        case {"type": str(kind), "citation": citation} if kind == CITATION:
            found.cite(citation)
        case {"type": str(kind)} if kind == TEXT_BREAK:
            found.end_text()
        case {"type": str(kind)} if kind not in MARKS:
            found.add(dict(fields))
    return {}


def _block(part: Part, place: str) -> Block | None:
    match part:
        case Text(text) | Refusal(text):
            native = part.native if isinstance(part, Text) else None
            return _with(native, {"type": "text", "text": text}) if text else None
        case Image():
            return encode_image(part, place)
        case Document():
            return encode_document(part, place)
        case Reasoning():
            return _thought(part)
        case ToolCall(call_id, name):
            arguments = sent_arguments(part, place)
            call = {"type": "tool_use", "id": _wire_id(call_id), "name": name, "input": arguments}
            return _with(part.native, call)
        case ToolResult():
            return _with(part.native, _result(part, place))
        case Audio():
            raise InputError(f"{place}: the service takes no sound", place=place)
        case Native():
            return dict(part.of(NAME)) or None
        case _:
            assert_never(part)


def _with(native: Native | None, block: Mapping[str, object]) -> Block:
    return {**(native.of(NAME) if native else {}), **block}


def _thought(part: Reasoning) -> Block | None:
    proof = own(NAME, part.signature)
    if proof is None:
        return None
    data = redacted_of(proof)
    if data is not None:
        return {"type": "redacted_thinking", "data": data}
    return {"type": "thinking", "thinking": part.text, "signature": proof}


def _result(result: ToolResult, place: str) -> Block:
    inner = [_block(part, f"{place}.content[{at}]") for at, part in enumerate(result.parts)]
    blocks = [block for block in inner if block is not None]
    told: Block = {"type": "tool_result", "tool_use_id": _wire_id(result.call_id)}
    if blocks:
        told["content"] = content(blocks)
    if result.is_error:
        # The service wants to hear something of a failure.
        told = {"content": "failed", **told, "is_error": True}
    return told


def content(blocks: list[Block]) -> str | list[Block]:
    """Blocks as the wire has them: one plain text is a string."""
    match blocks:
        case [{"type": "text", "text": str(text), **more}] if not more:
            return text
    return blocks


def _wire_id(call_id: str) -> str:
    """The id of a call, in the letters that the service takes; of one id always the same."""
    if _ID.fullmatch(call_id):
        return call_id
    return "id_" + base64.urlsafe_b64encode(call_id.encode()).decode("ascii").rstrip("=")
