"""How a reply goes over the wire: pauses, chunk borders, codings, cuts.

The bytes are written here, head and chunk frames included, so that a fault is exactly what it
says. Every write waits until the kernel has taken it, so a slow reader slows the service and a
reset loses nothing that was meant to arrive.
Source: RFC 9112 "HTTP/1.1", read 2026-11-21.
"""

import asyncio
from collections.abc import Iterable
from email.utils import formatdate
from http import HTTPStatus

import msgspec

from dragoman.emulators.coding import Coder, coder
from dragoman.emulators.fault_shapes import Encoding, Slow
from dragoman.emulators.knob import CommonKnobs
from dragoman.emulators.line import Line
from dragoman.emulators.service import Pairs, Reply

__all__ = ["deliver", "send_whole"]

# The length that `length_too_long` announces for a stream: more than any answer has.
_LENGTH_NEVER_REACHED = 1 << 30


class _CutHere(Exception):
    """The place of the cut is reached."""


async def send_whole(reply: Reply, line: Line) -> None:
    """Send a reply without any fault."""
    await deliver(reply, CommonKnobs(), line)


async def deliver(reply: Reply, knobs: CommonKnobs, line: Line) -> None:
    """Send a reply with the faults of its delivery; returns when its last byte is out."""
    slow = knobs.slow or Slow()
    if not reply.chunked:
        # Its length goes out first.
        reply = msgspec.structs.replace(reply, events=tuple(reply.events))
    if knobs.stall is not None and not knobs.stall.headers:
        await line.silence()
    await _pause(slow.before_headers_s)
    body = _Body(line, reply, knobs)
    await line.write(_head(reply, knobs, body.delimiter, line))
    if line.head_only:
        return
    await _pause(slow.before_first_s)
    try:
        await _send_events(body, reply, knobs)
        await body.end()
    except _CutHere:
        await body.cut()


async def _send_events(body: "_Body", reply: Reply, knobs: CommonKnobs) -> None:
    between_s = knobs.slow.between_events_s if knobs.slow else 0.0
    cut_at = knobs.cut.after_events if knobs.cut else None
    stall_at = knobs.stall.after_events if knobs.stall else None
    events, total = _counted(reply.events, needed=min(cut_at or 0, stall_at or 0) < 0)
    sent = -1
    for sent, event in enumerate(events):
        await body.stop_at(sent, cut_at=cut_at, stall_at=stall_at, total=total)
        if sent:
            await _pause(between_s)
        await body.event(event)
    # A place behind the last event is the end of the stream.
    if stall_at is not None:
        await body.stall()
    if reply.tail:
        await body.event(reply.tail)
    if cut_at is not None:
        raise _CutHere


def _counted(events: Iterable[bytes], *, needed: bool) -> tuple[Iterable[bytes], int]:
    """The events and how many they are; only a place from the end needs them all at hand."""
    if not needed:
        return events, 0
    listed = list(events)
    return listed, len(listed)


async def _pause(pause_s: float) -> None:
    if pause_s:
        await asyncio.sleep(pause_s)


class _Body:
    """The body's bytes: coded, cut into chunks, framed."""

    def __init__(self, line: Line, reply: Reply, knobs: CommonKnobs) -> None:
        self._line = line
        self._cut = knobs.cut
        self._split = knobs.split
        self._left = knobs.cut.after_bytes if knobs.cut else None
        self._held = bytearray()
        self._coder = _coder(knobs.encoding)
        self.delimiter = _delimiter(reply, knobs, line)
        self._chunked = self.delimiter == _CHUNKED

    async def event(self, data: bytes) -> None:
        await self._put(self._coder.event(data))

    async def stop_at(
        self, sent: int, *, cut_at: int | None, stall_at: int | None, total: int
    ) -> None:
        """Cut or fall silent if the place after `sent` events was asked for."""
        if cut_at is not None and sent == (cut_at if cut_at >= 0 else max(total + cut_at, 0)):
            raise _CutHere
        if stall_at is not None and sent == (
            stall_at if stall_at >= 0 else max(total + stall_at, 0)
        ):
            await self.stall()

    async def stall(self) -> None:
        await self._flush()
        await self._line.silence()

    async def end(self) -> None:
        """The proper end of the body."""
        await self._put(self._coder.end())
        if self._left is not None:
            # The body was shorter than the place of the cut.
            raise _CutHere
        await self._close_body()

    async def cut(self) -> None:
        """The end of the body that the scenario asked for."""
        match self._cut.how if self._cut else "end":
            case "end":
                self._left = None
                await self._put(self._coder.end())
                await self._close_body()
            case "rst":
                await self._flush()
                await self._line.rst()
            case "mid_chunk":
                await self._flush()
                await self._line.write(b"400\r\n" if self._chunked else b"")
                await self._line.fin()
            case _:
                await self._flush()
                await self._line.fin()

    async def _close_body(self) -> None:
        await self._flush()
        if self._chunked:
            await self._line.write(b"0\r\n\r\n")
        if self.delimiter == _CLOSE:
            await self._line.fin()

    async def _put(self, data: bytes) -> None:
        cut_here = self._left is not None and len(data) >= self._left
        if self._left is not None:
            data = data[: self._left]
            self._left -= len(data)
        if self._split == "all":
            self._held += data
        elif self._split is None:
            await self._send(data)
        else:
            for start in range(0, len(data), self._split):
                await self._send(data[start : start + self._split])
        if cut_here:
            raise _CutHere

    async def _flush(self) -> None:
        held, self._held = bytes(self._held), bytearray()
        await self._send(held)

    async def _send(self, data: bytes) -> None:
        if data:
            await self._line.write(b"%x\r\n%b\r\n" % (len(data), data) if self._chunked else data)


_CHUNKED: Pairs = (("Transfer-Encoding", "chunked"),)
_CLOSE: Pairs = (("Connection", "close"),)


def _delimiter(reply: Reply, knobs: CommonKnobs, line: Line) -> Pairs:
    """The header that tells a reader where the body ends."""
    how = knobs.cut.how if knobs.cut else ""
    if how == "close_delimited" or (reply.chunked and not line.chunks):
        return _CLOSE
    if reply.status in (204, 304):
        return ()
    if how == "length_too_long":
        return (("Content-Length", str(_LENGTH_NEVER_REACHED)),)
    # A body that stops early but properly, or inside a chunk, cannot have a length.
    if reply.chunked or how in ("end", "no_chunk_end", "mid_chunk") or knobs.encoding:
        return _CHUNKED
    return (("Content-Length", str(sum(map(len, reply.events)) + len(reply.tail))),)


def _encoding(encoding: str | Encoding | None) -> Encoding | None:
    if isinstance(encoding, str):
        return msgspec.convert({"coding": encoding}, Encoding)
    return encoding


def _coder(encoding: str | Encoding | None) -> Coder:
    full = _encoding(encoding)
    return coder(full.coding, flush=full.flush == "event") if full else coder("identity")


def _head(reply: Reply, knobs: CommonKnobs, delimiter: Pairs, line: Line) -> bytes:
    headers = (("Server", "dragoman-emulator"), ("Date", formatdate(usegmt=True)), *reply.headers)
    full = _encoding(knobs.encoding)
    if full is not None and (full.header or full.coding) != "identity":
        headers += (("Content-Encoding", full.header or full.coding),)
    headers += delimiter
    if not line.keep_alive and delimiter != _CLOSE:
        headers += _CLOSE
    lines = [f"HTTP/1.1 {reply.status} {_reason(reply.status)}", *map(": ".join, headers)]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1", "replace")


def _reason(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Unknown"
