"""One of several processes behind one port; `dragoman.gateway.workers` starts it."""

import asyncio
import contextlib
import os
import signal
import socket
import sys
from pathlib import Path

import msgspec

from dragoman.errors import ChatError
from dragoman.gateway.app import create_app
from dragoman.gateway.metrics import Meter
from dragoman.gateway.serving import run_loop, serve
from dragoman.gateway.told import say
from dragoman.gateway.workers import READY, Job
from dragoman.limits_file import LimitFile
from dragoman.limits_shared import SharedLimiter
from dragoman.routing.health import Health
from dragoman.routing.shared_breakers import SharedBreakers

__all__: list[str] = []


def _main() -> int:
    job = msgspec.json.decode(sys.argv[1], type=Job)
    try:
        run_loop(_work(job))
    except ChatError as error:
        say(f"error: {error}")
        return 1
    return 0


async def _work(job: Job) -> None:
    asyncio.get_running_loop().add_reader(sys.stdin.fileno(), _orphaned)
    path = Path(job.path) if job.path else None
    app = create_app(path)
    app.gateway.meter = Meter(kept=Path(job.kept))
    board = SharedBreakers(Path(job.board), lanes=job.lanes, lane=job.lane)
    app.gateway.health = Health(shared=board)
    limits = LimitFile(Path(job.limits), lanes=job.lanes, lane=job.lane)
    app.gateway.limits = SharedLimiter(limits)
    with socket.socket(fileno=job.fd) as sock:
        await serve(
            app, sock, drain_s=job.drain_s, on_ready=_ready, on_drain=_tell_drain, watched=path
        )


def _orphaned() -> None:
    """Nothing is ever written there: it is the end of whoever started us."""
    asyncio.get_running_loop().remove_reader(sys.stdin.fileno())
    os.kill(os.getpid(), signal.SIGTERM)


def _ready() -> None:
    _tell(READY)


def _tell_drain(drain_s: float) -> None:
    """Whoever started us waits as long for our end."""
    _tell(b"%r\n" % drain_s)


def _tell(line: bytes) -> None:
    with contextlib.suppress(BrokenPipeError):
        os.write(sys.stdout.fileno(), line)


if __name__ == "__main__":
    sys.exit(_main())
