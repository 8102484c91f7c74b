"""A block of code that is still open: lines in, slices out.

A slice is at most `SLICE` characters and a line; past its `CALM` characters an empty line ends it,
since few strings and comments go on there. The first `LONGEST_LIT` characters of a block get
colours.
"""

import msgspec

from dragoman.page.markdown.code import LONGEST_LIT
from dragoman.page.markdown.lines import Line
from dragoman.page.markdown.marks import Fence, dedented, indent_of
from dragoman.page.markdown.segments import Code

__all__ = ["CALM", "SLICE", "OpenCode"]

SLICE = 8192
CALM = 6144


class OpenCode(msgspec.Struct):
    """What a fence opened; one indented by more than `edge` columns does not close it."""

    fence: Fence
    edge: int = 3
    before: int = 0
    follows: bool = False
    parts: list[str] = []
    size: int = 0

    @property
    def is_bare(self) -> bool:
        """Whether there is nothing to show: all of it was in the slices before."""
        return self.follows and not self.size

    def copy(self) -> "OpenCode":
        """One that may go another way."""
        return msgspec.structs.replace(self, parts=self.parts.copy())

    def is_closed_by(self, line: Line) -> bool:
        """Whether the line is the closing fence."""
        if not line.starts or not line.ends or indent_of(line.text) > self.edge:
            return False
        return self.fence.ends_at(line.text)

    def add(self, line: Line) -> Code | None:
        """Take a line; a slice that is full with it."""
        text = dedented(line.text, self.fence.indent) if line.starts else line.text
        self.parts.append(text + "\n" * line.ends)
        self.size += len(self.parts[-1])
        if self.size < CALM or (self.size < SLICE and text.strip()):
            return None
        return self.take()

    def take(self) -> Code:
        """The slice so far; what comes next is another one."""
        code = Code(
            "".join(self.parts),
            self.fence.info,
            follows=self.follows,
            plain=self.before + self.size > LONGEST_LIT,
        )
        self.before += self.size
        self.parts, self.size, self.follows = [], 0, True
        return code
