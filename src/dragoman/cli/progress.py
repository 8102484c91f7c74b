"""The progress of a download on standard error: a bar on a terminal, one line otherwise."""

import importlib
import sys
from typing import Any

from dragoman.cli.terminal import note

__all__ = ["Download"]


class Download:
    """Called with bytes done and bytes in all; `close` ends the bar."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._bar: Any = None
        self._begun = False

    def __call__(self, done: int, total: int) -> None:
        """So much has come."""
        if not self._begun:
            self._begun = True
            self._begin(total)
        if self._bar is not None:
            self._bar.update(0, completed=done, total=total)

    def close(self) -> None:
        """No more will come."""
        if self._bar is not None:
            self._bar.stop()
            self._bar = None

    def _begin(self, total: int) -> None:
        if not sys.stderr.isatty():
            note(f"fetching {self._name}: {total / 1_000_000:.0f} MB, once")
            return
        # Rich takes longer to import than all the rest.
        bars = importlib.import_module("rich.progress")
        console = importlib.import_module("rich.console").Console(stderr=True)
        self._bar = bars.Progress(
            bars.TextColumn("{task.description}"),
            bars.BarColumn(),
            bars.DownloadColumn(),
            bars.TransferSpeedColumn(),
            bars.TimeRemainingColumn(),
            console=console,
        )
        self._bar.add_task(f"fetching {self._name}", total=total)
        self._bar.start()
