"""A connection to a gateway that says exactly the bytes that it is told to."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

import msgspec

from tests.gateway.wire import Answer

__all__ = ["Raw", "chat", "connect", "head"]


class Raw(Answer):
    """One connection; what is read of it is an `Answer`, one after the other."""

    kept = b""
    """The last body, where somebody kept it."""

    @property
    def has_answer(self) -> bool:
        """Whether something came that was not read yet."""
        # The reader does not say: it can only be asked by waiting.
        return bool(self.reader._buffer)  # type: ignore[attr-defined]

    async def send(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()

    async def send_until_refused(self, piece: bytes, most_bytes: int, pace_s: float) -> int:
        """Send it again and again, until the other side takes no more; how many bytes it took."""
        sent = 0
        try:
            while sent < most_bytes and not self.reader.at_eof():
                await self.send(piece)
                sent += len(piece)
                await asyncio.sleep(pace_s)
                if self.has_answer:
                    break
        except ConnectionError:
            pass
        return sent

    async def statuses(self) -> list[int]:
        """The status of each answer until the connection is closed; a cut one is 0."""
        found: list[int] = []
        while True:
            try:
                await self.read_head()
                await self.body()
            except asyncio.IncompleteReadError as exc:
                return [*found, 0] if exc.partial else found
            except ConnectionError:
                return found
            found.append(self.status if self.whole else 0)

    async def is_closed_in(self, seconds: float) -> bool:
        """Whether the other side closes within that time, whatever it says before."""
        try:
            async with asyncio.timeout(seconds):
                await self.reader.read()
        except TimeoutError:
            return False
        except ConnectionError:
            return True
        return True


@asynccontextmanager
async def connect(url: str) -> AsyncIterator[Raw]:
    parts = urlsplit(url)
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port, limit=2**20)
    try:
        yield Raw(reader, writer)
    finally:
        writer.transport.abort()
        await asyncio.sleep(0)


def head(*more: str, first: str = "POST /v1/chat/completions HTTP/1.1", end: str = "\r\n") -> bytes:
    """The head of a request from this machine, with more lines."""
    lines = [first, "host: 127.0.0.1", *more]
    return "".join(line + end for line in lines).encode("latin-1") + end.encode()


def chat(text: str = "one two three", *, stream: bool = False) -> bytes:
    """The body of a chat."""
    said = {
        "model": "chat/mock-model",
        "messages": [{"role": "user", "content": text}],
        "stream": stream,
    }
    return msgspec.json.encode(said)
