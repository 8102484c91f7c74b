"""Errors of the Messages API: a whole reply, or an event of a stream.

    {"type": "error", "error": {"type", "message"}, "request_id"}

The service has a word for each status. For a text that is too long and for one that it refuses it
has none: they are told apart by its messages, which is done nowhere else.
Source: Claude API docs "Errors", the SDK's `ErrorResponse` and `ErrorType`, read 2026-11-21.
"""

import re
from collections.abc import Mapping

import msgspec

from dragoman.dialects.dialect import Failure
from dragoman.dialects.failures import FOREIGN, failure_headers, failure_message, failure_status
from dragoman.errors import (
    ChatError,
    ContentFilterError,
    PaymentRequiredError,
    RateLimitError,
    ResponseError,
    ResponseStatusError,
    excerpt,
)
from dragoman.wire.http import HttpReply, ReplyHead
from dragoman.wire.status import status_error

__all__ = ["decode_error", "decode_failure", "encode_error", "encode_failure"]

_STATUSES: Mapping[str, int] = {
    "invalid_request_error": 400,
    "authentication_error": 401,
    "billing_error": 402,
    "permission_error": 403,
    "not_found_error": 404,
    "conflict_error": 409,
    "request_too_large": 413,
    "rate_limit_error": 429,
    "api_error": 500,
    "timeout_error": 504,
    "overloaded_error": 529,
}
_WORDS: Mapping[int, str] = {
    **{status: word for word, status in _STATUSES.items()},
    408: "timeout_error",
    503: "overloaded_error",
}
_TOO_LONG = re.compile(r"prompt is too long|exceeds? (?:the )?context (?:limit|window)", re.I)
_FILTERED = re.compile(r"content filter(?:ing)?|blocked by content", re.I)


class _Error(msgspec.Struct):
    type: str | None = None
    message: str | None = None


class _Body(msgspec.Struct):
    error: _Error | str | None = None


_BODY = msgspec.json.Decoder(_Body)


def decode_failure(reply: HttpReply, now: float) -> ChatError | None:
    """The error that a whole reply is, or None; `now` is Unix time."""
    found = status_error(reply, now)
    return None if found is None else _refined(found, _error(reply.body))


def decode_error(body: bytes) -> ChatError | None:
    """The error that the JSON of an event, or of a reply with status 200, tells of; else None."""
    error = _error(body)
    if error.type is None and error.message is None:
        return None
    status = _STATUSES.get(error.type or "")
    if status is None:
        words = excerpt(error.message or error.type or "")
        return _refined(ResponseError(f"an error inside the answer: {words}"), error)
    return decode_failure(HttpReply(ReplyHead(status, {}, ""), body), 0.0)


def _error(body: bytes) -> _Error:
    try:
        error = _BODY.decode(body).error
    except FOREIGN:
        return _Error()
    return _Error(None, error) if isinstance(error, str) else error or _Error()


def _refined(found: ChatError, error: _Error) -> ChatError:
    """The error by the service's own words, which say more than the status."""
    message = error.message or ""
    if _FILTERED.search(message):
        return ContentFilterError(found.message)
    if not isinstance(found, ResponseStatusError):
        return found
    wait = found.retry_after
    if _TOO_LONG.search(message):
        return ResponseStatusError(found.message, status=400, code="context_length_exceeded")
    match error.type:
        case "rate_limit_error":
            return RateLimitError(found.message, retry_after=wait, code=error.type)
        case "billing_error":
            return PaymentRequiredError(found.message, status=402, code=error.type)
    found.code = found.code or error.type
    return found


def encode_failure(error: ChatError) -> Failure:
    """An error as a whole reply."""
    return Failure(failure_status(error), encode_error(error), failure_headers(error))


def encode_error(error: ChatError) -> bytes:
    """An error as JSON, the same in a reply and in a stream."""
    status = failure_status(error)
    usual = "api_error" if status >= 500 else "invalid_request_error"
    told = {"type": _WORDS.get(status, usual), "message": _words(error)}
    return msgspec.json.encode({"type": "error", "error": told, "request_id": None})


def _words(error: ChatError) -> str:
    """The error in one line, in the words by which a program knows what has no type."""
    words = failure_message(error)
    if isinstance(error, ContentFilterError) and not _FILTERED.search(words):
        return f"Output blocked by content filtering policy: {words}"
    too_long = isinstance(error, ResponseStatusError) and error.code == "context_length_exceeded"
    return f"prompt is too long: {words}" if too_long and not _TOO_LONG.search(words) else words
