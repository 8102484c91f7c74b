"""All connections to one origin, and who waits for one."""

import asyncio
from collections import deque
from ssl import CERT_NONE, SSLSession
from typing import Protocol

from dragoman.errors import ChatError, TransportError
from dragoman.transport.direct.clock import Clock
from dragoman.transport.direct.connection import Connection
from dragoman.transport.direct.deadlines import waiting_deadline
from dragoman.transport.direct.exchange import Exchange
from dragoman.transport.direct.names import Names
from dragoman.transport.direct.opening import open_connection
from dragoman.transport.direct.origin import Origin
from dragoman.transport.direct.settings import PoolLimits
from dragoman.transport.tls import InsecureWarnings

__all__ = ["CLOSED", "Shared", "Site"]

CLOSED = "this pool is closed"


class Shared(Protocol):
    """What the sites of a pool have together."""

    clock: Clock
    limits: PoolLimits
    loop: asyncio.AbstractEventLoop
    tasks: set[asyncio.Task[None]]
    names: Names
    insecure: InsecureWarnings

    def opened(self, connection: Connection) -> None:
        """There is a socket."""

    def gone(self, connection: Connection) -> None:
        """Its socket is closed."""


class Site:
    """Connections are given out last used first, so that those too many grow old."""

    __slots__ = (
        "_live", "_shared", "clock", "idle", "limits", "opening", "origin", "tls_session",
        "waiting",
    )  # fmt: skip

    def __init__(self, origin: Origin, shared: Shared) -> None:
        self.origin = origin
        self.clock = shared.clock
        self.limits = shared.limits
        self.tls_session: SSLSession | None = None
        # A dictionary for its order; the last in is the first out.
        self.idle: dict[Connection, None] = {}
        self.waiting: deque[Exchange] = deque()
        self.opening: list[asyncio.Task[None]] = []
        self._live: set[Connection] = set()
        self._shared = shared

    def wait(self, exchange: Exchange, *, first: bool = False) -> None:
        """Give an exchange the next connection that is free or open."""
        most = self.limits.connections + self.limits.waiting
        if len(self._live) + len(self.waiting) >= most:
            error = TransportError(f"too many calls wait for {self.origin.host}")
            self._shared.loop.call_soon(exchange.fail, error)
            return
        exchange.waiters = self
        if first:
            self.waiting.appendleft(exchange)
        else:
            self.waiting.append(exchange)
        self.clock.set(exchange, waiting_deadline(exchange.limits, exchange.started_at)[0])
        self._open_more()

    def leave(self, exchange: Exchange) -> None:
        """An exchange waits no longer; a connection that only it waited for is given up."""
        self.clock.drop(exchange)
        self.waiting.remove(exchange)
        exchange.waiters = None
        while len(self.opening) > len(self.waiting):
            self.opening.pop().cancel()

    def opened(self, connection: Connection) -> None:
        """See `Home`."""
        self._live.add(connection)
        self._shared.opened(connection)

    def freed(self, connection: Connection) -> None:
        """See `Home`."""
        if self.waiting:
            self._serve(connection, reused=True)
        else:
            self._keep(connection)

    def lost(self, connection: Connection) -> None:
        """See `Home`."""
        self.idle.pop(connection, None)
        self._live.discard(connection)
        if self.waiting:
            self._open_more()

    def gone(self, connection: Connection) -> None:
        """See `Home`."""
        self._shared.gone(connection)

    def again(self, exchange: Exchange) -> None:
        """See `Home`."""
        # The others that were kept may be as dead as this one.
        for connection in list(self.idle):
            connection.abort()
        self.wait(exchange, first=True)

    def close(self) -> None:
        """Close everything; those who wait or read are told."""
        while self.opening:
            self.opening.pop().cancel()
        while self.waiting:
            exchange = self.waiting.popleft()
            self.clock.drop(exchange)
            exchange.fail(TransportError(CLOSED))
        for connection in list(self._live):
            connection.fail(TransportError(CLOSED))

    def _open_more(self) -> None:
        room = min(
            self.limits.connections - len(self._live) - len(self.opening),
            self.limits.opening - len(self.opening),
            len(self.waiting) - len(self.opening),
        )
        for _ in range(room):
            connect_s = self.waiting[0].limits.connect_s
            task = self._shared.loop.create_task(self._open(connect_s))
            self.opening.append(task)
            self._shared.tasks.add(task)
            task.add_done_callback(self._shared.tasks.discard)

    async def _open(self, connect_s: float | None) -> None:
        connection, error = None, None
        try:
            connection = await self._connect(connect_s)
        except ChatError as exc:
            error = exc
        finally:
            task = asyncio.current_task()
            # One that was given up is there no more.
            if task in self.opening:
                self.opening.remove(task)
        if connection is not None and connection.usable:
            if not self._serve(connection, reused=False):
                self._keep(connection)
        elif self.waiting:
            exchange = self.waiting.popleft()
            self.clock.drop(exchange)
            exchange.fail(error or TransportError("the server closed the connection at once"))
        self._open_more()

    async def _connect(self, connect_s: float | None) -> Connection:
        tls = self.origin.tls
        if tls is not None and tls.verify_mode == CERT_NONE:
            self._shared.insecure.say(self.origin.host)
        made: list[Connection] = []

        def make() -> Connection:
            made.append(Connection(self, self._shared.loop))
            return made[-1]

        try:
            return await open_connection(
                self.origin,
                make,
                self._shared.names,
                session=self.tls_session,
                connect_s=connect_s,
            )
        except BaseException:
            for connection in made:
                connection.give_up()
            raise

    def _serve(self, connection: Connection, *, reused: bool) -> bool:
        if not self.waiting:
            return False
        exchange = self.waiting.popleft()
        self.clock.drop(exchange)
        connection.begin(exchange, reused=reused)
        return True

    def _keep(self, connection: Connection) -> None:
        self.idle[connection] = None
        if len(self.idle) > self.limits.idle:
            next(iter(self.idle)).abort()
