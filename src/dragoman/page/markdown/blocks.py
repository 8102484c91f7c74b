"""A text that comes in pieces, as blocks of safe HTML.

Blocks are final but for the last one, which is open while the text may go on with it. The law:
however a text is cut, after `end` the blocks are those of `render`.

The bound: a text of n characters, with `changed` asked c times, costs at most 20 n + c * SMALL (of
`tail`) characters of parsing: the open block is parsed again only if it is small or has grown by an
eighth (so at most nine times its length), maybe once more together with the block that follows; and
no block is longer than two lines of the longest kind.
"""

from collections.abc import Iterable

from dragoman.page.markdown.cutting import Cutter
from dragoman.page.markdown.lines import Lines
from dragoman.page.markdown.rendered import Rendered
from dragoman.page.markdown.segments import Segment
from dragoman.page.markdown.tail import Tail

__all__ = ["Blocks", "render"]


def render(text: str) -> list[str]:
    """The blocks of a whole text, each safe HTML."""
    blocks = Blocks()
    blocks.feed(text)
    blocks.end()
    return blocks.blocks()


class Blocks:
    """The blocks of a text that comes in pieces."""

    def __init__(self) -> None:
        self._lines = Lines()
        self._cutter = Cutter()
        self._rendered = Rendered()
        self._final: list[str] = []
        self._is_over = False
        self._told = 0
        self._open = Tail(self._rendered)
        self._open_told: str | None = None

    @property
    def work(self) -> int:
        """Characters parsed so far, those parsed again counted again."""
        return self._rendered.work

    def feed(self, text: str) -> None:
        """Take the next piece; a text that has ended takes none."""
        if self._is_over:
            raise ValueError("the text has ended: begin a new Blocks")
        for line in self._lines.feed(text):
            self._close(self._cutter.take(line))

    def end(self) -> None:
        """The text has ended: all blocks are final."""
        if self._is_over:
            return
        self._is_over = True
        line = self._lines.rest(ends=True)
        if line is not None:
            self._close(self._cutter.take(line))
        self._close(self._cutter.end())

    def blocks(self) -> list[str]:
        """All blocks so far; unless the text has ended, the last one may change."""
        tail = self._tail(fresh=True)
        return self._final.copy() if tail is None else [*self._final, tail]

    def changed(self) -> list[tuple[int, str]]:
        """The number and HTML of each block that changed since this was last asked, in order."""
        new = list(enumerate(self._final[self._told :], self._told))
        if new:
            if new[0][1] == self._open_told:
                del new[0]
            self._told, self._open_told = len(self._final), None
        tail = self._tail(fresh=False)
        if tail is not None and tail != self._open_told:
            self._open_told = tail
            new.append((self._told, tail))
        return new

    def _close(self, segments: Iterable[Segment]) -> None:
        for segment in segments:
            self._final.append(self._rendered.final(segment))
            self._open.reset()

    def _tail(self, *, fresh: bool) -> str | None:
        if self._is_over:
            return None
        return self._open.html(self._cutter, self._lines.rest(ends=False), fresh=fresh)
