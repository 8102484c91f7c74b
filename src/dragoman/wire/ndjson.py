"""Newline-delimited JSON: bytes in, the bytes of one JSON text a line out.

Empty lines are passed over, and so is a first byte-order mark. The reader decodes each text to
its own type.
Source: github.com/ndjson/ndjson-spec, read 2026-11-21.
"""

from dragoman.wire.lines import LineDecoder

__all__ = ["NdjsonDecoder"]


class NdjsonDecoder:
    """One stream's decoder."""

    __slots__ = ("_first", "_lines")

    def __init__(self) -> None:
        self._lines = LineDecoder()
        self._first = True

    def feed(self, chunk: bytes) -> list[bytes]:
        """The JSON texts that end in this chunk."""
        return self._take(self._lines.feed(chunk))

    def close(self) -> list[bytes]:
        """The last text, if its line has no end."""
        return self._take(self._lines.close())

    def _take(self, lines: list[bytes]) -> list[bytes]:
        if self._first and lines:
            self._first = False
            lines[0] = lines[0].removeprefix(b"\xef\xbb\xbf")
        return [line for line in lines if line.strip()]
