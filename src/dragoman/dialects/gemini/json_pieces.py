"""The objects of a JSON list while it comes, however it is cut; or one object by itself.

Pure: bytes in, the bytes of each whole object out. Only brackets and strings are looked at: whether
an object is JSON its reader finds out.
Source: RFC 8259; that `streamGenerateContent` without `alt=sse` answers in such a list, the REST
reference of the Gemini API, read 2026-11-21.
"""

import re

from dragoman.errors import ResponseError, excerpt
from dragoman.wire.sse import MAX_EVENT_BYTES

__all__ = ["JsonPieces"]

_BRACKETS = re.compile(rb'["{}\[\]]')
_IN_STRING = re.compile(rb'["\\]')
_BETWEEN = b" \t\r\n,"


class JsonPieces:
    """One stream's objects. What is neither a list nor an object is a `ResponseError`."""

    __slots__ = ("_at", "_depth", "_in_list", "_in_string", "_text", "over")

    def __init__(self) -> None:
        self._text = bytearray()
        self._at = 0
        self._depth = 0
        self._in_string = False
        self._in_list = False
        self.over = False
        """Whether the list, or the one object, has ended; what follows is ignored."""

    @property
    def rest(self) -> bytes:
        """What has begun and not ended."""
        return bytes(self._text)

    def feed(self, chunk: bytes) -> list[bytes]:
        """The objects that end in this chunk."""
        found: list[bytes] = []
        self._text += chunk
        while not self.over and self._begin():
            if not self._end():
                if len(self._text) > MAX_EVENT_BYTES:
                    self._text.clear()
                    raise ResponseError(f"an object of the reply exceeds {MAX_EVENT_BYTES} bytes")
                break
            found.append(bytes(self._text[: self._at]))
            del self._text[: self._at]
            self._at = 0
            self.over = not self._in_list
        return found

    def _begin(self) -> bool:
        """Whether an object has begun; what stands between objects is taken away."""
        while not self._at:
            del self._text[: len(self._text) - len(self._text.lstrip(_BETWEEN))]
            if not self._text:
                return False
            first = self._text[:1]
            if first == b"{":
                self._at = self._depth = 1
            elif first == b"[" and not self._in_list:
                self._in_list = True
                del self._text[:1]
            elif first == b"]" and self._in_list:
                del self._text[:1]
                self.over = True
                return False
            else:
                raise ResponseError(f"no answer: {excerpt(bytes(self._text))!r}")
        return True

    def _end(self) -> bool:
        """Whether the object that has begun ends; `_at` is then behind it."""
        while self._depth:
            found = (_IN_STRING if self._in_string else _BRACKETS).search(self._text, self._at)
            if found is None:
                self._at = len(self._text)
                return False
            mark = found[0]
            if mark == b"\\":
                # What it escapes may not be here yet.
                self._at = found.start()
                if self._at + 2 > len(self._text):
                    return False
                self._at += 2
                continue
            self._at = found.end()
            if mark == b'"':
                self._in_string = not self._in_string
            else:
                self._depth += 1 if mark in b"{[" else -1
        return True
