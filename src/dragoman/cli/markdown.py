"""An answer as Markdown on a terminal while it comes.

Blocks that are complete are printed for good, and only the last one is drawn anew as it grows: so
the cost of an answer does not grow with its square, and what has scrolled away is left alone.

It is drawn on the event loop and not by Rich's own thread, which may draw into what is printed.
"""

import asyncio
import sys

from rich.console import Console, ConsoleOptions, RenderResult
from rich.live import Live
from rich.markdown import Markdown
from rich.segment import Segment

from dragoman.cli.terminal import Cleaner, clean

__all__ = ["MarkdownDisplay", "settled"]

_REDRAW_S = 0.1
# The terminal itself writes `^C` behind the last word: a line that it breaks is not wiped away.
_MARGIN = 2


def settled(text: str) -> int:
    """How much of the beginning of a growing text is complete blocks, in characters.

    Only whole lines are looked at: one that grows can still change what it belongs to.
    """
    lines = text[: text.rfind("\n") + 1].split("\n")
    tokens = Markdown("\n".join(lines)).parsed
    starts = [token.map[0] for token in tokens if token.level == 0 and token.map]
    return sum(len(line) + 1 for line in lines[: starts[-1]]) if len(starts) > 1 else 0


class MarkdownDisplay:
    """Shows one answer; see `display.Display`."""

    def __init__(self) -> None:
        self._console = Console(file=sys.stdout, highlight=False)
        self._cleaner = Cleaner()
        self._tail = _Tail("")
        self._printed = False
        self._live: Live | None = None
        self._redraw: asyncio.TimerHandle | None = None

    def show(self, delta: str) -> None:
        """More of the answer."""
        self._add(self._cleaner.feed(delta))

    def close(self) -> None:
        """Print what is left for good."""
        self._add(self._cleaner.close())
        if self._redraw is not None:
            self._redraw.cancel()
        if self._live is not None:
            self._live.stop()
        if self._tail.text.strip():
            self._print(self._tail.text)
        self._tail.text = ""

    def _add(self, text: str) -> None:
        if not text:
            return
        if self._live is None:
            self._live = Live(
                self._tail,
                console=self._console,
                auto_refresh=False,
                transient=True,
                redirect_stdout=False,
                redirect_stderr=False,
            )
            self._live.start()
        self._tail.text += text
        if "\n" in text and (length := settled(self._tail.text)):
            whole, rest = self._tail.text[:length], self._tail.text[length:]
            self._tail.text = rest
            self._print(whole)
        if self._redraw is None:
            self._redraw = asyncio.get_running_loop().call_later(_REDRAW_S, self._draw)

    def _draw(self) -> None:
        self._redraw = None
        if self._live is not None:
            self._live.refresh()

    def _print(self, block: str) -> None:
        if self._printed:
            self._console.print()
        self._console.print(_Safe(block))
        self._printed = True


class _Safe:
    """Markdown whose text has no control characters, wherever they came from.

    A link may hold an escape as `%1b`, which is decoded only when it is rendered. Addresses are
    shown and not hidden behind their words: a reader must see where a stranger's link leads.
    """

    def __init__(self, text: str) -> None:
        self.text = text

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        for line in self.lines(console, options):
            yield from line
            yield Segment.line()

    def lines(self, console: Console, options: ConsoleOptions) -> list[list[Segment]]:
        """The lines as they are shown, without empty ones around them."""
        markdown = Markdown(self.text, hyperlinks=False)
        for part in (child for token in markdown.parsed for child in token.children or ()):
            if part.type == "softbreak":
                # Models mean a line's end, in verses and in lists without marks.
                part.type = "hardbreak"
        inner = options.update(width=max(options.max_width - _MARGIN, 1), height=None)
        lines = [_trimmed(line) for line in console.render_lines(markdown, inner, pad=False)]
        while lines and not lines[0]:
            del lines[0]
        while lines and not lines[-1]:
            del lines[-1]
        return lines


def _trimmed(line: list[Segment]) -> list[Segment]:
    """The line cleaned, without the spaces that only fill it up."""
    parts = [Segment(clean(part.text), part.style) for part in line if not part.control]
    while parts and not (parts[-1].style and parts[-1].style.bgcolor):
        last = parts.pop()
        if text := last.text.rstrip(" "):
            parts.append(Segment(text, last.style))
            break
    return parts


class _Tail(_Safe):
    """The block that is still growing; of one that is higher than the screen, its end."""

    def lines(self, console: Console, options: ConsoleOptions) -> list[list[Segment]]:
        """The last lines, as many as the screen has room for."""
        return super().lines(console, options)[-max(console.size.height - 2, 1) :]
