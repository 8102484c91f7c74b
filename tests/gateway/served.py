"""`dragoman serve` as a subprocess, for tests: what it says, and questions over real sockets."""

import contextlib
import http.client
import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.cli.program import start

__all__ = ["Served", "served"]

PATIENCE_S = 15.0


class Served:
    """A gateway that answers."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        assert process.stdout is not None
        line = process.stdout.readline().decode()
        assert line.startswith("listening on http://"), line
        self.process = process
        self.address = line.removeprefix("listening on http://").strip()

    def get(self, path: str) -> tuple[int, bytes]:
        """A request without a body, over a connection of its own."""
        with contextlib.closing(self._connect()) as line:
            line.request("GET", path)
            reply = line.getresponse()
            return reply.status, reply.read()

    def ask(self, model: str) -> tuple[int, str]:
        """The status and what was said."""
        with self.stream(model, stream=False) as reply:
            body = json.loads(reply.read())
        said = body["choices"][0]["message"]["content"] if reply.status == 200 else str(body)
        return reply.status, said

    @contextlib.contextmanager
    def stream(self, model: str, *, stream: bool = True) -> Iterator[http.client.HTTPResponse]:
        """An answer while it comes."""
        asked: Any = {"model": model, "messages": [{"role": "user", "content": "one two three"}]}
        with contextlib.closing(self._connect()) as line:
            body = json.dumps({**asked, "stream": stream})
            line.request("POST", "/v1/chat/completions", body)
            with line.getresponse() as reply:
                yield reply

    def refuses(self) -> bool:
        """Whether nobody takes a connection there."""
        try:
            with contextlib.closing(self._connect()) as line:
                line.connect()
        except ConnectionRefusedError:
            return True
        return False

    def wait_for(self, words: str) -> str:
        """Read on in standard error up to a line with these words."""
        assert self.process.stderr is not None
        for line in self.process.stderr:
            if words in line.decode():
                return line.decode()
        raise AssertionError(f"{words!r} was not said")

    def end(self) -> tuple[int, str]:
        """Wait for its end: the exit code, and the rest of what it said."""
        _, err = self.process.communicate(timeout=PATIENCE_S)
        return self.process.returncode, err.decode()

    def _connect(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection(self.address, timeout=PATIENCE_S)


@contextlib.contextmanager
def served(path: Path, *words: str) -> Iterator[Served]:
    """`dragoman serve` with this configuration, on a free port."""
    with start("serve", "--config", str(path), "--port", "0", *words) as process:
        yield Served(process)
