"""Lines to segments: where a text may be cut without knowing the rest.

Pure, and one line of memory: a line ends the segment before it, or goes on with it, by what came
so far alone; so the segments are the same however a text comes. Between them only definitions of
links are shared, and those serve what comes after them.
"""

from collections.abc import Iterator

from dragoman.page.markdown.fenced import OpenCode
from dragoman.page.markdown.lines import Line
from dragoman.page.markdown.marks import Fence, dedented, fence_of, indent_of, is_heading
from dragoman.page.markdown.opened import OpenProse, begun
from dragoman.page.markdown.segments import Run, Segment

__all__ = ["Cutter"]


class Cutter:
    """Takes lines, gives the segments that they close."""

    def __init__(self) -> None:
        self._open: OpenProse | OpenCode | None = None
        # Columns that all within an item has which was cut for its length.
        self._shift = 0

    @property
    def size(self) -> int:
        """Characters of the segment that is open."""
        return self._open.size if self._open else 0

    @property
    def is_code(self) -> bool:
        """Whether that is a block of code."""
        return isinstance(self._open, OpenCode)

    def copy(self) -> "Cutter":
        """One that may go another way."""
        other = Cutter()
        other._open = self._open.copy() if self._open else None
        other._shift = self._shift
        return other

    def may_close(self, line: Line) -> bool:
        """Whether a line that is not whole yet may be the fence that closes the code."""
        return isinstance(self._open, OpenCode) and self._open.fence.may_end_at(line.text)

    def take(self, line: Line) -> Iterator[Segment]:
        """The segments that a line closes."""
        text = line.text
        if line.starts and self._shift:
            if text.strip() and indent_of(text) < self._shift:
                yield from self.end()
                self._shift = 0
            text = dedented(text, self._shift)
        if isinstance(self._open, OpenCode):
            yield from self._code(self._open, Line(text, line.starts, line.ends))
        elif line.starts:
            yield from self._prose(text)
            if not line.ends and isinstance(self._open, OpenProse):
                yield from self.end()
        else:
            yield Run(text)

    def end(self) -> Iterator[Segment]:
        """The segment that is open, closed."""
        open_, self._open = self._open, None
        if open_ is not None and not open_.is_bare:
            yield open_.take()

    def _code(self, code: OpenCode, line: Line) -> Iterator[Segment]:
        if code.is_closed_by(line):
            yield from self.end()
        elif (full := code.add(line)) is not None:
            yield full

    def _prose(self, text: str) -> Iterator[Segment]:
        before = self._open if isinstance(self._open, OpenProse) else None
        if before is not None and before.ends_before(text):
            yield from self.end()
        if not text.strip() and self._open is None:
            return
        if self._open is None and (fence := fence_of(text)) is not None:
            self._open = OpenCode(fence)
            return
        open_ = self._open if isinstance(self._open, OpenProse) else begun(text, before)
        open_.add(text)
        self._open = open_
        if is_heading(text) and open_.items == 0 and not open_.closer:
            yield from self.end()
        elif open_.is_full:
            yield open_.take()
            self._cut(open_)

    def _cut(self, full: OpenProse) -> None:
        self._shift += full.width
        self._open = full.rest()
        if full.fence is not None:
            indent = max(full.fence.indent - full.width, 0)
            fence = Fence(full.fence.ticks, full.fence.info, indent)
            self._open = OpenCode(fence, edge=indent + 3, before=full.size, follows=True)
