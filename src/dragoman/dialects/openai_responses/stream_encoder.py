"""A streamed answer as named events: one item after the other, and then the whole response.

Calls of tools may be said side by side, so a call stays open until its arguments are a whole
object, or the answer ends. An error is the `error` event, in both forms in which programs know it,
and then `response.failed`.
Source: OpenAI API reference, "Responses: streaming events", and the types of the package
openai 3.54.0, read 2026-11-21.
"""

import re
from collections.abc import Iterable
from typing import assert_never

import msgspec

from dragoman.chat import ChatRequest
from dragoman.dialects.dialect import Stamp
from dragoman.dialects.failures import failure_message, failure_status
from dragoman.dialects.openai_errors import error_object
from dragoman.dialects.openai_responses.content_encoder import own_fields
from dragoman.dialects.openai_responses.failures import TYPES
from dragoman.dialects.openai_responses.proofs import split_signature
from dragoman.dialects.openai_responses.reply_encoder import (
    empty_response,
    ended,
    item_status,
    usage_object,
)
from dragoman.dialects.openai_responses.stream_items import (
    Line,
    OpenCall,
    OpenMessage,
    OpenThought,
)
from dragoman.dialects.openai_responses.tables import ANNOTATIONS
from dragoman.errors import ChatError, ContentFilterError
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
    TokenLogprob,
    ToolCallDelta,
    ToolCallStarted,
    Usage,
    UsageReported,
)
from dragoman.messages import ToolCall

__all__ = ["Encoder"]


# In a text its quotes would be escaped: only the field is found.
_NUMBER = re.compile(rb'"sequence_number"\s*:\s*(\d{1,18})')


