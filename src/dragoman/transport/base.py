"""What every transport does, and the limits it keeps.

A transport sends one request and hands out the reply while it comes. It keeps connections but no
identity: cookies are part of the request and of the reply, so that two accounts can share
connections and never a cookie.
"""

import contextlib
import math
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from ssl import SSLContext
from typing import Protocol

import msgspec

from dragoman.errors import InputError, ResponseError, StreamTruncatedError
from dragoman.wire.http import HttpReply, HttpRequest, ReplyHead

__all__ = [
    "DEFAULT_TIMEOUT_S",
    "MAX_BODY_BYTES",
    "Limits",
    "Reply",
    "Transport",
    "Verify",
    "decode_timeout",
    "read_all",
    "read_start",
]

DEFAULT_TIMEOUT_S = 60.0
MAX_BODY_BYTES = 16 * 1024 * 1024

Verify = bool | str | SSLContext
"""How TLS is verified: True by the system's authorities, a path by those in that file."""


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """How long a call may take, in seconds; None is no limit.

    `connect_s` is for name, connection and TLS together; `idle_s` for silence between chunks, the
    wait for the first included; `first_token_s` until the answer begins; `total_s` for all of it.
    """

    connect_s: float | None = DEFAULT_TIMEOUT_S
    idle_s: float | None = DEFAULT_TIMEOUT_S
    first_token_s: float | None = None
    total_s: float | None = None


class Reply(Protocol):
    """A reply whose body is still coming."""

    @property
    def head(self) -> ReplyHead:
        """Status and headers."""
        ...

    @property
    def set_cookies(self) -> Sequence[tuple[str, str]]:
        """Address and value of each `Set-Cookie` header, those of followed redirects included."""
        ...

    async def read(self) -> bytes:
        """The next bytes, decompressed, as soon as there are any; empty at the end of the body.

        Raises `TimeoutError` at the silence limit, `StreamTruncatedError` if the connection ended
        before the body did, `ResponseError` if the bytes cannot be decompressed, and
        `TransportError` for anything else.
        """
        ...


class Transport(Protocol):
    """Sends requests; one per event loop."""

    def send(self, request: HttpRequest, limits: Limits) -> AbstractAsyncContextManager[Reply]:
        """Send one request; leaving the context closes an unfinished reply's connection.

        Redirects of a GET are followed, at most ten; those of other methods are replies.
        `TransportError` and `TimeoutError` say what failed, without the request's secrets.
        """
        ...

    async def close(self) -> None:
        """Close every connection."""
        ...


async def read_all(reply: Reply, max_bytes: int = MAX_BODY_BYTES) -> HttpReply:
    """The whole reply; `ResponseError` if its body is longer than `max_bytes`."""
    pieces: list[bytes] = []
    size = 0
    while piece := await reply.read():
        size += len(piece)
        if size > max_bytes:
            raise ResponseError(f"a reply longer than {max_bytes} bytes")
        pieces.append(piece)
    return HttpReply(reply.head, b"".join(pieces))


async def read_start(reply: Reply, max_bytes: int) -> bytes:
    """The first `max_bytes` of a body, or all of it; what a broken connection left of it is enough.

    For error bodies: their first words are what counts.
    """
    body = b""
    with contextlib.suppress(StreamTruncatedError):
        while len(body) < max_bytes and (piece := await reply.read()):
            body += piece
    return body[:max_bytes]


def decode_timeout(timeout: object) -> Limits:
    """The limits that a caller's `timeout` means.

    A number limits silence and connecting, a pair is `(connect, silence)`, None is 60 s for each.
    """
    match timeout:
        case None:
            return Limits()
        case bool():
            pass
        case int() | float() if 0 < timeout < math.inf:
            return Limits(connect_s=float(timeout), idle_s=float(timeout))
        case (int() | float() as connect, int() | float() as idle) if (
            0 < connect < math.inf and 0 < idle < math.inf
        ):
            return Limits(connect_s=float(connect), idle_s=float(idle))
        case _:
            pass
    raise InputError(f"timeout = {timeout!r}: expected seconds above 0, or (connect, silence)")
