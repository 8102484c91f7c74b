"""One request at a door of the gateway: its body, read within a limit, and what is sent back.

The caller's going is seen at once, in every phase: whatever is being done for it is cancelled, and
that closes the connection to the provider.
Source: ASGI 3.0, "HTTP & WebSocket", read 2026-11-21.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, MutableMapping
from typing import Any, TypeAlias, TypeVar
from urllib.parse import parse_qsl

from dragoman.errors import InputError

__all__ = ["GoneError", "Receive", "Scope", "Send", "TooLargeError", "Visit"]

# The ASGI messages themselves: each is narrowed where it is read.
Scope: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send: TypeAlias = Callable[[MutableMapping[str, Any]], Awaitable[None]]
T = TypeVar("T")


class GoneError(Exception):
    """The caller has gone; there is nobody to answer."""


class TooLargeError(InputError):
    """The body is longer than the gateway takes: status 413."""


class Visit:
    """One request and its answer."""

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._receive = receive
        self._send = send
        self.path: str = scope["path"]
        self.method: str = scope["method"]
        self.scheme: str = scope.get("scheme") or "http"
        self._query: bytes = scope.get("query_string", b"")
        self.headers: Mapping[str, str] = {
            name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]
        }
        self.server: str = (scope.get("server") or ("", None))[0] or ""
        """The address that the caller came to, as far as the server knows it."""
        self.page: list[tuple[str, str]] = []
        """What the answer says to a browser, whatever it is."""
        self.started = False
        """Whether the status has gone out."""
        self.status = 0

    def query(self) -> dict[str, str]:
        """The parameters of the address."""
        return dict(parse_qsl(self._query.decode("latin-1"), keep_blank_values=True))

    async def body(self, most_bytes: int) -> bytes:
        """The whole body; `TooLargeError`, or `GoneError` if the caller goes while sending."""
        announced = self.headers.get("content-length", "")
        if announced.isdecimal() and int(announced) > most_bytes:
            raise TooLargeError(f"the request is longer than {most_bytes} bytes")
        chunks: list[bytes] = []
        size = 0
        while True:
            message = await self._receive()
            if message["type"] == "http.disconnect":
                raise GoneError
            chunk: bytes = message.get("body", b"")
            size += len(chunk)
            if size > most_bytes:
                raise TooLargeError(f"the request is longer than {most_bytes} bytes")
            chunks.append(chunk)
            if not message.get("more_body", False):
                return b"".join(chunks)

    async def while_there(self, work: Awaitable[T]) -> T:
        """Do some work for the caller; if it goes meanwhile, cancel it and raise `GoneError`."""
        doing = asyncio.ensure_future(work)
        going = asyncio.ensure_future(self._gone())
        try:
            await asyncio.wait({doing, going}, return_when=asyncio.FIRST_COMPLETED)
            if doing.done():
                return doing.result()
            raise GoneError
        finally:
            going.cancel()
            doing.cancel()
            # It has connections to close: the caller of this waits until it has.
            await asyncio.gather(doing, going, return_exceptions=True)

    def goes_on(self, request_id: str) -> None:
        """The status went out already, with this name of the request."""
        self.started, self.status = True, 200

    async def start(self, status: int, headers: Iterable[tuple[str, str]]) -> None:
        """Send status and headers."""
        self.started, self.status = True, status
        await self._send(
            {
                "type": "http.response.start",
                "status": status,
                "headers": [
                    (name.encode("latin-1"), value.encode("latin-1"))
                    for name, value in (*headers, *self.page)
                ],
            }
        )

    async def write(self, chunk: bytes, *, more: bool = True) -> None:
        """Send a piece of the body; returns when there is room for the next one."""
        await self._send({"type": "http.response.body", "body": chunk, "more_body": more})

    async def answer(
        self, status: int, body: bytes, headers: Iterable[tuple[str, str]] = ()
    ) -> None:
        """Send a whole answer."""
        await self.start(status, [*headers, ("content-length", str(len(body)))])
        await self.write(body, more=False)

    async def _gone(self) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            pass
