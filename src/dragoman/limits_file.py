"""The limits that the workers of one gateway share: a small file that each of them maps.

The process that starts the workers makes the file, in a folder of its own; who opens it must know
only how many lanes it has, and takes one. The lock of a worker that is killed is gone with it: the
system frees it. One that is stopped while it has the lock is waited for once, and not again before
the lock could be had: nobody's answer waits for another worker.
Source: Linux man-pages, flock(2) and mmap(2), read 2026-11-21.
"""

import contextlib
import fcntl
import mmap
import os
import time
from pathlib import Path

from dragoman.errors import HandshakeError
from dragoman.limits_board import LimitBoard, size_bytes

__all__ = ["LOCK_WAIT_S", "LimitFile", "make_limit_file"]

LOCK_WAIT_S = 0.02
"""A lock is held for microseconds; whoever is stopped with it must not stop the others."""
_TRY = fcntl.LOCK_EX | fcntl.LOCK_NB


def make_limit_file(path: Path, lanes: int) -> None:
    """Make the file for so many workers; it takes room on the disk as it is filled."""
    with path.open("xb") as file:
        path.chmod(0o600)
        file.truncate(size_bytes(lanes))


class LimitFile(LimitBoard):
    """A board in a file of `make_limit_file`. `lane` counts from 0; no other process has it."""

    def __init__(self, path: Path, *, lanes: int, lane: int) -> None:
        self._file = os.open(path, os.O_RDWR | os.O_CLOEXEC)
        if os.fstat(self._file).st_size != size_bytes(lanes):
            os.close(self._file)
            raise HandshakeError(f"{path} has no limits of {lanes} workers")
        self._waits = True
        super().__init__(mmap.mmap(self._file, size_bytes(lanes)), lanes=lanes, lane=lane)

    def close(self) -> None:
        """Let go of the file; nothing is read or written after that."""
        super().close()
        os.close(self._file)

    def lock(self) -> bool:
        """Try to have the rings for oneself, until `unlock`; false if another has them for long."""
        try:
            fcntl.flock(self._file, _TRY)
        except OSError:
            # Another has it, or there are no locks to be had.
            self._waits = self._waits and self._wait()
            return self._waits
        self._waits = True
        return True

    def unlock(self) -> None:
        """Let others have the rings; after a `lock` that was granted."""
        fcntl.flock(self._file, fcntl.LOCK_UN)

    def _wait(self) -> bool:
        until = time.monotonic() + LOCK_WAIT_S
        while time.monotonic() < until:
            os.sched_yield()
            with contextlib.suppress(OSError):
                fcntl.flock(self._file, _TRY)
                return True
        return False
