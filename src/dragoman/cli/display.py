"""How an answer is shown while it comes: plain text, flushed delta by delta.

On a terminal it is cleaned (see `terminal.py`) and, unless the terminal is a dumb one, shown as
Markdown (see `markdown.py`).
"""

import importlib
import os
import sys
from typing import Protocol

from dragoman.cli.terminal import Cleaner, to_terminal

__all__ = ["Display", "open_display", "show_whole"]


class Display(Protocol):
    """Shows one answer; `close` is called once, however the answer ends."""

    def show(self, delta: str) -> None:
        """More of the answer."""
        ...

    def close(self) -> None:
        """The answer is over: what is below begins on a line of its own."""
        ...


class _Plain:
    """For pipes and files: the text as it is."""

    def __init__(self) -> None:
        self._last = "\n"

    def show(self, delta: str) -> None:
        if delta:
            sys.stdout.write(delta)
            sys.stdout.flush()
            self._last = delta[-1]

    def close(self) -> None:
        if self._last != "\n":
            self.show("\n")


class _Cleaned(_Plain):
    """For terminals without cursor movement."""

    def __init__(self) -> None:
        super().__init__()
        self._cleaner = Cleaner()

    def show(self, delta: str) -> None:
        super().show(self._cleaner.feed(delta))

    def close(self) -> None:
        super().show(self._cleaner.close())
        super().close()


def open_display(*, raw: bool = False) -> Display:
    """The display that fits standard output; `raw` is for a text that is no Markdown."""
    if not to_terminal():
        return _Plain()
    if raw or os.environ.get("TERM", "dumb") in {"dumb", "unknown"}:
        return _Cleaned()
    # Rich is needed here alone, and takes longer to import than all the rest.
    markdown = importlib.import_module("dragoman.cli.markdown")
    display: Display = markdown.MarkdownDisplay()
    return display


def show_whole(text: str, *, raw: bool = False) -> None:
    """A whole answer at once; `raw` as for `open_display`."""
    display = open_display(raw=raw)
    try:
        display.show(text)
    finally:
        display.close()
