"""FakeGPT's event stream to events: cumulative messages in, each new piece of text out once.

The stream echoes system and user first; only what the assistant says to all is handed out. It ends
with `[DONE]`, or at the end of the body once a message said that the turn is over. An event that
is no JSON is passed over, because the next one repeats the text. An error waits until what came
before it in the same bytes has been handed out, so that every cut of the bytes gives the same.
Source: captures of such streams of May 2023, December 2023 and January 2024, read 2026-11-21.
"""

import msgspec

from dragoman.errors import (
    AuthError,
    ChatError,
    ContentFilterError,
    ResponseError,
    StreamTruncatedError,
    excerpt,
)
from dragoman.events import Event, Finished, FinishReason, Started, TextDelta
from dragoman.providers.call import Call, StaleSession
from dragoman.providers.web.fake_gpt_answer import CumulativeAnswer
from dragoman.providers.web.fake_gpt_errors import stream_error
from dragoman.providers.web.fake_gpt_events import Message, StreamEvent, decode_event
from dragoman.wire.http import ReplyHead
from dragoman.wire.sse import SseDecoder, SseMessage
from dragoman.wire.status import html_error

__all__ = ["ConversationDecoder"]

# An interrupted answer is not whole; `length` is the only reason that says so to a reader.
_FINISH: dict[str, FinishReason] = {"max_tokens": "length", "interrupted": "length"}


class ConversationDecoder:
    """One stream's decoder.

    `can_refresh`: a dead token that is reported before any text is `StaleSession`.
    """

    __slots__ = (
        "_answer",
        "_call",
        "_can_refresh",
        "_ended",
        "_error",
        "_finish_type",
        "_head",
        "_over",
        "_seen",
        "_sse",
        "_started",
        "skipped",
    )

    def __init__(self, call: Call, head: ReplyHead, *, can_refresh: bool) -> None:
        self._call = call
        self._head = head
        self._can_refresh = can_refresh
        self._sse = SseDecoder()
        self._answer = CumulativeAnswer()
        self._started = False
        self._seen = 0
        self.skipped = 0
        """How many events that make no sense were passed over."""
        self._finish_type = ""
        self._ended = False
        self._over = False
        self._error: ChatError | None = None

    def feed(self, chunk: bytes) -> list[Event]:
        """The events that these bytes complete."""
        if self._error is not None:
            raise self._error
        events: list[Event] = []
        try:
            for message in self._sse.feed(chunk):
                if self._over:
                    break
                self._take(message, events)
        except ChatError as error:
            self._fail(error, events)
        return events

    def close(self) -> list[Event]:
        """The events that the end of the body completes: with `Finished`, or an error."""
        if self._error is not None:
            raise self._error
        events: list[Event] = []
        if self._over:
            return events
        try:
            for message in self._sse.close():
                self._take(message, events)
            if not self._over:
                self._end_of_body(events)
        except ChatError as error:
            error.text = self._answer.handed
            raise
        return events

    def _fail(self, error: ChatError, events: list[Event]) -> None:
        error.text = self._answer.handed
        if not events:
            raise error
        self._error = error

    def _take(self, message: SseMessage, events: list[Event]) -> None:
        if message.event == "ping":
            return
        data = message.data.strip()
        self._seen += 1
        if data == b"[DONE]":
            self._end(events)
            return
        if message.event == "delta_encoding":
            raise _patches()
        event = decode_event(data)
        if event is None:
            self.skipped += 1
            return
        self._refuse(event)
        if event.message is not None and event.message.is_for_the_reader:
            self._read(event.message, events)

    def _refuse(self, event: StreamEvent) -> None:
        if event.error:
            error = stream_error(event.error)
            if isinstance(error, AuthError) and self._can_refresh and not self._started:
                raise StaleSession(error)
            raise error
        if event.is_blocked:
            raise ContentFilterError("the service's moderation blocked the answer")
        if event.is_patch:
            raise _patches()

    def _read(self, message: Message, events: list[Event]) -> None:
        ends = message.ends_the_turn
        text = message.text
        before = self._answer.truth
        if text is not None:
            new = self._answer.put(message.id, text, final=ends)
            if new:
                self._say(new, message, events)
        if ends:
            self._ended = True
        elif self._ended and self._answer.truth != before:
            # It went on after all, so that end was not the answer's.
            self._ended = False
        self._finish_type = message.finish_type or self._finish_type

    def _say(self, text: str, message: Message | None, events: list[Event]) -> None:
        if not self._started:
            self._started = True
            slug = message.metadata.model_slug if message and message.metadata else None
            model = slug or self._call.chat.model
            events.append(Started(model, message.id if message else None, self._call.dropped))
        events.append(TextDelta(text))

    def _end_of_body(self, events: list[Event]) -> None:
        if self._ended:
            self._end(events)
            return
        rest = self._sse.rest
        if rest.strip():
            raise self._foreign(rest)
        if self._seen:
            raise StreamTruncatedError(f"the stream ended without its end sign{self._spoilt()}")
        raise ResponseError("an empty reply instead of a stream")

    def _end(self, events: list[Event]) -> None:
        self._over = True
        if waited := self._answer.end():
            self._say(waited, None, events)
        if not self._started:
            rest = self._sse.rest
            if rest.strip():
                raise self._foreign(rest)
            raise ResponseError(f"no valid response: the stream has no text{self._spoilt()}")
        if self._answer.is_rewritten:
            error = ResponseError("the answer was rewritten behind what had been handed out")
            error.final_text = self._answer.truth or None
            raise error
        events.append(Finished(_FINISH.get(self._finish_type, "stop")))

    def _spoilt(self) -> str:
        return f"; {self.skipped} malformed events" if self.skipped else ""

    def _foreign(self, rest: bytes) -> ChatError:
        """The error that lines which are no events amount to: HTML, JSON, or plain text."""
        if self._head.media_type == "text/html" or rest.lstrip().startswith(b"<"):
            return html_error(self._head, rest, "a stream")
        try:
            value = msgspec.json.decode(rest)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            value = None
        if isinstance(value, dict):
            if "wss_url" in value:
                return ResponseError("answered by WebSocket, which is not supported")
            if found := value.get("error") or value.get("detail"):
                return stream_error(found)
        return ResponseError(f"no valid response: {excerpt(rest)!r}")


def _patches() -> ResponseError:
    return ResponseError("delta encoding: the server sends patches, a dialect not supported here")