class Encoder:
    """One answer's encoder."""

    def __init__(self, chat: ChatRequest, stamp: Stamp) -> None:
        self._chat = chat
        self._stamp = stamp
        self._line = Line()
        self._response: dict[str, object] = {}
        self._message: OpenMessage | None = None
        self._thought: OpenThought | None = None
        self._calls: dict[int, OpenCall] = {}
        self._count = 0
        self._items: dict[int, dict[str, object]] = {}
        self._usage: Usage | None = None
        self._phase: object = None

    def feed(self, events: Iterable[Event]) -> bytes:
        """These events in one piece of bytes."""
        for event in events if self._chat.logprobs is None else _paired(events):
            if type(event) is TextDelta and self._message is not None:
                self._message.text(event.text)
            else:
                self._take(event)
        return self._line.take()

    def fail(self, error: ChatError) -> bytes:
        """The error, and the response as far as it came."""
        words = error_object(error, TYPES)
        top = {name: words[name] for name in ("code", "message", "param")}
        self._line.say("error", **top, error=words)
        if self._response:
            is_limit = failure_status(error) == 429
            code = "rate_limit_exceeded" if is_limit else "server_error"
            if isinstance(error, ContentFilterError):
                code = "invalid_prompt"
            failed = {"code": code, "message": failure_message(error)}
            self._whole("response.failed", {"status": "failed", "error": failed})
        return self._line.take()

    def follow(self, said: bytes) -> None:
        """Number on from the last of these events, which a service said."""
        for number in _NUMBER.findall(said):
            self._line.number = int(number)

    def ping(self) -> bytes:
        """A comment."""
        return b": ping\n\n"

    def _take(self, event: "Event | _LikelyText") -> None:  # noqa: C901 - a branch for each event
        match event:
            case TextDelta(text):
                self._open_message().text(text)
            case RefusalDelta(text):
                self._open_message().refusal(text)
            case LogprobsReported(tokens):
                self._open_message().likely("", tokens)
            case _LikelyText(text, tokens):
                self._open_message().likely(text, tokens)
            case ReasoningDelta(text):
                self._open_thought().think(text)
            case ReasoningSigned(signature):
                self._sign(signature)
            case ToolCallStarted():
                self._call(event)
            case ToolCallDelta(number, arguments):
                # Behind a whole object, whose call is over, there is at most white space.
                if number in self._calls:
                    self._calls[number].more(arguments)
            case NativeReported(part):
                self._native(own_fields(part))
            case UsageReported(usage):
                self._usage = usage
            case Started():
                self._start(event)
            case Finished():
                self._finish(event)
            case OtherChoice():
                # The format has one answer.
                pass
            case _:
                assert_never(event)

    def _start(self, started: Started) -> None:
        self._response = empty_response(started, self._chat, self._stamp)
        self._line.say("response.created", response=self._response)
        self._line.say("response.in_progress", response=self._response)

    def _finish(self, event: Finished) -> None:
        self._close_items(item_status(event), end=True)
        status = ended(event)
        self._whole(f"response.{status['status']}", status)

    def _whole(self, kind: str, fields: dict[str, object]) -> None:
        """The last event: the response as it is now."""
        output = [self._items[index] for index in sorted(self._items)]
        usage = usage_object(self._usage)
        response = self._response | {"output": output, "usage": usage} | fields
        self._line.say(kind, response=response)

    def _open_message(self) -> OpenMessage:
        if self._message is None:
            self._close_items()
            self._message = OpenMessage(self._line, *self._next("msg"), phase=self._phase)
            self._phase = None
        return self._message

    def _open_thought(self) -> OpenThought:
        if self._thought is None:
            self._close_items()
            self._thought = OpenThought(self._line, *self._next("rs"))
        return self._thought

    def _sign(self, signature: str) -> None:
        thought = self._thought
        if thought is None:
            self._close_items()
            index, item_id = self._next("rs")
            # A thought that nobody sees can stand under the id that its service gave it.
            name, _ = split_signature(signature) or ("", "")
            thought = OpenThought(self._line, index, name or item_id)
        self._thought = None
        self._items[thought.index] = thought.close(signature)

    def _call(self, event: ToolCallStarted) -> None:
        self._close_items()
        call = ToolCall(event.id, event.name, "")
        self._calls[event.index] = OpenCall(self._line, *self._next("fc"), call=call)

    def _native(self, fields: dict[str, object]) -> None:
        kind = str(fields.get("type"))
        if kind in ANNOTATIONS:
            self._open_message().annotate(fields)
        elif kind.startswith("output_"):
            self._open_message().whole(fields)
        elif kind == "message":
            self._close_items()
            self._phase = fields.get("phase")
        elif fields:
            self._close_items()
            index, _ = self._next("")
            self._line.say("response.output_item.added", output_index=index, item=fields)
            self._line.say("response.output_item.done", output_index=index, item=fields)
            self._items[index] = fields

    def _close_items(self, status: str = "completed", *, end: bool = False) -> None:
        if self._message is not None:
            self._items[self._message.index] = self._message.close(status)
            self._message = None
        if self._thought is not None:
            self._items[self._thought.index] = self._thought.close()
            self._thought = None
        for number, call in list(self._calls.items()):
            if end or call.is_whole:
                self._items[call.index] = call.close(status)
                del self._calls[number]

    def _next(self, prefix: str) -> tuple[int, str]:
        """The place and the id of the next item."""
        index = self._count
        self._count += 1
        return index, f"{prefix}_{self._stamp.id}_{index}"


class _LikelyText(msgspec.Struct, frozen=True, gc=False):
    """A piece of text and how likely its tokens were, as the format says them: together."""

    text: str
    tokens: tuple[TokenLogprob, ...]


def _paired(events: Iterable[Event]) -> list[Event | _LikelyText]:
    found: list[Event | _LikelyText] = []
    for event in events:
        last = found[-1] if found else None
        if isinstance(event, LogprobsReported) and isinstance(last, TextDelta):
            found[-1] = _LikelyText(last.text, event.tokens)
        else:
            found.append(event)
    return found
