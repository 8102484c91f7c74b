"""Segments: pieces of a text that are rendered each on its own."""

from typing import TypeAlias

import msgspec

__all__ = ["Code", "Prose", "Run", "Segment"]


class Prose(msgspec.Struct, frozen=True):
    """Whole Markdown blocks; `number` is that of a list that an earlier segment began."""

    text: str
    number: int | None = None


class Run(msgspec.Struct, frozen=True):
    """A piece of a line too long to wait for: words, never the beginning of a block."""

    text: str


class Code(msgspec.Struct, frozen=True):
    """A block of code or, if it `follows`, one more slice of it; `plain` has no colours."""

    text: str
    language: str
    follows: bool = False
    plain: bool = False


Segment: TypeAlias = Prose | Run | Code
