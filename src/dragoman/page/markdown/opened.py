"""A stretch of prose that is still open: lines in, and where it ends.

A paragraph (with whatever follows it without an empty line) ends at one; a list goes on over empty
lines while what follows is indented or another item; so does indented code. A text that goes on
and on is cut: a list of `LONG` characters before its next item, all else at `LONGEST`.
"""

from typing import Literal

import msgspec

from dragoman.page.markdown.lines import LONGEST
from dragoman.page.markdown.marks import (
    Fence,
    Item,
    fence_in,
    fence_of,
    indent_of,
    is_heading,
    item_of,
)
from dragoman.page.markdown.segments import Prose

__all__ = ["LONG", "OpenProse", "begun"]

LONG = 4096
_HEAD = 1024
_MATHS = {"$$": "$$", "\\[": "\\]"}


class OpenProse(msgspec.Struct):
    """Lines of prose; of a list the last `item`, and the fence that is open within it."""

    kind: Literal["text", "list", "indented"]
    lines: list[str] = []
    size: int = 0
    item: Item | None = None
    items: int = 0
    number: int | None = None
    fence: Fence | None = None
    closer: str = ""
    is_after_blank: bool = False
    is_rest: bool = False

    def copy(self) -> "OpenProse":
        """One that may go another way."""
        return msgspec.structs.replace(self, lines=self.lines.copy())

    @property
    def is_bare(self) -> bool:
        """Whether there is nothing to show: the head of a table alone, which was shown."""
        return self.is_rest and len(self.lines) == 2

    @property
    def is_full(self) -> bool:
        """Whether it has to end here."""
        return self.size >= LONGEST

    def ends_before(self, line: str) -> bool:
        """Whether it is over when this line comes."""
        if not line.strip():
            return self.kind == "text"
        match self.kind:
            case "indented":
                return indent_of(line) < 4
            case "list":
                return indent_of(line) < self.width and self._list_ends_before(line)
            case _:
                return not self.closer and _interrupts(line)

    def add(self, line: str) -> None:
        """Take a line."""
        self.lines.append(line)
        self.size += len(line) + 1
        self.is_after_blank = not line.strip()
        if self.kind == "list":
            self._follow(line)
        else:
            self._follow_math(line.strip())

    def take(self) -> Prose:
        """All of it."""
        return Prose("\n".join(self.lines), self.number)

    def rest(self) -> "OpenProse | None":
        """What follows when it is cut: a table with its head again, or nothing yet."""
        head = self.lines[:2]
        if len(head) < 2 or not _is_table(head) or sum(map(len, head)) > _HEAD:
            return None
        return OpenProse("text", head, sum(map(len, head)) + 2, is_rest=True)

    def next_number(self, item: Item) -> int | None:
        """The number of an item that goes on with this list in another segment."""
        if self.item is None or item.mark != self.item.mark or item.number is None:
            return None
        return (self.number or 0) + self.items

    @property
    def width(self) -> int:
        """Columns by which all within the list's item is indented, 0 without a list."""
        return self.item.width if self.item else 0

    def _list_ends_before(self, line: str) -> bool:
        item = item_of(line)
        if item is None:
            return self.is_after_blank or fence_of(line) is not None or is_heading(line)
        return self.size >= LONG or (self.item is not None and item.mark != self.item.mark)

    def _follow(self, line: str) -> None:
        if line.strip() and (self.item is None or indent_of(line) < self.width):
            self.fence = None
            item = item_of(line)
            if item is None:
                return
            self.number = item.number if self.number is None else self.number
            self.item = item
            self.items += 1
        if self.fence is None:
            self.fence = fence_in(line)
        elif self.fence.ends_at(line):
            self.fence = None

    def _follow_math(self, line: str) -> None:
        if self.closer:
            self.closer = "" if self.closer in line else self.closer
            return
        closer = _MATHS.get(line[:2], "")
        self.closer = "" if closer and closer in line[2:] else closer


def begun(line: str, before: OpenProse | None) -> OpenProse:
    """Prose that a line begins, where it ended the segment `before`; it is not taken yet."""
    item = item_of(line)
    if item is not None:
        return OpenProse("list", number=before.next_number(item) if before else None)
    return OpenProse("indented" if indent_of(line) >= 4 else "text")


def _interrupts(line: str) -> bool:
    item = item_of(line)
    return fence_of(line) is not None or is_heading(line) or (item is not None and item.interrupts)


def _is_table(head: list[str]) -> bool:
    return "|" in head[0] and "-" in head[1] and not head[1].strip(" \t|:-")
