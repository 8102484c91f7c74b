"""The open block: rendered anew only where it is small, or has grown by an eighth since.

In between a long block of code goes on without colours; long prose stays as it was.
"""

from dragoman.page.markdown.cutting import Cutter
from dragoman.page.markdown.lines import Line
from dragoman.page.markdown.rendered import Rendered
from dragoman.page.markdown.segments import Code, Segment

__all__ = ["SMALL", "Tail"]

# Characters of a block that is cheap enough to be rendered each time.
SMALL = 2048
_GROWTH = 8


class Tail:
    """The HTML of the open block, and how much of the text it shows."""

    def __init__(self, rendered: Rendered) -> None:
        self._rendered = rendered
        self._html = ""
        self._size = 0

    def reset(self) -> None:
        """Another block is the open one."""
        self._html, self._size = "", 0

    def html(self, cutter: Cutter, line: Line | None, *, fresh: bool) -> str | None:
        """The open block with the line that has not ended yet; None if nothing is open."""
        size = cutter.size + (len(line.text) if line else 0)
        is_due = fresh or size <= SMALL or size >= self._size + self._size // _GROWTH
        if not is_due and not cutter.is_code:
            return self._html
        segments = _closed(cutter.copy(), line)
        match segments:
            case []:
                return None
            case [Code() as code] if not is_due:
                return self._rendered.longer(self._html, code.text[self._size :])
        self._html = self._rendered.open(segments)
        self._size = sum(len(segment.text) for segment in segments)
        return self._html


def _closed(cutter: Cutter, line: Line | None) -> list[Segment]:
    """The segments as if the text ended here."""
    segments: list[Segment] = []
    if line is not None and not cutter.may_close(line):
        segments.extend(cutter.take(line))
    segments.extend(cutter.end())
    return segments
