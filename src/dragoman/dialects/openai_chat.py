"""OpenAI Chat Completions, the client half: a request as JSON, and a stream's bytes to events.

Pure: no I/O, no clock. However the bytes are cut, the events are the same. Rules of the decoder:
`[DONE]` ends an answer, and so does the end of the body after a `finish_reason`, which many servers
that speak this dialect leave it at; anything else is `StreamTruncatedError`. An answer with neither
text, tool call nor refusal is a `ResponseError`, whatever its `finish_reason` says. Only the
choice with index 0 is read, because no more than one is asked for.
Source: OpenAI API reference, "Chat Completions" (streaming), and the README of llama.cpp's server,
read 2026-11-21. `reasoning_content` is DeepSeek's and llama.cpp's addition.
"""

from collections.abc import Iterable, Mapping

import msgspec

from dragoman.chat import ChatRequest
from dragoman.errors import ChatError, InputError, ResponseError, StreamTruncatedError, excerpt
from dragoman.events import (
    Event,
    Finished,
    FinishReason,
    ReasoningDelta,
    Started,
    TextDelta,
    ToolCallDelta,
    ToolCallStarted,
    Usage,
    UsageReported,
)
from dragoman.messages import Message, Reasoning, Text
from dragoman.wire.http import HttpReply, ReplyHead
from dragoman.wire.sse import SseDecoder, SseRun
from dragoman.wire.status import status_error

__all__ = ["EXPRESSES", "Decoder", "encode_request"]

EXPRESSES: frozenset[str] = frozenset(
    {
        "temperature",
        "top_p",
        "max_tokens",
        "stop",
        "seed",
        "presence_penalty",
        "frequency_penalty",
    }
)
"""The options of a `ChatRequest` that this dialect has a field for, of the same name."""

_FINISH: Mapping[str, FinishReason] = {
    "length": "length",
    "tool_calls": "tool_calls",
    "function_call": "tool_calls",
    "content_filter": "content_filter",
}
# Words for errors inside a stream, where there is no status any more.
_STATUS_OF: Mapping[str, int] = {
    "authentication_error": 401,
    "invalid_api_key": 401,
    "insufficient_quota": 429,
    "rate_limit_error": 429,
    "rate_limit_exceeded": 429,
    "overloaded_error": 503,
    "server_error": 500,
}


def encode_request(
    chat: ChatRequest, *, extra: Mapping[str, object] | None = None
) -> dict[str, object]:
    """The JSON object of a streamed request; `extra` are fields that only one service has.

    `InputError` names the message (from 1) that has a part this dialect cannot express.
    """
    body: dict[str, object] = {
        "model": chat.model,
        "messages": [_message(number, message) for number, message in enumerate(chat.messages, 1)],
        "stream": True,
        "stream_options": {"include_usage": True},
    }
    body.update((name, getattr(chat, name)) for name in sorted(chat.given() & EXPRESSES))
    return body | dict(extra or {})


def _message(number: int, message: Message) -> dict[str, object]:
    texts = []
    for part in message.parts:
        match part:
            case Text(text):
                texts.append(text)
            case Reasoning():
                # What a model thought is not sent back: the dialect has no field for it.
                continue
            case _:
                kind = type(part).__name__
                raise InputError(f"message {number}: a part {kind} cannot be sent, only text")
    return {"role": message.role, "content": "".join(texts)}


_NOTHING = msgspec.Raw()


class _Function(msgspec.Struct, gc=False):
    name: str | None = None
    arguments: str | None = None


class _ToolCall(msgspec.Struct, gc=False):
    index: int | None = None
    id: str | None = None
    function: _Function | None = None


class _Delta(msgspec.Struct, gc=False):
    content: str | None = None
    reasoning_content: str | None = None
    refusal: str | None = None
    tool_calls: list[_ToolCall] | None = None


class _Choice(msgspec.Struct, gc=False):
    index: int | None = None
    delta: _Delta | None = None
    finish_reason: str | None = None


class _PromptDetails(msgspec.Struct, gc=False):
    cached_tokens: int | None = None


class _CompletionDetails(msgspec.Struct, gc=False):
    reasoning_tokens: int | None = None


class _Usage(msgspec.Struct, gc=False):
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    prompt_tokens_details: _PromptDetails | None = None
    completion_tokens_details: _CompletionDetails | None = None


class _Chunk(msgspec.Struct, gc=False):
    id: str | None = None
    model: str | None = None
    choices: list[_Choice] | None = None
    usage: _Usage | None = None
    error: msgspec.Raw = _NOTHING


class _Error(msgspec.Struct):
    message: str | None = None
    type: str | None = None
    code: str | int | None = None


_CHUNK = msgspec.json.Decoder(_Chunk)
_ERROR = msgspec.json.Decoder(_Error | str | None)
_FOREIGN = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)


