"""The other end of a connection, byte by byte: each connection runs a script of the test."""

import asyncio
import contextlib
import socket
import ssl
import struct
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

__all__ = ["Connection", "FarSide", "Seen", "reply"]


@dataclass(frozen=True)
class Seen:
    """One request as it came: names of headers lower-case, in order."""

    method: str
    target: str
    headers: list[tuple[str, str]]
    body: bytes

    def header(self, name: str) -> str | None:
        found = [value for key, value in self.headers if key == name]
        assert len(found) < 2, f"{name} came {len(found)} times"
        return found[0] if found else None


def reply(body: bytes = b"", status: str = "200 OK", **headers: str) -> bytes:
    """A whole reply with its length."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode() + body


def chunk(body: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(body), body)


CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
LAST_CHUNK = b"0\r\n\r\n"


@dataclass
class Connection:
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    seen: list[Seen] = field(default_factory=list)
    asked: asyncio.Event = field(default_factory=asyncio.Event)
    gone: asyncio.Event = field(default_factory=asyncio.Event)

    async def request(self) -> Seen:
        """The next request; `EOFError` if the client has gone."""
        head = await self.reader.readuntil(b"\r\n\r\n")
        line, *lines = head.decode("latin-1").split("\r\n")[:-2]
        method, target, _ = line.split(" ")
        headers = [
            (name.lower(), value.strip())
            for name, _, value in (entry.partition(":") for entry in lines)
        ]
        length = next((int(value) for name, value in headers if name == "content-length"), 0)
        seen = Seen(method, target, headers, await self.reader.readexactly(length))
        self.seen.append(seen)
        self.asked.set()
        return seen

    async def send(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()

    async def until_gone(self) -> None:
        """Until the client closes its side."""
        with contextlib.suppress(ConnectionError, ssl.SSLError):
            while await self.reader.read(65536):
                pass
        self.gone.set()

    def reset(self) -> None:
        """End the connection with RST."""
        sock = self.writer.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.writer.transport.abort()


Script = Callable[[Connection], Awaitable[None]]


class FarSide:
    """A server; when a script is through, its connection is closed."""

    def __init__(self, script: Script, context: ssl.SSLContext | None = None) -> None:
        self._script = script
        self._context = context
        self.connections: list[Connection] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self.faults: list[BaseException] = []
        self._arrived = asyncio.Condition()

    @property
    def port(self) -> int:
        port: int = self._server.sockets[0].getsockname()[1]
        return port

    @property
    def url(self) -> str:
        return f"{'https' if self._context else 'http'}://localhost:{self.port}"

    @property
    def seen(self) -> list[Seen]:
        return [seen for connection in self.connections for seen in connection.seen]

    async def first(self) -> Connection:
        """The first connection, once there is one."""
        async with self._arrived:
            await self._arrived.wait_for(lambda: bool(self.connections))
        return self.connections[0]

    async def __aenter__(self) -> "FarSide":
        self._server = await asyncio.start_server(
            self._serve, "127.0.0.1", 0, ssl=self._context, limit=2**22
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for connection in self.connections:
            connection.writer.transport.abort()
        await asyncio.sleep(0)
        await self._server.wait_closed()
        assert not self.faults, self.faults

    def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.get_running_loop().create_task(self._run(Connection(reader, writer)))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _run(self, connection: Connection) -> None:
        async with self._arrived:
            self.connections.append(connection)
            self._arrived.notify_all()
        try:
            await self._script(connection)
        except (EOFError, ConnectionError, ssl.SSLError):
            pass
        except Exception as exc:
            self.faults.append(exc)
        finally:
            with contextlib.suppress(RuntimeError):
                connection.writer.close()
