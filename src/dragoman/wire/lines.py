"""Lines of a byte stream, however it is cut.

A line ends at a line feed, a carriage return or both, and nowhere else: `str.splitlines` also cuts
at U+2028 and U+0085, which may stand inside a text. A carriage return at the end of a chunk waits
for the next byte.
Source: WHATWG HTML, section 9.2.5 "Parsing an event stream", read 2026-11-21.
"""

import re

from dragoman.errors import ResponseError

__all__ = ["MAX_LINE_BYTES", "LineDecoder"]

MAX_LINE_BYTES = 16 * 1024 * 1024

_LINE_END = re.compile(rb"\r\n|\r|\n")
_CARRIAGE_RETURN = 13


class LineDecoder:
    """Bytes in, whole lines without their ends out.

    A line longer than `max_bytes` is a `ResponseError`, also before its end has come.
    """

    __slots__ = ("_max_bytes", "tail")

    def __init__(self, max_bytes: int = MAX_LINE_BYTES) -> None:
        self._max_bytes = max_bytes
        # One growing buffer: a long line that comes in small chunks costs its length, in time
        # and in memory, and neither its square nor an object a chunk.
        self.tail = bytearray()
        """The begin of a line that has not ended."""

    def feed(self, chunk: bytes) -> list[bytes]:
        """The lines that end in this chunk."""
        tail = self.tail
        if tail:
            tail += chunk
            if b"\n" not in chunk and b"\r" not in chunk and not _waits(tail, len(chunk)):
                self._check(tail)
                return []
            chunk = bytes(tail)
            tail.clear()
        return self._split(chunk)

    def close(self) -> list[bytes]:
        """The unfinished last line, if there is one."""
        rest = bytes(self.tail)
        self.tail.clear()
        return [rest.removesuffix(b"\r")] if rest else []

    def _split(self, text: bytes) -> list[bytes]:
        if b"\r" not in text:
            lines = text.split(b"\n")
        else:
            held = text.endswith(b"\r")
            lines = _LINE_END.split(text[:-1] if held else text)
            if held:
                lines[-1] += b"\r"
        self.tail += lines.pop()
        if len(text) > self._max_bytes:
            for line in lines:
                self._check(line)
            self._check(self.tail)
        return lines

    def _check(self, line: bytes | bytearray) -> None:
        # A carriage return that waits for the next byte is no part of its line.
        if len(line) - line.endswith(b"\r") > self._max_bytes:
            self.tail.clear()
            raise ResponseError(f"a line of the reply is longer than {self._max_bytes} bytes")


def _waits(tail: bytearray, new: int) -> bool:
    """Whether the last byte before the `new` ones is a carriage return that ends a line."""
    return new > 0 and tail[-new - 1] == _CARRIAGE_RETURN
