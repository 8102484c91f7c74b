"""Errors of libcurl, translated by their number; their texts may hold an address, and are not read.

Source: curl.se/libcurl/c/libcurl-errors.html, read 2026-11-21.
"""

from typing import Any

from dragoman.errors import (
    ChatError,
    InputError,
    ResponseError,
    StreamTruncatedError,
    TransportError,
)
from dragoman.transport.base import Limits
from dragoman.transport.plain_errors import connect_timeout, proxy_status

__all__ = ["body_error", "head_error"]

TIMED_OUT = 28

_BEFORE_HEAD: dict[int, tuple[type[ChatError], str]] = {
    1: (ResponseError, "a reply that is not HTTP, or whose head is too long"),
    3: (InputError, "the address is no http or https URL"),
    5: (TransportError, "no address for the name of the proxy"),
    6: (TransportError, "no address for the name of the host"),
    7: (TransportError, "no connection"),
    8: (ResponseError, "a reply that is not HTTP, or whose head is too long"),
    35: (TransportError, "TLS with the server failed"),
    52: (TransportError, "the server closed the connection without a reply"),
    55: (TransportError, "the connection failed while sending"),
    56: (TransportError, "the connection failed"),
    60: (TransportError, "the certificate is not accepted"),
    77: (InputError, "verify: the file of authorities is no use"),
    97: (TransportError, "the connection through the proxy failed"),
    100: (ResponseError, "a reply that is not HTTP, or whose head is too long"),
}


def head_error(exc: Any, connect_code: int, limits: Limits) -> ChatError:
    """What went wrong before the reply's head had come; `connect_code` is the proxy's status."""
    if connect_code >= 300:
        return proxy_status(connect_code)
    code = int(getattr(exc, "code", 0))
    if code == TIMED_OUT:
        return connect_timeout(limits)
    kind, words = _BEFORE_HEAD.get(code, (TransportError, "the connection failed"))
    return kind(f"{words} (libcurl {code})" if kind is not InputError else words)


def body_error(exc: Any) -> ChatError:
    """What went wrong while the body came."""
    code = int(getattr(exc, "code", 0))
    return StreamTruncatedError(f"the connection ended before the reply did (libcurl {code})")
