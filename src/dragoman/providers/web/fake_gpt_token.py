"""Until when an access token is good: as the token says itself, or as its session says.

A JSON Web Token is read for its `exp` only and never verified: whether it is genuine is for the
service to say. Of a token that is no JWT only the session may know the end.
Source: RFC 7519 sections 3 and 4.1.4; sessions of Pandora-ChatGPT 1.3.5 and pandora-cloud 0.7.3,
read 2026-11-21.
"""

import base64
import binascii
import math
from datetime import UTC, datetime

import msgspec

__all__ = ["decode_exp", "decode_expires", "is_bearer"]

_MAX_TOKEN_CHARS = 16 * 1024


class _Claims(msgspec.Struct):
    exp: float | None = None


def decode_exp(token: str) -> float | None:
    """The end of a JWT's life in Unix time; None if it names none or is no JWT."""
    parts = token.split(".")
    if len(parts) != 3:
        return None
    try:
        claims = base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4))
        exp = msgspec.json.decode(claims, type=_Claims).exp
    except (binascii.Error, msgspec.DecodeError, UnicodeDecodeError, ValueError, RecursionError):
        return None
    return exp if exp is not None and math.isfinite(exp) else None


def decode_expires(expires: object) -> float | None:
    """The end that a session names, in Unix time; None if it names none.

    It is ISO 8601; without a zone it means UTC.
    """
    if not isinstance(expires, str):
        return None
    try:
        end = datetime.fromisoformat(expires)
        return (end if end.tzinfo else end.replace(tzinfo=UTC)).timestamp()
    except ValueError:
        return None


def is_bearer(token: object) -> bool:
    """Whether a value can stand in a header as a bearer token: visible ASCII, one word."""
    return (
        isinstance(token, str)
        and 0 < len(token) <= _MAX_TOKEN_CHARS
        and token.isascii()
        and token.isprintable()
        and " " not in token
    )
