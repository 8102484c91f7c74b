"""A relayed answer in one piece: what it says of itself, and whether it is one.

The usual answer, one text and nothing else, is decoded just as far as that is seen. Any other is
read by its dialect's decoder, so both always agree; that it is UTF-8 as a whole is asked besides.
Source: the fields that the dialect's decoder reads, and that OpenAI's API reference has beside
them, read 2026-11-21.
"""

from typing import Literal

import msgspec

from dragoman.dialects.dialect import Dialect
from dragoman.dialects.failures import FOREIGN, senseless
from dragoman.dialects.openai_chat.chunks import ChunkUsage, usage_of
from dragoman.events import FinishReason, Usage

__all__ = ["Look", "look_at"]

_NOTHING = msgspec.Raw()


class Look(msgspec.Struct, frozen=True, gc=False):
    """What a whole answer says of itself; `word` as in `Finished`."""

    model: str
    id: str | None = None
    reason: FinishReason = "stop"
    word: str | None = None
    usage: Usage | None = None


class _Message(msgspec.Struct, gc=False, forbid_unknown_fields=True):
    content: str
    role: str | None = None
    refusal: None = None
    reasoning_content: str | None = None
    annotations: tuple[()] | None = None
    audio: None = None
    function_call: None = None
    tool_calls: None = None


class _Choice(msgspec.Struct, gc=False, forbid_unknown_fields=True):
    message: _Message
    finish_reason: Literal["stop", "length"]
    index: Literal[0] = 0
    logprobs: None = None


class _Reply(msgspec.Struct, gc=False):
    choices: tuple[_Choice]
    id: str | None = None
    model: str | None = None
    usage: ChunkUsage | None = None
    system_fingerprint: str | None = None
    service_tier: str | None = None
    error: None = None


_USUAL = msgspec.json.Decoder(_Reply)


def look_at(dialect: Dialect, body: bytes, model: str) -> Look:
    """What the answer says; `model` is the name to give where it tells none.

    Raises as `dialect.decode_reply` does, and `ResponseError` if the body is not UTF-8.
    """
    found = _usual(body, model) if dialect.name == "openai_chat" else None
    if found is None:
        reply = dialect.decode_reply(body, model)
        found = Look(reply.model, reply.id, reply.finish_reason, reply.finish_word, reply.usage)
    if not body.isascii():
        try:
            body.decode()
        except UnicodeDecodeError as exc:
            raise senseless(body, "a reply that is not UTF-8 and") from exc
    return found


def _usual(body: bytes, model: str) -> Look | None:
    try:
        reply = _USUAL.decode(body)
    except FOREIGN:
        return None
    (choice,) = reply.choices
    if not choice.message.content:
        return None
    usage = usage_of(reply.usage) if reply.usage is not None else None
    return Look(reply.model or model, reply.id, choice.finish_reason, None, usage)
