"""What of an answer a reader has, kept so that it can go on when its stream breaks.

Pure: no I/O, no clock. Deltas may be cut anywhere.
"""

import msgspec

from dragoman.events import (
    Event,
    LogprobsReported,
    NativeReported,
    OtherChoice,
    ReasoningDelta,
    ReasoningSigned,
    RefusalDelta,
    TextDelta,
    ToolCallDelta,
    ToolCallStarted,
)

__all__ = ["MAX_KEPT_CHARS", "Piece", "Said"]

MAX_KEPT_CHARS = 4 * 1024 * 1024
"""An answer longer than this is not kept, and so not rescued."""

_PIECE_CHARS = 64
_FOLD_BATCHES = 64


class Piece(msgspec.Struct, frozen=True):
    """Neighbouring deltas of one kind, or one tool call.

    `label` is what must be equal before there is any text: a call's name, or the proof of a hidden
    thought, since there is nothing else to know that thought by.
    """

    kind: type[Event]
    label: str
    text: str


class _Growing:
    """A piece that is still being said."""

    __slots__ = ("kind", "label", "texts")

    def __init__(self, kind: type[Event], label: str) -> None:
        self.kind = kind
        self.label = label
        self.texts: list[str] = []


class Said:
    """What of an answer was handed out: true once there was any content.

    It holds at most `MAX_KEPT_CHARS` characters, then nothing more.
    """

    __slots__ = ("_batches", "_calls", "_chars", "_is_comparable", "_pieces")

    def __init__(self) -> None:
        self._batches: list[list[Event]] = []
        self._pieces: list[_Growing] = []
        self._calls: list[_Growing] = []
        self._chars = 0
        self._is_comparable = True

    def __bool__(self) -> bool:
        self._fold()
        return bool(self._pieces) or not self._is_comparable

    def add(self, events: list[Event]) -> None:
        """Take the events that were handed out next."""
        if not self.is_bounded:
            return
        self._batches.append(events)
        # Looked at now and then only: this is on the path of every event.
        if len(self._batches) >= _FOLD_BATCHES:
            self._fold()

    @property
    def is_bounded(self) -> bool:
        """Whether all of it is kept."""
        return self._chars <= MAX_KEPT_CHARS

    @property
    def text(self) -> str:
        """What a reader has of the answer's text or refusal, as far as it was kept."""
        self._fold()
        said = (piece for piece in self._pieces if piece.kind in (TextDelta, RefusalDelta))
        return "".join(text for piece in said for text in piece.texts)

    @property
    def is_plain(self) -> bool:
        """Whether there is text and nothing else, so that a prefill says all of it."""
        return self.can_replay and [piece.kind for piece in self._pieces] == [TextDelta]

    @property
    def can_replay(self) -> bool:
        """Whether all that was said can be compared: no other choice, logprobs or native part."""
        self._fold()
        return self._is_comparable and self.is_bounded

    def pieces(self) -> tuple[Piece, ...]:
        """What was said up to now, each piece with one text."""
        self._fold()
        return tuple(Piece(p.kind, p.label, "".join(p.texts)) for p in self._pieces)

    def _fold(self) -> None:
        batches, self._batches = self._batches, []
        for events in batches:
            for event in events:
                self._take(event)

    def _take(self, event: Event) -> None:
        match event:
            case TextDelta(text) | ReasoningDelta(text) | RefusalDelta(text):
                if text:
                    self._write(self._open(type(event)), text)
            case ToolCallDelta(index, text):
                self._write(self._calls[index], text)
            case ToolCallStarted():
                self._calls.append(self._begin(ToolCallStarted, event.name))
            case ReasoningSigned(signature):
                self._begin(ReasoningSigned, "" if self._ends_with(ReasoningDelta) else signature)
            case LogprobsReported() | NativeReported() | OtherChoice():
                self._is_comparable = False
            case _:
                pass

    def _ends_with(self, kind: type[Event]) -> bool:
        return bool(self._pieces) and self._pieces[-1].kind is kind

    def _open(self, kind: type[Event]) -> _Growing:
        return self._pieces[-1] if self._ends_with(kind) else self._begin(kind, "")

    def _begin(self, kind: type[Event], label: str) -> _Growing:
        piece = _Growing(kind, label)
        self._pieces.append(piece)
        self._chars += len(label) + _PIECE_CHARS
        return piece

    def _write(self, piece: _Growing, text: str) -> None:
        piece.texts.append(text)
        self._chars += len(text)
