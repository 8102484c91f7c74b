"""A stream of the Messages API to events.

However the bytes are cut, the events are the same. Rules: `message_stop` ends an answer, and so
does the end of the body after a stop reason; anything else is `StreamTruncatedError`. Pings and
events that are not known are passed over, and so are bytes after the end. What was counted in
`message_start` holds until a later count. A whole answer in place of a stream is read as one.
Source: Claude API docs "Streaming messages" and the SDK's `RawMessageStreamEvent`, read 2026-11-21.
"""

from typing import Any

import msgspec

from dragoman.dialects.answer_decoder import SseAnswerDecoder
from dragoman.dialects.anthropic_messages.block_decoder import BlockDecoder, Delta
from dragoman.dialects.anthropic_messages.failures import decode_error
from dragoman.dialects.anthropic_messages.finish import StopDetails, decode_finish
from dragoman.dialects.anthropic_messages.natives import END, mark
from dragoman.dialects.anthropic_messages.reply_decoder import (
    KNOWN_COUNTS,
    read_whole,
    reply_native,
    without_known,
)
from dragoman.dialects.anthropic_messages.usage import WireUsage, decode_usage, later
from dragoman.dialects.empty_answers import refuse_empty
from dragoman.dialects.failures import FOREIGN, cut_off, senseless
from dragoman.errors import ResponseError
from dragoman.events import (
    Event,
    NativeReported,
    RefusalDelta,
    Started,
    UsageReported,
)
from dragoman.wire.sse import SseMessage

__all__ = ["StreamDecoder"]


class _Start(msgspec.Struct, gc=False):
    id: str | None = None
    model: str | None = None
    usage: WireUsage | None = None


class _Delta(Delta, gc=False):
    stop_reason: str | None = None
    stop_sequence: str | None = None
    stop_details: StopDetails | None = None


class _Event(msgspec.Struct, gc=False):
    type: str = ""
    index: int | None = None
    delta: _Delta | None = None
    content_block: msgspec.Raw = msgspec.Raw()
    message: _Start | None = None
    usage: WireUsage | None = None


_EVENT = msgspec.json.Decoder(_Event)
_KNOWN_END = frozenset({"stop_reason", "stop_sequence", "stop_details"})


class StreamDecoder(SseAnswerDecoder):
    """One stream's decoder."""

    __slots__ = ("_blocks", "_end", "_index", "_usage")

    def __init__(self, model: str, *, dropped: tuple[str, ...] = ()) -> None:
        super().__init__(model, dropped=dropped)
        self._blocks = BlockDecoder()
        self._index: int | None = None
        self._usage = WireUsage()
        self._end: _Delta | None = None

    def _may_end(self) -> bool:
        return self._end is not None

    def _read_rest(self, rest: bytes, events: list[Event]) -> None:
        if self._may_end():
            self._finish(events)
        elif self._started or not rest:
            raise decode_error(rest) or cut_off(rest)
        else:
            events += read_whole(rest, self._model, self._dropped)

    def _take(self, message: SseMessage, events: list[Event]) -> None:
        text = message.data
        # Servers that speak several dialects end every stream in the way of another.
        if self._over or text == b"[DONE]":
            return
        try:
            event = _EVENT.decode(text)
        except FOREIGN as exc:
            raise decode_error(text) or senseless(text) from exc
        match event.type or message.event:
            case "content_block_delta":
                self._delta(event, events)
            case "content_block_start":
                self._begin(None, events)
                self._index = event.index
                self._blocks.start(bytes(event.content_block), events)
            case "content_block_stop":
                self._blocks.stop(events)
            case "message_start":
                self._begin(event.message, events, text)
            case "message_delta":
                self._message_delta(event, text, events)
            case "message_stop":
                self._finish(events)
            case "error" | "":
                raise decode_error(text) or senseless(text)

    def _delta(self, event: _Event, events: list[Event]) -> None:
        delta = event.delta
        if delta is None:
            return
        if not self._started:
            self._begin(None, events)
        if event.index != self._index and self._index is not None and event.index is not None:
            raise ResponseError(f"a piece of block {event.index}, which is not open")
        if delta.type == "text_delta":
            # Nearly every event.
            self._blocks.text(delta.text or "", events)
        else:
            self._blocks.more(delta, events)

    def _begin(self, message: _Start | None, events: list[Event], text: bytes = b"") -> None:
        if self._started:
            return
        self._started = True
        message = message or _Start()
        fields = _fields(text).get("message") if text else None
        native = reply_native(fields or {})
        events.append(Started(message.model or self._model, message.id, self._dropped, native))
        self._count(message.usage, events)

    def _count(self, usage: WireUsage | None, events: list[Event]) -> None:
        if usage is None:
            return
        self._usage = later(self._usage, usage)
        found = decode_usage(self._usage)
        if found is not None:
            events.append(UsageReported(found))

    def _message_delta(self, event: _Event, text: bytes, events: list[Event]) -> None:
        self._begin(None, events)
        self._blocks.stop(events)
        fields = _fields(text)
        more = {
            "delta": without_known(fields.get("delta") or {}, _KNOWN_END),
            "usage": without_known(fields.get("usage") or {}, KNOWN_COUNTS),
        }
        if any(more.values()):
            events.append(NativeReported(mark(END, more)))
        self._count(event.usage, events)
        if event.delta is not None and event.delta.stop_reason is not None:
            self._end = event.delta

    def _finish(self, events: list[Event]) -> None:
        self._begin(None, events)
        self._blocks.stop(events)
        self._over = True
        end = self._end or _Delta()
        finished = decode_finish(end.stop_reason or "end_turn", end.stop_sequence, end.stop_details)
        refusal = end.stop_details.explanation if end.stop_details else None
        if refusal:
            events.append(RefusalDelta(refusal))
        elif not self._blocks.answered:
            refuse_empty(finished.reason, finished.word, thought=self._blocks.thought)
        events.append(finished)


def _fields(text: bytes) -> dict[str, Any]:
    """All fields of an event; of those that are passed over elsewhere not even UTF-8 is known."""
    try:
        fields: dict[str, Any] = msgspec.json.decode(text)
    except FOREIGN as exc:
        raise senseless(text) from exc
    return fields
