"""A model that says what a test lets it say, when the test lets it: a service of OpenAI's dialect.

An emulator answers at its own pace or falls silent for ever; this one waits for a word from the
test between two events, so that what is seen in the middle of an answer is a condition, not a time.
"""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import msgspec

from tests.gateway.odd_service import DONE, STREAM, chunk, event

__all__ = ["PATIENCE_S", "Speaker", "Telling", "open_speaker"]

PATIENCE_S = 30.0
_MODELS = {"object": "list", "data": [{"id": "held", "object": "model", "owned_by": "tests"}]}


class Telling:
    """One answer under way; `asked` is the body of its request."""

    def __init__(self, asked: dict[str, Any], writer: asyncio.StreamWriter) -> None:
        self.asked = asked
        self._writer = writer
        self._begun = False
        self.over = asyncio.Event()
        self.left = asyncio.Event()

    async def say(self, text: str) -> None:
        """One event with this text."""
        await self._send(event(text))

    async def end(self, text: str = "") -> None:
        """The proper end, after some last words."""
        await self._send(event(text, finish="stop") + DONE, last=b"0\r\n\r\n")
        self.over.set()

    def break_off(self) -> None:
        """Cut the connection in the middle."""
        self._writer.transport.abort()

    async def was_left(self) -> None:
        """Wait until nobody listens any more."""
        async with asyncio.timeout(PATIENCE_S):
            await self.left.wait()

    async def _send(self, data: bytes, last: bytes = b"") -> None:
        head = b"" if self._begun else STREAM
        self._begun = True
        self._writer.write(head + chunk(data) + last)
        await self._writer.drain()


class Speaker:
    """The service; `url` is what `base_url` of a provider should be."""

    def __init__(self) -> None:
        self.url = ""
        self._tellings: asyncio.Queue[Telling] = asyncio.Queue()
        self._lines: set[asyncio.Task[None]] = set()

    async def asked(self) -> Telling:
        """The next request that comes, not answered yet."""
        async with asyncio.timeout(PATIENCE_S):
            return await self._tellings.get()

    @property
    def is_unasked(self) -> bool:
        """Whether there is no request that nobody has looked at."""
        return self._tellings.empty()

    def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection."""
        line = asyncio.ensure_future(self._answer(reader, writer))
        self._lines.add(line)
        line.add_done_callback(self._lines.discard)

    async def close(self) -> None:
        """End every connection."""
        for line in self._lines:
            line.cancel()
        await asyncio.gather(*self._lines, return_exceptions=True)

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                found = re.search(rb"content-length: (\d+)", head, re.IGNORECASE)
                body = await reader.readexactly(int(found[1])) if found else b""
                if head.startswith(b"GET"):
                    writer.write(_whole(msgspec.json.encode(_MODELS)))
                else:
                    await self._tell(Telling(msgspec.json.decode(body), writer), reader)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    async def _tell(self, telling: Telling, reader: asyncio.StreamReader) -> None:
        self._tellings.put_nowait(telling)
        over = asyncio.ensure_future(telling.over.wait())
        # A client sends nothing while it listens: whatever can be read is its leaving.
        gone = asyncio.ensure_future(reader.read(1))
        try:
            await asyncio.wait({over, gone}, return_when=asyncio.FIRST_COMPLETED)
            if gone.done():
                gone.exception()
                telling.left.set()
                raise ConnectionResetError
        finally:
            over.cancel()
            gone.cancel()
            await asyncio.wait({over, gone})


def _whole(body: bytes) -> bytes:
    head = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n"
    return head % len(body) + body


@asynccontextmanager
async def open_speaker() -> AsyncIterator[Speaker]:
    """A speaker on a free port of loopback."""
    speaker = Speaker()
    server = await asyncio.start_server(speaker.accept, "127.0.0.1", 0, limit=2**26)
    speaker.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"
    async with server:
        try:
            yield speaker
        finally:
            await speaker.close()
