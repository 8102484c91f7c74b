"""The server under every emulator: reads, journals, picks the faults, delivers.

Control paths (`/_emulator/...`) are free of every fault and absent from the journal.
"""

import asyncio
import socket
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any

import msgspec
from aiohttp import web
from aiohttp.abc import AbstractStreamWriter

from dragoman.emulators.delivery import deliver, send_whole
from dragoman.emulators.emulator import Emulator
from dragoman.emulators.faults import placed, spoilt
from dragoman.emulators.knob import CommonKnobs
from dragoman.emulators.line import Line
from dragoman.emulators.names import load
from dragoman.emulators.reading import parsed_body, parsed_cookies
from dragoman.emulators.service import Reply, Request, json_reply
from dragoman.emulators.tls import Authority, one_run_authority

__all__ = ["bind", "run", "serve", "serving"]

_CONTROL = "/_emulator/"
# A prompt may stand in the query (the WordPress plugin's EventSource), so lines may be long.
_LINE_LIMIT_BYTES = 16 * 1024 * 1024


def bind(emulator: Emulator[Any], host: str, port: int, authority: Authority) -> socket.socket:
    """Bind the emulator's socket and set its `url`; connections wait in it until it is served."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    sock = socket.create_server((host, port), family=family, backlog=1024)
    shown = f"[{host}]" if family == socket.AF_INET6 else host
    scheme = "https" if authority.context else "http"
    emulator.url = f"{scheme}://{shown}:{sock.getsockname()[1]}"
    emulator.ca_file = authority.ca_file
    return sock


@asynccontextmanager
async def serving(
    emulator: Emulator[Any], sock: socket.socket, authority: Authority
) -> AsyncIterator[None]:
    """Answer on a bound socket until the block is left, then close it."""
    server = _Server(emulator)
    runner = web.ServerRunner(server, shutdown_timeout=0.1)
    await runner.setup()
    try:
        await web.SockSite(runner, sock, ssl_context=authority.context).start()
        yield
    finally:
        server.hang_up()
        await runner.cleanup()
        sock.close()


@asynccontextmanager
async def run(
    name: str,
    *,
    host: str = "127.0.0.1",
    port: int = 0,
    scenario: Mapping[str, Any] | None = None,
    tls: bool = False,
) -> AsyncIterator[Emulator[Any]]:
    """Run the emulator `name` until the block is left; port 0 takes a free one.

    Raises:
        ValueError: no such emulator, or the scenario has an unknown knob or a wrong shape.
        ImportError: `tls` without the extra `tls`.
        OSError: the port is taken.
    """
    emulator = Emulator(await asyncio.to_thread(load, name), scenario or {})
    issued = one_run_authority(host, wanted=tls)
    authority = await asyncio.to_thread(issued.__enter__)
    try:
        sock = bind(emulator, host, port, authority)
        async with serving(emulator, sock, authority):
            yield emulator
    finally:
        await asyncio.to_thread(issued.__exit__, None, None, None)


async def serve(
    name: str,
    on_listening: Callable[[Emulator[Any]], None],
    *,
    host: str = "127.0.0.1",
    port: int = 0,
    scenario: Mapping[str, Any] | None = None,
    tls: bool = False,
) -> None:
    """Run an emulator until cancelled; `on_listening` is called when its `url` is known.

    Errors are those of `run`.
    """
    async with run(name, host=host, port=port, scenario=scenario, tls=tls) as emulator:
        on_listening(emulator)
        await asyncio.Event().wait()


class _Sent(web.StreamResponse):
    """A reply that is on the wire already: nothing is left for aiohttp to write."""

    def __init__(self, *, keep_alive: bool) -> None:
        super().__init__()
        self._kept = keep_alive

    @property
    def keep_alive(self) -> bool | None:
        return self._kept

    async def prepare(self, request: web.BaseRequest) -> AbstractStreamWriter | None:
        return None

    async def write_eof(self, data: bytes = b"") -> None:
        return None


class _Server(web.Server):
    """Counts connections and answers; everything else it asks the emulator for."""

    def __init__(self, emulator: Emulator[Any]) -> None:
        super().__init__(
            self._handle,
            handler_cancellation=True,
            access_log=None,
            max_line_size=_LINE_LIMIT_BYTES,
            max_field_size=_LINE_LIMIT_BYTES,
        )
        self._emulator = emulator
        self._open: dict[web.RequestHandler, asyncio.Transport] = {}
        self._used: set[web.RequestHandler] = set()

    def connection_made(self, handler: web.RequestHandler, transport: asyncio.Transport) -> None:
        super().connection_made(handler, transport)
        self._open[handler] = transport
        self._count()

    def connection_lost(
        self, handler: web.RequestHandler, exc: BaseException | None = None
    ) -> None:
        super().connection_lost(handler, exc)
        self._open.pop(handler, None)
        self._used.discard(handler)
        self._count()

    def hang_up(self) -> None:
        """End every connection at once, answers under way included."""
        for transport in list(self._open.values()):
            transport.abort()

    def _count(self) -> None:
        self._emulator.connections = len(self._open)
        self._emulator.changed()

    async def _handle(self, http: web.BaseRequest) -> web.StreamResponse:
        line = Line(http)
        if http.headers.get("Expect", "").lower() == "100-continue":
            await line.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        raw = await http.content.read()
        if http.path.startswith(_CONTROL):
            await send_whole(_control(self._emulator, http.method, http.path, raw), line)
        else:
            reused = http.protocol in self._used
            self._used.add(http.protocol)
            await self._answer(_request(self._emulator, http, raw), line, reused=reused)
        return _Sent(keep_alive=line.keep_alive)

    async def _answer(self, request: Request, line: Line, *, reused: bool) -> None:
        emulator = self._emulator
        knobs = emulator.current.for_request(request, emulator.service.client_id(request))
        chat = request.step == "chat"
        emulator.answers += chat
        emulator.changed()
        try:
            await _reply(emulator, request, knobs, line, reused=reused)
        except (asyncio.CancelledError, ConnectionError):
            emulator.abandoned += chat and not line.hung_up
            raise
        finally:
            emulator.answers -= chat
            emulator.changed()


async def _reply(
    emulator: Emulator[Any], request: Request, knobs: CommonKnobs, line: Line, *, reused: bool
) -> None:
    await _lose_connection(knobs, line, reused=reused)
    reply = placed(knobs, request, emulator.service)
    if reply is None:
        reply = emulator.service.answer(request, knobs)
        if request.step == "chat" and reply.status == 200:
            events = spoilt(reply, knobs, emulator.service)
            await deliver(msgspec.structs.replace(reply, events=events), knobs, line)
        else:
            await send_whole(reply, line)
    else:
        await send_whole(reply, line)
    if knobs.connection == "close_after_reply":
        await line.fin()


async def _lose_connection(knobs: CommonKnobs, line: Line, *, reused: bool) -> None:
    match knobs.connection:
        case "reset":
            await line.rst()
        case "close":
            await line.fin()
        case "drop_reused" if reused:
            await line.fin()
        case _:
            pass


def _request(emulator: Emulator[Any], http: web.BaseRequest, raw: bytes) -> Request:
    """Journal one request and give it its step and number."""
    complaints: list[str] = []
    notes: dict[str, Any] = {}
    headers = {name.lower(): _shown(http.headers.getall(name)) for name in http.headers}
    request = Request(
        method=http.method,
        path=http.path,
        query=dict(http.query),
        headers=headers,
        cookies=parsed_cookies(headers.get("cookie", "")),
        body=parsed_body(raw, headers.get("content-type", ""), complaints),
        raw=raw,
        origin=emulator.url,
        now=emulator.seconds(),
        complaints=complaints,
        notes=notes,
    )
    emulator.journal.append(
        {
            "time": time.time(),
            "method": request.method,
            "path": request.path,
            "query": dict(request.query),
            "headers": headers,
            "body": request.body,
            "complaints": complaints,
            "notes": notes,
        }
    )
    step = emulator.service.step(request)
    emulator.chats += step == "chat"
    number = emulator.chats if step == "chat" else 0
    return msgspec.structs.replace(request, step=step, number=number)


def _shown(values: list[str]) -> str:
    """A header's values as text that JSON can carry: aiohttp hides other bytes in surrogates."""
    return ", ".join(values).encode(errors="surrogateescape").decode(errors="replace")


def _control(emulator: Emulator[Any], method: str, path: str, raw: bytes) -> Reply:
    match method, path.removeprefix(_CONTROL):
        case "GET", "scenario":
            return json_reply(emulator.current.mapping)
        case "PUT", "scenario":
            return _put_scenario(emulator, raw)
        case "GET", "journal":
            return json_reply(list(emulator.journal))
        case "DELETE", "journal":
            emulator.clear_journal()
            return json_reply([])
    return json_reply({"error": f"there is no {method} {path}"}, 404)


def _put_scenario(emulator: Emulator[Any], raw: bytes) -> Reply:
    try:
        mapping = msgspec.json.decode(raw, type=dict[str, Any])
        emulator.scenario(mapping)
    except (msgspec.DecodeError, ValueError) as exc:
        return json_reply({"error": str(exc)}, 400)
    return json_reply(emulator.current.mapping)
