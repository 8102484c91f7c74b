"""Errors in Ollama's form: a status, and an object with one text, `error`.

There is no code. What asks for a larger model is known by its words alone. What we say has more
beside its text, which the service's own programs pass over: a `code` for what has no status of its
own, and in a stream the `status`, so that another of us knows what it was.
Source: docs.ollama.com "Errors", and refusals quoted in Ollama's issues, read 2026-11-21.
"""

import re

import msgspec

from dragoman.dialects.dialect import Failure
from dragoman.dialects.failures import failure_headers, failure_message, failure_status
from dragoman.errors import (
    ChatError,
    ContentFilterError,
    ResponseError,
    ResponseStatusError,
    excerpt,
)
from dragoman.wire.http import HttpReply, ReplyHead
from dragoman.wire.status import status_error

__all__ = ["decode_failure", "encode_error", "encode_failure", "encode_line", "error_inside"]

_TOO_LONG = "context_length_exceeded"
_TOO_LONG_WORDS = re.compile(r"exceed\w* (?:the )?(?:\w+ )*context length")
_FILTERED = "content_filter"
_UNKNOWN = 502


class _Line(msgspec.Struct):
    error: object = None
    status: object = None
    code: object = None


_LINE = msgspec.json.Decoder(_Line)


def decode_failure(reply: HttpReply, now: float) -> ChatError | None:
    """The error that a reply is, or None."""
    error = status_error(reply, now)
    if type(error) is not ResponseStatusError or error.status not in {400, 413}:
        return error
    if error.code == _FILTERED:
        return ContentFilterError(error.message)
    if error.code == _TOO_LONG or _TOO_LONG_WORDS.search(error.message.lower()):
        return ResponseStatusError(error.message, status=400, code=_TOO_LONG)
    return error


def error_inside(text: bytes) -> ChatError | None:
    """The error that a line of JSON reports; `null` and an empty one are none."""
    line = _LINE.decode(text)
    error = line.error
    if error in (None, ""):
        return None
    if isinstance(error, dict):
        error = error.get("message")
    words = excerpt(error) if isinstance(error, str) else "no reason given"
    if type(line.status) is int and 400 <= line.status <= 599:
        body = msgspec.json.encode({"error": words, "code": line.code})
        return decode_failure(HttpReply(ReplyHead(line.status, {}, ""), body), 0.0)
    return ResponseError(f"an error inside the answer: {words}")


def encode_error(error: ChatError) -> bytes:
    """The object."""
    return msgspec.json.encode(_said(error))


def encode_line(error: ChatError) -> bytes:
    """The object as the last line of a stream, where there is no status any more."""
    status = failure_status(error)
    known = {} if status == _UNKNOWN else {"status": status}
    return msgspec.json.encode(_said(error) | known)


def encode_failure(error: ChatError) -> Failure:
    """The error as a whole reply."""
    return Failure(failure_status(error), encode_error(error), failure_headers(error))


def _said(error: ChatError) -> dict[str, object]:
    text = failure_message(error)
    match error:
        case ContentFilterError():
            return {"error": text, "code": _FILTERED}
        case ResponseStatusError(code=code) if code == _TOO_LONG:
            return {"error": text, "code": code}
        case _:
            return {"error": text}
