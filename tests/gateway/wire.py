"""Each face by hand: the request of a chat, and a stream taken apart, over a raw socket."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlsplit

import msgspec

__all__ = ["ARRAY", "SAME", "WIRES", "Answer", "Wire", "post"]


class Wire(msgspec.Struct, frozen=True):
    """How a chat is asked at a face, and how its stream says a word and an error."""

    path: Callable[[str, bool], str]
    body: Callable[[str, str, bool], dict[str, Any]]
    error: Callable[[dict[str, Any]], bool] = lambda said: bool(said.get("error"))


def _said(text: str) -> list[dict[str, str]]:
    return [{"role": "user", "content": text}]


WIRES: Mapping[str, Wire] = {
    "chat": Wire(
        lambda model, stream: "/v1/chat/completions",
        lambda model, text, stream: {"model": model, "messages": _said(text), "stream": stream},
    ),
    "responses": Wire(
        lambda model, stream: "/v1/responses",
        lambda model, text, stream: {"model": model, "input": text, "stream": stream},
        lambda said: said["type"] == "error",
    ),
    "messages": Wire(
        lambda model, stream: "/v1/messages",
        lambda model, text, stream: {
            "model": model,
            "messages": _said(text),
            "max_tokens": 99,
            "stream": stream,
        },
    ),
    "gemini": Wire(
        lambda model, stream: (
            f"/v1beta/models/{model}:"
            + ("streamGenerateContent?alt=sse" if stream else "generateContent")
        ),
        lambda model, text, stream: {"contents": [{"role": "user", "parts": [{"text": text}]}]},
    ),
    "ollama": Wire(
        lambda model, stream: "/api/chat",
        lambda model, text, stream: {"model": model, "messages": _said(text), "stream": stream},
    ),
}
"""Each face by name."""

ARRAY = Wire(
    lambda model, stream: f"/v1beta/models/{model}:streamGenerateContent", WIRES["gemini"].body
)
"""Gemini's stream that is a JSON list in pieces."""

SAME: Mapping[str, str] = {
    "chat": "chat",
    "responses": "responses",
    "messages": "claude",
    "gemini": "gemini",
    "ollama": "ollama",
}
"""Each face's provider of the same dialect."""


class Answer:
    """An answer that is being read, byte by byte as it comes."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer
        self.status = 0
        self.headers: dict[str, str] = {}
        self.whole = False
        """Whether the body ended as HTTP says that it does."""

    async def read_head(self) -> None:
        self.status = 100
        while self.status == 100:
            # It may be said at any time before the answer, and often, and means nothing.
            first, *lines = (await self.reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
            self.status = int(first.split()[1])
        named = (line.partition(": ") for line in lines if line)
        self.headers = {name.lower(): value for name, _, value in named}

    async def chunks(self) -> AsyncIterator[bytes]:
        """The body as it comes; ends at its end or where the connection does."""
        if "content-length" in self.headers:
            yield await self.reader.readexactly(int(self.headers["content-length"]))
            self.whole = True
            return
        assert self.headers["transfer-encoding"] == "chunked"
        while line := await self.reader.readline():
            size = int(line, 16)
            if not size:
                assert await self.reader.readline() == b"\r\n"
                self.whole = True
                return
            yield (await self.reader.readexactly(size + 2))[:-2]

    async def body(self) -> bytes:
        return b"".join([chunk async for chunk in self.chunks()])

    async def json(self) -> Any:
        return json.loads(await self.body())

    async def said(self) -> list[dict[str, Any]]:
        """The objects of a whole stream, or of one that was cut."""
        body = await self.body()
        if self.headers["content-type"].startswith("application/json"):
            said: list[dict[str, Any]] = json.loads(body)
            return said
        lines = body.splitlines()
        if self.headers["content-type"].startswith("text/event-stream"):
            # The space is not everybody's.
            lines = [line[5:] for line in lines if line.startswith((b"data: {", b"data:{"))]
        return [json.loads(line) for line in lines if line]

    def stop_sending(self) -> None:
        """Close one half of the connection: what comes is read on."""
        self.writer.write_eof()

    def leave(self) -> None:
        self.writer.transport.abort()


@asynccontextmanager
async def post(
    url: str,
    path: str,
    body: object,
    headers: Mapping[str, str] | None = None,
    *,
    method: str = "POST",
) -> AsyncIterator[Answer]:
    """Ask; gives the answer before its head is read."""
    parts = urlsplit(url)
    assert parts.hostname
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port, limit=2**16)
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    lines = [
        f"{method} {path} HTTP/1.1",
        f"host: {parts.netloc}",
        "content-type: application/json",
        f"content-length: {len(data)}",
        *(f"{name}: {value}" for name, value in (headers or {}).items()),
    ]
    writer.write("\r\n".join(lines).encode() + b"\r\n\r\n" + data)
    try:
        await writer.drain()
        yield Answer(reader, writer)
    finally:
        writer.transport.abort()
        await asyncio.sleep(0)
