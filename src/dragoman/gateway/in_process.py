"""The gateway without a socket: what carries an official SDK's requests to the application.

A request is a task that runs the application; its answer's chunks are handed out one by one as
they are sent, and the application waits while nobody takes them. Closing an answer tells the
application that its caller has gone, as a closed connection does.
Source: ASGI 3.0, "HTTP & WebSocket"; httpx2 2.16, "Custom transports", read 2026-11-21.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, MutableMapping
from typing import Any

import httpx2
import msgspec

from dragoman.config import Config
from dragoman.gateway.app import Application
from dragoman.gateway.state import Gateway

__all__ = ["InProcessTransport", "open_client"]

_CLOSE_S = 1.0
# As many chunks may wait for their reader as a socket's buffers would hold.
_MOST_CHUNKS = 16

Message = MutableMapping[str, Any]


def open_client(config: Config) -> httpx2.AsyncClient:
    """An HTTP client whose every request goes to a gateway of this configuration.

    Whoever has the configuration needs no key of the gateway, and the program's log is its own;
    usage is kept by gateways that serve others.
    """
    settings = msgspec.structs.replace(config.gateway, keys=(), log=False)
    inner = Config(
        config.providers,
        model=config.model,
        gateway=settings,
        routes=config.routes,
        health=config.health,
    )
    app = Application(Gateway(inner, keeps=False))
    return httpx2.AsyncClient(transport=InProcessTransport(app), trust_env=False)


class InProcessTransport(httpx2.AsyncBaseTransport):
    """Carries requests to an application; closing it closes the application."""

    def __init__(self, app: Any) -> None:
        self._app = app
        self._open: set[_Exchange] = set()

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Returns when the status is known; the body comes while it is read."""
        body = await request.aread()
        exchange = _Exchange(self._app, request, body)
        self._open.add(exchange)
        exchange.task.add_done_callback(lambda _: self._open.discard(exchange))
        try:
            start = await exchange.next()
        except BaseException:
            await exchange.aclose()
            raise
        if start is None:
            raise httpx2.RemoteProtocolError("the gateway gave no answer") from exchange.failure()
        return httpx2.Response(start["status"], headers=start["headers"], stream=exchange)

    async def aclose(self) -> None:
        """Requests that run are left."""
        await asyncio.gather(*(exchange.aclose() for exchange in self._open))
        await self._app.close()


class _Exchange(httpx2.AsyncByteStream):
    """One request and its answer: what the application sends, until it is taken."""

    def __init__(self, app: Any, request: httpx2.Request, body: bytes) -> None:
        self._sent: deque[Message] = deque()
        self._news = asyncio.Event()
        self._room = asyncio.Event()
        self._gone = asyncio.Event()
        self._body: bytes | None = body
        self._limit_s: float | None = request.extensions.get("timeout", {}).get("read")
        self.task: asyncio.Task[None] = asyncio.ensure_future(
            app(_scope(request), self._receive, self._send)
        )
        self.task.add_done_callback(lambda _: self._news.set())

    async def next(self) -> Message | None:
        """What the application sends next; None when it has ended."""
        try:
            async with asyncio.timeout(self._limit_s):
                while not self._sent and not self.task.done():
                    self._news.clear()
                    await self._news.wait()
        except TimeoutError as exc:
            raise httpx2.ReadTimeout(f"silence for {self._limit_s:g} s") from exc
        self._room.set()
        return self._sent.popleft() if self._sent else None

    def failure(self) -> BaseException | None:
        """What the application failed with."""
        return None if self.task.cancelled() else self.task.exception()

    async def __aiter__(self) -> AsyncIterator[bytes]:
        more = True
        while more:
            message = await self.next()
            if message is None:
                raise httpx2.RemoteProtocolError("the answer broke off") from self.failure()
            if chunk := message.get("body", b""):
                yield chunk
            more = message.get("more_body", False)
        # What is left of its work is its own, and short.
        await asyncio.wait({self.task}, timeout=_CLOSE_S)

    async def aclose(self) -> None:
        """Nobody reads on; returns when the application has ended its work."""
        self._gone.set()
        self._room.set()
        await asyncio.wait({self.task}, timeout=_CLOSE_S)
        if not self.task.done():
            self.task.cancel()
            await asyncio.wait({self.task}, timeout=_CLOSE_S)
        # Whoever left does not care what it ended with.
        if self.task.done():
            self.failure()

    async def _receive(self) -> Message:
        if self._body is not None:
            body, self._body = self._body, None
            return {"type": "http.request", "body": body, "more_body": False}
        await self._gone.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: Message) -> None:
        if self._gone.is_set():
            return
        self._sent.append(message)
        self._news.set()
        while len(self._sent) >= _MOST_CHUNKS and not self._gone.is_set():
            self._room.clear()
            await self._room.wait()


def _scope(request: httpx2.Request) -> Message:
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.4"},
        "http_version": "1.1",
        "method": request.method,
        "scheme": request.url.scheme,
        "path": request.url.path,
        "raw_path": request.url.raw_path.partition(b"?")[0],
        "query_string": request.url.query,
        "root_path": "",
        "headers": [(name.lower(), value) for name, value in request.headers.raw],
        "server": (request.url.host, request.url.port),
        "client": ("127.0.0.1", 0),
    }
