"""A reply as a whole answer of the Messages API.

Every field that the official SDK requires is there. What other dialects know and this one does
not, further answers and likelihoods, is passed over, as `TELLS` says.
Source: Claude API docs "Messages" and the SDK's `Message`, read 2026-11-21.
"""

from collections.abc import Mapping

import msgspec

from dragoman.chat import ChatReply, ChatRequest
from dragoman.dialects.anthropic_messages.cited_blocks import Block, CitedBlocks
from dragoman.dialects.anthropic_messages.finish import encode_finish
from dragoman.dialects.anthropic_messages.natives import (
    CITATION,
    END,
    TEXT_BREAK,
    TOOL_FIELDS,
    merged,
    redacted_of,
    seal_tool,
)
from dragoman.dialects.anthropic_messages.tables import NAME
from dragoman.dialects.anthropic_messages.usage import encode_usage
from dragoman.dialects.arguments import said_arguments
from dragoman.dialects.dialect import Stamp
from dragoman.dialects.signatures import own
from dragoman.events import Finished
from dragoman.messages import Part, Reasoning, Text, ToolCall
from dragoman.native import Native

__all__ = ["encode_reply", "message", "sealed", "thought"]


def encode_reply(reply: ChatReply, chat: ChatRequest, stamp: Stamp) -> bytes:
    """The JSON of the answer; `ResponseError` if arguments of a tool are no JSON object."""
    blocks = _Blocks()
    for part in reply.message.parts:
        blocks.add(part)
    finished = Finished(reply.finish_reason, reply.finish_word, reply.stop_sequence)
    told = message(reply.id or f"msg_{stamp.id}", reply.model, encode_usage(reply.usage))
    told |= {"content": blocks.blocks, **encode_finish(finished, reply.refusal)}
    native = reply.native.of(NAME) if reply.native else {}
    return msgspec.json.encode(merged(merged(native, blocks.end), told))


def message(name: str, model: str, usage: Mapping[str, object]) -> dict[str, object]:
    """An answer that has not said anything."""
    return {
        "id": name,
        "type": "message",
        "role": "assistant",
        "model": model,
        "content": [],
        "stop_reason": None,
        "stop_sequence": None,
        "usage": usage,
    }


def thought(signature: str | None) -> tuple[str, str | None]:
    """The signature of a thought for a program, or the data of a redacted one."""
    proof = own(NAME, signature)
    data = None if proof is None else redacted_of(proof)
    return proof or signature or "", data


def sealed(signature: str) -> Block:
    """The block before a tool call that carries the proof of the thought behind it."""
    return {"type": "redacted_thinking", "data": seal_tool(signature)}


class _Blocks:
    """The blocks of an answer, part by part."""

    def __init__(self) -> None:
        self._found = CitedBlocks()
        self.end: dict[str, object] = {}
        """Fields of the whole answer that came at its end."""
        self._fields: Mapping[str, object] = {}

    @property
    def blocks(self) -> list[Block]:
        return self._found.blocks

    def add(self, part: Part) -> None:
        match part:
            case Text(text) if text:
                self._found.add({"type": "text", "text": text})
            case Reasoning(text, signature):
                self._think(text, signature)
            case ToolCall():
                self._call(part)
            case Native() if part.dialect == NAME:
                self._native(part.fields)

    def _think(self, text: str, signature: str | None) -> None:
        proof, data = thought(signature)
        if text or data is None:
            shown = "" if data is not None else proof
            self._found.add({"type": "thinking", "thinking": text, "signature": shown})
        if data is not None:
            self._found.add({"type": "redacted_thinking", "data": data})

    def _call(self, call: ToolCall) -> None:
        if call.signature:
            self._found.add(sealed(call.signature))
        said_arguments(call.name, call.arguments)
        fields, self._fields = self._fields, {}
        self._found.add(
            {
                **fields,
                "type": "tool_use",
                "id": call.id,
                "name": call.name,
                "input": msgspec.Raw((call.arguments or "{}").encode()),
            }
        )

    def _native(self, fields: Mapping[str, object]) -> None:
        match fields:
            case {"type": str(kind)} if kind == TEXT_BREAK:
                self._found.end_text()
            case {"type": str(kind), "citation": citation} if kind == CITATION:
                self._found.cite(citation)
            case {"type": str(kind), "fields": dict(more)} if kind == TOOL_FIELDS:
                self._fields = more
            case {"type": str(kind), "delta": dict(delta), "usage": dict(usage)} if kind == END:
                self.end = {**delta, "usage": usage}
            case _:
                self._found.add(dict(fields))
