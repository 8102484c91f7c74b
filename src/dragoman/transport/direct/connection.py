"""One connection to an origin: it carries one exchange at a time, and rests between them.

A reply's head, body and end are told after the parser has returned, so that a receiver may do
anything in any call: cancel, pause, ask again.
"""

import asyncio
import math
from collections.abc import Callable
from ssl import SSLError, SSLObject, SSLSession
from typing import Protocol, cast

from dragoman.errors import ChatError, TransportError
from dragoman.transport.base import Limits
from dragoman.transport.direct.clock import Clock
from dragoman.transport.direct.deadlines import (
    Progress,
    next_deadline,
    shortest_s,
    timeout_error,
)
from dragoman.transport.direct.exchange import Exchange
from dragoman.transport.direct.origin import framed, repeatable
from dragoman.transport.direct.reply import ReplyReader
from dragoman.transport.direct.settings import PoolLimits
from dragoman.transport.plain_errors import os_words

__all__ = ["Connection", "Home"]

# Above this, joining head and body would cost more than handing over both.
_JOIN_BYTES = 64 * 1024


class Home(Protocol):
    """Where a connection belongs."""

    clock: Clock
    limits: PoolLimits
    tls_session: SSLSession | None

    def opened(self, connection: "Connection") -> None:
        """There is a socket."""

    def freed(self, connection: "Connection") -> None:
        """It can carry the next exchange."""

    def lost(self, connection: "Connection") -> None:
        """It carries no more."""

    def gone(self, connection: "Connection") -> None:
        """Its socket is closed."""

    def again(self, exchange: Exchange) -> None:
        """Ask once more, on another connection."""


