"""What a server is told while it runs: to end, to end at once, to read its configuration anew."""

import asyncio
import contextlib
import signal
import sys
from collections.abc import Callable, Iterator

__all__ = ["Told", "say"]


class Told:
    """Three events that signals set; SIGTERM and SIGINT mean the end, one more SIGINT at once."""

    def __init__(self) -> None:
        self.end = asyncio.Event()
        self.at_once = asyncio.Event()
        self.reload = asyncio.Event()
        self.signal = 0
        """The signal that said to end."""

    @contextlib.contextmanager
    def listening(self) -> Iterator[None]:
        """Listen to the signals of this process, in its main thread."""
        heard: dict[signal.Signals, Callable[[], object]] = {
            signal.SIGTERM: lambda: self._end(signal.SIGTERM),
            signal.SIGINT: lambda: self._end(signal.SIGINT),
        }
        loop = asyncio.get_running_loop()
        if sys.platform == "win32":
            for sign, hear in heard.items():
                signal.signal(sign, lambda *_, hear=hear: loop.call_soon_threadsafe(hear))
            yield
            return
        heard[signal.SIGHUP] = self.reload.set
        for sign, hear in heard.items():
            loop.add_signal_handler(sign, hear)
        try:
            yield
        finally:
            for sign in heard:
                loop.remove_signal_handler(sign)

    def _end(self, number: int) -> None:
        # Whoever ends a group of processes tells a worker twice: by itself, and by its parent.
        if self.end.is_set() and number == signal.SIGINT:
            self.at_once.set()
        self.signal = self.signal or number
        self.end.set()


def say(words: str) -> None:
    """One line for whoever runs the server."""
    sys.stderr.write(f"{words}\n")
    sys.stderr.flush()
