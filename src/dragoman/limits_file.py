"""The limits that the workers of one gateway share, in a file that each of them maps.

Who opens the file must know only how many lanes it has, and takes one; see `worker_file.py`.
"""

from pathlib import Path

from dragoman.errors import HandshakeError
from dragoman.limits_board import LimitBoard, size_bytes
from dragoman.worker_file import WorkerFile, make_worker_file

__all__ = ["LimitFile", "make_limit_file"]


def make_limit_file(path: Path, lanes: int) -> None:
    """Make the file for so many workers."""
    make_worker_file(path, size_bytes(lanes))


class LimitFile(LimitBoard):
    """A board in a file of `make_limit_file`. `lane` counts from 0; no other process has it."""

    def __init__(self, path: Path, *, lanes: int, lane: int) -> None:
        try:
            self._file = WorkerFile(path, size_bytes(lanes))
        except ValueError as error:
            raise HandshakeError(f"{path} has no limits of {lanes} workers") from error
        super().__init__(self._file.memory, lanes=lanes, lane=lane)

    def close(self) -> None:
        """Let go of the file; nothing is read or written after that."""
        super().close()
        self._file.close()

    def lock(self) -> bool:
        """Try to have the rings for oneself, until `unlock`; false if another has them for long."""
        return self._file.lock()

    def unlock(self) -> None:
        """Let others have the rings; after a `lock` that was granted."""
        self._file.unlock()
