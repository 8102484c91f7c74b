"""The lines of the access log, and how they leave."""

import asyncio
import threading
from unittest.mock import ANY

import msgspec
import pytest

from dragoman.events import Usage
from dragoman.gateway import access_log
from dragoman.gateway.access_log import FIELDS, AccessLog, encode_line, write_line
from dragoman.gateway.record import Record


def _record(request_id: str = "req_1") -> Record:
    record = Record(request_id, "messages")
    record.started_at = 10.0
    record.asked_at = 10.002
    record.first_token_at = 10.25
    record.provider, record.model, record.key_name = "work", "small", "team"
    record.status, record.stream, record.attempts = 200, True, 2
    record.finish_reason, record.response_id = "stop", "chatcmpl-1"
    record.usage = Usage(input_tokens=10, output_tokens=0)
    record.cost = 0.000125
    record.dropped = ("top_k",)
    record.error = "StreamTruncatedError"
    return record


def _decoded(line: bytes) -> dict[str, object]:
    fields: dict[str, object] = msgspec.json.decode(line)
    return fields


class _Reader:
    """Who reads the log: gets what a thread writes."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._came: asyncio.Queue[tuple[bytes, int]] = asyncio.Queue()

    def write(self, lines: bytes) -> None:
        self._loop.call_soon_threadsafe(self._came.put_nowait, (lines, threading.get_ident()))

    @property
    def empty(self) -> bool:
        return self._came.empty()

    async def read(self) -> tuple[list[object], int]:
        """The request ids of what was written at once, and the thread that wrote."""
        lines, thread = await self._came.get()
        return [_decoded(line).get("request_id", line) for line in lines.splitlines()], thread


def test_a_line_tells_all_that_is_known() -> None:
    line = encode_line(_record(), 1_795_000_000.5, 11.5)

    assert line.endswith(b"}\n")
    assert line.count(b"\n") == 1
    assert _decoded(line) == {
        "time": "2026-11-18T11:06:40.500+00:00",
        "request_id": "req_1",
        "face": "messages",
        "key": "team",
        "provider": "work",
        "model": "small",
        "status": 200,
        "stream": True,
        "attempts": 2,
        "ms": 1500.0,
        "first_token_ms": 250.0,
        "overhead_ms": 2.0,
        "finish_reason": "stop",
        "response_id": "chatcmpl-1",
        "usage": {"input_tokens": 10, "output_tokens": 0},
        "cost": 0.000125,
        "dropped": ["top_k"],
        "error": "StreamTruncatedError",
    }
    assert list(_decoded(line)) == list(FIELDS)


def test_what_is_not_known_is_left_out() -> None:
    record = Record("req_1", "chat")
    record.started_at = 10.0

    line = _decoded(encode_line(record, 0.0, 10.5))

    assert set(line) == {"time", "request_id", "face", "status", "stream", "attempts", "ms"}
    assert line["status"] == 0


@pytest.mark.parametrize(
    "model", ["new\nline", "\x1b[2J", "\x9b2J", "half \ud800", "sk-secret0123456789abcdef"]
)
def test_what_a_caller_wrote_neither_breaks_a_line_nor_tells_a_key(model: str) -> None:
    record = _record()
    record.model = model

    line = encode_line(record, 0.0, 11.0)

    assert line.count(b"\n") == 1
    assert line.decode().rstrip("\n").isprintable()
    assert "sk-secret" not in line.decode()


async def test_lines_leave_together_from_a_thread() -> None:
    """A slow reader of the log must not slow an answer."""
    reader = _Reader()
    log = AccessLog(reader.write)

    for number in range(3):
        log.note(_record(f"req_{number}"))
    assert reader.empty
    lines, thread = await reader.read()

    assert lines == ["req_0", "req_1", "req_2"]
    assert thread != threading.get_ident()


async def test_a_later_line_leaves_too() -> None:
    reader = _Reader()
    log = AccessLog(reader.write)

    log.note(_record("first"))
    first, _ = await reader.read()
    log.note(_record("second"))
    second, _ = await reader.read()

    assert (first, second) == (["first"], ["second"])


async def test_while_one_write_is_stuck_there_is_no_other_and_memory_is_bounded(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(access_log, "_MOST_LINES", 2)
    monkeypatch.setattr(access_log, "_WAIT_S", 0.01)
    reader, stuck, released = _Reader(), asyncio.Event(), threading.Event()
    loop = asyncio.get_running_loop()
    begun: list[bytes] = []

    def write(lines: bytes) -> None:
        begun.append(lines)
        loop.call_soon_threadsafe(stuck.set)
        released.wait(10)
        reader.write(lines)

    log = AccessLog(write)
    log.note(_record("first"))
    await stuck.wait()
    for number in range(5):
        log.note(_record(f"req_{number}"))
    await asyncio.sleep(0.05)  # Turns of the timer: none of them may begin another write.
    assert len(begun) == 1
    released.set()

    assert await reader.read() == (["first"], ANY)
    assert await reader.read() == (["req_0", "req_1", b'{"lost_lines":3}'], ANY)


@pytest.mark.parametrize("error", [BrokenPipeError(), ValueError("I/O operation on closed file")])
async def test_a_log_that_nobody_reads_stops_nothing(error: Exception) -> None:
    def write(lines: bytes) -> None:
        raise error

    log = AccessLog(write)
    log.note(_record())

    log.flush()


def test_a_log_goes_on_in_another_loop() -> None:
    """A loop may end before its lines have left."""
    readers: list[_Reader] = []
    log = AccessLog(lambda lines: readers[0].write(lines))

    async def note() -> None:
        log.note(_record("first"))

    async def note_and_read() -> list[object]:
        readers.append(_Reader())
        log.note(_record("second"))
        return (await readers[0].read())[0]

    asyncio.run(note())

    assert asyncio.run(note_and_read()) == ["first", "second"]


async def test_it_goes_to_standard_error(capfd: pytest.CaptureFixture[str]) -> None:
    write_line(_record())

    lines = ""
    while not lines:
        await asyncio.sleep(0.01)
        lines = capfd.readouterr().err

    assert _decoded(lines.encode())["request_id"] == "req_1"
