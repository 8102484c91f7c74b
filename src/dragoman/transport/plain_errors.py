"""Errors of aiohttp, of SOCKS and of the system, translated where they appear.

By type and number only. No foreign message is quoted: it may hold a proxy's password, a query or a
cookie; that is also why only the system's own error is kept as the cause.
Source: docs.aiohttp.org, client exceptions, read 2026-11-21.
"""

import asyncio
import errno
import os
import socket
import ssl

import aiohttp

from dragoman.errors import (
    ChatError,
    InputError,
    ResponseError,
    StreamTruncatedError,
    TimeoutError,
    TransportError,
)
from dragoman.transport.base import Limits

__all__ = [
    "body_error",
    "connect_timeout",
    "head_error",
    "idle_timeout",
    "os_words",
    "proxy_status",
]

PROXY_LOGIN = "the proxy wants a user name and a password, or others (407)"


def connect_timeout(limits: Limits) -> TimeoutError:
    """The limit on name, connection and TLS passed."""
    return TimeoutError(f"no connection within {limits.connect_s:g} s (connect limit)")


def idle_timeout(limits: Limits) -> TimeoutError:
    """The limit on silence passed."""
    return TimeoutError(f"silence for {limits.idle_s:g} s (silence limit)")


def proxy_status(status: int) -> TransportError:
    """The proxy's refusal."""
    return TransportError(PROXY_LOGIN if status == 407 else f"the proxy refused, status {status}")


def head_error(exc: Exception, limits: Limits) -> ChatError:
    """What went wrong before the reply's head had come."""
    error = _head_error(exc, limits)
    error.__cause__ = getattr(exc, "os_error", None)
    error.__suppress_context__ = True
    return error


def body_error(exc: Exception, limits: Limits) -> ChatError:
    """What went wrong while the body came."""
    match exc:
        case aiohttp.SocketTimeoutError():
            error: ChatError = idle_timeout(limits)
        case _:
            error = StreamTruncatedError("the connection ended before the reply did")
    error.__suppress_context__ = True
    return error


def _head_error(exc: Exception, limits: Limits) -> ChatError:
    match exc:
        case aiohttp.ConnectionTimeoutError():
            return connect_timeout(limits)
        case aiohttp.SocketTimeoutError() | asyncio.TimeoutError():
            return idle_timeout(limits)
        case aiohttp.ClientConnectorError():
            return _connect_error(exc)
        case aiohttp.ClientHttpProxyError():
            return proxy_status(exc.status)
        case aiohttp.ServerDisconnectedError():
            return TransportError("the server closed the connection without a reply")
        case aiohttp.ClientResponseError():
            return ResponseError("a reply that is not HTTP, or whose head is too long")
        case OSError():
            return TransportError(f"the connection failed: {os_words(exc)}")
        case ValueError():
            return InputError("a header or the address holds characters that cannot be sent")
        case _:
            # Also SOCKS' own error type, which is neither of aiohttp nor of the system.
            return TransportError("the connection, or that of the proxy, failed")


def _connect_error(exc: aiohttp.ClientConnectorError) -> ChatError:
    where = f"{exc.host}:{exc.port}"
    inner = exc.os_error
    if isinstance(exc, aiohttp.ClientConnectorCertificateError):
        words = getattr(exc.certificate_error, "verify_message", "") or "not valid"
        return TransportError(f"the certificate of {where} is not accepted: {words}")
    if isinstance(exc, aiohttp.ClientProxyConnectionError):
        return TransportError(f"no connection to the proxy: {os_words(inner)}")
    if isinstance(inner, ssl.SSLError):
        return TransportError(f"TLS with {where} failed: {os_words(inner)}")
    if isinstance(exc, aiohttp.ClientConnectorDNSError):
        return TransportError(f"no address for the name {exc.host}")
    return TransportError(f"no connection to {where}: {os_words(inner)}")


def os_words(exc: BaseException) -> str:
    """What a system error says by its number; nothing of its message."""
    if isinstance(exc, ssl.SSLError):
        return (exc.reason or "TLS error").replace("_", " ").lower()
    if isinstance(exc, socket.gaierror):
        return "name not known"
    number = exc.errno if isinstance(exc, OSError) else None
    if number is None or number not in errno.errorcode:
        return type(exc).__name__
    return os.strerror(number)
