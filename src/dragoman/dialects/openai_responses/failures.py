"""Errors in OpenAI's words: of a whole reply, inside a stream, and as a face says them.

The same words mean the same in all three. The service says that it declines a prompt with the code
`invalid_prompt`, and a used-up quota with status 429.
Source: OpenAI guide "Error codes" and API reference, "Responses" (`error`, `response.failed`), and
the types of the package openai 3.54.0, read 2026-11-21.
"""

from collections.abc import Mapping

import msgspec

from dragoman.dialects.dialect import Failure
from dragoman.dialects.failures import FOREIGN, failure_headers, failure_status
from dragoman.dialects.openai_errors import error_object
from dragoman.errors import (
    ChatError,
    ContentFilterError,
    RateLimitError,
    ResponseError,
    ResponseStatusError,
    excerpt,
)
from dragoman.wire.http import HttpReply, ReplyHead
from dragoman.wire.status import status_error

__all__ = [
    "TYPES",
    "Said",
    "decode_failure",
    "encode_failure",
    "error_in_lines",
    "said_error",
]

_DECLINED = frozenset(
    {
        "bio_policy",
        "content_filter",
        "content_policy_violation",
        "image_content_policy_violation",
        "invalid_prompt",
        "misalignment_policy_violation",
    }
)
_STATUSES: Mapping[str, int] = {
    "authentication_error": 401,
    "invalid_api_key": 401,
    "billing_error": 402,
    "permission_error": 403,
    "model_not_found": 404,
    "not_found_error": 404,
    "insufficient_quota": 429,
    "rate_limit_error": 429,
    "rate_limit_exceeded": 429,
    "tokens": 429,
    "requests": 429,
    "server_error": 500,
    "internal_server_error": 500,
    "vector_store_timeout": 504,
    "overloaded_error": 529,
    "server_is_overloaded": 529,
    "slow_down": 503,
    "context_length_exceeded": 400,
    "data_residency_mismatch": 400,
    "invalid_request_error": 400,
}
TYPES: Mapping[int, str] = {
    401: "authentication_error",
    402: "billing_error",
    403: "permission_error",
    429: "rate_limit_error",
}
"""The service's words for a status; others are the usual ones."""


class Said(msgspec.Struct, frozen=True):
    """An error object: that of a body, of a `response.failed`, or an `error` event itself."""

    message: str | None = None
    type: str | None = None
    code: str | int | None = None
    param: str | None = None


class _Body(msgspec.Struct):
    error: Said | None = None


class _Loose(msgspec.Struct):
    type: str = ""
    error: Said | str | None = None
    message: str | None = None
    code: str | int | None = None


_BODY = msgspec.json.Decoder(_Body)
_LOOSE = msgspec.json.Decoder(_Loose)


def decode_failure(reply: HttpReply, now: float) -> ChatError | None:
    """The error that a reply is, or None; `now` is Unix time."""
    error = status_error(reply, now)
    if type(error) is not ResponseStatusError:
        return error
    try:
        said = _BODY.decode(reply.body).error or Said()
    except FOREIGN:
        return error
    error.place = excerpt(said.param or "") or None
    code = _code(said)
    if code in _DECLINED:
        return ContentFilterError(error.message)
    if code == "insufficient_quota":
        return RateLimitError(
            error.message, status=error.status, retry_after=error.retry_after, code=code
        )
    return error


def said_error(said: Said) -> ChatError:
    """The error that a service reports inside an answer, where there is no status any more."""
    code = _code(said)
    words = excerpt(said.message or code or "no reason given")
    if code in _DECLINED:
        return ContentFilterError(words)
    status = _status(said)
    if status is None:
        return ResponseError(f"an error inside the answer: {words}")
    body = msgspec.json.encode({"error": {"message": said.message, "code": code}})
    found = status_error(HttpReply(ReplyHead(status, {}, ""), body), 0.0)
    return found or ResponseError(f"an error inside the answer: {words}")


def error_in_lines(data: bytes) -> ChatError | None:
    """The error that an object by itself tells of: one without a name, or without `data:`."""
    try:
        found = _LOOSE.decode(data)
    except FOREIGN:
        return None
    if isinstance(found.error, str):
        return said_error(Said(found.error))
    if found.error is not None:
        return said_error(found.error)
    return said_error(Said(found.message, code=found.code)) if found.type == "error" else None


def _code(said: Said) -> str | None:
    return str(said.code) if said.code else said.type


def _status(said: Said) -> int | None:
    for word in (str(said.code or ""), said.type or ""):
        if word in _STATUSES:
            return _STATUSES[word]
        if len(word) == 3 and word.isascii() and word.isdecimal() and word[0] in "45":
            return int(word)
        if word.startswith(("invalid_", "image_", "unsupported_")):
            return 400
    return None


def encode_failure(error: ChatError) -> Failure:
    """The error as a whole reply."""
    body = msgspec.json.encode({"error": error_object(error, TYPES)})
    return Failure(failure_status(error), body, failure_headers(error))
