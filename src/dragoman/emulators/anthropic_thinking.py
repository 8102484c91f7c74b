"""Thinking that can come back: a signature tells whether its text is still the same.

A signature is a function of the text alone and holds it, as the real one does, so thinking that
was not shown comes back whole. Both checks raise nothing: they say whether a block is unharmed.
"""

from base64 import b64decode, b64encode
from hashlib import sha256

__all__ = ["is_redacted", "is_signed", "redacted", "signature"]

_DIGEST_BYTES = 16


def signature(text: str, *, shown: bool = True) -> str:
    """The signature of a thought; `shown=False`: of one whose text is kept back."""
    return _seal(("shown:" if shown else "omitted:") + text)


def redacted(text: str) -> str:
    """The data of a redacted thought."""
    return _seal("redacted:" + text)


def is_signed(text: str, signed: str) -> bool:
    """Whether this is a signature of that text, or of a thought that was not shown."""
    opened = _open(signed)
    return opened == "shown:" + text or (not text and opened.startswith("omitted:"))


def is_redacted(data: str) -> bool:
    """Whether these are data of a redacted thought."""
    return _open(data).startswith("redacted:")


def _seal(text: str) -> str:
    raw = text.encode(errors="surrogatepass")
    return b64encode(sha256(raw).digest()[:_DIGEST_BYTES] + raw).decode()


def _open(sealed: str) -> str:
    """The text under a seal; empty if it is none or was harmed."""
    try:
        raw = b64decode(sealed, validate=True)
    except ValueError:
        return ""
    digest, text = raw[:_DIGEST_BYTES], raw[_DIGEST_BYTES:]
    if sha256(text).digest()[:_DIGEST_BYTES] != digest:
        return ""
    return text.decode(errors="surrogatepass")
