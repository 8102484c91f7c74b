"""Events to Gemini's streams: server-sent events, or a JSON list that comes in pieces.

Each piece is a GenerateContentResponse that adds parts. The format has calls whole: one is held
until its arguments are, which the next call or anything else shows. What was counted, and what is
told of the whole answer, comes with the finish reason in the last piece.
Source: the REST reference of streamGenerateContent (with and without `alt=sse`), read 2026-11-21.
"""

from collections.abc import Iterable
from typing import Any, ClassVar, assert_never

import msgspec

from dragoman.chat import ChatRequest
from dragoman.dialects.arguments import is_object
from dragoman.dialects.dialect import Stamp
from dragoman.dialects.gemini.content_encoder import native_part
from dragoman.dialects.gemini.failures import encode_status
from dragoman.dialects.gemini.proofs import hand_out
from dragoman.dialects.gemini.reply_encoder import (
    candidate_fields,
    encode_logprobs,
    encode_usage,
    finish_word,
    identity,
    is_blocked,
    reply_parts,
)
from dragoman.dialects.gemini.tables import NAME
from dragoman.errors import ChatError, ResponseError
from dragoman.events import (
    ChoiceEvent,
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
from dragoman.messages import ToolCall

__all__ = ["ArrayEncoder", "Encoder"]

Wire = dict[str, Any]

_BEFORE_TEXT = b'{"candidates":[{"content":{"parts":[{"text":'
_EMPTY = {"parts": [{"text": ""}], "role": "model"}
_json = msgspec.json.encode


class _Call:
    """A call whose arguments still come."""

    __slots__ = ("started", "texts")

    def __init__(self, started: ToolCallStarted) -> None:
        self.started = started
        self.texts: list[str] = []

    def part(self) -> Wire:
        """The part; `ResponseError` if the arguments are no JSON object."""
        _, call_id, name, signature = msgspec.structs.astuple(self.started)
        return reply_parts((ToolCall(call_id, name, "".join(self.texts), signature),))[0]

    def is_whole(self) -> bool:
        """Whether the arguments are an object by now, so that nothing can be added."""
        return is_object("".join(self.texts))


class _Choice:
    """One of the candidates, while its events become candidates of responses."""

    __slots__ = ("_index", "_told", "calls", "was_thought")

    def __init__(self, index: int) -> None:
        self._index = index
        self._told: Wire = {}
        self.calls: dict[int, _Call] = {}
        """Those that are held, which nothing may overtake."""
        self.was_thought = False

    def take(self, event: ChoiceEvent) -> list[Wire]:
        """The candidates that this event completes."""
        match event:
            case ToolCallDelta(index, arguments):
                self._add(index, arguments)
                return []
            case ToolCallStarted():
                found = self._flush(only_whole=True)
                self.calls[event.index] = _Call(event)
                return found
            case LogprobsReported(tokens):
                return [{**self._said(_EMPTY), "logprobsResult": encode_logprobs(tokens)}]
            case _:
                return [*self._flush(), *self._one(event)]

    def _one(
        self,
        event: TextDelta
        | RefusalDelta
        | ReasoningDelta
        | ReasoningSigned
        | NativeReported
        | Finished,
    ) -> list[Wire]:
        was_thought, self.was_thought = self.was_thought, isinstance(event, ReasoningDelta)
        match event:
            case TextDelta(text) | RefusalDelta(text):
                return [self._part({"text": text})]
            case ReasoningDelta(text):
                return [self._part({"text": text, "thought": True})]
            case ReasoningSigned(signature):
                thought = {"thought": True} if was_thought else {}
                signed = {"thoughtSignature": hand_out(signature)}
                return [self._part({"text": "", **thought, **signed})]
            case NativeReported(part):
                self._told |= candidate_fields(part)
                return [self._part(found) for found in native_part(part)]
            case Finished(reason):
                said = {} if reason == "content_filter" else self._said(_EMPTY)
                return [
                    {**said, "finishReason": finish_word(event), **self._told, "index": self._index}
                ]
            case _:
                assert_never(event)

    def _add(self, index: int, arguments: str) -> None:
        call = self.calls.get(index)
        if call is not None:
            call.texts.append(arguments)
        elif arguments.strip():
            raise ResponseError("a tool call goes on after its arguments were whole")

    def _flush(self, *, only_whole: bool = False) -> list[Wire]:
        """The calls that were held, in their order; `only_whole` keeps from the first unready."""
        found: list[Wire] = []
        while self.calls:
            index = next(iter(self.calls))
            if only_whole and not self.calls[index].is_whole():
                break
            found.append(self._part(self.calls.pop(index).part()))
        return found

    def _part(self, part: Wire) -> Wire:
        return self._said({"parts": [part], "role": "model"})

    def _said(self, content: Wire) -> Wire:
        return {"content": content, "index": self._index}


class Encoder:
    """One stream as server-sent events (`alt=sse`)."""

    _FIRST: ClassVar[bytes] = b"data: "
    _NEXT: ClassVar[bytes] = b"data: "
    _END: ClassVar[bytes] = b"\r\n\r\n"
    _LAST: ClassVar[bytes] = b""
    # Its own SDK reads a comment as a piece of the answer; an empty line it passes over.
    _PING: ClassVar[bytes] = b"\r\n"

    __slots__ = (
        "_after_text",
        "_before",
        "_choice",
        "_feedback",
        "_others",
        "_said",
        "_stamp",
        "_tail",
        "_unsent",
        "_usage",
    )

    def __init__(self, chat: ChatRequest, stamp: Stamp) -> None:
        self._stamp = stamp
        self._choice = _Choice(0)
        self._others: dict[int, _Choice] = {}
        self._before = self._FIRST
        self._usage: Usage | None = None
        self._feedback: object = None
        self._said = False
        self._unsent = b""
        self._begin(Started(chat.model))

    def feed(self, events: Iterable[Event]) -> bytes:
        """These events in one piece; `ResponseError` if arguments are no JSON object."""
        out: list[bytes] = []
        choice = self._choice
        try:
            for event in events:
                if type(event) is TextDelta and not choice.calls:
                    text = _json(event.text)
                    out += (self._before, _BEFORE_TEXT, text, self._after_text)
                    self._before = self._NEXT
                    self._said = True
                    choice.was_thought = False
                else:
                    self._take(event, out)
        except ResponseError:
            # What came before is handed out with the error.
            self._unsent = b"".join(out)
            raise
        return b"".join(out)

    def fail(self, error: ChatError) -> bytes:
        """The error in place of the rest."""
        status = _json(encode_status(error))
        return b"".join((self._unsent, self._before, status, self._END, self._LAST))

    def ping(self) -> bytes:
        """An empty line."""
        return self._PING

    def _begin(self, started: Started) -> None:
        told = identity(started.model, started.id or self._stamp.id, started.native)
        self._tail = b"," + _json(told)[1:]
        self._after_text = b'}],"role":"model"},"index":0}]' + self._tail + self._END
        native = started.native.of(NAME) if started.native is not None else {}
        self._feedback = native.get("promptFeedback")

    def _take(self, event: Event, out: list[bytes]) -> None:
        match event:
            case Started():
                self._begin(event)
            case UsageReported(usage):
                self._usage = usage
            case OtherChoice(index, inner):
                choice = self._others.setdefault(index, _Choice(index))
                self._respond(choice.take(inner), out)
            case Finished():
                self._finish(event, out)
            case _:
                self._said = True
                self._respond(self._choice.take(event), out)

    def _finish(self, event: Finished, out: list[bytes]) -> None:
        *before, last = self._choice.take(event)
        self._respond(before, out)
        response: Wire = {} if self._feedback is None else {"promptFeedback": self._feedback}
        if self._said or not is_blocked(self._feedback):
            response["candidates"] = [last]
        if self._usage is not None:
            response["usageMetadata"] = encode_usage(self._usage)
        self._add(response, out)
        out.append(self._LAST)

    def _respond(self, candidates: Iterable[Wire], out: list[bytes]) -> None:
        for candidate in candidates:
            self._add({"candidates": [candidate]}, out)

    def _add(self, response: Wire, out: list[bytes]) -> None:
        """A response, which is never empty, and what each of them tells."""
        out += (self._before, _json(response)[:-1], self._tail, self._END)
        self._before = self._NEXT


class ArrayEncoder(Encoder):
    """One stream as a JSON list, which is what a program gets without `alt=sse`."""

    _FIRST = b"["
    _NEXT = b",\r\n"
    _END = b""
    _LAST = b"]"
    _PING = b"\n"

    __slots__ = ()
