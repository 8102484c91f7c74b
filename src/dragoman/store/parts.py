"""The parts of a turn, as JSON objects with a `type`: made of pieces, and searched. Pure."""

from collections.abc import Iterable
from itertools import groupby
from typing import Any

from dragoman.store.rows import Piece

__all__ = ["parts_of", "words_of"]


def parts_of(pieces: Iterable[Piece]) -> list[dict[str, Any]]:
    """Pieces as parts: what came one after another of one kind is one part."""
    return [
        {"type": kind, "text": "".join(piece.text for piece in run)}
        for kind, run in groupby(pieces, key=lambda piece: piece.kind)
    ]


def words_of(content: Iterable[dict[str, Any]]) -> str:
    """What can be read in parts: the texts, each on lines of its own."""
    texts = (part.get("text") for part in content if part.get("type") == "text")
    return "\n".join(text for text in texts if isinstance(text, str))
