"""AI Power's event streams up to plugin 1.9.18: relayed answers, and errors dressed as answers.

Pure. The plugin relays the stream of its model's API byte for byte, and sends an upstream error
word by word as if it were an answer: `choices` alone, without the `id` and `object` of an API,
and marked by `event: message` or by the raw JSON of the error before it. Such words are collected
as the error that they are and never handed out.
Source: AI Power plugin 1.8.79-1.9.18, streams observed 2026-11-21; OpenAI's published chat
completion chunks and assistant events, read 2026-11-21.
"""

import re
from typing import Any

import msgspec

from dragoman.errors import EXCERPT_CHARS, ResponseError, excerpt
from dragoman.events import Event, FinishReason, TextDelta
from dragoman.providers.call import Call
from dragoman.providers.web.ai_power_reply import error_text, refusal
from dragoman.providers.web.ai_power_stream import BrokenEvent, StreamDecoder, decode_event
from dragoman.wire.http import ReplyHead
from dragoman.wire.sse import SseMessage, SseRun

__all__ = ["RelayDecoder"]

MAX_ERROR_WORDS = 4096
# The plugin writes an error's raw JSON in one place; how often a new place is looked for.
MAX_LOOKS = 16

_RAW_ERROR = re.compile(rb'"error"\s*:')
_REASONS: dict[str, FinishReason] = {
    "length": "length",
    "max_tokens": "length",
    "content_filter": "content_filter",
    "tool_calls": "tool_calls",
}


class _Delta(msgspec.Struct, gc=False):
    content: str | None = None


class _Choice(msgspec.Struct, gc=False):
    delta: _Delta | None = None
    text: str | None = None
    finish_reason: str | None = None


class _Chunk(msgspec.Struct, gc=False):
    """A chunk of an answer. What an API marks it with may be of any type: its presence counts."""

    choices: list[_Choice] | None = None
    id: Any = msgspec.UNSET
    object: Any = msgspec.UNSET
    error: Any = None


class _Value(msgspec.Struct):
    value: str = ""


class _Part(msgspec.Struct):
    text: _Value | None = None


class _Content(msgspec.Struct):
    content: list[_Part] = []


class _AssistantMessage(msgspec.Struct):
    """An OpenAI assistant's event: more of a message in `delta`, or a whole one."""

    delta: _Content = msgspec.field(default_factory=_Content)
    content: list[_Part] = []


_CHUNK = msgspec.json.Decoder(_Chunk)
_MESSAGE = msgspec.json.Decoder(_AssistantMessage)
_OBJECT: msgspec.json.Decoder[dict[str, Any]] = msgspec.json.Decoder(dict[str, Any])


class RelayDecoder(StreamDecoder):
    """One answer's decoder."""

    def __init__(self, call: Call, head: ReplyHead) -> None:
        super().__init__(call, head)
        # The words of an error in the dress of an answer, once one has begun.
        self._dressed: list[str] | None = None
        # Whether an assistant's message is still without a delta.
        self._silent = True
        # Whether the raw JSON of an error came, in how much of the rest, and after how many looks.
        self._raw_error = False
        self._looked_bytes = 0
        self._looks = 0

    def read(self, message: SseMessage, events: list[Event]) -> None:
        """Add the events of one message; raise the error that it is."""
        data = message.data
        if data[:1] in b"[ \t" and self._is_end(data.strip(), events):
            return
        if message.event and message.event != "message":
            self._assistant(message, events)
            return
        try:
            chunk = decode_event(_CHUNK, data)
        except BrokenEvent:
            if self._dressed:
                raise self._undressed() from None
            raise
        if chunk.choices and not chunk.error:
            self._choice(chunk, message, events)
        else:
            self._side_event(data)

    def read_run(self, run: SseRun, events: list[Event]) -> None:
        """Add the events of neighbouring messages, all at once if there is only text in them."""
        chunks = None
        if self._started is None and self._dressed is None:
            chunks = run.decode(_CHUNK)
        if chunks is None or any(chunk.error or not chunk.choices for chunk in chunks):
            super().read_run(run, events)
            return
        for chunk in chunks:
            self._speak(chunk.choices[0], events)  # type: ignore[index]  # seen above

    def end(self, rest: bytes, events: list[Event]) -> None:
        """As for every stream, but an error that has begun stays one."""
        if self._dressed is not None:
            raise self._undressed()
        super().end(rest, events)

    def _is_end(self, mark: bytes, events: list[Event]) -> bool:
        if mark == b"[LIMITED]":
            raise self._undressed()
        if mark != b"[DONE]":
            return False
        if self._dressed is not None:
            raise self._undressed()
        self.finish(events)
        return True

    def _choice(self, chunk: _Chunk, message: SseMessage, events: list[Event]) -> None:
        choice = chunk.choices[0]  # type: ignore[index]  # the caller saw that there is one
        bare = chunk.id is msgspec.UNSET and chunk.object is msgspec.UNSET
        if self._dressed is not None or (bare and self._is_marked(message)):
            self._dress(_text(choice) or "", bare=bare, ended=bool(choice.finish_reason))
            return
        self._speak(choice, events)

    def _speak(self, choice: _Choice, events: list[Event]) -> None:
        if text := _text(choice):
            if self._started is None:
                events.append(TextDelta(text))
            else:
                self.say(text, events)
        if choice.finish_reason:
            self._reason = _REASONS.get(choice.finish_reason, "stop")

    def _is_marked(self, message: SseMessage) -> bool:
        if message.event:
            return True
        before = message.rest_bytes
        # Each look reads the whole rest: one for each size of it, and only so many in all.
        if before > self._looked_bytes and self._looks < MAX_LOOKS:
            self._looks += 1
            self._looked_bytes = before
            self._raw_error = _RAW_ERROR.search(self._sse.rest, 0, before) is not None
        return self._raw_error

    def _dress(self, word: str, *, bare: bool, ended: bool) -> None:
        words = self._dressed = self._dressed or []
        if bare:
            words.append(word[:EXCERPT_CHARS])
        # The error comes a second time behind its end; it is told once.
        if ended or not bare or len(words) > MAX_ERROR_WORDS:
            raise self._undressed()

    def _undressed(self) -> ResponseError:
        words = "".join(self._dressed or ())
        return ResponseError(excerpt(words) or "the site reports an error without a text")

    def _side_event(self, data: bytes) -> None:
        """An event without text: a refusal, an error, or usage and filters, which are passed."""
        found = decode_event(_OBJECT, data)
        problem = refusal(found)
        if problem is None and self._dressed is None:
            return
        raise problem or self._undressed()

    def _assistant(self, message: SseMessage, events: list[Event]) -> None:
        match message.event:
            case "thread.message.delta":
                parts = decode_event(_MESSAGE, message.data).delta.content
                self._parts(parts, events)
                self._silent = False
            case "thread.message.completed":
                parts = decode_event(_MESSAGE, message.data).content
                if self._silent:
                    self._parts(parts, events)
                self._silent = True
                self._reason = "stop"
            case "assistant_error" | "error":
                found = decode_event(_OBJECT, message.data)
                problem = refusal(found)
                raise problem or ResponseError(error_text(found) or "the assistant failed")
            case _:
                pass

    def _parts(self, parts: list[_Part], events: list[Event]) -> None:
        self.say("".join(part.text.value for part in parts if part.text), events)


def _text(choice: _Choice) -> str | None:
    return (choice.delta and choice.delta.content) or choice.text
