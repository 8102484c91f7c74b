"""Errors: what a reply or a stream's error means, and how ours are said.

    {"error": {"message": ..., "type": "invalid_request_error", "param": "messages", "code": null}}

The words in `code` and `type` say more than the status, and inside a stream there is none. Many
servers that speak this dialect have no word for a chat that is too long: only its text tells.
Source: OpenAI API reference, "Error codes"; Microsoft's "Content filtering" of Azure OpenAI for
`content_filter`; the README of llama.cpp's server; read 2026-11-21.
"""

import re
from collections.abc import Mapping

import msgspec

from dragoman.dialects.dialect import Failure
from dragoman.dialects.failures import FOREIGN, failure_headers, failure_status
from dragoman.dialects.openai_errors import error_object
from dragoman.errors import (
    AuthError,
    ChallengeError,
    ChatError,
    ContentFilterError,
    RateLimitError,
    ResponseError,
    ResponseStatusError,
    excerpt,
)
from dragoman.wire.http import HttpReply, ReplyHead
from dragoman.wire.status import status_error

__all__ = ["TYPES", "decode_failure", "encode_failure", "error_in_lines", "error_inside"]

# Words for errors inside a stream, where there is no status any more.
_STATUS_OF: Mapping[str, int] = {
    "authentication_error": 401,
    "invalid_api_key": 401,
    "billing_error": 402,
    "permission_error": 403,
    "model_not_found": 404,
    "insufficient_quota": 429,
    "rate_limit_error": 429,
    "rate_limit_exceeded": 429,
    "overloaded_error": 503,
    "timeout_error": 504,
    "server_error": 500,
    "invalid_request_error": 400,
}
_FILTERED = frozenset({"content_filter", "content_policy_violation", "moderation_blocked"})
_TOO_LONG = frozenset({"context_length_exceeded", "exceed_context_size_error"})
_TOO_LONG_TEXT = re.compile(
    r"maximum (?:context|prompt) length|(?:exceed\w*|larger than) (?:the |its )?(?:\w+ )*"
    r"context (?:length|size|window)"
)
_TOO_LONG_STATUSES = frozenset({400, 413, 422})
TYPES: Mapping[int, str] = {
    401: "authentication_error",
    402: "billing_error",
    403: "permission_error",
    429: "rate_limit_error",
    503: "overloaded_error",
    504: "timeout_error",
    529: "overloaded_error",
}
"""The words for a status that the dialect's other services have, too."""


_Told = ResponseStatusError | AuthError


class _Error(msgspec.Struct):
    message: str | None = None
    type: str | None = None
    code: str | int | None = None
    param: object = None

    def words(self) -> tuple[str, ...]:
        return tuple(word for word in (self.code, self.type) if isinstance(word, str))


class _Body(msgspec.Struct):
    error: _Error | str | None = None


class _RawBody(msgspec.Struct):
    error: msgspec.Raw = msgspec.Raw()


_RAW_BODY = msgspec.json.Decoder(_RawBody)
_ERROR = msgspec.json.Decoder(_Error | str | None)
_BODY = msgspec.json.Decoder(_Body)


def decode_failure(reply: HttpReply, now: float) -> ChatError | None:
    """The error that a reply is, or None; `now` is Unix time, for a `Retry-After` that is a date.

    Too long a chat is a `ResponseStatusError` with the code `context_length_exceeded`.
    """
    found = _sized(status_error(reply, now))
    if found is None or isinstance(found, ChallengeError):
        return found
    try:
        error = _BODY.decode(reply.body).error
    except FOREIGN:
        return found
    if not isinstance(error, _Error):
        return found
    if isinstance(found, ResponseStatusError) and isinstance(error.param, str):
        found.place = excerpt(error.param) or None
    return _named(error.words(), found) or found


def _sized(found: ChatError | None) -> ChatError | None:
    """The error with the code of too long a chat if its text says so."""
    if (
        type(found) is ResponseStatusError
        and found.status in _TOO_LONG_STATUSES
        and _TOO_LONG_TEXT.search(found.message.lower())
    ):
        return ResponseStatusError(found.message, status=400, code="context_length_exceeded")
    return found


def _named(words: tuple[str, ...], found: ChatError) -> ChatError | None:
    """The error that its words name, with the message and the wait of the one that was found."""
    for word in words:
        if word in _FILTERED:
            return ContentFilterError(found.message)
        if word in _TOO_LONG:
            return ResponseStatusError(found.message, status=400, code="context_length_exceeded")
        if word == "invalid_api_key":
            wait = found.retry_after if isinstance(found, _Told) else None
            return AuthError(found.message, retry_after=wait, code=word)
        if word == "insufficient_quota":
            wait = found.retry_after if isinstance(found, _Told) else None
            return RateLimitError(found.message, retry_after=wait, code=word)
    return None


def error_inside(raw: bytes) -> ChatError | None:
    """The error that a service reports inside a stream; `null` and `""` are none."""
    try:
        error = _ERROR.decode(raw)
    except FOREIGN:
        return ResponseError(f"an error inside the stream: {excerpt(raw)!r}")
    if not error:
        return None
    if isinstance(error, str):
        return ResponseError(f"an error inside the stream: {excerpt(error)}")
    text = excerpt(error.message or error.type or str(error.code or "no reason given"))
    found: ChatError = ResponseError(f"an error inside the stream: {text}")
    if (status := _status(error)) is not None:
        body = msgspec.json.encode({"error": {"message": error.message, "code": error.code}})
        found = _sized(status_error(HttpReply(ReplyHead(status, {}, ""), body), 0.0)) or found
    return _named(error.words(), found) or found


def error_in_lines(rest: bytes) -> ChatError | None:
    """The error that a service writes into a stream as an object by itself, without `data:`."""
    try:
        error = _RAW_BODY.decode(rest).error
    except FOREIGN:
        return None
    return error_inside(bytes(error)) if error else None


def _status(error: _Error) -> int | None:
    for word in (error.code, error.type):
        if isinstance(word, int) and 400 <= word <= 599:
            return word
        if isinstance(word, str):
            if word in _STATUS_OF:
                return _STATUS_OF[word]
            if len(word) == 3 and word.isdecimal() and word.isascii() and word[0] in "45":
                return int(word)
    return None


def encode_failure(error: ChatError) -> Failure:
    """An error as a whole reply."""
    body = msgspec.json.encode({"error": error_object(error, TYPES)})
    return Failure(failure_status(error), body, failure_headers(error))