class Decoder:
    """One stream's decoder. `model` is the name to give where the service tells none.

    `feed` and `close` raise `ResponseError` for what makes no sense, or the error that the service
    reports inside the stream; bytes after the answer's end are ignored.
    """

    __slots__ = (
        "_answered",
        "_broken",
        "_calls",
        "_dropped",
        "_model",
        "_over",
        "_reason",
        "_sse",
        "_started",
    )

    def __init__(self, model: str, *, dropped: tuple[str, ...] = ()) -> None:
        self._sse = SseDecoder()
        self._model = model
        self._dropped = dropped
        self._started = False
        self._broken: ChatError | None = None
        self._answered = False
        self._over = False
        self._reason: FinishReason | None = None
        # The service's index of each tool call, in the order in which they came.
        self._calls: list[int] = []

    def feed(self, chunk: bytes) -> list[Event]:
        """The events that these bytes complete."""
        events: list[Event] = []
        if self._over:
            return events
        self._raise()
        try:
            for item in self._sse.feed_runs(chunk):
                if isinstance(item, SseRun):
                    self._take_run(item, events)
                else:
                    self._take(item.data, events)
        except ChatError as error:
            self._broken = error
            # What came before the error is handed out first, however the bytes were cut.
            if not events:
                raise
        return events

    def close(self) -> list[Event]:
        """The events that the end of the body completes."""
        events: list[Event] = []
        self._raise()
        for message in self._sse.close():
            self._take(message.data, events)
        if self._over:
            return events
        if self._reason is None:
            raise self._cut()
        self._end(events)
        return events

    def _raise(self) -> None:
        if self._broken is not None:
            raise self._broken

    def _take_run(self, run: SseRun, events: list[Event]) -> None:
        if self._over:
            return
        # If one of them is broken, what stands before it is said first.
        for chunk in run.decode(_CHUNK) or (_decode(message.data) for message in run.messages()):
            self._chunk(chunk, events)

    def _take(self, text: bytes, events: list[Event]) -> None:
        if self._over:
            return
        if text == b"[DONE]":
            self._end(events)
        else:
            self._chunk(_decode(text), events)

    def _chunk(self, chunk: _Chunk, events: list[Event]) -> None:
        if chunk.error:
            _refuse(bytes(chunk.error))
        if not self._started:
            self._started = True
            events.append(Started(chunk.model or self._model, chunk.id, self._dropped))
        for choice in chunk.choices or ():
            if not choice.index:
                self._choice(choice, events)
        if chunk.usage is not None:
            events.append(UsageReported(_usage(chunk.usage)))

    def _choice(self, choice: _Choice, events: list[Event]) -> None:
        delta = choice.delta
        if delta is not None:
            if delta.content:
                self._answered = True
                events.append(TextDelta(delta.content))
            if delta.reasoning_content:
                events.append(ReasoningDelta(delta.reasoning_content))
            if delta.refusal:
                self._answered = True
                self._reason = "content_filter"
                events.append(TextDelta(delta.refusal))
            if delta.tool_calls:
                self._tool_calls(delta.tool_calls, events)
        if choice.finish_reason and self._reason is None:
            self._reason = _FINISH.get(choice.finish_reason, "stop")

    def _tool_calls(self, calls: Iterable[_ToolCall], events: list[Event]) -> None:
        for call in calls:
            function = call.function or _Function()
            theirs = self._index(call)
            if theirs not in self._calls:
                if not function.name:
                    raise ResponseError("a tool call without a name")
                ours = len(self._calls)
                self._calls.append(theirs)
                self._answered = True
                events.append(ToolCallStarted(ours, call.id or f"call_{ours}", function.name))
            if function.arguments:
                ours = self._calls.index(theirs)
                events.append(ToolCallDelta(ours, function.arguments))

    def _index(self, call: _ToolCall) -> int:
        if call.index is not None:
            return call.index
        # Without an index an id begins a call, and what has none goes on with the last.
        return max(self._calls, default=-1) + 1 if call.id else max(self._calls, default=0)

    def _end(self, events: list[Event]) -> None:
        self._over = True
        reason = self._reason or "stop"
        if not self._answered and reason != "content_filter":
            raise ResponseError(f"an empty answer (finish reason {reason!r})")
        events.append(Finished(reason))

    def _cut(self) -> ResponseError:
        rest = self._sse.rest
        if self._started or not rest:
            return StreamTruncatedError("the stream ended without its end sign")
        try:
            chunk = _CHUNK.decode(rest.removeprefix(b"error:"))
        except _FOREIGN:
            chunk = _Chunk()
        if chunk.error:
            _refuse(bytes(chunk.error))
        return ResponseError(f"no stream: {excerpt(rest)!r}")


def _decode(text: bytes) -> _Chunk:
    try:
        return _CHUNK.decode(text)
    except _FOREIGN as exc:
        raise ResponseError(f"a piece of a stream that makes no sense: {excerpt(text)!r}") from exc


def _usage(usage: _Usage) -> Usage:
    prompt, completion = usage.prompt_tokens_details, usage.completion_tokens_details
    return Usage(
        input_tokens=usage.prompt_tokens,
        output_tokens=usage.completion_tokens,
        cached_tokens=prompt.cached_tokens if prompt else None,
        reasoning_tokens=completion.reasoning_tokens if completion else None,
    )


def _refuse(raw: bytes) -> None:
    """Raise the error that a service reports inside a stream; `null` and `""` are none."""
    try:
        error = _ERROR.decode(raw)
    except _FOREIGN as exc:
        raise ResponseError(f"an error inside the stream: {excerpt(raw)!r}") from exc
    if not error:
        return
    if isinstance(error, str):
        raise ResponseError(f"an error inside the stream: {excerpt(error)}")
    status = _status(error)
    body = msgspec.json.encode({"error": {"message": error.message, "code": error.code}})
    found = status_error(HttpReply(ReplyHead(status, {}, ""), body), 0.0) if status else None
    words = error.message or error.type or str(error.code or "no reason given")
    raise found or ResponseError(f"an error inside the stream: {excerpt(words)}")


def _status(error: _Error) -> int | None:
    for word in (error.code, error.type):
        if isinstance(word, int) and 400 <= word <= 599:
            return word
        if isinstance(word, str):
            if word in _STATUS_OF:
                return _STATUS_OF[word]
            if len(word) == 3 and word.isdecimal() and word.isascii() and word[0] in "45":
                return int(word)
    return None
