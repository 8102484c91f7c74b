"""How a stream becomes a reply: its events gathered, in the order in which they came."""

from collections.abc import AsyncIterable, Iterable
from typing import assert_never

import msgspec

from dragoman.chat import ChatReply
from dragoman.errors import ResponseError, StreamTruncatedError
from dragoman.events import (
    Event,
    Finished,
    Grammar,
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
from dragoman.messages import Message, Part, Reasoning, Refusal, Text, ToolCall
from dragoman.native import Native

__all__ = ["Gathered", "collect"]


class _Piece:
    """A part that is still being said: deltas of one kind, or one tool call."""

    __slots__ = ("call", "kind", "signature", "texts")

    def __init__(self, kind: type[Part], call: ToolCallStarted | None = None) -> None:
        self.kind = kind
        self.call = call
        self.signature: str | None = None
        self.texts: list[str] = []

    def part(self) -> Part:
        text = "".join(self.texts)
        if self.call is not None:
            return ToolCall(self.call.id, self.call.name, text, self.call.signature)
        if self.kind is Reasoning:
            return Reasoning(text, self.signature)
        return Refusal(text) if self.kind is Refusal else Text(text)


class Gathered:
    """The parts of a reply while its events come."""

    def __init__(self) -> None:
        self.started = Started("")
        self.usage: Usage | None = None
        self.finished: Finished | None = None
        self._pieces: list[_Piece | Native] = []
        self._calls: list[_Piece] = []
        self._logprobs: list[TokenLogprob] = []
        self._others: dict[int, Gathered] = {}

    @property
    def text(self) -> str:
        """The answer's text so far."""
        return self._message().text

    def add(self, events: Iterable[Event]) -> None:  # noqa: C901 - a branch for each event, no more
        """Take the next events."""
        for event in events:
            match event:
                case TextDelta(text):
                    self._open(Text).texts.append(text)
                case ReasoningDelta(text):
                    self._open(Reasoning).texts.append(text)
                case ReasoningSigned(signature):
                    self._open(Reasoning).signature = signature
                case RefusalDelta(text):
                    self._open(Refusal).texts.append(text)
                case ToolCallStarted():
                    piece = _Piece(ToolCall, event)
                    self._pieces.append(piece)
                    self._calls.append(piece)
                case ToolCallDelta(index, arguments):
                    self._calls[index].texts.append(arguments)
                case LogprobsReported(tokens):
                    self._logprobs += tokens
                case NativeReported(part):
                    self._pieces.append(part)
                case UsageReported(usage):
                    self.usage = usage
                case OtherChoice(index, other):
                    self._others.setdefault(index, Gathered()).add((other,))
                case Started():
                    self.started = event
                case Finished():
                    self.finished = event
                case _:
                    assert_never(event)

    def _open(self, kind: type[Part]) -> _Piece:
        """The piece that a delta of this kind goes on with; a signature closes one."""
        last = self._pieces[-1] if self._pieces else None
        if isinstance(last, _Piece) and last.kind is kind and last.signature is None:
            return last
        piece = _Piece(kind)
        self._pieces.append(piece)
        return piece

    def rewrite(self, error: ResponseError) -> None:
        """Take the whole answer of a service that rewrote it; raise any other error."""
        if error.final_text is None:
            raise error
        self._pieces = [p for p in self._pieces if isinstance(p, Native) or p.kind is not Text]
        self._open(Text).texts.append(error.final_text)
        self.finished = Finished()

    def reply(self) -> ChatReply:
        """The whole answer; `StreamTruncatedError` if its end has not come."""
        finished = self.finished
        if finished is None:
            error = StreamTruncatedError("the stream ended without its end")
            error.text = self.text
            raise error
        started = self.started
        return ChatReply(
            model=started.model,
            message=self._message(),
            finish_reason=finished.reason,
            finish_word=finished.word,
            stop_sequence=finished.stop_sequence,
            usage=self.usage,
            dropped=started.dropped,
            id=started.id,
            logprobs=tuple(self._logprobs),
            others=tuple(self._other(index) for index in sorted(self._others)),
            native=started.native,
        )

    def _other(self, index: int) -> ChatReply:
        other = self._others[index]
        if other.finished is None:
            error = StreamTruncatedError(f"choice {index} of the answer ended without its end")
            error.text = self.text
            raise error
        return msgspec.structs.replace(other.reply(), model=self.started.model)

    def _message(self) -> Message:
        pieces = self._pieces
        return Message("assistant", tuple(p if isinstance(p, Native) else p.part() for p in pieces))


async def collect(events: AsyncIterable[Event]) -> ChatReply:
    """Read a stream to its end.

    Raises whatever the stream raises, and `StreamTruncatedError` if it ends without `Finished`.
    An answer that its service rewrote on the way comes as it was in the end.
    """
    grammar = Grammar()
    gathered = Gathered()
    try:
        async for event in events:
            grammar.check((event,))
            gathered.add((event,))
    except ResponseError as error:
        gathered.rewrite(error)
    return gathered.reply()
