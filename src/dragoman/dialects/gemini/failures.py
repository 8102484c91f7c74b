"""Gemini's errors, google.rpc.Status as JSON, to errors and back.

A word goes with each HTTP status; `details` say which reason it had (ErrorInfo), which field was
wrong (BadRequest) and how long to wait (RetryInfo). What a program of another dialect would see in
a code has a reason here, so that it is read again.
Sources: google.rpc code.proto and error_details.proto; the troubleshooting guide of the Gemini API,
read 2026-11-21.
"""

import re
from collections.abc import Mapping

import msgspec

from dragoman.dialects.dialect import Failure
from dragoman.dialects.failures import FOREIGN, failure_headers, failure_message, failure_status
from dragoman.errors import (
    AuthError,
    ChallengeError,
    ChatError,
    ContentFilterError,
    InputError,
    RateLimitError,
    ResponseError,
    ResponseStatusError,
    excerpt,
)
from dragoman.wire.http import HttpReply, ReplyHead
from dragoman.wire.status import status_error

__all__ = ["decode_failure", "encode_failure", "encode_status", "failure_inside"]

_WORDS = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    409: "ABORTED",
    429: "RESOURCE_EXHAUSTED",
    499: "CANCELLED",
    500: "INTERNAL",
    501: "UNIMPLEMENTED",
    503: "UNAVAILABLE",
    504: "DEADLINE_EXCEEDED",
}
_STATUSES = {word: status for status, word in _WORDS.items()} | {
    "FAILED_PRECONDITION": 400,
    "OUT_OF_RANGE": 400,
    "ALREADY_EXISTS": 409,
    "DATA_LOSS": 500,
    "UNKNOWN": 500,
}
_TYPES = "type.googleapis.com/google.rpc."
_KEY_REASONS = frozenset(
    {
        "API_KEY_INVALID",
        "API_KEY_EXPIRED",
        "API_KEY_SERVICE_BLOCKED",
        "ACCESS_TOKEN_EXPIRED",
        "CREDENTIALS_MISSING",
    }
)
_FILTERED = "CONTENT_FILTER"
_TOO_LONG = "context_length_exceeded"
# The service has no word for it, and a larger model may be asked instead: only its text tells.
_TOO_LONG_TEXT = re.compile(r"input token count\b.{0,40}\bexceeds the maximum number of tokens")
_SECONDS = re.compile(r"(\d{1,9}(?:\.\d{1,9})?)s")


class _Status(msgspec.Struct):
    code: int | None
    message: str
    word: str | None
    reasons: frozenset[str]
    wait_s: float | None


def decode_failure(reply: HttpReply, now: float) -> ChatError | None:
    """The error that a reply is, or None; `now` is Unix time."""
    status = _status(_value(reply.body))
    if status is None:
        return status_error(reply, now)
    return _failure(reply.head, status, now)


def failure_inside(raw: bytes) -> ChatError:
    """The error that stands in place of an answer; `raw` is the value of its `error`."""
    status = _status({"error": _value(raw)})
    if status is None:
        return ResponseError(f"an error in the answer: {excerpt(raw)!r}")
    code = status.code or 0
    if not 400 <= code <= 599:
        code = _STATUSES.get(status.word or "", 0)
    if not code:
        return ResponseError(f"an error in the answer: {excerpt(status.message or 'no reason')}")
    found = _failure(ReplyHead(code, {}, ""), status, 0.0)
    return found or ResponseError(f"an error in the answer: {excerpt(status.message)}")


def encode_failure(error: ChatError) -> Failure:
    """The error as a whole reply."""
    body = msgspec.json.encode(encode_status(error))
    headers = {"content-type": "application/json; charset=UTF-8", **failure_headers(error)}
    return Failure(failure_status(error), body, headers)


def encode_status(error: ChatError) -> dict[str, object]:
    """The error as the object that stands in a reply, or in a stream."""
    status = failure_status(error)
    word = _WORDS.get(status, "UNKNOWN" if status >= 500 else "FAILED_PRECONDITION")
    said: dict[str, object] = {"code": status, "message": failure_message(error), "status": word}
    if details := _details(error):
        said["details"] = details
    return {"error": said}


def _value(text: bytes) -> object:
    try:
        return msgspec.json.decode(text)
    except FOREIGN:
        return None


def _status(value: object) -> _Status | None:
    """The status in an error's body, which a stream that is a list has in a list."""
    if isinstance(value, list) and value:
        value = value[0]
    error = value.get("error") if isinstance(value, dict) else None
    if not isinstance(error, dict):
        return None
    found = error.get("details")
    details = [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []
    code, message, word = (error.get(name) for name in ("code", "message", "status"))
    return _Status(
        code if isinstance(code, int) and not isinstance(code, bool) else None,
        message if isinstance(message, str) else "",
        word if isinstance(word, str) else None,
        frozenset(reason for one in details if isinstance(reason := one.get("reason"), str)),
        next((wait for one in details if (wait := _wait_s(one)) is not None), None),
    )


def _wait_s(detail: Mapping[str, object]) -> float | None:
    delay = detail.get("retryDelay")
    found = _SECONDS.fullmatch(delay) if isinstance(delay, str) else None
    return float(found[1]) if found else None


def _failure(head: ReplyHead, status: _Status, now: float) -> ChatError | None:
    body = msgspec.json.encode({"error": {"message": status.message, "code": status.word}})
    found = status_error(HttpReply(head, body), now)
    if found is None or isinstance(found, ChallengeError):
        return found
    is_about_key = status.reasons & _KEY_REASONS or status.word == "UNAUTHENTICATED"
    if is_about_key or isinstance(found, AuthError):
        return _refused(found, status.wait_s)
    if _FILTERED in status.reasons:
        return ContentFilterError(found.message)
    assert isinstance(found, ResponseStatusError)  # noqa: S101 - a refused key went above
    if found.retry_after is None:
        found.retry_after = status.wait_s
    if _TOO_LONG.upper() in status.reasons or _TOO_LONG_TEXT.search(status.message):
        found.code = _TOO_LONG
    if status.word == "RESOURCE_EXHAUSTED" and not isinstance(found, RateLimitError):
        return RateLimitError(
            found.message, status=found.status, retry_after=found.retry_after, code=found.code
        )
    return found


def _refused(found: ChatError, wait_s: float | None) -> AuthError:
    """Of a key that is not good: also a bad request. Its word is no more than the status."""
    told = found.retry_after if isinstance(found, ResponseStatusError | AuthError) else None
    return AuthError(found.message, retry_after=wait_s if told is None else told)


def _details(error: ChatError) -> list[dict[str, object]]:
    details: list[dict[str, object]] = []
    if isinstance(error, InputError) and error.place:
        violation = {"field": error.place, "description": error.message}
        details.append({"@type": f"{_TYPES}BadRequest", "fieldViolations": [violation]})
    if reason := _reason(error):
        details.append({"@type": f"{_TYPES}ErrorInfo", "reason": reason, "domain": "dragoman"})
    if isinstance(error, ResponseStatusError | AuthError) and error.retry_after is not None:
        details.append({"@type": f"{_TYPES}RetryInfo", "retryDelay": f"{error.retry_after:g}s"})
    return details


def _reason(error: ChatError) -> str | None:
    match error:
        case AuthError():
            return "API_KEY_INVALID"
        case ContentFilterError():
            return _FILTERED
        case ResponseStatusError(code=str(code)) if code == _TOO_LONG:
            return code.upper()
        case _:
            return None
