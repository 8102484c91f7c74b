"""Errors that are the same in every dialect: of what cannot be read, and as a face says them.

A provider's own status is passed on: the caller's program knows what to do about a 429.
"""

import math

import msgspec

from dragoman.errors import (
    AuthError,
    ChatError,
    ContentFilterError,
    InputError,
    MissingRequirementsError,
    ModelNotSupportedError,
    ResponseError,
    ResponseStatusError,
    StreamTruncatedError,
    TimeoutError,
    excerpt,
)

__all__ = [
    "FOREIGN",
    "cut_off",
    "failure_headers",
    "failure_message",
    "failure_status",
    "senseless",
]

FOREIGN = (msgspec.DecodeError, UnicodeError, RecursionError)
"""What msgspec raises for JSON that it cannot read."""

_STATUSES: tuple[tuple[type[ChatError], int], ...] = (
    (ModelNotSupportedError, 404),
    (InputError, 400),
    (AuthError, 401),
    (ContentFilterError, 400),
    (TimeoutError, 504),
    (MissingRequirementsError, 501),
)


def cut_off(rest: bytes) -> StreamTruncatedError:
    """The error of a stream without its end sign; `rest` is what stood in it that is no event."""
    words = f"; in it stood {excerpt(rest)!r}" if rest.strip() else ""
    return StreamTruncatedError(f"the stream ended without its end sign{words}")


def senseless(text: bytes, what: str = "a piece of a stream") -> ResponseError:
    """The error of JSON that is no JSON, or not of the format's shape."""
    return ResponseError(f"{what} that makes no sense: {excerpt(text)!r}")


def failure_status(error: ChatError) -> int:
    """The HTTP status of an error: a provider's own, else the usual one of its class; else 502."""
    if isinstance(error, ResponseStatusError) and 400 <= error.status <= 599:
        return error.status
    return next((status for kind, status in _STATUSES if isinstance(error, kind)), 502)


def failure_headers(error: ChatError) -> dict[str, str]:
    """`Retry-After` in whole seconds, rounded up, if the provider said how long to wait."""
    wait = error.retry_after if isinstance(error, ResponseStatusError | AuthError) else None
    if wait is None or not math.isfinite(wait):
        return {}
    return {"retry-after": str(max(0, math.ceil(wait)))}


def failure_message(error: ChatError) -> str:
    """The error in one line, with what to do now if that is known."""
    return f"{error}. {error.hint}" if error.hint else str(error)
