"""Events to a stream of the Messages API.

Blocks are numbered and each is started and stopped; a `ping` follows `message_start`, as at the
service. What is counted before the end is told in `message_start` if it comes at once, and in
`message_delta` in any case.
Source: Claude API docs "Streaming messages" and the SDK's `RawMessageStreamEvent`, read 2026-11-21.
"""

from collections.abc import Iterable, Mapping
from typing import assert_never

import msgspec

from dragoman.chat import ChatRequest
from dragoman.dialects.anthropic_messages.calls_in_line import CallsInLine, Said
from dragoman.dialects.anthropic_messages.failures import encode_error
from dragoman.dialects.anthropic_messages.finish import encode_finish
from dragoman.dialects.anthropic_messages.natives import (
    CITATION,
    END,
    TEXT_BREAK,
    TOOL_FIELDS,
    merged,
)
from dragoman.dialects.anthropic_messages.reply_encoder import message, sealed, thought
from dragoman.dialects.anthropic_messages.tables import NAME
from dragoman.dialects.anthropic_messages.usage import encode_usage
from dragoman.dialects.dialect import Stamp
from dragoman.errors import ChatError
from dragoman.events import (
    Event,
    Finished,
    LogprobsReported,
    NativeReported,
    OtherChoice,
    ReasoningDelta,
    ReasoningSigned,
    RefusalDelta,
    Started,
    TextDelta,
    ToolCallDelta,
    ToolCallStarted,
    Usage,
    UsageReported,
)

__all__ = ["StreamEncoder"]

_JSON = msgspec.json.Encoder()
_PING = b'event: ping\ndata: {"type":"ping"}\n\n'
_END_OF_DELTA = b"}}\n\n"

Block = Mapping[str, object]
_Said = ReasoningDelta | ReasoningSigned | RefusalDelta | NativeReported | Finished


