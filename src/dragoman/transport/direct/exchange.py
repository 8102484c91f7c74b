"""One request and its reply, as the one who asked sees them."""

from typing import Protocol

from dragoman.errors import ChatError
from dragoman.transport.base import Limits
from dragoman.transport.direct.deadlines import timeout_error, waiting_deadline
from dragoman.transport.direct.reply import Headers

__all__ = ["Exchange", "Line", "Receiver", "Waiters"]


class Receiver(Protocol):
    """Who is told of a reply; in which order, the package's docstring says.

    Each call is made from the loop, and waits for nothing. What one raises goes to the loop's
    exception handler and ends the exchange.
    """

    def head(self, status: int, headers: Headers) -> None:
        """The final status, 200 to 999, and the fields: lower-case names, as they came."""
        ...

    def body(self, chunk: bytes) -> None:
        """The next bytes of the body."""
        ...

    def done(self) -> None:
        """The reply is whole."""
        ...

    def failed(self, error: ChatError) -> None:
        """There will be no more of it."""
        ...


class Line(Protocol):
    """What an exchange asks of its connection."""

    def pause(self) -> None:
        """Read no more."""

    def resume(self) -> None:
        """Read on."""

    def leave(self) -> None:
        """Close at once."""


class Waiters(Protocol):
    """What an exchange without a connection asks of those who wait with it."""

    def leave(self, exchange: "Exchange") -> None:
        """It waits no longer."""


class Exchange:
    """A request that was asked; made by the pool.

    `sent` says whether any of it was given to a socket, `reused` that this was a kept connection,
    `answered` that any byte of a reply came, `coded` that it was compressed. Where `sent` is False
    nobody has heard the request. While the receiver is told of a body, `heard_at` is when the
    socket was read, in the loop's time, and `framed` the read itself if it was that one chunk of
    HTTP's and nothing else.
    """

    __slots__ = (
        "answered", "body", "coded", "framed", "head", "heard_at", "limits", "line", "over",
        "paused", "receiver", "repeated", "reused", "sent", "started_at", "waiters",
    )  # fmt: skip

    def __init__(
        self, head: bytes, body: bytes, *, receiver: Receiver, limits: Limits, now: float
    ) -> None:
        self.head = head
        self.body = body
        self.receiver = receiver
        self.limits = limits
        self.started_at = now
        self.line: Line | None = None
        self.waiters: Waiters | None = None
        self.sent = self.reused = self.answered = self.coded = False
        self.over = self.paused = self.repeated = False
        self.heard_at = now
        self.framed = b""

    def pause(self) -> None:
        """Read no more from the socket; what was read already still comes, in one `body` call."""
        self.paused = True
        if self.line is not None:
            self.line.pause()

    def resume(self) -> None:
        """Read on."""
        self.paused = False
        if self.line is not None:
            self.line.resume()

    def cancel(self) -> None:
        """Close the connection, or stop waiting for one; the receiver is told nothing more."""
        if self.over:
            return
        self.over = True
        if self.line is not None:
            self.line.leave()
            self.line = None
        elif self.waiters is not None:
            self.waiters.leave(self)

    def fail(self, error: ChatError) -> None:
        """Tell the receiver, unless it is over."""
        if not self.over:
            self.over = True
            self.line = self.waiters = None
            self.receiver.failed(error)

    def on_deadline(self, now: float) -> None:
        """A limit passed while it waited for a connection."""
        _, name = waiting_deadline(self.limits, self.started_at)
        if self.waiters is not None:
            self.waiters.leave(self)
        self.fail(timeout_error(self.limits, name))
