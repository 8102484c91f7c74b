"""Real processes that share a file, and do as they are told: a line of Python at a time."""

import contextlib
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

__all__ = ["FileWorker", "file_worker"]

# A machine may stop whoever has the lock for longer than a worker would wait for it.
_BEFORE = """
import sys
from pathlib import Path
from dragoman import worker_file
worker_file.LOCK_WAIT_S = 30
path, lanes, lane = sys.argv[1:]
"""
_AFTER = """
for line in sys.stdin:
    print(eval(line), flush=True)
"""


class FileWorker:
    """One of them."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process

    def does(self, line: str) -> str:
        """What came of a line of Python in that process."""
        self.begins(line)
        return self.says()

    def begins(self, line: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(f"{line}\n")
        self.process.stdin.flush()

    def says(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()

    def kill(self) -> list[str]:
        """What it said until it was killed."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        assert self.process.stdout is not None
        return self.process.stdout.read().split()


@contextlib.contextmanager
def file_worker(script: str, path: Path, lane: int) -> Iterator[FileWorker]:
    """One of two; the script finds `path`, `lanes` and `lane`, as words, and says nothing."""
    words = (sys.executable, "-c", _BEFORE + script + _AFTER, str(path), "2", str(lane))
    with subprocess.Popen(
        words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            yield FileWorker(process)
        finally:
            process.kill()
