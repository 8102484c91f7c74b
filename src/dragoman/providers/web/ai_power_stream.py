"""What the streams of AI Power's generations share: bytes to events, and replies without events.

Pure. A site that does not stream answers one JSON object, and either may come whatever the
reply's type says. Deltas are not cumulative, so an event that does not parse is an error.
Source: AI Power plugin 1.8.79-2.4.71, streams observed 2026-11-21.
"""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import TypeVar

import msgspec

from dragoman.errors import (
    ChatError,
    ContentFilterError,
    ResponseError,
    StreamTruncatedError,
    excerpt,
)
from dragoman.events import Event, Finished, FinishReason, Started, TextDelta
from dragoman.providers.call import Call
from dragoman.providers.web.ai_power_reply import read_whole
from dragoman.transport.base import MAX_BODY_BYTES
from dragoman.wire.http import ReplyHead
from dragoman.wire.sse import SseDecoder, SseMessage, SseRun

__all__ = ["BrokenEvent", "StreamDecoder", "decode_event"]

T = TypeVar("T")


class BrokenEvent(Exception):
    """An event that does not parse: text is lost, so it is not passed over.

    What it means depends on where it stands: at the end of the body it is a cut.
    """

    def __init__(self, data: bytes) -> None:
        super().__init__()
        self.error = ResponseError(f"a broken event in the stream: {excerpt(data)!r}")


def decode_event(decoder: "msgspec.json.Decoder[T]", data: bytes) -> T:
    """One event's data; `BrokenEvent` if it is not what the decoder wants."""
    try:
        return decoder.decode(data)
    except (msgspec.DecodeError, UnicodeError, RecursionError) as exc:
        raise BrokenEvent(data) from exc


class StreamDecoder(ABC):
    """What the plugin's generations share: bytes to events, and a reply that has none."""

    def __init__(self, call: Call, head: ReplyHead) -> None:
        self._sse = SseDecoder()
        self._head = head
        self._started: Started | None = Started(call.chat.model, dropped=call.dropped)
        self._reason: FinishReason | None = None
        self._over = False
        self._late: ChatError | None = None
        # A body that says it is JSON is kept whole: the answer in it may be long.
        self._kept: list[bytes] | None = [] if head.media_type == "application/json" else None
        self._kept_bytes = 0

    def feed(self, chunk: bytes) -> list[Event]:
        """The events that these bytes complete."""
        if self._late is not None:
            raise self._late
        if self._kept is None:
            return self._take(self._sse.feed_runs(chunk))
        self._kept.append(chunk)
        self._kept_bytes += len(chunk)
        if self._kept_bytes > MAX_BODY_BYTES:
            self._kept.clear()
            raise ResponseError(f"a reply longer than {MAX_BODY_BYTES} bytes")
        return []

    def close(self) -> list[Event]:
        """The events that the end of the body completes."""
        if self._late is not None:
            raise self._late
        body = b"".join(self._kept or ())
        events = self._take(self._sse.feed(body)) if body else []
        if self._late is not None:
            raise self._late
        try:
            for message in self._sse.close():
                if not self._over:
                    self.read(message, events)
        except BrokenEvent as exc:
            if self._reason is None:
                raise StreamTruncatedError("the stream ended inside an event") from exc
        if not self._over:
            self.end(body or self._sse.rest, events)
        return events

    @abstractmethod
    def read(self, message: SseMessage, events: list[Event]) -> None:
        """Add the events of one message; raise the error that it is."""

    def end(self, rest: bytes, events: list[Event]) -> None:
        """Add the events of a body that ended without an end sign; `rest` is what was no event."""
        if self._started is None:
            if self._reason is None:
                raise StreamTruncatedError("the stream ended without its end sign")
        elif rest.strip() or self._reason is None:
            self.say(read_whole(self._head, rest), events)
        self.finish(events)

    def say(self, text: str, events: list[Event]) -> None:
        """Add more of the answer."""
        if text:
            if self._started is not None:
                events.append(self._started)
                self._started = None
            events.append(TextDelta(text))

    def finish(self, events: list[Event]) -> None:
        """Add the end; `ResponseError` if there was no answer."""
        self._over = True
        reason = self._reason or "stop"
        if self._started is not None:
            if reason == "content_filter":
                raise ContentFilterError("the model's content filter kept back the whole answer")
            raise ResponseError("empty answer")
        events.append(Finished(reason))

    def read_run(self, run: SseRun, events: list[Event]) -> None:
        """Add the events of neighbouring messages; subclasses may do it faster."""
        for message in run.messages():
            if not self._over:
                self.read(message, events)

    def _take(self, items: Sequence[SseMessage | SseRun]) -> list[Event]:
        events: list[Event] = []
        try:
            for item in items:
                if self._over:
                    break
                if isinstance(item, SseRun):
                    self.read_run(item, events)
                else:
                    self.read(item, events)
        except (ChatError, BrokenEvent) as problem:
            error = problem.error if isinstance(problem, BrokenEvent) else problem
            if not events:
                raise error from None
            self._late = error
        return events
