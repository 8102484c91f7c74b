"""Small proxies: CONNECT and forwarding, with or without a login, and SOCKS5."""

import asyncio
import base64
import contextlib
import ssl
from abc import ABC, abstractmethod
from collections.abc import Coroutine
from typing import Any
from urllib.parse import urlsplit

__all__ = ["HttpProxy", "SocksProxy"]


class _Proxy(ABC):
    def __init__(
        self,
        login: tuple[str, str] | None = None,
        refuse: bool = False,
        context: ssl.SSLContext | None = None,
    ) -> None:
        self._context = context
        self.login = login
        self.refuse = refuse
        self.seen: list[str] = []
        self.heads: list[bytes] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self._writers: list[asyncio.StreamWriter] = []

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    async def __aenter__(self) -> Any:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0, ssl=self._context)
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for writer in self._writers:
            # A TLS client that has gone would be waited for to say goodbye.
            writer.transport.abort()
        await self._server.wait_closed()

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._spawn(self._run(reader, writer))

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _run(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.append(writer)
        try:
            await self.serve(reader, writer)
        except (EOFError, ConnectionError):
            pass
        finally:
            writer.close()

    @abstractmethod
    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Speak with one client."""

    async def _join(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        host: str,
        port: int,
        first: bytes = b"",
    ) -> None:
        there, out = await asyncio.open_connection(host, port)
        try:
            out.write(first)
            await asyncio.gather(_pump(reader, out), _pump(there, writer))
        finally:
            out.close()


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(ConnectionError):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    writer.close()


class HttpProxy(_Proxy):
    """CONNECT for tunnels, absolute targets for plain http."""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        self.heads.append(head)
        line, _, fields = head.partition(b"\r\n")
        method, target, version = line.decode().split(" ")
        self.seen.append(f"{method} {target}")
        if self.refuse:
            writer.write(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")
            return
        if self.login and self._word() not in head:
            writer.write(
                b"HTTP/1.1 407 Login\r\nProxy-Authenticate: Basic realm=x\r\n"
                b"Content-Length: 0\r\n\r\n"
            )
            return
        if method == "CONNECT":
            host, _, port = target.rpartition(":")
            writer.write(b"HTTP/1.1 200 Connected\r\n\r\n")
            await self._join(reader, writer, host, int(port))
            return
        parts = urlsplit(target)
        path = parts._replace(scheme="", netloc="").geturl() or "/"
        first = f"{method} {path} {version}\r\n".encode() + fields
        await self._join(reader, writer, parts.hostname or "", parts.port or 80, first)

    def _word(self) -> bytes:
        assert self.login is not None
        return base64.b64encode(":".join(self.login).encode())


class SocksProxy(_Proxy):
    """SOCKS5, RFC 1928 and 1929: CONNECT only; `seen` are the names that were asked for."""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        _, count = await reader.readexactly(2)
        await reader.readexactly(count)
        if self.login:
            writer.write(b"\x05\x02")
            await reader.readexactly(1)
            user = await reader.readexactly((await reader.readexactly(1))[0])
            word = await reader.readexactly((await reader.readexactly(1))[0])
            good = (user.decode(), word.decode()) == self.login
            writer.write(b"\x01\x00" if good else b"\x01\x01")
            if not good:
                return
        else:
            writer.write(b"\x05\x00")
        _, _, _, kind = await reader.readexactly(4)
        if kind == 3:
            host = (await reader.readexactly((await reader.readexactly(1))[0])).decode()
        else:
            host = ".".join(str(part) for part in await reader.readexactly(4))
        port = int.from_bytes(await reader.readexactly(2), "big")
        self.seen.append(host)
        if self.refuse:
            writer.write(b"\x05\x02\x00\x01" + bytes(6))
            return
        writer.write(b"\x05\x00\x00\x01" + bytes(6))
        await self._join(reader, writer, host, port)
