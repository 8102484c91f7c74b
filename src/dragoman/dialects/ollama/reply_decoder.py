"""An answer of Ollama's, whole or as a stream of JSON objects one a line: bytes to events.

Pure. However the bytes are cut, the events are the same. A line with `done: true` ends an answer
and nothing else does. An object with `error` in place of a line is an error, and so is an answer
with neither text nor tool call nor picture, but see `empty_answers`. A count that is
missing is not known. A call without an id, as older versions send it, gets one from its place and
the time of its line, so that no two of a conversation have the same.
Source: docs.ollama.com ("Chat", "Generate", "Streaming", "Errors", openapi.yaml) and the types of
the package ollama 0.6.3, read 2026-11-21.
"""

import zlib
from collections.abc import Iterable

import msgspec

from dragoman.chat import ChatReply
from dragoman.dialects.answer_decoder import AnswerDecoder
from dragoman.dialects.empty_answers import refuse_empty
from dragoman.dialects.failures import FOREIGN, cut_off, senseless
from dragoman.dialects.ollama.failures import error_inside
from dragoman.dialects.ollama.natives import CONTEXT, IMAGE, IMAGES, piece
from dragoman.dialects.ollama.tables import REASONS
from dragoman.errors import ResponseError
from dragoman.events import (
    Event,
    Finished,
    LogprobsReported,
    NativeReported,
    ReasoningDelta,
    Started,
    TextDelta,
    TokenLogprob,
    ToolCallDelta,
    ToolCallStarted,
    Usage,
    UsageReported,
)
from dragoman.gathered import Gathered
from dragoman.native import Native
from dragoman.wire.ndjson import NdjsonDecoder

__all__ = ["Decoder", "decode_reply"]

_NOTHING = msgspec.Raw()


class _Function(msgspec.Struct, gc=False):
    name: str | None = None
    arguments: dict[str, object] | None = None


class _ToolCall(msgspec.Struct, gc=False):
    id: str | None = None
    function: _Function | None = None


class _Message(msgspec.Struct, gc=False):
    content: str | None = None
    thinking: str | None = None
    tool_calls: list[_ToolCall] | None = None
    images: list[str] | None = None


class _Token(msgspec.Struct, gc=False):
    token: str
    logprob: float
    top_logprobs: "list[_Token] | None" = None


class _Line(msgspec.Struct, gc=False):
    message: _Message | None = None
    done: bool = False
    response: str | None = None
    thinking: str | None = None
    model: str | None = None
    created_at: str | None = None
    done_reason: str | None = None
    logprobs: list[_Token] | None = None
    prompt_eval_count: int | None = None
    eval_count: int | None = None
    context: list[int] | None = None
    image: str | None = None
    remote_model: str | None = None
    remote_host: str | None = None
    error: msgspec.Raw = _NOTHING


_LINE = msgspec.json.Decoder(_Line)


class Decoder(AnswerDecoder):
    """One answer's decoder. `dialect` names the pieces that only it knows."""

    __slots__ = (
        "_answered",
        "_calls",
        "_dialect",
        "_dropped",
        "_lines",
        "_model",
        "_started",
        "_thought",
    )

    def __init__(self, dialect: str, model: str, *, dropped: tuple[str, ...] = ()) -> None:
        super().__init__()
        self._dialect = dialect
        self._model = model
        self._dropped = dropped
        self._lines = NdjsonDecoder()
        self._started = False
        self._answered = False
        self._thought = False
        self._calls = 0

    def _read(self, chunk: bytes, events: list[Event]) -> None:
        for line in self._lines.feed(chunk):
            self.take(line, events)

    def _read_end(self, events: list[Event]) -> None:
        for line in self._lines.close():
            self.take(line, events)
        if not self._over:
            raise cut_off(b"")

    def take(self, text: bytes, events: list[Event]) -> None:
        """Add the events of one line to those before."""
        if self._over:
            return
        try:
            line = _LINE.decode(text)
        except FOREIGN as exc:
            raise senseless(text, "a piece of an answer") from exc
        if line.error and (error := error_inside(text)) is not None:
            raise error
        if not self._started:
            self._started = True
            model = line.model or self._model
            events.append(Started(model, None, self._dropped, self._native(line)))
        message = line.message
        if message is not None:
            self._said(message, line, events)
        if line.response is not None or line.thinking is not None:
            self._said(_Message(line.response, line.thinking), line, events)
        if line.logprobs:
            events.append(LogprobsReported(_tokens(line.logprobs)))
        if line.image:
            self._piece(IMAGE, line.image, events)
        if line.done:
            self._end(line, events)

    def _native(self, line: _Line) -> Native | None:
        remote = {"remote_model": line.remote_model, "remote_host": line.remote_host}
        fields = {name: value for name, value in remote.items() if value}
        return Native(self._dialect, fields) if fields else None

    def _said(self, message: _Message, line: _Line, events: list[Event]) -> None:
        if message.thinking:
            self._thought = True
            events.append(ReasoningDelta(message.thinking))
        if message.content:
            self._answered = True
            events.append(TextDelta(message.content))
        if message.images:
            self._piece(IMAGES, message.images, events)
        for call in message.tool_calls or ():
            self._call(call, line.created_at, events)

    def _piece(self, kind: str, value: object, events: list[Event]) -> None:
        self._answered = True
        events.append(NativeReported(piece(self._dialect, kind, value)))

    def _call(self, call: _ToolCall, created_at: str | None, events: list[Event]) -> None:
        function = call.function or _Function()
        if not function.name:
            raise ResponseError("a tool call without a name")
        index = self._calls
        self._calls += 1
        self._answered = True
        call_id = call.id or _made_id(index, created_at)
        arguments = msgspec.json.encode(function.arguments or {}).decode()
        events.append(ToolCallStarted(index, call_id, function.name))
        events.append(ToolCallDelta(index, arguments))

    def _end(self, line: _Line, events: list[Event]) -> None:
        self._over = True
        word = line.done_reason or "stop"
        reason = REASONS.get(word, "stop")
        if not self._answered:
            refuse_empty(reason, word, thought=self._thought)
        if line.context:
            events.append(NativeReported(piece(self._dialect, CONTEXT, line.context)))
        usage = Usage(line.prompt_eval_count or None, line.eval_count or None)
        if usage != _NO_USAGE:
            events.append(UsageReported(usage))
        if self._calls and word == "stop":
            reason = "tool_calls"
        usual = word in {"stop", reason}
        events.append(Finished(reason, None if usual else word))


_NO_USAGE = Usage()


def decode_reply(
    dialect: str, body: bytes, model: str, *, dropped: tuple[str, ...] = ()
) -> ChatReply:
    """The whole answer, which is a line that has it all."""
    decoder = Decoder(dialect, model, dropped=dropped)
    events: list[Event] = []
    decoder.take(body, events)
    events += decoder.close()
    gathered = Gathered()
    gathered.add(events)
    return gathered.reply()


def _made_id(index: int, created_at: str | None) -> str:
    return f"call_{zlib.crc32(created_at.encode()):08x}_{index}" if created_at else f"call_{index}"


def _tokens(tokens: Iterable[_Token]) -> tuple[TokenLogprob, ...]:
    return tuple(
        TokenLogprob(token.token, token.logprob, _tokens(token.top_logprobs or ()))
        for token in tokens
    )
