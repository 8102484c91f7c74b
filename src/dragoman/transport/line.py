"""What calls travel over: transports, opened when they are first needed, and what lives as long.

A `Line` belongs to one event loop and to whoever opened it: a client keeps one for all its calls,
a call on a provider class opens one for itself.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Hashable
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from typing import Any, TypeVar

from dragoman.account import Reticent
from dragoman.errors import TransportError
from dragoman.sessions.store import SessionStore
from dragoman.transport.base import Transport, Verify
from dragoman.transport.open import open_transport

__all__ = ["Line", "LineSettings"]

T = TypeVar("T")


class LineSettings(Reticent, frozen=True, kw_only=True):
    """How a transport reaches the world.

    `proxy` is an http, https or socks URL for every request; `kind` chooses the library.
    """

    proxy: str | None = None
    verify: Verify = True
    kind: str = "plain"

    def __repr__(self) -> str:
        # A proxy's URL may hold a password.
        return f"LineSettings(kind={self.kind!r}, proxy={'set' if self.proxy else None})"


class Line:
    """Open transports and long-lived helpers of one loop; closed once, all together.

    `skipped` counts, by provider, the broken events of answers that were passed over.
    """

    def __init__(self) -> None:
        self.skipped: Counter[str] = Counter()
        self._stack = AsyncExitStack()
        self._transports: dict[LineSettings, Transport] = {}
        self._kept: dict[Hashable, Any] = {}
        self._lock = asyncio.Lock()
        self._sessions: SessionStore | None = None
        self._closed = False

    @property
    def sessions(self) -> SessionStore:
        """The handshake results of the running loop."""
        if self._sessions is None:
            self._sessions = SessionStore.of_running_loop()
        return self._sessions

    def transport(self, settings: LineSettings) -> Transport:
        """The transport with these settings; the same one for every call."""
        transport = self._transports.get(settings)
        if transport is None:
            self._check_open()
            transport = open_transport(settings.kind, proxy=settings.proxy, verify=settings.verify)
            self._transports[settings] = transport
            self._stack.push_async_callback(transport.close)
        return transport

    async def keep(self, key: Hashable, opened: Callable[[], AbstractAsyncContextManager[T]]) -> T:
        """What `opened` gives, entered once per key and left when the line closes."""
        async with self._lock:
            if key not in self._kept:
                self._check_open()
                self._kept[key] = await self._stack.enter_async_context(opened())
            value: T = self._kept[key]
            return value

    async def close(self) -> None:
        """Close everything that was opened, last first; nothing can be opened afterwards."""
        self._closed = True
        self._transports.clear()
        self._kept.clear()
        await self._stack.aclose()

    def _check_open(self) -> None:
        # Nobody would close it any more.
        if self._closed:
            raise TransportError("this client is closed")

    async def __aenter__(self) -> "Line":
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()
