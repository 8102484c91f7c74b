"""The board that the workers of one gateway share, in a file that each of them maps.

Who opens the file must know only how many lanes it has, and takes one; see `worker_file.py`.
"""

import contextlib
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path

from dragoman.errors import HandshakeError
from dragoman.routing.board import Board, size_bytes
from dragoman.worker_file import WorkerFile, make_worker_file

__all__ = ["SharedBreakers", "make_shared"]


def make_shared(path: Path, lanes: int) -> None:
    """Make the file for so many workers."""
    make_worker_file(path, size_bytes(lanes))


class SharedBreakers(Board):
    """A board in a file of `make_shared`. `lane` counts from 0, and no other process has it."""

    def __init__(self, path: Path, *, lanes: int, lane: int) -> None:
        try:
            self._file = WorkerFile(path, size_bytes(lanes))
        except ValueError as error:
            raise HandshakeError(f"{path} is no board for {lanes} workers") from error
        super().__init__(self._file.memory, lanes=lanes, lane=lane)

    def close(self) -> None:
        """Let go of the file; nothing is read or written after that."""
        super().close()
        self._file.close()

    def lock(self) -> AbstractContextManager[object]:
        """Held while something of a slot changes, by one process at a time."""
        return self._locked()

    @contextlib.contextmanager
    def _locked(self) -> Iterator[None]:
        # After a while it is gone on without: at worst a count is lost.
        held = self._file.lock()
        try:
            yield
        finally:
            if held:
                self._file.unlock()