class StreamEncoder:
    """One stream's encoder."""

    __slots__ = (
        "_calls",
        "_end",
        "_fields",
        "_index",
        "_open",
        "_prefix",
        "_refusal",
        "_stamp",
        "_started",
        "_usage",
    )

    def __init__(self, chat: ChatRequest, stamp: Stamp) -> None:
        self._stamp = stamp
        self._started: Started | None = None
        self._usage: Usage | None = None
        self._index = -1
        self._open = ""
        self._prefix = b""
        self._calls = CallsInLine()
        self._refusal = ""
        self._fields: Block = {}
        self._end: Block = {}

    def feed(self, events: Iterable[Event]) -> bytes:
        """These events in one piece of bytes."""
        out: list[bytes] = []
        for event in events:
            if type(event) is TextDelta:
                # Nearly every event: only its text is made anew.
                if self._open != "text":
                    self._start_text(out)
                out.append(self._prefix + _JSON.encode(event.text) + _END_OF_DELTA)
            else:
                self._take(event, out)
        self._begin(out)
        return b"".join(out)

    def fail(self, error: ChatError) -> bytes:
        """The in-band error."""
        return b"event: error\ndata: " + encode_error(error) + b"\n\n"

    def ping(self) -> bytes:
        """The service's own sign of life."""
        return _PING

    def _take(self, event: Event, out: list[bytes]) -> None:
        if isinstance(event, UsageReported):
            self._usage = event.usage
            return
        self._begin(out)
        match event:
            case Started():
                self._started = event
            case ToolCallStarted():
                self._say_calls(self._calls.start(event), out)
            case ToolCallDelta(index, arguments):
                self._say_calls(self._calls.more(index, arguments), out)
            case LogprobsReported() | OtherChoice() | TextDelta():
                # Of these the wire tells nothing, and texts `feed` has said.
                pass
            case _:
                self._say_calls(self._calls.end(), out)
                self._say(event, out)

    def _say(self, event: _Said, out: list[bytes]) -> None:
        match event:
            case ReasoningDelta(text):
                self._think(text, out)
            case ReasoningSigned(signature):
                self._sign(signature, out)
            case RefusalDelta(text):
                self._refusal += text
            case NativeReported(native):
                self._native(native.of(NAME), out)
            case Finished():
                self._finish(event, out)
            case _:
                assert_never(event)

    def _begin(self, out: list[bytes]) -> None:
        """Say `message_start`, once; what was counted up to now is in it."""
        started, self._started = self._started, None
        if started is None:
            return
        name = started.id or f"msg_{self._stamp.id}"
        told = message(name, started.model, encode_usage(self._usage))
        native = started.native.of(NAME) if started.native else {}
        out.append(_frame("message_start", {"message": merged(native, told)}))
        out.append(_PING)

    def _start_text(self, out: list[bytes]) -> None:
        self._begin(out)
        self._say_calls(self._calls.end(), out)
        self._start("text", {"text": ""}, out)
        self._prefix = self._delta("text_delta", "text")

    def _think(self, text: str, out: list[bytes]) -> None:
        if self._open != "thinking":
            self._start("thinking", {"thinking": "", "signature": ""}, out)
            self._prefix = self._delta("thinking_delta", "thinking")
        if text:
            out.append(self._prefix + _JSON.encode(text) + _END_OF_DELTA)

    def _sign(self, signature: str, out: list[bytes]) -> None:
        proof, data = thought(signature)
        if data is None:
            self._think("", out)
            said = self._delta("signature_delta", "signature") + _JSON.encode(proof)
            out.append(said + _END_OF_DELTA)
        else:
            self._start("redacted_thinking", {"data": data}, out)
        self._stop(out)

    def _say_calls(self, told: Said, out: list[bytes]) -> None:
        for call, arguments in told:
            if call is not None:
                if call.signature:
                    self._start_block(sealed(call.signature), out)
                named = {"id": call.id, "name": call.name, "input": {}}
                self._start("tool_use", {**self._fields, **named}, out)
                self._fields = {}
                self._prefix = self._delta("input_json_delta", "partial_json")
            if arguments:
                out.append(self._prefix + _JSON.encode(arguments) + _END_OF_DELTA)

    def _native(self, fields: Block, out: list[bytes]) -> None:
        match fields:
            case {"type": str(kind)} if kind == TEXT_BREAK:
                self._stop(out)
            case {"type": str(kind), "citation": citation} if kind == CITATION:
                self._cite(citation, out)
            case {"type": str(kind), "fields": dict(more)} if kind == TOOL_FIELDS:
                self._fields = more
            case {"type": str(kind)} if kind == END:
                self._end = fields
            case {"type": str()}:
                self._start_block(fields, out)
                self._stop(out)

    def _cite(self, citation: object, out: list[bytes]) -> None:
        if self._open != "text":
            self._start_text(out)
        said = self._delta("citations_delta", "citation") + _JSON.encode(citation)
        out.append(said + _END_OF_DELTA)

    def _finish(self, finished: Finished, out: list[bytes]) -> None:
        self._stop(out)
        told = {
            "delta": encode_finish(finished, self._refusal),
            "usage": encode_usage(self._usage),
        }
        out.append(_frame("message_delta", merged(self._end, told)))
        out.append(_frame("message_stop", {}))

    def _start(self, kind: str, fields: Block, out: list[bytes]) -> None:
        self._start_block({"type": kind, **fields}, out)
        self._open = kind

    def _start_block(self, block: Block, out: list[bytes]) -> None:
        self._stop(out)
        self._index += 1
        self._open = "other"
        told = {"index": self._index, "content_block": block}
        out.append(_frame("content_block_start", told))

    def _stop(self, out: list[bytes]) -> None:
        if self._open:
            self._open = ""
            out.append(_frame("content_block_stop", {"index": self._index}))

    def _delta(self, kind: str, field: str) -> bytes:
        """A delta of the open block up to its value."""
        return (
            'event: content_block_delta\ndata: {"type":"content_block_delta",'
            f'"index":{self._index},"delta":{{"type":"{kind}","{field}":'
        ).encode("ascii")


def _frame(kind: str, fields: Block) -> bytes:
    head = f"event: {kind}\ndata: ".encode("ascii")
    return head + _JSON.encode({**fields, "type": kind}) + b"\n\n"
