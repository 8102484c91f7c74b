"""A service of OpenAI's dialect that does exactly what a test says, byte by byte."""

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import msgspec

from dragoman.config import Config
from dragoman.gateway.app import Application
from tests.gateway.house import NO_BREAKER, ONCE, open_gateway
from tests.gateway.wire import WIRES

__all__ = [
    "CHAT",
    "DONE",
    "SOON_S",
    "STREAM",
    "TEXT",
    "Service",
    "chat_body",
    "chunk",
    "event",
    "open_service",
]

TEXT = "one two three four five"
CHAT = "/v1/chat/completions"
# A promise of 100 ms is measured alone; here only what hangs takes as long.
SOON_S = 10.0
Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


def event(text: str, *, model: str = "m", finish: str | None = None) -> bytes:
    choice = {"index": 0, "delta": {"content": text}, "finish_reason": finish}
    return b"data: %b\n\n" % msgspec.json.encode({"id": "c-1", "model": model, "choices": [choice]})


STREAM = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
DONE = b"data: [DONE]\n\n"


def chunk(data: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(data), data)


class Service:
    """A service of OpenAI's dialect that does exactly what a test says, and who is connected."""

    def __init__(self, serve: Serve) -> None:
        self._serve = serve
        self.requests = 0
        self.opened = 0
        self.closed = 0
        self.changed = asyncio.Condition()

    async def one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.opened += 1
        try:
            while True:
                said = await reader.readuntil(b"\r\n\r\n")
                found = re.search(rb"content-length: (\d+)", said)
                assert found
                await reader.readexactly(int(found[1]))
                self.requests += 1
                await self._serve(reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()
            async with self.changed:
                self.closed += 1
                self.changed.notify_all()

    async def wait_closed(self, count: int) -> None:
        async with asyncio.timeout(SOON_S), self.changed:
            await self.changed.wait_for(lambda: self.closed >= count)


@asynccontextmanager
async def open_service(
    serve: Serve, *, health: Any = NO_BREAKER, gateway: Any = None, **route: Any
) -> AsyncIterator[tuple[str, Application, Service]]:
    """A gateway in front of such a service; `once` asks it once, `far/m` is its model."""
    service = Service(serve)
    server = await asyncio.start_server(service.one, "127.0.0.1", 0, limit=2**22)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"
    config = Config.of(
        {"far": {"dialect": "openai_chat", "base_url": url, "models": ["m"], "api_key": "k"}},
        gateway={"log": False, **(gateway or {})},
        routes={"once": {**ONCE, **route, "candidates": ["far/m"]}},
        health=health,
    )
    async with server, open_gateway(config) as (url, app):
        yield url, app, service


def chat_body(model: str = "once", *, stream: bool = True) -> dict[str, Any]:
    return WIRES["chat"].body(model, TEXT, stream)
