"""A whole answer of the Messages API as a reply.

Rules: an answer with neither text, refusal, tool call nor a native piece is a `ResponseError`,
but see `empty_answers`. What the answer has beside the fields that the middle knows is
native to it.
Source: Claude API docs "Messages" and the SDK's `Message`, read 2026-11-21.
"""

from collections.abc import Mapping

import msgspec

from dragoman.chat import ChatReply
from dragoman.dialects.anthropic_messages.block_decoder import BlockDecoder
from dragoman.dialects.anthropic_messages.failures import decode_error
from dragoman.dialects.anthropic_messages.finish import StopDetails, decode_finish
from dragoman.dialects.anthropic_messages.natives import native_fields
from dragoman.dialects.anthropic_messages.usage import WireUsage, decode_usage
from dragoman.dialects.empty_answers import refuse_empty
from dragoman.dialects.failures import FOREIGN, senseless
from dragoman.errors import ResponseError, excerpt
from dragoman.events import Event, RefusalDelta, Started, UsageReported
from dragoman.gathered import Gathered
from dragoman.native import Native

__all__ = [
    "KNOWN_COUNTS",
    "decode_reply",
    "read_whole",
    "reply_native",
    "without_known",
]

_KNOWN = frozenset(
    {
        "content",
        "id",
        "model",
        "role",
        "stop_details",
        "stop_reason",
        "stop_sequence",
        "type",
        "usage",
    }
)
KNOWN_COUNTS = frozenset(WireUsage.__struct_fields__)


class _Message(msgspec.Struct):
    type: str = ""
    id: str | None = None
    model: str | None = None
    content: list[msgspec.Raw] = []
    stop_reason: str | None = None
    stop_sequence: str | None = None
    stop_details: StopDetails | None = None
    usage: WireUsage | None = None


_MESSAGE = msgspec.json.Decoder(_Message)


def decode_reply(body: bytes, model: str, *, dropped: tuple[str, ...] = ()) -> ChatReply:
    """The whole answer; `model` is the name to give where the service tells none."""
    gathered = Gathered()
    gathered.add(read_whole(body, model, dropped))
    return gathered.reply()


def read_whole(body: bytes, model: str, dropped: tuple[str, ...]) -> list[Event]:
    """The whole answer as events; the error that it is, or `ResponseError`, is raised."""
    try:
        message = _MESSAGE.decode(body)
    except FOREIGN as exc:
        raise senseless(body, "a reply") from exc
    if message.type != "message":
        raise decode_error(body) or ResponseError(f"a reply that is no message: {excerpt(body)!r}")
    native = reply_native(msgspec.json.decode(body))
    events: list[Event] = [Started(message.model or model, message.id, dropped, native)]
    blocks = BlockDecoder()
    for raw in message.content:
        blocks.start(bytes(raw), events)
    blocks.stop(events)
    usage = decode_usage(message.usage) if message.usage else None
    if usage is not None:
        events.append(UsageReported(usage))
    events += _end(message, blocks)
    return events


def _end(message: _Message, blocks: BlockDecoder) -> list[Event]:
    details = message.stop_details
    finished = decode_finish(message.stop_reason or "end_turn", message.stop_sequence, details)
    refusal = details.explanation if details else None
    if not blocks.answered and not refusal:
        refuse_empty(finished.reason, finished.word, thought=blocks.thought)
    return [RefusalDelta(refusal), finished] if refusal else [finished]


def reply_native(fields: Mapping[str, object]) -> Native | None:
    """The fields of an answer that the middle has no name for, null ones left out."""
    found = without_known(fields, _KNOWN)
    counts = fields.get("usage")
    more = without_known(counts, KNOWN_COUNTS) if isinstance(counts, Mapping) else {}
    return native_fields(found | ({"usage": more} if more else {}))


def without_known(fields: Mapping[str, object], known: frozenset[str]) -> dict[str, object]:
    """The fields of an object that are not among these, null ones left out."""
    return {
        name: value for name, value in fields.items() if name not in known and value is not None
    }
