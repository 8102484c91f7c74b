"""One client connection while a request of it is answered: write, close, abort.

It writes below aiohttp's response classes, so that every byte of the reply is ours.
"""

import asyncio
import contextlib
import socket
import struct
import sys
from typing import NoReturn

from aiohttp import HttpVersion11, web

if sys.platform == "linux":
    import fcntl
    import termios

__all__ = ["Line"]


class Line:
    """The connection of one request; the handler is cancelled when the client leaves."""

    def __init__(self, request: web.BaseRequest) -> None:
        """Take over the connection: from now on each write waits for the kernel."""
        self._request = request
        self.chunks = request.version >= HttpVersion11
        self.keep_alive = request.keep_alive
        self.hung_up = False
        self.head_only = request.method == "HEAD"
        if request.transport is not None:
            # With any buffer of ours, a reset would throw away what was meant to arrive.
            # asyncio's TLS transport takes 0 for "always full".
            tls = request.transport.get_extra_info("sslcontext") is not None
            request.transport.set_write_buffer_limits(high=1 if tls else 0, low=0)

    async def write(self, data: bytes) -> None:
        """Hand bytes to the kernel; `ConnectionResetError` if the client has left."""
        transport = self._transport()
        if transport.is_closing():
            # Its loss is known, and cancels the handler in a moment.
            await self.silence()
        transport.write(data)
        await self._request.writer.drain()

    async def fin(self) -> NoReturn:
        """Close in order (TCP FIN) after everything written; never returns."""
        self.hung_up = True
        self._transport().close()
        await self.silence()

    async def rst(self) -> NoReturn:
        """Abort (TCP RST); never returns."""
        transport = self._transport()
        sock: socket.socket = transport.get_extra_info("socket")
        await _acknowledged(sock)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.hung_up = True
        transport.abort()
        await self.silence()

    async def silence(self) -> NoReturn:
        """Say nothing until the connection is gone, which cancels the handler."""
        await asyncio.get_running_loop().create_future()
        raise AssertionError("nobody sets this future")

    def _transport(self) -> asyncio.Transport:
        if self._request.transport is None:
            raise ConnectionResetError("the client has left")
        return self._request.transport


async def _acknowledged(sock: socket.socket) -> None:
    """Wait until the client's kernel has all bytes: a reset throws away what it has not.

    The kernel tells no event of this, so it is asked; where it cannot be, nothing is waited for.
    """
    if sys.platform == "linux":
        while _unsent_bytes(sock):  # noqa: ASYNC110 - the kernel sets no event
            await asyncio.sleep(0.001)


def _unsent_bytes(sock: socket.socket) -> int:
    with contextlib.suppress(OSError):
        answer = fcntl.ioctl(sock.fileno(), termios.TIOCOUTQ, b"\0" * 4)
        return int.from_bytes(answer, sys.byteorder)
    return 0
