"""The board that the workers of one gateway share: a small file that each of them maps.

The process that starts the workers makes the file, in a folder of its own; who opens it must know
only how many lanes it has, and takes one. A worker that is killed leaves the file whole but for
what it was writing, and its lock is gone with it: the system frees it.
Source: Linux man-pages, flock(2) and mmap(2), read 2026-11-21.
"""

import contextlib
import fcntl
import mmap
import os
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path

from dragoman.errors import HandshakeError
from dragoman.routing.board import Board, size_bytes

__all__ = ["LOCK_WAIT_S", "SharedBreakers", "make_shared"]

LOCK_WAIT_S = 0.02
"""A lock is held for microseconds; whoever is stopped with it must not stop the others."""


def make_shared(path: Path, lanes: int) -> None:
    """Make the file for so many workers; it takes room on the disk as it is filled."""
    with path.open("xb") as file:
        path.chmod(0o600)
        file.truncate(size_bytes(lanes))


class SharedBreakers(Board):
    """A board in a file of `make_shared`. `lane` counts from 0, and no other process has it."""

    def __init__(self, path: Path, *, lanes: int, lane: int) -> None:
        self._file = os.open(path, os.O_RDWR | os.O_CLOEXEC)
        if os.fstat(self._file).st_size != size_bytes(lanes):
            os.close(self._file)
            raise HandshakeError(f"{path} is no board for {lanes} workers")
        super().__init__(mmap.mmap(self._file, size_bytes(lanes)), lanes=lanes, lane=lane)

    def close(self) -> None:
        """Let go of the file; nothing is read or written after that."""
        super().close()
        os.close(self._file)

    def lock(self) -> AbstractContextManager[object]:
        """Held while something of a slot changes, by one process at a time."""
        return self._locked()

    @contextlib.contextmanager
    def _locked(self) -> Iterator[None]:
        held = self._try_lock()
        try:
            yield
        finally:
            if held:
                fcntl.flock(self._file, fcntl.LOCK_UN)

    def _try_lock(self) -> bool:
        """Whether it is held; after a while it is gone on without: at worst a count is lost."""
        until = time.monotonic() + LOCK_WAIT_S
        while True:
            try:
                fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() >= until:
                    return False
                os.sched_yield()
            else:
                return True
