"""Connections of one event loop, by origin, kept between requests."""

import asyncio

from dragoman.errors import TransportError
from dragoman.transport.base import Limits
from dragoman.transport.direct.clock import Clock
from dragoman.transport.direct.connection import Connection
from dragoman.transport.direct.exchange import Exchange, Receiver
from dragoman.transport.direct.names import Names
from dragoman.transport.direct.origin import Origin
from dragoman.transport.direct.reply import require_httptools
from dragoman.transport.direct.settings import PoolLimits
from dragoman.transport.direct.site import CLOSED, Site
from dragoman.transport.tls import InsecureWarnings

__all__ = ["DirectPool"]

CLOSING_S = 1.0


class DirectPool:
    """Asks origins; see the package. Made inside of a running loop, and closed in it.

    `MissingRequirementsError` without httptools. `clock` keeps anybody's deadlines.
    """

    def __init__(self, limits: PoolLimits | None = None) -> None:
        require_httptools()
        self.loop = asyncio.get_running_loop()
        self.limits = limits or PoolLimits()
        self.clock = Clock(self.loop)
        self.names = Names(self.loop)
        self.insecure = InsecureWarnings()
        self.tasks: set[asyncio.Task[None]] = set()
        self._sockets: set[Connection] = set()
        self._empty: asyncio.Future[None] | None = None
        self._now = self.loop.time
        self._sites: dict[Origin, Site] = {}
        self._closed = False

    def ask(
        self, origin: Origin, head: bytes, body: bytes, *, receiver: Receiver, limits: Limits
    ) -> Exchange:
        """Send a request; the receiver is told of its reply, never before this has returned.

        `head` is what `request_head` gave. `TransportError` if the pool is closed.
        """
        exchange = Exchange(head, body, receiver=receiver, limits=limits, now=self._now())
        site = self._sites.get(origin)
        if site is None:
            site = self._open_site(origin)
        idle = site.idle
        while idle:
            connection, _ = idle.popitem()
            if connection.usable:
                connection.begin(exchange, reused=True)
                return exchange
        site.wait(exchange)
        return exchange

    async def close(self) -> None:
        """Close every connection; whoever still waits or reads is told."""
        self._closed = True
        for site in self._sites.values():
            site.close()
        self._sites.clear()
        self.clock.close()
        await asyncio.gather(*self.tasks, *self.names.close(), return_exceptions=True)
        if self._sockets:
            # The loop closes them in its next turns.
            self._empty = self.loop.create_future()
            await asyncio.wait([self._empty], timeout=CLOSING_S)

    def opened(self, connection: Connection) -> None:
        """See `Shared`."""
        self._sockets.add(connection)

    def gone(self, connection: Connection) -> None:
        """See `Shared`."""
        self._sockets.discard(connection)
        if self._empty is not None and not self._sockets and not self._empty.done():
            self._empty.set_result(None)

    def _open_site(self, origin: Origin) -> Site:
        if self._closed:
            raise TransportError(CLOSED)
        site = self._sites[origin] = Site(origin, self)
        return site
