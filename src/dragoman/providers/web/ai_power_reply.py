"""AI Power's replies in one piece: the answer in a JSON object, or what the object means instead.

Pure. Every text is translated on a translated site, so a reply is known by its shape: which keys
it has, never what they say. `greeting_message` is the site's secret; no error shows it.
Source: AI Power plugin 1.8.79-2.4.71 on WordPress 6.1, replies observed 2026-11-21.
"""

import html
import re
from collections.abc import Mapping

import msgspec

from dragoman.errors import (
    AuthError,
    ChatError,
    ContentFilterError,
    RateLimitError,
    ResponseError,
    StreamTruncatedError,
    excerpt,
)
from dragoman.providers.call import StaleSession
from dragoman.wire.http import ReplyHead
from dragoman.wire.status import html_error

__all__ = ["error_text", "find_object", "read_whole", "refusal"]

MAX_TRIES = 16

_BOM = b"\xef\xbb\xbf"
# Where an object of the plugin can begin behind a PHP notice or the raw text of an upstream error.
_OBJECT_START = re.compile(rb'\{\s*"(?:status|msg|data|success|tokenLimitReached|error)"\s*:')
_SECRET = re.compile(rb'"greeting_message".*', re.DOTALL)
_PLAIN_REFUSAL = {"status", "msg"}

_REFUSALS: Mapping[str, type[ChatError]] = {
    "tokenLimitReached": RateLimitError,
    "messageFlagged": ContentFilterError,
    "modflag": ContentFilterError,
    "ipBanned": ResponseError,
    "pineconeError": ResponseError,
}
"""What a key with a true value means, in an object as in an event of a stream."""


def read_whole(head: ReplyHead, body: bytes) -> str:
    """The answer in a reply without events.

    Raises the `ChatError` that the reply is instead, or `StaleSession`.
    """
    found = find_object(body)
    if found is None:
        raise _no_object(head, body)
    problem = refusal(found)
    if problem is not None:
        raise problem
    return _answer(found)


def find_object(body: bytes) -> Mapping[str, object] | None:
    """The JSON object that a body is, or that stands behind and before other text in it."""
    whole = _object(body.removeprefix(_BOM))
    if whole is not None:
        return whole
    end = body.rfind(b"}") + 1
    for number, start in enumerate(_OBJECT_START.finditer(body, 0, end)):
        found = _object(body[start.start() : end]) if number < MAX_TRIES else None
        if found is not None:
            return found
    return None


def refusal(found: Mapping[str, object]) -> ChatError | None:
    """The error that an object is by one of its keys, or None."""
    for key, error in _REFUSALS.items():
        if found.get(key):
            words = error_text(found.get("msg")) or error_text(found[key])
            return error(words or "the site refused the message")
    if found.get("error"):
        return ResponseError(error_text(found["error"]) or "the site reports an error")
    return None


def error_text(value: object) -> str:
    """The words of an error, at most 200 characters: a text, or an object with one."""
    if isinstance(value, Mapping):
        value = next((value[key] for key in ("message", "msg", "code") if value.get(key)), "")
    return excerpt(html.unescape(value)) if isinstance(value, str) else ""


def _answer(found: Mapping[str, object]) -> str:
    match found:
        case {"status": "success", "data": str(text)} if text:
            return text
        case {"status": "success"}:
            raise ResponseError("empty answer")
        case {"status": "error", "msg": msg}:
            error = ResponseError(error_text(msg) or "the site reports an error without a text")
            # Of a wrong nonce and of a plain refusal there is nothing else.
            raise StaleSession(error) if found.keys() == _PLAIN_REFUSAL else error
        case {"success": True, "data": {"reply": str(text)}} if text:
            return text
        case {"success": False, "data": data}:
            raise ResponseError(error_text(data) or "the site reports an error without a text")
        case _:
            raise ResponseError(f"a JSON object without an answer; keys: {excerpt(_keys(found))}")


def _keys(found: Mapping[str, object]) -> str:
    return ", ".join(found) or "none"


def _no_object(head: ReplyHead, body: bytes) -> ChatError | StaleSession:
    text = body.removeprefix(_BOM).strip()
    if not text:
        return ResponseError("empty reply")
    if text == b"-1":
        return StaleSession(AuthError("-1: the site does not accept its nonce"))
    if text == b"0":
        return ResponseError("0: the plugin's handler ended without a reply")
    if text.startswith(b"<"):
        return html_error(head, body, "an answer")
    shown = excerpt(_SECRET.sub(b"", text))
    if text.startswith(b"{") and not text.endswith(b"}"):
        return StreamTruncatedError(f"the reply ends inside its JSON: {shown!r}")
    return ResponseError(f"a reply that is no answer: {shown!r}")


def _object(text: bytes) -> Mapping[str, object] | None:
    try:
        value = msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return None
    return value if isinstance(value, dict) else None