class Connection(asyncio.Protocol):
    """See the module; `closed` before it is open and after it was lost."""

    __slots__ = (
        "_born_at", "_exchange", "_free_at", "_heard_at", "_home", "_keeps_session", "_limits",
        "_now", "_paused", "_quiet_until", "_reader", "_shortest_s", "_transport", "_unsent",
        "closed",
    )  # fmt: skip

    def __init__(self, home: Home, loop: asyncio.AbstractEventLoop) -> None:
        self._home = home
        self._now: Callable[[], float] = loop.time
        self._reader = ReplyReader(home.limits)
        self._exchange: Exchange | None = None
        self._born_at = self._free_at = self._heard_at = loop.time()
        # Until when the clock is quiet: a later deadline needs no setting.
        self._quiet_until = math.inf
        self._limits: Limits | None = None
        self._shortest_s = math.inf
        self._unsent = 0
        self._paused = False
        self._keeps_session = False
        self.closed = True

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Called by the loop, after the TLS handshake if there is one."""
        # uvloop's transports do all that one does, and are none by class.
        self._transport = cast(asyncio.Transport, transport)
        self.closed = False
        self._keeps_session = transport.get_extra_info("ssl_object") is not None
        self._home.opened(self)

    @property
    def usable(self) -> bool:
        """Whether a request may be sent."""
        return not (self.closed or self._transport.is_closing())

    def begin(self, exchange: Exchange, *, reused: bool) -> None:
        """Send an exchange's request."""
        self._exchange = exchange
        exchange.line = self
        exchange.waiters = None
        exchange.sent = True
        exchange.reused = reused
        head, body = exchange.head, exchange.body
        size = len(body)
        if not size:
            self._transport.write(framed(head, body))
        elif size <= _JOIN_BYTES:
            # As `framed` does it.
            self._transport.write(b"%bcontent-length: %d\r\n\r\n%b" % (head, size, body))
        else:
            self._transport.writelines((b"%bcontent-length: %d\r\n\r\n" % (head, size), body))
            self._unsent = self._transport.get_write_buffer_size()
        self._heard_at = self._now()
        limits = exchange.limits
        if limits is not self._limits:
            self._limits = limits
            self._shortest_s = shortest_s(limits)
        # Perhaps too early; then `on_deadline` finds the right time.
        due_at = exchange.started_at + self._shortest_s
        if due_at < self._quiet_until:
            self._set(due_at)
        if exchange.paused:
            self.pause()

    def data_received(self, data: bytes) -> None:
        """Called by the loop."""
        exchange = self._exchange
        if exchange is None:
            # Nobody asked: whatever this is, the next reply would be taken for another's.
            self.abort()
            return
        exchange.heard_at = self._heard_at = self._now()
        exchange.answered = True
        reader = self._reader
        reader.feed(data)
        if reader.news:
            reader.news = False
            exchange.body = b""
            exchange.receiver.head(reader.status, reader.headers)
            if self._exchange is not exchange:
                return
        if reader.chunk:
            exchange.framed = reader.framed
            exchange.receiver.body(reader.chunk)
            if self._exchange is not exchange:
                return
        if reader.done:
            self._finish(exchange)
        elif reader.error is not None:
            self._fail(exchange, reader.error)

    def eof_received(self) -> None:
        """Called by the loop: the other side has closed, and over TLS has said so."""
        exchange = self._exchange
        if exchange is not None:
            self._end(exchange, clean=self._said_goodbye(), cause=None)
        # A polite close would wait until a peer that takes nothing has taken all.
        self.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        """Called by the loop."""
        exchange = self._exchange
        self.abort()
        self._home.gone(self)
        if exchange is not None:
            self._end(exchange, clean=False, cause=exc)
        self._reader.forget()

    def resume_writing(self) -> None:
        """Called by the loop: a long request goes on."""
        self._heard_at = self._now()

    def pause(self) -> None:
        """Read no more."""
        if not self._paused and self.usable:
            self._paused = True
            self._transport.pause_reading()

    def resume(self) -> None:
        """Read on; silence counts from now."""
        if self._paused and self.usable:
            self._paused = False
            self._heard_at = self._now()
            self._set(self._heard_at + self._shortest_s)
            self._transport.resume_reading()

    def leave(self) -> None:
        """The exchange was cancelled."""
        self._exchange = None
        self.abort()

    def abort(self) -> None:
        """Close at once, without a word to the other side."""
        if not self.closed:
            self.closed = True
            self._home.clock.drop(self)
            self._home.lost(self)
            self._transport.abort()

    def give_up(self) -> None:
        """Close what was being opened: the loop may forget to say that it is lost."""
        self.abort()
        self._home.gone(self)
        self._reader.forget()

    def fail(self, error: ChatError) -> None:
        """Close at once; a running exchange is told why."""
        if self._exchange is not None:
            self._fail(self._exchange, error)
        self.abort()

    def on_deadline(self, now: float) -> None:
        """Called by the clock: perhaps a limit passed, perhaps it has moved since."""
        self._quiet_until = math.inf
        exchange = self._exchange
        if exchange is None:
            if now >= self._rest_until():
                self.abort()
            else:
                self._set(self._rest_until())
            return
        self._see_progress(now)
        at, name = next_deadline(exchange.limits, self._progress(exchange))
        if at <= now:
            self._fail(exchange, timeout_error(exchange.limits, name))
        else:
            self._set(at)

    def _progress(self, exchange: Exchange) -> Progress:
        heard_at = None if self._paused else self._heard_at
        return Progress(exchange.started_at, heard_at, self._reader.size > 0)

    def _set(self, at: float) -> None:
        """Have the clock call at this time, if it does not anyway sooner."""
        if at < self._quiet_until:
            self._quiet_until = at
            self._home.clock.set(self, at)

    def _rest_until(self) -> float:
        limits = self._home.limits
        idle_at, old_at = self._free_at + limits.idle_s, self._born_at + limits.age_s
        return idle_at if idle_at < old_at else old_at

    def _see_progress(self, now: float) -> None:
        # A peer that still takes the request is not silent.
        unsent = self._transport.get_write_buffer_size()
        if unsent < self._unsent:
            self._heard_at = now
        self._unsent = unsent

    def _finish(self, exchange: Exchange) -> None:
        self._exchange = None
        exchange.over = True
        exchange.line = None
        keep = self._reader.keep
        self._reader.restart()
        if self._paused:
            self.resume()
        self._rest(keep)
        exchange.receiver.done()

    def _rest(self, keep: bool) -> None:
        if self._keeps_session:
            self._keep_session()
        # A reply before the whole request was taken: the rest must not go before the next one.
        transport = self._transport
        if not keep or transport.is_closing() or transport.get_write_buffer_size():
            self.abort()
            return
        self._free_at = self._now()
        until = self._rest_until()
        if until <= self._free_at:
            self.abort()
            return
        if until < self._quiet_until:
            self._set(until)
        self._home.freed(self)

    def _said_goodbye(self) -> bool:
        ssl_object: SSLObject | None = self._transport.get_extra_info("ssl_object")
        if ssl_object is None:
            return True
        # asyncio calls a cut an end; TLS itself knows better.
        try:
            return ssl_object.read(1) == b""
        except SSLError:
            return False

    def _keep_session(self) -> None:
        # Not at the handshake: TLS 1.3 sends its tickets after it.
        ssl_object: SSLObject | None = self._transport.get_extra_info("ssl_object")
        session = ssl_object.session if ssl_object is not None else None
        if session is not None and session.has_ticket:
            self._home.tls_session = session
            self._keeps_session = False

    def _end(self, exchange: Exchange, *, clean: bool, cause: Exception | None) -> None:
        reader = self._reader
        reader.end(clean=clean)
        if reader.done:
            self._finish(exchange)
        elif (
            exchange.reused
            and not (exchange.answered or exchange.repeated)
            and repeatable(exchange.head)
        ):
            exchange.repeated = True
            self._exchange = exchange.line = None
            self.abort()
            self._home.again(exchange)
        else:
            error = reader.error or TransportError("the connection failed")
            if cause is not None and not exchange.answered:
                error = TransportError(f"the connection failed: {os_words(cause)}")
                error.__cause__ = cause
            self._fail(exchange, error)

    def _fail(self, exchange: Exchange, error: ChatError) -> None:
        self._exchange = None
        exchange.coded = self._reader.coded
        self.abort()
        exchange.fail(error)
