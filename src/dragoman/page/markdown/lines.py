"""Text in pieces to lines, the same however the pieces are cut.

Pure. A line ends with \\n, \\r\\n or \\r. One longer than `LONGEST` characters is cut, behind its
last space if it has one in its second half: no line has to be waited for without a bound.
"""

from collections.abc import Iterator

import msgspec

from dragoman.page.markdown.unseen import cleaned

__all__ = ["LONGEST", "Line", "Lines"]

LONGEST = 8192


class Line(msgspec.Struct, frozen=True):
    """A line without its end; of a long one a piece: `starts` and `ends` say which."""

    text: str
    starts: bool = True
    ends: bool = True


class Lines:
    """The lines of a text that comes in pieces."""

    def __init__(self) -> None:
        self._rest: list[str] = []
        self.waiting = 0
        self._starts = True
        self._after_return = False

    def feed(self, text: str) -> Iterator[Line]:
        """The lines that are whole now; each piece has to be fed only when these were taken."""
        if not text:
            return
        if self._after_return and text[0] == "\n":
            text = text[1:]
            self._after_return = False
        if text:
            self._after_return = text[-1] == "\r"
        *whole, rest = cleaned(text.replace("\r\n", "\n").replace("\r", "\n")).split("\n")
        for line in whole:
            yield from self._add(line)
            yield self._take(ends=True)
        yield from self._add(rest)

    def rest(self, *, ends: bool) -> Line | None:
        """The line that no line feed has ended yet, if it has a character; `ends` is for it."""
        return Line("".join(self._rest), self._starts, ends) if self.waiting else None

    def _add(self, text: str) -> Iterator[Line]:
        self._rest.append(text)
        self.waiting += len(text)
        if self.waiting <= LONGEST:
            return
        joined, at = "".join(self._rest), 0
        while len(joined) - at > LONGEST:
            space = joined.rfind(" ", at + LONGEST // 2, at + LONGEST)
            end = at + LONGEST if space < 0 else space + 1
            yield Line(joined[at:end], self._starts, ends=False)
            self._starts = False
            at = end
        self._rest = [joined[at:]]
        self.waiting = len(joined) - at

    def _take(self, *, ends: bool) -> Line:
        line = Line("".join(self._rest), self._starts, ends)
        self._rest, self.waiting, self._starts = [], 0, True
        return line
