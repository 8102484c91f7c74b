"""An answer in Ollama's two forms: JSON objects one a line, and one object that has it all.

The format has a place for thoughts, text and calls each, so calls come last, whole, one a line. All
lines bear the time at which the answer began, and durations are nought: there is no clock here.
U+0085, U+2028 and U+2029 are written as escapes, because the reader of the official package takes
them for line ends.
Source: docs.ollama.com ("Chat", "Generate", "Streaming", openapi.yaml), the types and the client of
the package ollama 0.6.3, read 2026-11-21.
"""

import datetime
from collections.abc import Iterable, Mapping

import msgspec

from dragoman.chat import ChatReply, ChatRequest
from dragoman.dialects.arguments import said_arguments
from dragoman.dialects.dialect import Stamp
from dragoman.dialects.ollama.failures import encode_line
from dragoman.dialects.ollama.natives import CONTEXT, IMAGE, IMAGES, piece_of
from dragoman.dialects.ollama.tables import GENERATE_NAME, NAME, REASONS
from dragoman.errors import ChatError
from dragoman.events import (
    Event,
    Finished,
    LogprobsReported,
    NativeReported,
    ReasoningDelta,
    RefusalDelta,
    Started,
    TextDelta,
    TokenLogprob,
    ToolCallDelta,
    ToolCallStarted,
    Usage,
    UsageReported,
)

__all__ = ["ChatEncoder", "GenerateEncoder", "encode_chat_reply", "encode_generate_reply"]

Object = dict[str, object]

_ESCAPES = (
    (b"\xc2\x85", b"\\u0085"),
    (b"\xe2\x80\xa8", b"\\u2028"),
    (b"\xe2\x80\xa9", b"\\u2029"),
)
_DURATIONS = ("total_duration", "load_duration", "prompt_eval_duration", "eval_duration")
_USUAL = {"tool_calls": "stop"}


class _Call:
    """A tool call whose arguments still come."""

    def __init__(self, started: ToolCallStarted) -> None:
        self.started = started
        self.arguments: list[str] = []

    def encoded(self) -> Object:
        started = self.started
        arguments = said_arguments(started.name, "".join(self.arguments))
        function = {"index": started.index, "name": started.name, "arguments": arguments}
        return {"id": started.id, "function": function}


class ChatEncoder:
    """One stream's encoder, of chat answers."""

    _DIALECT = NAME

    __slots__ = ("_after", "_before", "_calls", "_end", "_head", "_usage")

    def __init__(self, chat: ChatRequest, stamp: Stamp) -> None:
        self._head: Object = {"model": chat.model, "created_at": _time(stamp)}
        self._before = self._after = b""
        self._calls: list[_Call] = []
        self._usage = Usage()
        self._end: Object = {}

    def feed(self, events: Iterable[Event]) -> bytes:
        """These events in one piece of bytes."""
        lines: list[bytes] = []
        for event in events:
            if type(event) is TextDelta:
                # Nearly every event.
                text = _dump(event.text)
                lines += (self._before, text, self._after)
            else:
                self._take(event, lines)
        return b"".join(lines)

    def fail(self, error: ChatError) -> bytes:
        """The line that an error is."""
        return _escaped(encode_line(error)) + b"\n"

    def ping(self) -> bytes:
        """Nothing: every line is read as a piece of the answer."""
        return b""

    def _take(self, event: Event, lines: list[bytes]) -> None:
        match event:
            case Started():
                self._start(event)
            case ReasoningDelta(text):
                lines.append(self._line(self._said(thinking=text)))
            case RefusalDelta(text):
                lines.append(self._line(self._said(text)))
            case ToolCallStarted():
                self._calls.append(_Call(event))
            case ToolCallDelta(index, arguments):
                self._calls[index].arguments.append(arguments)
            case LogprobsReported(tokens):
                lines.append(self._line({**self._said(), "logprobs": _logprobs(tokens)}))
            case NativeReported(part):
                self._native(piece_of(part, self._DIALECT), lines)
            case UsageReported(usage):
                self._usage = usage
            case Finished():
                self._finish(event, lines)
            case _:
                # The proof of a thought, and another answer: there is no place for them.
                pass

    def _start(self, started: Started) -> None:
        self._head["model"] = started.model
        if started.native is not None:
            self._head.update(started.native.of(self._DIALECT))
        # A line with a mark where its text is.
        self._before, self._after = self._line(self._said("\x00")).rsplit(b'"\\u0000"', 1)

    def _said(self, text: str = "", **more: object) -> Object:
        return {"message": {"role": "assistant", "content": text, **more}}

    def _line(self, said: Object) -> bytes:
        return _dump({**self._head, **said, "done": False}) + b"\n"

    def _native(self, piece: Mapping[str, object], lines: list[bytes]) -> None:
        if IMAGES in piece:
            lines.append(self._line(self._said(images=piece[IMAGES])))

    def _finish(self, finished: Finished, lines: list[bytes]) -> None:
        lines += [self._line(self._said(tool_calls=[call])) for call in self._called()]
        end = {**self._said(), **self._end, **_end(finished, self._usage)}
        lines.append(_dump({**self._head, **end}) + b"\n")

    def _called(self) -> list[Object]:
        return [call.encoded() for call in self._calls]


