"""What FakeGPT's errors mean, as a whole reply or inside a stream.

A body's `detail` or `error` may be a text, an object or a list; its words and its `code` decide
where the status does not. Class by status where both speak.
Source: error bodies in the source of Pandora's web client and in public clients, read 2026-11-21.
"""

from dragoman.errors import (
    AuthError,
    ChatError,
    RateLimitError,
    ResponseError,
    ResponseStatusError,
    excerpt,
)
from dragoman.wire.http import HttpReply
from dragoman.wire.status import error_words, status_error

__all__ = ["reply_error", "stream_error"]

_AUTH_CODES = frozenset(
    {"token_expired", "invalid_jwt", "invalid_token", "invalid_api_key", "expired_session_key"}
)
_LIMIT_WORDS = ("too many requests", "only one message at a time", "rate limit")
_TOO_LONG = "message_length_exceeds_limit"


def reply_error(reply: HttpReply, now: float) -> ChatError | None:
    """The error that a whole reply is; None if its status says that it is an answer."""
    error = status_error(reply, now)
    if isinstance(error, AuthError) and reply.head.status == 403:
        # It concerns the address that asks, not the token: another account is no remedy.
        if "unusual activity" in error.message.lower():
            return ResponseStatusError(error.message, status=403)
    elif isinstance(error, ResponseStatusError) and error.status in {400, 413}:
        words = error_words(reply)
        if error.status == 413 or words.code == _TOO_LONG:
            text = f": {words.message}" if words.message else ""
            return ResponseStatusError(f"prompt too long{text}", status=413, code=words.code)
    return error


def stream_error(error: object) -> ChatError:
    """The error that the service reports inside a stream: a text, or an object with a `code`."""
    code, wait = "", None
    if isinstance(error, list) and error:
        error = error[0]
    text = error if isinstance(error, str) else ""
    if isinstance(error, dict):
        text = next((error[key] for key in ("message", "msg") if _is_text(error.get(key))), "")
        code = error["code"] if _is_text(error.get("code")) else ""
        wait = _seconds(error.get("clears_in"))
    said = f"an error inside the stream: {excerpt(text or code or 'no reason given')}"
    words = text.lower()
    if code in _AUTH_CODES or "token is expired" in words:
        return AuthError(said)
    if wait is not None or any(word in words for word in _LIMIT_WORDS):
        return RateLimitError(said, retry_after=wait, code=code or None)
    if code == _TOO_LONG:
        return ResponseStatusError(f"prompt too long: {said}", status=413, code=code)
    return ResponseError(said)


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value)


def _seconds(value: object) -> float | None:
    # Above a week it is no waiting time, and a number may be too large for a float.
    usable = isinstance(value, int | float) and 0 <= value < 7 * 86400
    return float(value) if usable and isinstance(value, int | float) else None
