"""The real program as a subprocess, for tests: in a pipe, or at a terminal.

Nothing here sleeps: whoever waits, waits for output, for an end, or for what an emulator sees.
"""

import contextlib
import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Iterator, Sequence
from typing import NamedTuple

PROGRAM = (sys.executable, "-m", "dragoman")
PATIENCE_S = 30.0

# Ctrl-C at a terminal reaches those whose terminal it is.
_TAKE_TERMINAL = """
import fcntl, os, sys, termios
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
os.execv(sys.argv[1], sys.argv[1:])
"""

_SEQUENCE = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b[=>]")


class Result(NamedTuple):
    """How a run went."""

    code: int
    out: str
    err: str


def run(*words: str, stdin: bytes | None = None, patience_s: float = PATIENCE_S) -> Result:
    """Run the program to its end; without `stdin` it gets none."""
    feed = subprocess.DEVNULL if stdin is None else subprocess.PIPE
    with start(*words, stdin=feed) as process:
        out, err = process.communicate(stdin, patience_s)
    return Result(process.returncode, out.decode(), err.decode())


@contextlib.contextmanager
def start(
    *words: str, stdin: int = subprocess.DEVNULL, stdout: int = subprocess.PIPE
) -> Iterator[subprocess.Popen[bytes]]:
    """Start the program; it is killed at the end if it still runs."""
    command = [*PROGRAM, *words]
    with subprocess.Popen(command, stdin=stdin, stdout=stdout, stderr=subprocess.PIPE) as process:
        try:
            yield process
        finally:
            if process.poll() is None:
                process.kill()


class Terminal:
    """The program at a terminal of 80 columns and 24 lines."""

    def __init__(self, process: subprocess.Popen[bytes], terminal: int) -> None:
        self._process = process
        self._terminal = terminal
        self._read = 0
        self.raw = ""

    @property
    def text(self) -> str:
        """All that was shown, without colours and cursor movements."""
        return _SEQUENCE.sub("", self.raw).replace("\r", "")

    @property
    def cursor_is_shown(self) -> bool:
        """Whether it was not hidden last."""
        return self.raw.rfind("\x1b[?25h") >= self.raw.rfind("\x1b[?25l")

    def type(self, text: str) -> None:
        """Type some keys."""
        os.write(self._terminal, text.encode())

    def wait_for(self, words: str) -> None:
        """Wait until this is shown after what was waited for last."""
        if not self._came(words, PATIENCE_S):
            raise AssertionError(f"{words!r} did not come; there is {self.text!r}")

    def press_until(self, key: str, words: str) -> None:
        """Press a key, again if need be, until this is shown.

        Python's line editing does not see a Ctrl-C that comes just before it begins to wait.
        """
        for _ in range(int(PATIENCE_S)):
            self.type(key)
            if self._came(words, 1.0):
                return
        raise AssertionError(f"{words!r} did not come; there is {self.text!r}")

    def _came(self, words: str, limit_s: float) -> bool:
        deadline = time.monotonic() + limit_s
        while (at := self.text.find(words, self._read)) < 0:
            if not self._more(deadline - time.monotonic()):
                return False
        self._read = at + len(words)
        return True

    def wait(self) -> int:
        """Wait for the end; the exit code."""
        deadline = time.monotonic() + PATIENCE_S
        while self._more(deadline - time.monotonic()):
            pass
        return self._process.wait(PATIENCE_S)

    def close(self) -> None:
        """End what still runs."""
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait(PATIENCE_S)
        os.close(self._terminal)

    def _more(self, limit_s: float) -> bool:
        ready, _, _ = select.select([self._terminal], [], [], max(limit_s, 0))
        if not ready:
            return False
        try:
            chunk = os.read(self._terminal, 65536)
        except OSError:
            # Linux says so when the last process of a terminal is gone.
            return False
        self.raw += chunk.decode("utf-8", "replace")
        return bool(chunk)


@contextlib.contextmanager
def terminal(*words: str, term: str = "xterm-256color") -> Iterator[Terminal]:
    """The program at a terminal."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(ours, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    process = subprocess.Popen(
        [sys.executable, "-c", _TAKE_TERMINAL, *PROGRAM, *words],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
        env={**os.environ, "TERM": term},
    )
    os.close(theirs)
    shown = Terminal(process, ours)
    try:
        yield shown
    finally:
        shown.close()


def at(url: str, model: str = "fakegpt") -> Sequence[str]:
    """The words that ask a provider at an emulator's address."""
    return ("-m", model, "-o", f"base_url={url}")
