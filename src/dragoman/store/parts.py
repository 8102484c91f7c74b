"""The parts of a turn, as JSON objects with a `type`: made of pieces, and searched. Pure.

A piece of text, reasoning or a refusal goes on with the last part if that is of its kind. A piece
`tool_call` is JSON, `[id, name]`, and begins a call; one of `arguments` is `NUMBER:TEXT` and goes
on with a call, counted from 0. A piece `image` is no answer's: it holds a picture's bytes in
base64, which its part names by the piece's number.
"""

from collections.abc import Iterable
from itertools import groupby
from typing import Any

import msgspec

from dragoman.store.rows import Piece

__all__ = ["Part", "Parts", "arguments_piece", "call_piece", "joined", "parts_of", "words_of"]

_MOST_TEXTS = 4096


class Part:
    """A part that grows: its kind, and of a tool call its id and name."""

    __slots__ = ("_texts", "id", "kind", "name")

    def __init__(self, kind: str, call: tuple[str, str] = ("", "")) -> None:
        self.kind = kind
        self.id, self.name = call
        self._texts: list[str] = []

    @property
    def text(self) -> str:
        """What it says so far; of a tool call its arguments."""
        if len(self._texts) != 1:
            self._texts = ["".join(self._texts)]
        return self._texts[0]

    def add(self, text: str) -> None:
        """Let it grow."""
        self._texts.append(text)
        if len(self._texts) > _MOST_TEXTS:
            # A text of a few letters takes ten times their room.
            self._texts = ["".join(self._texts)]

    def told(self) -> dict[str, Any]:
        """The part as JSON."""
        if self.kind == "tool_call":
            return {"type": self.kind, "id": self.id, "name": self.name, "arguments": self.text}
        return {"type": self.kind, "text": self.text}


class Parts:
    """The parts of a turn while its pieces come."""

    def __init__(self) -> None:
        self.parts: list[Part] = []
        self.chars = 0
        """How much was said, of every kind."""
        self._calls: list[int] = []

    def add(self, piece: Piece) -> int:
        """Take a piece; the number of the part that it belongs to."""
        self.chars += len(piece.text)
        if piece.kind == "tool_call":
            self._calls.append(len(self.parts))
            self.parts.append(Part(piece.kind, msgspec.json.decode(piece.text, type=_CALL)))
            return self._calls[-1]
        if piece.kind == "arguments":
            call, _, text = piece.text.partition(":")
            at = self._calls[int(call)]
        else:
            at, text = self._open(piece.kind), piece.text
        self.parts[at].add(text)
        return at

    def content(self) -> list[dict[str, Any]]:
        """The parts so far."""
        return [part.told() for part in self.parts]

    def _open(self, kind: str) -> int:
        if not self.parts or self.parts[-1].kind != kind:
            self.parts.append(Part(kind))
        return len(self.parts) - 1


def call_piece(id: str, name: str) -> Piece:
    """The piece that begins a tool call."""
    return Piece("tool_call", msgspec.json.encode((id, name)).decode())


def arguments_piece(call: int, text: str) -> Piece:
    """The piece that goes on with a tool call."""
    return Piece("arguments", f"{call}:{text}")


def joined(pieces: Iterable[Piece]) -> list[Piece]:
    """The same, in as few pieces as may be."""
    runs = (list(run) for _, run in groupby(pieces, key=_goes_on))
    return [run[0] if len(run) == 1 else _one(run) for run in runs]


def parts_of(pieces: Iterable[Piece]) -> list[dict[str, Any]]:
    """Pieces as parts: what came one after another of one kind is one part."""
    parts = Parts()
    for piece in pieces:
        parts.add(piece)
    return parts.content()


def words_of(content: Iterable[dict[str, Any]]) -> str:
    """What can be read in parts: the texts, each on lines of its own."""
    texts = (part.get("text") for part in content if part.get("type") == "text")
    return "\n".join(text for text in texts if isinstance(text, str))


_CALL = tuple[str, str]


def _goes_on(piece: Piece) -> object:
    """What neighbours have in common that are one piece."""
    match piece.kind:
        case "tool_call" | "image":
            return object()
        case "arguments":
            return piece.text.partition(":")[0]
        case kind:
            return kind


def _one(run: list[Piece]) -> Piece:
    if run[0].kind != "arguments":
        return Piece(run[0].kind, "".join(piece.text for piece in run))
    more = (piece.text.partition(":")[2] for piece in run[1:])
    return Piece("arguments", "".join((run[0].text, *more)))
