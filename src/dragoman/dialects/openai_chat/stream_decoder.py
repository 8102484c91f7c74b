"""A stream's bytes to events, and a whole answer's.

However the bytes are cut, the events are the same. `[DONE]` ends an answer, and so does the end of
the body after a `finish_reason`, which many servers that speak this dialect leave it at; anything
else is `StreamTruncatedError`. An answer with neither text, tool call, refusal nor sound is a
`ResponseError`, but see `empty_answers`. A whole answer in place of a stream is taken.
Source: OpenAI API reference, "Chat Completions" (streaming), and the README of llama.cpp's server,
read 2026-11-21.
"""

from dragoman.dialects.answer_decoder import SseAnswerDecoder
from dragoman.dialects.empty_answers import has_thought, refuse_empty
from dragoman.dialects.failures import FOREIGN, cut_off
from dragoman.dialects.openai_chat.choice_decoder import ChoiceDecoder
from dragoman.dialects.openai_chat.chunks import (
    CHUNKS,
    Choice,
    Chunk,
    decode_chunk,
    usage_of,
)
from dragoman.dialects.openai_chat.failures import error_in_lines, error_inside
from dragoman.dialects.openai_chat.tables import NAME
from dragoman.errors import ResponseError, excerpt
from dragoman.events import MAX_CHOICES, Event, OtherChoice, Started, Usage, UsageReported
from dragoman.native import Native
from dragoman.wire.sse import SseMessage, SseRun

__all__ = ["Decoder"]


class Decoder(SseAnswerDecoder):
    """One stream's decoder, and a whole answer's."""

    __slots__ = ("_first", "_others", "_usage")

    def __init__(self, model: str, *, dropped: tuple[str, ...] = ()) -> None:
        super().__init__(model, dropped=dropped)
        self._first = ChoiceDecoder()
        self._others: dict[int, ChoiceDecoder] = {}
        self._usage: Usage | None = None

    def whole(self, body: bytes) -> list[Event]:
        """The events of a whole answer."""
        events: list[Event] = []
        self._chunk(decode_chunk(body, "a reply"), events)
        if not self._started:
            raise ResponseError("a reply without an answer")
        self._end(events)
        return events

    def _read(self, chunk: bytes, events: list[Event]) -> None:
        for item in self._sse.feed_runs(chunk):
            if isinstance(item, SseRun):
                self._take_run(item, events)
            else:
                self._hear(item, events)

    def _may_end(self) -> bool:
        choices = (self._first, *self._others.values())
        return all(choice.reason is not None for choice in choices)

    def _read_rest(self, rest: bytes, events: list[Event]) -> None:
        if not self._may_end() and not self._is_whole(rest, events):
            raise error_in_lines(rest) or cut_off(rest)
        self._end(events)

    def _take_run(self, run: SseRun, events: list[Event]) -> None:
        if self._over:
            return
        # If one of them is broken, what stands before it is said first.
        for chunk in run.decode(CHUNKS) or (decode_chunk(one.data) for one in run.messages()):
            self._chunk(chunk, events)

    def _take(self, message: SseMessage, events: list[Event]) -> None:
        if self._over:
            return
        text = message.data
        if text == b"[DONE]":
            self._end(events)
            return
        chunk = decode_chunk(text)
        if message.event == "error" and not chunk.error:
            raise error_inside(text) or ResponseError("an error inside the stream")
        self._chunk(chunk, events)

    def _chunk(self, chunk: Chunk, events: list[Event]) -> None:
        if chunk.error and (error := error_inside(bytes(chunk.error))):
            raise error
        choices = chunk.choices
        if not self._started:
            # Azure's first chunk tells only of the prompt, and names no model.
            if not choices and chunk.usage is None:
                return
            self._started = True
            events.append(Started(chunk.model or self._model, chunk.id, self._dropped, _of(chunk)))
        for choice in choices or ():
            if choice.index:
                self._other(choice.index, choice, events)
            else:
                events += self._first.take(choice)
        if chunk.usage is not None:
            self._usage = usage_of(chunk.usage)
            events.append(UsageReported(self._usage))

    def _other(self, index: int, choice: Choice, events: list[Event]) -> None:
        if not 0 < index <= MAX_CHOICES:
            raise ResponseError(f"there is no choice {index}")
        if index not in self._others:
            self._others[index] = ChoiceDecoder()
        events += [OtherChoice(index, event) for event in self._others[index].take(choice)]

    def _end(self, events: list[Event]) -> None:
        self._over = True
        first = self._first
        if not first.answered:
            thought = first.thought or has_thought(self._usage)
            refuse_empty(first.reason or "stop", None, thought=thought)
        for index, other in self._others.items():
            events += [OtherChoice(index, event) for event in other.end()]
        events += self._first.end()

    def _is_whole(self, rest: bytes, events: list[Event]) -> bool:
        """Whether a whole answer, or an error, stood in place of a stream."""
        if self._started or not rest:
            return False
        try:
            chunk = CHUNKS.decode(rest.removeprefix(b"error:"))
        except FOREIGN as exc:
            raise ResponseError(f"no stream: {excerpt(rest)!r}") from exc
        self._chunk(chunk, events)
        if not events:
            raise ResponseError(f"no stream: {excerpt(rest)!r}")
        return True


def _of(chunk: Chunk) -> Native | None:
    fields = {
        name: value
        for name, value in (
            ("service_tier", chunk.service_tier),
            ("system_fingerprint", chunk.system_fingerprint),
        )
        if value is not None
    }
    return Native(NAME, fields, frozenset(fields)) if fields else None
