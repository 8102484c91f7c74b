"""Content codings that can be flushed after each event, as a compressing front does.

`deflate` is the zlib format, as RFC 9110 section 8.4.1.2 (read 2026-11-21) says.
"""

import zlib
from typing import Literal, Protocol

import brotli  # type: ignore[import-untyped]  # it ships no types

__all__ = ["Coder", "coder"]


class Coder(Protocol):
    """Bytes of events in, coded bytes out; with `flush` each event can be decoded at once."""

    def event(self, data: bytes) -> bytes:
        """The coded bytes that go out with one event."""

    def end(self) -> bytes:
        """The coded bytes that close the body."""


def coder(coding: Literal["identity", "gzip", "deflate", "br"], *, flush: bool = True) -> Coder:
    """A new coder of this name."""
    match coding:
        case "identity":
            return _Identity()
        case "br":
            return _Brotli(flush=flush)
        case "gzip" | "deflate":
            return _Zlib(31 if coding == "gzip" else 15, flush=flush)


class _Identity:
    def event(self, data: bytes) -> bytes:
        return data

    def end(self) -> bytes:
        return b""


class _Zlib:
    def __init__(self, window_bits: int, *, flush: bool) -> None:
        self._packer = zlib.compressobj(wbits=window_bits)
        self._flush = flush

    def event(self, data: bytes) -> bytes:
        packed = self._packer.compress(data)
        return packed + self._packer.flush(zlib.Z_SYNC_FLUSH) if self._flush else packed

    def end(self) -> bytes:
        return self._packer.flush()


class _Brotli:
    def __init__(self, *, flush: bool) -> None:
        # The default quality 11 spends seconds on a long answer.
        self._packer = brotli.Compressor(quality=4)
        self._flush = flush

    def event(self, data: bytes) -> bytes:
        packed: bytes = self._packer.process(data)
        return packed + self._packer.flush() if self._flush else packed

    def end(self) -> bytes:
        packed: bytes = self._packer.finish()
        return packed
