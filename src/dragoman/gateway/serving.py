"""The gateway's own server: uvicorn around the application, a signal to reload, an orderly end.

SIGTERM and SIGINT end it in order: no new requests, those that run are finished within `drain_s`;
one more SIGINT ends it at once. SIGHUP, and a change of the configuration's file, put a new
configuration in force without dropping a stream; a wrong one is refused in words and the old one
goes on.
Source: socket(7), SO_REUSEPORT, read 2026-11-21.
"""

import asyncio
import contextlib
import gc
import logging
import os
import socket
import sys
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import uvicorn

from dragoman.errors import ChatError
from dragoman.gateway.app import Application
from dragoman.gateway.asking import BrokenAnswerError
from dragoman.gateway.connection import Bounds
from dragoman.gateway.lane.connection import LaneConnection
from dragoman.gateway.lane.lane import Lane
from dragoman.gateway.told import Told, say
from dragoman.gateway_settings import GatewaySettings

__all__ = ["bind", "bind_all", "run_loop", "serve"]

WATCH_S = 1.0
# A program that asks once a minute keeps its connection.
KEEP_ALIVE_S = 75
_CLOSE_S = 1.0
_BACKLOG = 2048
T = TypeVar("T")


def bind(host: str, port: int) -> socket.socket:
    """A listening socket; connections wait in it until it is served. Port 0 takes a free one.

    `OSError` if the port is taken.
    """
    (sock,) = bind_all(host, port, 1)
    return sock


def bind_all(host: str, port: int, count: int) -> list[socket.socket]:
    """A listening socket for each of several processes, all on one port.

    Where the kernel shares connections out (Linux), each has one of its own; elsewhere all have
    the same.
    """
    socks = [_bound(host, port)]
    try:
        if count > 1 and sys.platform == "linux":
            # Only now: bound so from the start, it would share the port with another program, too.
            socks[0].setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
            number = socks[0].getsockname()[1]
            socks += [_bound(host, number, shared=True) for _ in range(count - 1)]
        for sock in socks:
            sock.listen(_BACKLOG)
    except OSError:
        for sock in socks:
            sock.close()
        raise
    return socks if len(socks) == count else socks * count


def _bound(host: str, port: int, *, shared: bool = False) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_STREAM)
    try:
        if os.name == "posix":
            # Elsewhere it would let two programs have one port.
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if shared:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        sock.bind((host, port))
    except OSError:
        sock.close()
        raise
    return sock


def run_loop(work: Coroutine[Any, Any, T]) -> T:
    """Run it in an event loop, the faster one where there is one."""
    try:
        import uvloop
    except ImportError:
        return asyncio.run(work)
    return uvloop.run(work)


async def serve(
    app: Application,
    sock: socket.socket,
    *,
    drain_s: float,
    on_ready: Callable[[], object],
    on_drain: Callable[[float], object] = lambda _: None,
    watched: Path | None = None,
    stop: asyncio.Event | None = None,
) -> int:
    """Serve until a signal or `stop` says to end; the number of that signal, or 0.

    `on_ready` is called when requests are answered, `on_drain` with the new limit on an end in
    order when a new configuration is in force. With `stop` no signal is listened to: whoever
    gives it has a program of its own to end.
    """
    told = Told()
    with contextlib.nullcontext() if stop else told.listening():
        seen = await asyncio.to_thread(_stamp, watched)
        # Its keys must not go while others than this machine can come in.
        app.gateway.host = sock.getsockname()[0]
        # It raises what the server would only log.
        bounds = Bounds((await app.gateway.held()).settings)
        lane = Lane(app.gateway)
        await lane.prepare()
        if stop is None:
            _spare_the_collector()
        server = _Server(_settings(app, drain_s, partial(LaneConnection, bounds, lane)), on_ready)

        async def follow(settings: GatewaySettings) -> None:
            await lane.prepare()
            bounds.follow(settings)
            server.config.timeout_graceful_shutdown = settings.drain_s  # type: ignore[assignment]  # as below
            on_drain(settings.drain_s)

        serving = asyncio.create_task(server.serve(sockets=[sock]))
        forced = asyncio.create_task(told.at_once.wait())
        beside = [forced, asyncio.create_task(_end_when_told(server, app, stop or told.end))]
        if stop is None:
            reload = partial(_reload, app, follow)
            beside.append(
                asyncio.create_task(_reload_when_told(reload, watched, told.reload, seen))
            )
        try:
            await asyncio.wait({serving, forced}, return_when=asyncio.FIRST_COMPLETED)
            if serving.done():
                serving.result()
        finally:
            requests = [*server.server_state.tasks]
            for task in (serving, *beside, *requests):
                task.cancel()
            await asyncio.gather(serving, *beside, *requests, return_exceptions=True)
            await lane.close()
        if forced.done() and not forced.cancelled():
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(app.close(), _CLOSE_S)
    return told.signal


def _spare_the_collector() -> None:
    """Have the collector of garbage pass over what is there for good, and come more seldom.

    The list of prices alone is a hundred thousand objects, and a request leaves no circles behind.
    """
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)


def _settings(
    app: Application, drain_s: float, protocol: Callable[..., asyncio.Protocol]
) -> uvicorn.Config:
    logging.getLogger("uvicorn.error").addFilter(_not_a_broken_answer)
    return uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        server_header=False,
        date_header=True,
        # Of another way in there is nothing to know: neither address nor scheme is looked at.
        proxy_headers=False,
        ws="none",
        http=protocol,  # type: ignore[arg-type]  # it is only ever called
        lifespan="on",
        backlog=_BACKLOG,
        timeout_keep_alive=KEEP_ALIVE_S,
        # It is only ever a limit of `wait_for`, which takes parts of a second.
        timeout_graceful_shutdown=drain_s,  # type: ignore[arg-type]
    )


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, on_ready: Callable[[], object]) -> None:
        super().__init__(config)
        self._on_ready = on_ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._on_ready()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Signals are `serve`'s to hear."""
        yield


async def _reload_when_told(
    reload: Callable[[], Awaitable[None]],
    watched: Path | None,
    told: asyncio.Event,
    seen: object,
) -> None:
    """Also when the file is another one than that `seen`."""
    while True:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(told.wait(), WATCH_S)
        now = await asyncio.to_thread(_stamp, watched)
        if told.is_set() or now != seen:
            told.clear()
            seen = now
            await reload()


async def _reload(app: Application, follow: Callable[[GatewaySettings], Awaitable[None]]) -> None:
    before = (await app.gateway.held()).settings
    try:
        await app.gateway.reload()
    except ChatError as error:
        say(f"the new configuration is refused, the old one goes on: {error}")
        return
    after = (await app.gateway.held()).settings
    await follow(after)
    say("the new configuration is in force")
    if (before.host, before.port) != (after.host, after.port):
        say("a new host or port waits for the next start")


async def _end_when_told(server: uvicorn.Server, app: Application, stop: asyncio.Event) -> None:
    await stop.wait()
    drain_s = server.config.timeout_graceful_shutdown or 0
    app.gateway.ends_at = asyncio.get_running_loop().time() + drain_s
    server.should_exit = True


def _stamp(path: Path | None) -> object:
    """What is another value when the file is another one; None if there is none."""
    if path is None:
        return None
    try:
        found = os.stat(path)
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino


def _not_a_broken_answer(entry: logging.LogRecord) -> bool:
    """uvicorn reports what an application raises; this it raises to have a connection cut."""
    raised = entry.exc_info[0] if entry.exc_info else None
    return not (raised is not None and issubclass(raised, BrokenAnswerError))
