"""Several processes behind one port: this one starts them, and passes on what it is told.

This process keeps their sockets open, so a connection that comes while a worker is started anew
waits for it. A worker sees its end of standard input close when this process dies, however it
dies, and ends in order.
"""

import asyncio
import contextlib
import signal
import socket
import sys
import tempfile
from asyncio.subprocess import PIPE, Process
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import msgspec

from dragoman.errors import HandshakeError
from dragoman.gateway.told import Told, say
from dragoman.limits_file import make_limit_file
from dragoman.routing.shared_breakers import make_shared

__all__ = ["READY", "Job", "supervise"]

READY = b"ready\n"
_MODULE = "dragoman.gateway.worker"
_PAUSE_S = 0.2
_MOST_PAUSE_S = 10.0
_GRACE_S = 5.0


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """What a worker is told at its start: its socket's number, how long to drain, the file.

    `kept` is where it keeps its counts, so that each worker can tell those of all; `board` is the
    file of what all of them measure, and `limits` that of what the keys have used, each in `lanes`
    lanes, of which `lane` is its own.
    """

    fd: int
    kept: str
    drain_s: float
    path: str | None
    board: str
    limits: str
    lane: int
    lanes: int


async def supervise(
    socks: Sequence[socket.socket],
    *,
    drain_s: float,
    path: Path | None,
    on_ready: Callable[[], object],
) -> int:
    """Keep a worker at each socket until a signal says to end; the number of that signal.

    `on_ready` is called when all of them answer. `HandshakeError` if one does not begin.
    """
    told = Told()
    with told.listening(), tempfile.TemporaryDirectory(prefix="dragoman-") as folder:
        board, limits = Path(folder, "board"), Path(folder, "limits")
        make_shared(board, len(socks))
        make_limit_file(limits, len(socks))
        jobs = [
            Job(
                fd=sock.fileno(),
                kept=f"{folder}/{number}.counts",
                drain_s=drain_s,
                path=str(path) if path else None,
                board=str(board),
                limits=str(limits),
                lane=number,
                lanes=len(socks),
            )
            for number, sock in enumerate(socks)
        ]
        crew = _Crew(told, drain_s)
        passing = asyncio.create_task(crew.pass_on_reloads())
        try:
            await crew.run(jobs, on_ready)
        finally:
            passing.cancel()
            for sock in socks:
                sock.close()
            await crew.end()
    return told.signal


class _Crew:
    def __init__(self, told: Told, drain_s: float) -> None:
        self._told = told
        self._drain_s = drain_s
        self._running: set[Process] = set()

    async def run(self, jobs: Sequence[Job], on_ready: Callable[[], object]) -> None:
        """Until it is told to end."""
        ending = asyncio.create_task(self._told.end.wait())
        starting = asyncio.gather(*(self._start(job) for job in jobs))
        keeping: list[asyncio.Task[None]] = []
        waited: set[asyncio.Future[Any]] = {ending, starting}
        try:
            await asyncio.wait(waited, return_when=asyncio.FIRST_COMPLETED)
            if not starting.done():
                return
            first = starting.result()
            if not all(first):
                raise HandshakeError("a worker did not begin; what it said is above")
            on_ready()
            for job, process in zip(jobs, first, strict=True):
                keeping.append(asyncio.create_task(self._keep(job, process)))
            await ending
        finally:
            for task in (*waited, *keeping):
                task.cancel()
            await asyncio.gather(*waited, *keeping, return_exceptions=True)

    async def pass_on_reloads(self) -> None:
        """Whatever tells this process to reload tells its workers."""
        while True:
            await self._told.reload.wait()
            self._told.reload.clear()
            self._send(signal.SIGHUP)

    async def end(self) -> None:
        """End all of them in order; a second word, or the time that they may take, ends them."""
        self._send(signal.SIGTERM)
        gone = asyncio.gather(*(process.wait() for process in self._running))
        at_once = asyncio.create_task(self._told.at_once.wait())
        limit_s = self._drain_s + _GRACE_S
        waited: set[asyncio.Future[Any]] = {gone, at_once}
        await asyncio.wait(waited, timeout=limit_s, return_when=asyncio.FIRST_COMPLETED)
        at_once.cancel()
        if not gone.done():
            self._send(signal.SIGKILL)
        await gone

    async def _keep(self, job: Job, process: Process | None) -> None:
        """Wait for a worker's end, and start another one; not too often."""
        pause_s = _PAUSE_S
        while True:
            if process is not None:
                code = await self._end_of(process)
                self._running.discard(process)
                say(f"worker {process.pid} has ended ({code}); another one takes its place")
            await asyncio.sleep(pause_s)
            process = await self._start(job)
            pause_s = _PAUSE_S if process else min(pause_s * 2, _MOST_PAUSE_S)

    async def _end_of(self, process: Process) -> int:
        """Wait for it; what it says meanwhile is how long its end in order may take."""
        assert process.stdout is not None  # noqa: S101 - it is a pipe
        async for line in process.stdout:
            self._drain_s = float(line)
        return await process.wait()

    async def _start(self, job: Job) -> Process | None:
        """A worker that answers, or None if it did not begin."""
        try:
            process = await self._run(msgspec.structs.replace(job, drain_s=self._drain_s))
        except OSError as exc:
            say(f"a worker cannot be started: {exc.strerror or exc}")
            return None
        self._running.add(process)
        assert process.stdout is not None  # noqa: S101 - it is a pipe
        if await process.stdout.readline() == READY:
            return process
        await process.wait()
        self._running.discard(process)
        return None

    async def _run(self, job: Job) -> Process:
        return await asyncio.create_subprocess_exec(
            *(sys.executable, "-P", "-m", _MODULE, msgspec.json.encode(job).decode()),
            stdin=PIPE,
            stdout=PIPE,
            pass_fds=(job.fd,),
            # Ctrl-C at a terminal is told to this process, and by this one to them.
            start_new_session=True,
        )

    def _send(self, sign: signal.Signals) -> None:
        for process in self._running:
            with contextlib.suppress(ProcessLookupError):
                process.send_signal(sign)
