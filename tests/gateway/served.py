"""`dragoman serve` as a subprocess, for tests: what it says, and questions over real sockets."""

import contextlib
import http.client
import json
import re
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from dragoman.emulators.emulator import Emulator
from tests.cli.program import start

__all__ = ["IN_FORCE", "Place", "Served", "place", "said_of", "served", "wait_until"]

Emulators = Callable[..., Emulator[Any]]
IN_FORCE = "the new configuration is in force"

PATIENCE_S = 30.0


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

    def workers(self) -> set[int]:
        """The processes that it has started; Linux tells."""
        pid = self.process.pid
        told = Path(f"/proc/{pid}/task/{pid}/children").read_text()
        return {int(word) for word in told.split()}

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


class Place(NamedTuple):
    """A configuration's file and the provider that it names `far`."""

    path: Path
    far: Emulator[Any]

    def write(self, *, name: str = "far", gateway: str = "drain_s = 20") -> None:
        """A configuration in which the provider has this name."""
        self.path.write_text(
            f"[gateway]\n{gateway}\n[providers.{name}]\n"
            f'dialect = "openai_chat"\nbase_url = "{self.far.url}/v1"\n'
            'api_key = "any"\nmodels = ["mock-model"]\n'
        )


@pytest.fixture
def place(tmp_path: Path, dragoman_emulator: Emulators) -> Place:
    made = Place(tmp_path / "dragoman.toml", dragoman_emulator("openai"))
    made.write()
    return made


def wait_until(holds: Callable[[], bool]) -> None:
    """Ask again until it is so; what is not after half a minute is a failure."""
    deadline = time.monotonic() + 30
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def said_of(lines: bytes) -> str:
    """The text of the rest of a stream; it must have its end."""
    events = re.findall(rb"^data: (.+)$", lines, re.MULTILINE)
    assert events[-1] == b"[DONE]"
    choices = [choice for event in events[:-1] for choice in json.loads(event)["choices"]]
    return "".join(choice["delta"].get("content") or "" for choice in choices)
