"""The access log: a line of JSON on standard error for each request that is over.

Nothing is written while a request is answered: lines wait for a moment and go out together, in a
thread, so that a slow reader of the log slows no answer. If it is too slow, lines are lost, and
the next one says how many. No line holds a message, a key or a header.
"""

import asyncio
import atexit
import contextlib
import sys
import time
from collections import deque
from collections.abc import Callable
from datetime import UTC, datetime
from functools import lru_cache

import msgspec

from dragoman.errors import excerpt
from dragoman.events import Usage
from dragoman.gateway.record import Record

__all__ = ["FIELDS", "AccessLog", "encode_line", "write_line"]

_WAIT_S = 0.1
_MOST_LINES = 10_000

FIELDS = {
    "time": "when it was over, in UTC",
    "request_id": "the caller's `x-request-id`, or one that was made",
    "face": "where it came in",
    "key": "the name of the gateway's key",
    "provider": "who was asked",
    "model": "the model that answered, or was to",
    "status": "the HTTP status; 0: the caller went before there was one",
    "stream": "whether the answer was streamed",
    "attempts": "requests to providers",
    "ms": "from the request to the end of the answer",
    "first_token_ms": "from the request to the first of the answer: text, thought or call",
    "overhead_ms": "what the gateway took before it asked",
    "finish_reason": "why the answer ended",
    "response_id": "the provider's own name for its answer",
    "usage": "tokens, by the names of `Usage`",
    "cost": "US dollars",
    "dropped": "what of the request the provider cannot express and was left out",
    "error": "the class of the error that it ended in; `gone` if the caller went",
}
"""The fields of a line, in their order; what is not known is left out. Printed in the docs."""

_Over = tuple[Record, float, float]


def encode_line(record: Record, now: float, clock: float) -> bytes:
    """The line of a request that was over at `now` (Unix time), when `perf_counter` was `clock`."""
    start = record.started_at
    line = _Line(
        time=_time(now),
        status=record.status,
        stream=record.stream,
        attempts=record.attempts,
        request_id=record.request_id,
        face=record.face,
        key=record.key_name,
        provider=record.provider,
        # A caller may write anything there, a key by mistake or what moves a terminal's cursor.
        model=_name(record.model),
        ms=_ms(start, clock),
        first_token_ms=_ms(start, record.first_token_at),
        overhead_ms=_ms(start, record.asked_at),
        finish_reason=record.finish_reason,
        response_id=excerpt(record.response_id) if record.response_id else "",
        usage=_counts(record.usage),
        cost=record.cost,
        dropped=record.dropped,
        error=record.error,
    )
    return _ENCODER.encode(line) + b"\n"


class _Line(msgspec.Struct, omit_defaults=True, kw_only=True, gc=False):
    """The fields in their order; what is as it is here is not known, and left out."""

    time: str
    request_id: str = ""
    face: str = ""
    key: str = ""
    provider: str = ""
    model: str = ""
    status: int
    stream: bool
    attempts: int
    ms: float | None = None
    first_token_ms: float | None = None
    overhead_ms: float | None = None
    finish_reason: str = ""
    response_id: str = ""
    usage: Usage | None = None
    cost: float | None = None
    dropped: tuple[str, ...] = ()
    error: str = ""


_ENCODER = msgspec.json.Encoder()
_name = lru_cache(1024)(excerpt)


def _time(now: float) -> str:
    second, micros = divmod(round(now * 1_000_000), 1_000_000)
    return f"{_second(second)}.{micros // 1000:03d}+00:00"


@lru_cache(16)
def _second(second: int) -> str:
    return datetime.fromtimestamp(second, UTC).strftime("%Y-%m-%dT%H:%M:%S")


def _ms(start: float, end: float | None) -> float | None:
    return None if end is None else round((end - start) * 1000, 2)


class _Counts(Usage, frozen=True, omit_defaults=True, gc=False):
    """Usage as it is written: what is not known is left out."""


def _counts(usage: Usage | None) -> Usage | None:
    return None if usage is None else _Counts(*msgspec.structs.astuple(usage))


class AccessLog:
    """Lines on their way to `write`, which is called in a thread with whole lines."""

    def __init__(self, write: Callable[[bytes], object]) -> None:
        self._write = write
        self._waiting: deque[_Over] = deque()
        self._lost = 0
        self._loop: asyncio.AbstractEventLoop | None = None
        self._writing: asyncio.Future[None] | None = None

    def note(self, record: Record) -> None:
        """A request is over; its line is written soon."""
        if len(self._waiting) >= _MOST_LINES:
            self._lost += 1
            return
        self._waiting.append((record, time.time(), time.perf_counter()))
        loop = asyncio.get_running_loop()
        # An earlier loop may have ended with its timer still set.
        if self._loop is not loop:
            self._loop = loop
            loop.call_later(_WAIT_S, self._start)

    def flush(self) -> None:
        """Write what waits, here and now; for the end of a program."""
        while self._waiting:
            self._write_out(self._taken())

    def _start(self) -> None:
        """Write in a thread, one write at a time."""
        loop = asyncio.get_running_loop()
        if self._writing is not None and not self._writing.done():
            loop.call_later(_WAIT_S, self._start)
            return
        self._loop = None
        self._writing = loop.run_in_executor(None, self._write_out, self._taken())

    def _taken(self) -> list[_Over]:
        taken = list(self._waiting)
        self._waiting.clear()
        return taken

    def _write_out(self, taken: list[_Over]) -> None:
        lines = [encode_line(*over) for over in taken]
        lost, self._lost = self._lost, 0
        if lost:
            lines.append(msgspec.json.encode({"lost_lines": lost}) + b"\n")
        # Nobody reads the log any more: that is no reason to stop answering.
        with contextlib.suppress(OSError, ValueError):
            self._write(b"".join(lines))


def _to_stderr(lines: bytes) -> None:
    sys.stderr.write(lines.decode())
    sys.stderr.flush()


# Standard error is the process's: so is its log, whatever number of gateways there are.
_LOG = AccessLog(_to_stderr)
atexit.register(_LOG.flush)


def write_line(record: Record) -> None:
    """Log a request that is over, on standard error."""
    _LOG.note(record)
