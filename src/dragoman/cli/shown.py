"""An answer while it comes: its text on standard output, the rest beside it."""

import os
import sys
from collections.abc import Iterable

from dragoman.cli.display import Display, open_display
from dragoman.cli.terminal import Cleaner, note, to_terminal
from dragoman.events import Event, ReasoningDelta, RefusalDelta, Started, TextDelta, ToolCallStarted
from dragoman.options import OPTIONS

__all__ = ["Shown", "show_reasoning", "tell_dropped"]

_DIM, _PLAIN = "\x1b[2m", "\x1b[0m"


class Shown:
    """Shows one answer; `raw` is for one that is no Markdown, `tells_calls` for a call in vain."""

    def __init__(self, provider: str, *, raw: bool = False, tells_calls: bool = True) -> None:
        self._provider = provider
        self._raw = raw
        self._tells_calls = tells_calls
        self._display: Display | None = None
        self._reasoning = _Reasoning()
        self._dropped: set[str] = set()

    def take(self, event: Event) -> None:
        """Show an event, if there is something to show."""
        match event:
            case TextDelta(text) | RefusalDelta(text):
                self._reasoning.close()
                if self._display is None:
                    self._display = open_display(raw=self._raw)
                self._display.show(text)
            case ReasoningDelta(text):
                if to_terminal():
                    self.close()
                self._reasoning.show(text)
            case Started(dropped=dropped):
                # Each round of tool calls has a beginning, and they are all alike.
                tell_dropped(self._provider, [n for n in dropped if n not in self._dropped])
                self._dropped.update(dropped)
            case ToolCallStarted():
                self.close()
                if self._tells_calls:
                    note(f"the model calls the tool {event.name}")
            case _:
                pass

    def close(self) -> None:
        """What is below begins on a line of its own."""
        self._reasoning.close()
        if self._display is not None:
            self._display.close()
            self._display = None


class _Reasoning:
    """What the model thinks aloud, on standard error, dim on a terminal."""

    def __init__(self) -> None:
        self._open = False
        self._cleaner = Cleaner()
        self._terminal = sys.stderr.isatty()
        self._dim = self._terminal and "NO_COLOR" not in os.environ

    def show(self, delta: str) -> None:
        if self._terminal:
            delta = self._cleaner.feed(delta)
        if self._dim:
            delta = f"{_DIM}{delta}{_PLAIN}"
        sys.stderr.write(delta)
        sys.stderr.flush()
        self._open = True

    def close(self) -> None:
        if self._open:
            sys.stderr.write("\n")
            sys.stderr.flush()
            self._open = False


def show_reasoning(text: str) -> None:
    """Whole reasoning at once."""
    if text:
        reasoning = _Reasoning()
        reasoning.show(text)
        reasoning.close()


def tell_dropped(provider: str, dropped: Iterable[str]) -> None:
    """Say for which of the user's options the provider has no word.

    What this program says by itself, as the name of a schema, may be lost without a word.
    """
    names = [name for name in dropped if name in OPTIONS or name == "system"]
    if names:
        note(f"warning: {provider} has no {', '.join(names)}: left out")
