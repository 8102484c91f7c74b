"""What a line begins: a fence, a heading, an item of a list.

Pure, a line at a time, and only what decides where a text may be cut; what the line becomes is the
parser's business.
Source: CommonMark 0.31.2, sections 4.2, 4.5 and 5.2, read 2026-11-21.
"""

import re

import msgspec

__all__ = [
    "Fence",
    "Item",
    "dedented",
    "fence_in",
    "fence_of",
    "indent_of",
    "is_heading",
    "item_of",
]

_TICKS = r"(`{3,}(?=[^`]*$)|~{3,})(.*)$"
_FENCE = re.compile(rf"( {{0,3}}){_TICKS}")
_FENCE_WITHIN = re.compile(rf"([ \t]*(?:(?:[-+*]|[0-9]{{1,9}}[.)])[ \t]+)*){_TICKS}")
_HEADING = re.compile(r" {0,3}#{1,6}(?:[ \t]|$)")
_RULE = re.compile(r" {0,3}([-_*])[ \t]*(?:\1[ \t]*){2,}$")
_ITEM = re.compile(r"( {0,3})([-+*]|([0-9]{1,9})[.)])([ \t]+|$)(.*)")


class Fence(msgspec.Struct, frozen=True):
    """A fence that opens a block of code; `indent` columns are taken from each of its lines."""

    ticks: str
    info: str
    indent: int

    def ends_at(self, line: str) -> bool:
        """Whether the line closes it."""
        bare = line.strip(" \t")
        return len(bare) >= len(self.ticks) and not bare.strip(self.ticks[0])

    def may_end_at(self, line: str) -> bool:
        """Whether the line, of which the end is to come, may close it."""
        return not line.strip(" \t" + self.ticks[0])


class Item(msgspec.Struct, frozen=True):
    """An item of a list: its `mark` (one of "-+*.)"), number, and where its content begins."""

    mark: str
    number: int | None
    width: int
    is_empty: bool

    @property
    def interrupts(self) -> bool:
        """Whether it begins a list in the midst of a paragraph."""
        return not self.is_empty and self.number in (None, 1)


def fence_of(line: str) -> Fence | None:
    """The fence that the line opens at the left edge."""
    found = _FENCE.match(line)
    return Fence(found[2], found[3], len(found[1])) if found else None


def fence_in(line: str) -> Fence | None:
    """The fence that the line opens at any depth of a list."""
    found = _FENCE_WITHIN.match(line)
    return Fence(found[2], found[3], len(found[1].expandtabs(4))) if found else None


def is_heading(line: str) -> bool:
    """Whether the line is a heading of the # kind."""
    return bool(_HEADING.match(line))


def item_of(line: str) -> Item | None:
    """The item of a list that the line begins at the left edge."""
    found = None if _RULE.match(line) else _ITEM.match(line)
    if found is None:
        return None
    lead, mark, number, space, rest = found.groups()
    spaces = len(space.expandtabs(4))
    width = len(lead) + len(mark) + (spaces if rest and spaces <= 4 else 1)
    return Item(mark[-1], int(number) if number else None, width, not rest)


def indent_of(line: str) -> int:
    """Columns before the first character that is not a space or tab."""
    lead = line[: len(line) - len(line.lstrip(" \t"))]
    return len(lead.expandtabs(4))


def dedented(line: str, columns: int) -> str:
    """The line without its first columns, as many of them as are spaces or tabs."""
    if not columns:
        return line
    bare = line.lstrip(" \t")
    lead = line[: len(line) - len(bare)].expandtabs(4)
    return lead[columns:] + bare
