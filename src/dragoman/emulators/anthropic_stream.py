"""A message as the named events of a stream.

Every event's name is its `type`. Blocks have indices and come one after the other; the first is
followed by a ping. Usage is cumulative, and the last counts hold.
Source: Claude API docs "Streaming messages" and the stream types of the official SDK 2.12, read
2026-11-21.
"""

from collections.abc import Iterator
from typing import assert_never

from dragoman.emulators.anthropic_message import (
    Message,
    RedactedBlock,
    SaidBlock,
    TextBlock,
    ThinkingBlock,
    ToolUseBlock,
    content,
    whole,
)
from dragoman.emulators.api_answer import cut_json
from dragoman.emulators.service import Json, sse

__all__ = ["events"]

_CUMULATIVE = (
    "input_tokens",
    "cache_creation_input_tokens",
    "cache_read_input_tokens",
    "output_tokens",
    "output_tokens_details",
    "server_tool_use",
)


def events(message: Message) -> Iterator[bytes]:
    """The events of a message, in order, from `message_start` to `message_stop`."""
    yield _event("message_start", message=_started(message))
    for index, block in enumerate(message.blocks):
        yield _event("content_block_start", index=index, content_block=_empty(block))
        if index == 0:
            yield _event("ping")
        for delta in _deltas(block):
            yield _event("content_block_delta", index=index, delta=delta)
        yield _event("content_block_stop", index=index)
    yield _event("message_delta", delta=_delta(message), usage=_last_usage(message))
    yield _event("message_stop")


def _event(name: str, **fields: Json) -> bytes:
    return sse({"type": name, **fields}, name)


def _started(message: Message) -> dict[str, Json]:
    usage = {**message.usage, "output_tokens": min(message.usage["output_tokens"], 1)}
    del usage["output_tokens_details"]
    unknown: dict[str, Json] = {
        "content": [],
        "stop_reason": None,
        "stop_sequence": None,
        "stop_details": None,
    }
    return {**whole(message), **unknown, "usage": usage}


def _delta(message: Message) -> dict[str, Json]:
    return {
        "stop_reason": message.stop_reason,
        "stop_sequence": message.stop_sequence,
        "stop_details": message.stop_details,
    }


def _last_usage(message: Message) -> dict[str, Json]:
    return {name: message.usage[name] for name in _CUMULATIVE}


def _empty(block: SaidBlock) -> dict[str, Json]:
    """A block as it starts: a redacted one is all there, the others are empty."""
    match block:
        case TextBlock():
            return {"type": "text", "text": ""}
        case ThinkingBlock():
            return {"type": "thinking", "thinking": "", "signature": ""}
        case RedactedBlock():
            return content(block)
        case ToolUseBlock():
            return {**content(block), "input": {}}
        case _:
            assert_never(block)


def _deltas(block: SaidBlock) -> Iterator[dict[str, Json]]:
    match block:
        case TextBlock():
            for piece in block.pieces:
                yield {"type": "text_delta", "text": piece}
        case ThinkingBlock():
            for piece in block.pieces:
                yield {"type": "thinking_delta", "thinking": piece}
            yield {"type": "signature_delta", "signature": block.signature}
        case RedactedBlock():
            pass
        case ToolUseBlock():
            # The first piece is always empty, and it is the only one of a call without arguments.
            arguments = cut_json(block.arguments) if block.arguments != "{}" else []
            for piece in ["", *arguments]:
                yield {"type": "input_json_delta", "partial_json": piece}
        case _:
            assert_never(block)
