"""How a connection is opened: name, socket, TLS; rare, so this may be a coroutine.

TLS sessions are resumed though `create_connection` takes none: both asyncio and uvloop make their
TLS object by one call of the context's `wrap_bio`, and there the session is put in. The session is
of the same origin and the same context, so what was verified then is what is believed now.
Source: docs.python.org, ssl, "SSL session" and `SSLContext.wrap_bio`, read 2026-11-21.
"""

import asyncio
import builtins
import ssl
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, nullcontext
from typing import cast

from dragoman.errors import TransportError
from dragoman.transport.direct.connection import Connection
from dragoman.transport.direct.names import Names
from dragoman.transport.direct.origin import Origin
from dragoman.transport.plain_errors import os_words

__all__ = ["open_connection"]


class _Resuming:
    """Stands for a context where the loop makes its TLS object; it gives it a session."""

    def __init__(self, context: ssl.SSLContext, session: ssl.SSLSession) -> None:
        self._context = context
        self._session = session

    def wrap_bio(
        self,
        incoming: ssl.MemoryBIO,
        outgoing: ssl.MemoryBIO,
        server_side: bool = False,
        server_hostname: str | bytes | None = None,
    ) -> ssl.SSLObject:
        return self._context.wrap_bio(
            incoming, outgoing, server_side, server_hostname, self._session
        )


async def open_connection(
    origin: Origin,
    make: Callable[[], Connection],
    names: Names,
    *,
    session: ssl.SSLSession | None,
    connect_s: float | None,
) -> Connection:
    """A connection to the first of an origin's addresses that takes one.

    With more than one address each has its share of `connect_s`. `TransportError` says what went
    wrong at the last.
    """
    addresses = await names.addresses(origin.host, origin.port)
    error = TransportError(f"no address for the name {origin.host}")
    for address in addresses:
        share: AbstractAsyncContextManager[object] = nullcontext()
        if connect_s is not None and len(addresses) > 1:
            share = asyncio.timeout(connect_s / len(addresses))
        try:
            async with share:
                return await _open(origin, address, make, session)
        except OSError as exc:
            error = _error(origin, exc)
            if error is not exc:
                error.__cause__ = exc
        except ValueError as exc:
            # Names that TLS cannot ask for, as one that begins with a dot.
            raise TransportError(f"no certificate can be for the name {origin.host}") from exc
    names.forget(origin.host, origin.port)
    raise error


async def _open(
    origin: Origin,
    address: str,
    make: Callable[[], Connection],
    session: ssl.SSLSession | None,
) -> Connection:
    loop = asyncio.get_running_loop()
    tls: ssl.SSLContext | None = origin.tls
    if tls is not None and session is not None:
        tls = cast(ssl.SSLContext, _Resuming(tls, session))  # all that a loop asks of it
    transport, connection = await loop.create_connection(
        make, address, origin.port, ssl=tls, server_hostname=origin.host if tls else None
    )
    ssl_object: ssl.SSLObject | None = transport.get_extra_info("ssl_object")
    spoken = ssl_object.selected_alpn_protocol() if ssl_object is not None else None
    if spoken not in {None, "http/1.1"}:
        connection.abort()
        raise TransportError(f"the server chose {spoken}, and not HTTP/1.1")
    return connection


def _error(origin: Origin, exc: OSError) -> TransportError:
    where = f"{origin.host}:{origin.port}"
    match exc:
        case TransportError():
            return exc
        case ssl.SSLCertVerificationError():
            words = exc.verify_message or "not valid"
            return TransportError(f"the certificate of {where} is not accepted: {words}")
        case ssl.SSLError():
            return TransportError(f"TLS with {where} failed: {os_words(exc)}")
        case builtins.TimeoutError():
            return TransportError(f"no connection to {where}: no answer")
        case _:
            return TransportError(f"no connection to {where}: {os_words(exc)}")
