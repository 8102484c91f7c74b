"""The reply as nearly every service sends it, read without a parser. Pure.

A head that leaves no room for two opinions is found by one regular expression, and a read that is
one whole chunk by its size line. Whatever is written in any other way is the parser's to judge:
these two know less of HTTP than it does, and never take what it would refuse.
Source: RFC 9112 sections 4 (status line), 5 (fields) and 7.1 (chunks), read 2026-11-21.
"""

import re
from functools import lru_cache

import msgspec

from dragoman.transport.direct.settings import PoolLimits

__all__ = ["Headers", "UsualHead", "one_chunk", "usual_head"]

Headers = list[tuple[bytes, bytes]]

_START = b"HTTP/1.1 200 OK\r\n"
_START_BYTES = len(_START)
_LINE_END = b"\r\n"
# Each ends where the next begins, so there are as many as lines only if every line is one.
_FIELDS = re.compile(rb"\r\n([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([\t -~]*)(?=\r\n)")
# They change how the rest is to be read.
_STRANGE = frozenset({b"content-encoding", b"upgrade", b"trailer", b"proxy-connection"})
_ONCE = frozenset({b"content-length", b"transfer-encoding", b"connection"})
_KEEPS = frozenset({b"keep-alive", b"Keep-Alive"})
# More digits than a size line can have here, and its end.
_SIZE_LINE_BYTES = 12
_LENGTH = re.compile(rb"[0-9]{1,15}")


# Services write the same few names ever again.
_lower = lru_cache(1024)(bytes.lower)


class UsualHead(msgspec.Struct, frozen=True, gc=False):
    """The head of a reply of status 200 after which the connection can be kept.

    `length` is None for a body in chunks; the body begins at `end`.
    """

    text: bytes
    headers: Headers
    length: int | None
    end: int


def usual_head(data: bytes, limits: PoolLimits) -> UsualHead | None:
    """The head that this begins with; None if it is not whole, or is anything else."""
    if data[:_START_BYTES] != _START:
        return None
    end = data.find(b"\r\n\r\n", _START_BYTES - 2)
    if not 0 <= end <= limits.max_header_bytes:
        return None
    text = data[_START_BYTES - 2 : end + 2]
    found = _FIELDS.findall(text)
    count = len(found)
    if count != text.count(_LINE_END) - 1 or b" \r\n" in text or b"\t\r\n" in text:
        return None
    headers = [(_lower(name), value) for name, value in found]
    known = dict(headers)
    if (len(known) != count and _repeats(headers)) or count > limits.max_headers:
        return None
    if _STRANGE & known.keys() or known.get(b"connection", b"keep-alive") not in _KEEPS:
        return None
    length, coding = known.get(b"content-length"), known.get(b"transfer-encoding")
    if length is None:
        return UsualHead(data[: end + 4], headers, None, end + 4) if coding == b"chunked" else None
    if coding is not None or _LENGTH.fullmatch(length) is None:
        return None
    return UsualHead(data[: end + 4], headers, int(length), end + 4)


def one_chunk(data: bytes) -> int:
    """The size of the one chunk that these bytes are, from end to end; 0 if they are not.

    Only a size that is written in the one usual way is taken.
    """
    at = data.find(_LINE_END, 0, _SIZE_LINE_BYTES) + 2
    size = len(data) - at - 2
    if size > 0 and data[:at] == b"%x\r\n" % size and data[-2:] == _LINE_END:
        return size
    return 0


def _repeats(headers: Headers) -> bool:
    """Whether what may stand there once stands there twice."""
    names = [name for name, _ in headers if name in _ONCE]
    return len(set(names)) < len(names)