class GenerateEncoder(ChatEncoder):
    """One stream's encoder, of generate answers, which have no calls."""

    _DIALECT = GENERATE_NAME

    __slots__ = ()

    def _said(self, text: str = "", **more: object) -> Object:
        return {"response": text, **more}

    def _native(self, piece: Mapping[str, object], lines: list[bytes]) -> None:
        if IMAGE in piece:
            lines.append(self._line({**self._said(), **piece}))
        if CONTEXT in piece:
            self._end.update(piece)

    def _called(self) -> list[Object]:
        return []


def encode_chat_reply(reply: ChatReply, chat: ChatRequest, stamp: Stamp) -> bytes:
    """The whole answer to a chat."""
    whole = _Whole(reply, NAME)
    message: Object = {"role": "assistant", "content": whole.text, **whole.thinking}
    if images := whole.pieces.get(IMAGES):
        message["images"] = images
    if whole.calls:
        message["tool_calls"] = [call.encoded() for call in whole.calls]
    return whole.encoded({"message": message}, stamp)


def encode_generate_reply(reply: ChatReply, chat: ChatRequest, stamp: Stamp) -> bytes:
    """The whole answer to a generate request."""
    whole = _Whole(reply, GENERATE_NAME)
    said = {"response": whole.text, **whole.thinking}
    own = {name: value for name, value in whole.pieces.items() if name != IMAGES}
    return whole.encoded({**said, **own}, stamp)


class _Whole:
    """What an answer says, in the places that the format has."""

    def __init__(self, reply: ChatReply, dialect: str) -> None:
        self.text = self._thought = ""
        self.calls: list[_Call] = []
        self.pieces: Object = {}
        self._reply = reply
        self._native = reply.native.of(dialect) if reply.native is not None else {}
        for event in reply.events():
            match event:
                case TextDelta(text) | RefusalDelta(text):
                    self.text += text
                case ReasoningDelta(text):
                    self._thought += text
                case ToolCallStarted():
                    self.calls.append(_Call(event))
                case ToolCallDelta(index, arguments):
                    self.calls[index].arguments.append(arguments)
                case NativeReported(part):
                    self.pieces.update(piece_of(part, dialect))
                case _:
                    # The rest is read from the reply itself.
                    pass

    @property
    def thinking(self) -> Object:
        return {"thinking": self._thought} if self._thought else {}

    def encoded(self, said: Mapping[str, object], stamp: Stamp) -> bytes:
        reply = self._reply
        finished = Finished(reply.finish_reason, reply.finish_word)
        end = _end(finished, reply.usage or Usage())
        logprobs = {"logprobs": _logprobs(reply.logprobs)} if reply.logprobs else {}
        head = {"model": reply.model, "created_at": _time(stamp), **self._native}
        return _dump({**head, **said, **end, **logprobs})


def _end(finished: Finished, usage: Usage) -> Object:
    reason, word = finished.reason, finished.word
    known = word is not None and REASONS.get(word) == reason
    counts = {"prompt_eval_count": usage.input_tokens, "eval_count": usage.output_tokens}
    return {
        "done": True,
        "done_reason": word if known else _USUAL.get(reason, reason),
        **dict.fromkeys(_DURATIONS, 0),
        **{name: count for name, count in counts.items() if count},
    }


def _logprobs(tokens: Iterable[TokenLogprob]) -> list[Object]:
    return [
        {**_token(token), **({"top_logprobs": _logprobs(token.top)} if token.top else {})}
        for token in tokens
    ]


def _token(token: TokenLogprob) -> Object:
    bytes_ = list(token.token.encode())
    return {"token": token.token, "logprob": token.logprob, "bytes": bytes_}


def _time(stamp: Stamp) -> str:
    """RFC 3339, as the service has it."""
    moment = datetime.datetime.fromtimestamp(stamp.created, datetime.UTC)
    return moment.isoformat(timespec="microseconds").replace("+00:00", "Z")


def _dump(value: object) -> bytes:
    return _escaped(msgspec.json.encode(value))


def _escaped(text: bytes) -> bytes:
    if not text.isascii():
        for sign, escape in _ESCAPES:
            text = text.replace(sign, escape)
    return text
