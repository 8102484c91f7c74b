"""A cable between the browser and a gateway: it can be pulled, plugged in again, and led elsewhere.

The browser's own "offline" leaves alone what is under way; a pulled cable ends that, too.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

__all__ = ["Cable", "lay_cable"]

_PIECE_BYTES = 65536


class Cable:
    """The browser's side is `url`; `port` is where it leads to on this machine."""

    def __init__(self, port: int) -> None:
        self.url = ""
        self.port = port
        self.is_pulled = False
        self._lines: set[asyncio.Task[None]] = set()
        self._refused = asyncio.Condition()

    async def pull(self) -> None:
        """End every connection and let no other one be made."""
        self.is_pulled = True
        lines = list(self._lines)
        for line in lines:
            line.cancel()
        await asyncio.gather(*lines, return_exceptions=True)

    def plug(self, port: int | None = None) -> None:
        """Let connections be made again, perhaps to another port."""
        self.port = port or self.port
        self.is_pulled = False

    async def was_tried(self) -> None:
        """Wait until somebody has tried in vain to connect from now on."""
        async with asyncio.timeout(30), self._refused:
            await self._refused.wait()

    def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection."""
        line = asyncio.ensure_future(self._lead(reader, writer))
        self._lines.add(line)
        line.add_done_callback(self._lines.discard)

    async def _lead(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.is_pulled:
            writer.transport.abort()
            async with self._refused:
                self._refused.notify_all()
            return
        try:
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self.port)
        except ConnectionError:
            writer.transport.abort()
            return
        try:
            async with asyncio.TaskGroup() as both:
                both.create_task(_pour(reader, far_writer))
                both.create_task(_pour(far_reader, writer))
        except* ConnectionError:
            pass
        finally:
            writer.transport.abort()
            far_writer.transport.abort()


async def _pour(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while piece := await reader.read(_PIECE_BYTES):
        writer.write(piece)
        await writer.drain()
    # One side has ended: so does the other.
    raise ConnectionResetError


@asynccontextmanager
async def lay_cable(port: int) -> AsyncIterator[Cable]:
    """A cable to a port of this machine."""
    cable = Cable(port)
    server = await asyncio.start_server(cable.accept, "127.0.0.1", 0)
    cable.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    async with server:
        try:
            yield cable
        finally:
            await cable.pull()
