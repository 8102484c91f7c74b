"""Gemini's answers, bytes to events: server-sent events, a JSON list in pieces, or a whole answer.

Pure: no I/O, no clock. However the bytes are cut, the events are the same. Which of the forms it is
the first byte tells, so that no one has to say which was asked for. The format has no end sign but
the list's bracket: the end of the body after a finish reason is an end, anything else is
`StreamTruncatedError`.
Source: the REST reference of streamGenerateContent (with and without `alt=sse`), read 2026-11-21.
"""

from dragoman.chat import ChatReply
from dragoman.dialects.answer_decoder import SAYS_NOTHING, AnswerDecoder, is_broken
from dragoman.dialects.failures import FOREIGN, cut_off
from dragoman.dialects.gemini.answer import Answer, Line
from dragoman.dialects.gemini.failures import failure_inside
from dragoman.dialects.gemini.json_pieces import JsonPieces
from dragoman.dialects.gemini.reply_fields import CHUNK, decode_chunk
from dragoman.errors import ChatError, ResponseError, StreamTruncatedError, excerpt
from dragoman.events import Event
from dragoman.gathered import Gathered
from dragoman.wire.sse import SseDecoder, SseMessage, SseRun

__all__ = ["Decoder", "decode_reply"]

_BLANK = b"\xef\xbb\xbf \t\r\n"


def decode_reply(body: bytes, model: str, *, dropped: tuple[str, ...] = ()) -> ChatReply:
    """The whole answer; raises as `Decoder` does."""
    decoder = Decoder(model, dropped=dropped)
    gathered = Gathered()
    gathered.add(decoder.feed(body))
    gathered.add(decoder.close())
    return gathered.reply()


class Decoder(AnswerDecoder):
    """One answer's decoder. `model` is the name to give where the service tells none."""

    __slots__ = ("_answer", "_head", "_held", "_pieces", "_sse")

    def __init__(self, model: str, *, dropped: tuple[str, ...] = ()) -> None:
        super().__init__()
        self._answer = Answer(model, dropped)
        self._head = b""
        self._held = False
        self._sse: SseDecoder | None = None
        self._pieces: JsonPieces | None = None

    def _read(self, chunk: bytes, events: list[Event]) -> None:
        if self._sse is not None:
            self._read_events(self._sse, chunk, events)
        elif self._pieces is not None:
            self._read_pieces(self._pieces, chunk, events)
        else:
            self._begin(self._head + chunk, events)

    def _read_end(self, events: list[Event]) -> None:
        if self._sse is not None:
            for message in (*self._sse.feed(b"\r" * self._held), *self._sse.close()):
                self._hear(message, events)
        if not self._answer.started:
            raise self._nothing()
        try:
            events += self._answer.end()
        except StreamTruncatedError:
            if self._sse is None:
                raise
            raise self._cut_off(self._sse.rest) from None

    def _begin(self, head: bytes, events: list[Event]) -> None:
        first = head.lstrip(_BLANK)[:1]
        if not first:
            # A byte-order mark and blanks: as much of them as tells the same.
            self._head = head[-16:]
            return
        self._head = b""
        if first in b"[{":
            self._pieces = JsonPieces()
            self._read_pieces(self._pieces, head.lstrip(_BLANK), events)
        else:
            self._sse = SseDecoder()
            self._read_events(self._sse, head, events)

    def _read_events(self, sse: SseDecoder, chunk: bytes, events: list[Event]) -> None:
        # The service ends lines in CR LF; with LF alone many events are decoded at once.
        if self._held:
            chunk = b"\r" + chunk
            self._held = False
        if b"\r" in chunk:
            chunk = chunk.replace(b"\r\n", b"\n")
            if chunk.endswith(b"\r"):
                self._held = True
                chunk = chunk[:-1]
        for item in sse.feed_runs(chunk):
            if isinstance(item, SseRun):
                self._take_run(item, events)
            else:
                self._hear(item, events)

    def _hear(self, message: SseMessage, events: list[Event]) -> None:
        if message.event in SAYS_NOTHING and is_broken(message.data):
            self.skipped += 1
        else:
            self._take(message.data, events)

    def _take_run(self, run: SseRun, events: list[Event]) -> None:
        line = Line(run.lines)
        # If one of them is broken, what stands before it is said first.
        chunks = run.decode(CHUNK) or (decode_chunk(message.data) for message in run.messages())
        for number, chunk in enumerate(chunks):
            self._answer.take(chunk, line, number, events)

    def _read_pieces(self, pieces: JsonPieces, chunk: bytes, events: list[Event]) -> None:
        for piece in pieces.feed(chunk):
            self._take(piece, events)
        if pieces.over:
            if not self._answer.started:
                raise self._nothing()
            events += self._answer.end()
            self._over = True

    def _take(self, text: bytes, events: list[Event]) -> None:
        self._answer.take(decode_chunk(text), Line(text), None, events)

    def _cut_off(self, rest: bytes) -> ChatError:
        """The error that stands in the stream by itself, without `data:`, or that of a cut."""
        try:
            error = CHUNK.decode(rest).error
        except FOREIGN:
            return cut_off(rest)
        return failure_inside(bytes(error)) if error else cut_off(rest)

    def _nothing(self) -> ResponseError:
        rest = self._sse.rest if self._sse is not None else b""
        if self._pieces is not None:
            rest = self._pieces.rest
        return ResponseError(f"no answer: {excerpt(rest)!r}" if rest else "an empty reply")
