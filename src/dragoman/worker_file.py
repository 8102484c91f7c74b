"""A small file that the workers of one gateway map, and a lock on it.

The process that starts the workers makes the file, in a folder of its own; who opens it must know
only its size. A worker that is killed leaves the file whole but for what it was writing, and its
lock is gone with it: the system frees it. One that is stopped while it has the lock is waited for
once, and not again before the lock could be had: nobody's answer waits for another worker.
Source: Linux man-pages, flock(2) and mmap(2), read 2026-11-21.
"""

import contextlib
import fcntl
import mmap
import os
import time
from pathlib import Path

__all__ = ["LOCK_WAIT_S", "WorkerFile", "make_worker_file"]

LOCK_WAIT_S = 0.02
"""A lock is held for microseconds; whoever is stopped with it must not stop the others."""
_TRY = fcntl.LOCK_EX | fcntl.LOCK_NB


def make_worker_file(path: Path, size_bytes: int) -> None:
    """Make a file of zeros for this user alone; it takes room on the disk as it is filled."""
    with path.open("xb") as file:
        path.chmod(0o600)
        file.truncate(size_bytes)


class WorkerFile:
    """A file of `make_worker_file`, open and mapped until `close`; `memory` is what is in it."""

    def __init__(self, path: Path, size_bytes: int) -> None:
        """Raises `ValueError` if it has another size."""
        self._file = os.open(path, os.O_RDWR | os.O_CLOEXEC)
        if os.fstat(self._file).st_size != size_bytes:
            os.close(self._file)
            raise ValueError(f"{path} has not {size_bytes} bytes")
        self.memory = mmap.mmap(self._file, size_bytes)
        self._waits = True

    def close(self) -> None:
        """Let go of the file; nothing is read or written after that."""
        self.memory.close()
        os.close(self._file)

    def lock(self) -> bool:
        """Try to have it for oneself, until `unlock`; false if another has it for long."""
        try:
            fcntl.flock(self._file, _TRY)
        except OSError:
            # Another has it, or there are no locks to be had.
            self._waits = self._waits and self._wait()
            return self._waits
        self._waits = True
        return True

    def unlock(self) -> None:
        """Let others have it; after a `lock` that was granted."""
        fcntl.flock(self._file, fcntl.LOCK_UN)

    def _wait(self) -> bool:
        until = time.monotonic() + LOCK_WAIT_S
        while time.monotonic() < until:
            os.sched_yield()
            with contextlib.suppress(OSError):
                fcntl.flock(self._file, _TRY)
                return True
        return False
