"""Server-sent events: bytes in, messages out.

Pure: no I/O, no clock. A message may be cut at any byte; `feed` gives the same messages however the
bytes are cut. Two things differ from the standard, because chat services differ: an event that the
end of the stream leaves without its empty line is given out by `close` (its reader knows whether it
is whole), and lines that are no fields (JSON, HTML, plain text in place of a stream) are
kept in `rest`.
Source: WHATWG HTML, section 9.2 "Server-sent events", read 2026-11-21.
"""

import re
from functools import lru_cache
from typing import TypeVar

import msgspec

from dragoman.errors import ResponseError
from dragoman.wire.lines import LineDecoder

__all__ = ["MAX_EVENT_BYTES", "MAX_REST_BYTES", "SseDecoder", "SseMessage", "SseRun"]

T = TypeVar("T")

MAX_EVENT_BYTES = 16 * 1024 * 1024
MAX_REST_BYTES = 1024 * 1024

_BOM = b"\xef\xbb\xbf"
_NAMED = re.compile(rb"^event: ([^\n]{0,64})\ndata: ([^\n]*)\n\n", re.MULTILINE)


class SseMessage(msgspec.Struct, frozen=True, gc=False):
    """One event: its name (empty: unnamed) and its data lines, joined by a newline."""

    data: bytes
    event: str = ""
    rest_bytes: int = 0
    """How much of the decoder's `rest` stood before it."""


class SseRun(msgspec.Struct, frozen=True, gc=False):
    """Neighbouring unnamed events whose data is one JSON object each: a line for each object."""

    lines: bytes
    count: int

    def messages(self) -> list[SseMessage]:
        """The run as messages."""
        return [SseMessage(line) for line in self.lines.split(b"\n")]

    def decode(self, decoder: "msgspec.json.Decoder[T]") -> list[T] | None:
        """Every object, decoded; None if one of them is not what the decoder wants."""
        try:
            found = decoder.decode_lines(self.lines)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return None
        # Two objects in one line are read as two, and are none: an event has one.
        return found if len(found) == self.count else None


class SseDecoder:
    """One stream's decoder. Messages whose data lines are all empty are passed over.

    An event whose data is longer than 16 MiB is a `ResponseError`.
    """

    __slots__ = ("_data", "_event", "_first", "_lines", "_rest", "_rest_size", "_size")

    def __init__(self) -> None:
        self._lines = LineDecoder()
        self._first = True
        self._data: list[bytes] = []
        self._size = 0
        self._event = ""
        self._rest: list[bytes] = []
        self._rest_size = 0

    @property
    def rest(self) -> bytes:
        """The lines that are no fields, joined by newlines; at most 1 MiB of them."""
        return b"\n".join(self._rest)

    def feed(self, chunk: bytes) -> list[SseMessage]:
        """The messages that end in this chunk."""
        messages: list[SseMessage] = []
        if self._is_inside():
            end = chunk.find(b"\n\n") + 2
            if end < 2:
                return self._take(self._lines.feed(chunk))
            messages = self._take(self._lines.feed(chunk[:end]))
            chunk = chunk[end:]
        end = chunk.rfind(b"\n\n") + 2
        if end > 2 and not self._is_inside() and (usual := _usual(chunk[:end])) is not None:
            self._first = False
            messages += usual
            chunk = chunk[end:]
        if chunk:
            messages += self._take(self._lines.feed(chunk))
        return messages

    def feed_runs(self, chunk: bytes) -> list[SseMessage | SseRun]:
        """As `feed`, but unnamed events of one JSON object each come as runs, still undecoded.

        Nearly all that chat services send is of this shape, and many such objects are decoded at
        once in a third of the time.
        """
        items: list[SseMessage | SseRun] = []
        is_inside = self._is_inside()
        if not is_inside and chunk[-2:] == b"\n\n" and (usual := _usual(chunk)) is not None:
            self._first = False
            return [*usual]
        if is_inside or self._first:
            end = chunk.find(b"\n\n") + 2
            if end < 2:
                return [*self.feed(chunk)]
            items += self.feed(chunk[:end])
            chunk = chunk[end:]
        end = chunk.rfind(b"}\n\n") + 3
        if end > 2 and not (self._first or self._is_inside()) and (run := _run(chunk[:end])):
            items.append(run)
            chunk = chunk[end:]
        if chunk:
            items += self.feed(chunk)
        return items

    def _is_inside(self) -> bool:
        """Whether the next byte does not begin an event of a stream that was only events so far."""
        return bool(self._data or self._event or self._rest or self._lines.tail)

    def close(self) -> list[SseMessage]:
        """The message that the end of the stream left unfinished, if it has data."""
        return self._take([*self._lines.close(), b""])

    def _take(self, lines: list[bytes]) -> list[SseMessage]:
        messages: list[SseMessage] = []
        if self._first and lines:
            self._first = False
            lines[0] = lines[0].removeprefix(_BOM)
        data = self._data
        for line in lines:
            if not line:
                if self._size > len(data):
                    messages.append(SseMessage(b"\n".join(data), self._event, self._rest_size))
                data.clear()
                self._size = 0
                self._event = ""
            elif line.startswith(b"data:"):
                self._add(line[6:] if line[5:6] == b" " else line[5:])
            else:
                self._other(line)
        return messages

    def _add(self, value: bytes) -> None:
        self._data.append(value)
        self._size += len(value) + 1
        if self._size > MAX_EVENT_BYTES:
            self._data.clear()
            self._size = 0
            raise ResponseError(f"an event of the reply is longer than {MAX_EVENT_BYTES} bytes")

    def _other(self, line: bytes) -> None:
        name, _, value = line.partition(b":")
        if name == b"event":
            self._event = value.removeprefix(b" ").decode("utf-8", "replace")
        elif name == b"data":
            self._add(b"")
        elif name not in {b"", b"id", b"retry"}:
            self._keep(line)

    def _keep(self, line: bytes) -> None:
        room = MAX_REST_BYTES - self._rest_size
        if room > 0:
            self._rest.append(line[:room])
            self._rest_size += len(line) + 1


def _usual(text: bytes) -> list[SseMessage] | None:
    """The messages of a text of whole events that are written as usual; None if they are not.

    That is one unnamed event, or any number of named ones, with one line of data each.
    """
    if b"\r" in text or len(text) > MAX_EVENT_BYTES:
        return None
    start = text[:6]
    if start == b"data: " and text.count(b"\n") == 2:
        data = text[6:-2]
        return [SseMessage(data)] if data else []
    if start != b"event:":
        return None
    found = _NAMED.findall(text)
    # No other line has room: each event is its two lines and the empty one.
    if text.count(b"\n") != 3 * len(found):
        return None
    return [SseMessage(data, _name(name)) for name, data in found if data]


# Services say the same few names ever again.
@lru_cache(256)
def _name(value: bytes) -> str:
    return value.decode("utf-8", "replace")


def _run(text: bytes) -> SseRun | None:
    """The run that this text is, from the begin of an event to the end of one; else None."""
    if b"\r" in text or not text.startswith(b"data: {") or len(text) > MAX_EVENT_BYTES:
        return None
    count = text.count(b"}\n\ndata: {") + 1
    # No other line has room: each event is its line and the empty one.
    if text.count(b"\n") != 2 * count:
        return None
    return SseRun(text[6:-2].replace(b"}\n\ndata: {", b"}\n{"), count)
