"""Reasoning that goes out sealed and comes back: a function of its text, so a change shows.

The seal hides nothing: it plays `encrypted_content` of OpenAI's Responses, and a client has to
carry it from turn to turn without a change.
"""

import base64
import binascii
import hashlib

__all__ = ["sealed", "unsealed"]

_MARK = "gAAAA"
_SUM_LENGTH = 16


def sealed(text: str) -> str:
    """The text as `encrypted_content`."""
    content = text.encode()
    return _MARK + base64.urlsafe_b64encode(_checksum(content) + content).decode()


def unsealed(content: str) -> str | None:
    """The text behind `encrypted_content`; None if it was changed or is not ours."""
    if not content.startswith(_MARK):
        return None
    try:
        raw = base64.b64decode(content.removeprefix(_MARK), altchars=b"-_", validate=True)
        checksum, text = raw[:_SUM_LENGTH], raw[_SUM_LENGTH:]
        return text.decode() if checksum == _checksum(text) else None
    except (binascii.Error, UnicodeDecodeError):
        return None


def _checksum(content: bytes) -> bytes:
    return hashlib.sha256(b"dragoman emulator" + content).digest()[:_SUM_LENGTH]
