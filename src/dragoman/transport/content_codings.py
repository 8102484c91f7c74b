"""Decodes a compressed body while it comes: each flushed piece is text as soon as it is there.

Pure, and bounded: one call gives at most `MAX_PIECE_BYTES`, the rest waits compressed, so that a
small body that unfolds to gigabytes costs its reader nothing that he did not ask for.
Sources: RFC 9110 section 8.4 (content codings), RFC 1950-1952, RFC 7932, read 2026-11-21.
"""

import zlib
from typing import Protocol

import brotli  # type: ignore[import-untyped]  # it ships no types

from dragoman.errors import ResponseError, StreamTruncatedError

__all__ = ["ACCEPT_ENCODING", "MAX_PIECE_BYTES", "ContentDecoder", "content_decoder"]

ACCEPT_ENCODING = "gzip, deflate, br"
MAX_PIECE_BYTES = 256 * 1024
MAX_CODINGS = 3

# zlib's word for "a gzip header"; a negative number is "no header at all".
_GZIP_BITS = 16 + zlib.MAX_WBITS
_RAW_BITS = -zlib.MAX_WBITS


class _Step(Protocol):
    """One coding: bytes in, at most `MAX_PIECE_BYTES` out; `feed(b"")` goes on with what waits."""

    waiting: bool

    def feed(self, chunk: bytes) -> bytes: ...

    def whole(self) -> bool: ...


class _Zlib:
    def __init__(self, bits: int) -> None:
        self._bits = bits
        self._inner = zlib.decompressobj(bits)
        self._began = False
        self._rest = b""
        self.waiting = False

    def feed(self, chunk: bytes) -> bytes:
        chunk = self._rest + chunk if self._rest else chunk
        if not chunk:
            # Output may still be inside of zlib though all input is taken.
            piece = b"" if self._inner.eof else self._inner.decompress(b"", MAX_PIECE_BYTES)
            self.waiting = len(piece) == MAX_PIECE_BYTES
            return piece
        if not self._began:
            self._begin(chunk)
        elif self._inner.eof:
            self._next_member(chunk)
        if self._inner.eof:
            self._rest, self.waiting = b"", False
            return b""
        piece = self._inner.decompress(chunk, MAX_PIECE_BYTES)
        self._rest = self._inner.unconsumed_tail or self._inner.unused_data
        self.waiting = bool(self._rest) or len(piece) == MAX_PIECE_BYTES
        return piece

    def whole(self) -> bool:
        return self._inner.eof or not self._began

    def _begin(self, chunk: bytes) -> None:
        self._began = True
        # "deflate" means zlib's format, but some servers send it bare.
        if self._bits == zlib.MAX_WBITS and chunk[0] & 0x0F != 8:
            self._inner = zlib.decompressobj(_RAW_BITS)

    def _next_member(self, chunk: bytes) -> None:
        # A gzip body may be several files one after another; anything else there is padding.
        if self._bits == _GZIP_BITS and chunk.startswith(b"\x1f"):
            self._inner = zlib.decompressobj(self._bits)


class _Brotli:
    def __init__(self) -> None:
        self._inner = brotli.Decompressor()
        self._began = False
        self._held = b""
        self.waiting = False

    def feed(self, chunk: bytes) -> bytes:
        if self._inner.is_finished():
            self.waiting = False
            return b""
        self._began = self._began or bool(chunk)
        if not self._inner.can_accept_more_data():
            self._held += chunk
            chunk = b""
        elif self._held:
            chunk, self._held = self._held + chunk, b""
        piece: bytes = self._inner.process(chunk, output_buffer_limit=MAX_PIECE_BYTES)
        self.waiting = bool(self._held) or not self._inner.can_accept_more_data()
        return piece

    def whole(self) -> bool:
        return bool(self._inner.is_finished()) or not self._began


class ContentDecoder:
    """The decoder of one body.

    `feed` raises `ResponseError` for bytes that are not what the header said, `close` raises
    `StreamTruncatedError` if the compressed data has no end.
    """

    __slots__ = ("_steps", "name")

    def __init__(self, name: str, steps: list[_Step]) -> None:
        self.name = name
        self._steps = steps

    @property
    def waiting(self) -> bool:
        """Whether `feed(b"")` gives more of what was fed already."""
        return any(step.waiting for step in self._steps)

    def feed(self, chunk: bytes) -> bytes:
        """The next piece of text; perhaps none yet."""
        # What waits nearest to the reader goes on first: an earlier coding that unfolded more
        # meanwhile would pile it up here.
        first = 0 if chunk else self._last_waiting()
        try:
            for step in self._steps[first:]:
                chunk = step.feed(chunk)
        except (zlib.error, brotli.error) as exc:
            raise ResponseError(f"a body that is not {self.name}, as its header says") from exc
        return chunk

    def _last_waiting(self) -> int:
        return max((at for at, step in enumerate(self._steps) if step.waiting), default=0)

    def close(self) -> None:
        """The body has ended; complain if its compressed data has not."""
        if not all(step.whole() for step in self._steps):
            raise StreamTruncatedError(f"the body ended in the middle of its {self.name} data")


def content_decoder(header: str) -> ContentDecoder | None:
    """The decoder for a `Content-Encoding` header; None if there is nothing to decode.

    `ResponseError` for a coding that was not asked for.
    """
    names = [name.strip().lower() for name in header.split(",")]
    names = [name for name in names if name not in {"", "identity"}]
    if not names:
        return None
    if len(names) > MAX_CODINGS:
        raise ResponseError("a body that is compressed too many times")
    return ContentDecoder(" + ".join(names), [_step(name) for name in reversed(names)])


def _step(name: str) -> _Step:
    match name:
        case "gzip" | "x-gzip":
            return _Zlib(_GZIP_BITS)
        case "deflate":
            return _Zlib(zlib.MAX_WBITS)
        case "br":
            return _Brotli()
        case _:
            raise ResponseError("a body in a content coding that was not asked for")
