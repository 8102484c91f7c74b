"""What is written behind a request: in batches, bounded, tried again, flushed at the end."""

import asyncio
from collections.abc import Sequence

import pytest

from dragoman.store import behind
from dragoman.store.behind import Behind
from dragoman.store.faults import StoreError


class _Disk:
    """What was written, batch by batch; it fails while `fault` is set, and waits for `room`."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []
        self.said: list[str] = []
        self.fault = ""
        self.tries = 0
        self.came = asyncio.Event()
        self.room = asyncio.Event()
        self.room.set()

    async def write(self, rows: Sequence[int]) -> None:
        self.tries += 1
        self.came.set()
        await self.room.wait()
        if self.fault:
            raise StoreError(self.fault)
        self.batches.append(list(rows))

    def say(self, words: str) -> None:
        self.said.append(words)

    @property
    def rows(self) -> list[int]:
        return [row for batch in self.batches for row in batch]

    async def until(self, tries: int) -> None:
        """Wait until it was written to so often."""
        while self.tries < tries:
            self.came.clear()
            await self.came.wait()


def _row(note: int, now: float, clock: float) -> int | None:
    return note if note >= 0 and now > clock > 0 else None


@pytest.fixture
def disk() -> _Disk:
    return _Disk()


@pytest.fixture
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(behind, "WAIT_S", 0.01)


def _behind(disk: _Disk) -> Behind[int, int]:
    return Behind(_row, disk.write, say=disk.say)


async def test_what_is_noted_together_is_written_together(disk: _Disk) -> None:
    writer = _behind(disk)
    loop = asyncio.get_running_loop()
    began = loop.time()

    for note in range(3):
        writer.note(note)
    assert disk.tries == 0
    await disk.until(1)

    assert disk.batches == [[0, 1, 2]]
    assert 0.45 < loop.time() - began < 5
    await writer.close()
    assert (disk.tries, disk.said) == (1, [])


async def test_a_full_batch_does_not_wait(disk: _Disk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(behind, "WAIT_S", 3600)
    writer = _behind(disk)

    for note in range(behind.BATCH_ROWS + 1):
        writer.note(note)
    await disk.until(1)
    assert len(disk.rows) == behind.BATCH_ROWS
    await writer.close()

    assert [len(batch) for batch in disk.batches] == [behind.BATCH_ROWS, 1]
    assert disk.rows == list(range(behind.BATCH_ROWS + 1))


async def test_notes_that_come_one_by_one_fill_a_batch(
    disk: _Disk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They become rows meanwhile, so that at the end not all of them have to."""
    monkeypatch.setattr(behind, "WAIT_S", 3600)
    writer = _behind(disk)

    for note in range(behind.BATCH_ROWS):
        writer.note(note)
        await asyncio.sleep(0)
    await disk.until(1)
    await asyncio.sleep(0)
    writer.note(-1)
    await writer.close()

    assert disk.batches == [list(range(behind.BATCH_ROWS))]


@pytest.mark.usefixtures("soon")
@pytest.mark.parametrize("notes", [1, 300])
async def test_what_comes_during_a_write_is_written_without_being_told(
    disk: _Disk, notes: int
) -> None:
    disk.room.clear()
    writer = _behind(disk)
    writer.note(0)
    await disk.until(1)
    for note in range(1, notes + 1):
        writer.note(note)
    if notes > 1:
        # They are rows already when the write ends; then nobody else waits for them.
        writer._turn()
    disk.room.set()

    await disk.until(2)
    await writer.close()

    assert disk.batches == [[0], list(range(1, notes + 1))]


async def test_what_becomes_rows_during_a_write_waits_for_its_own_time(
    disk: _Disk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(behind, "WAIT_S", 3600)
    disk.room.clear()
    writer = _behind(disk)
    writer.note(0)
    writer._turn()
    await disk.until(1)
    for note in range(1, 301):
        writer.note(note)
    await asyncio.sleep(0)
    disk.room.set()
    writing = writer._writing
    assert writing is not None
    await writing
    assert disk.batches == [[0]]

    await writer.close()

    assert disk.batches == [[0], list(range(1, 301))]


async def test_what_has_no_row_is_not_written(disk: _Disk) -> None:
    writer = _behind(disk)
    for note in (1, -1, 2):
        writer.note(note)

    await writer.close()

    assert disk.batches == [[1, 2]]


async def test_nothing_noted_is_nothing_written(disk: _Disk) -> None:
    await _behind(disk).close()

    assert (disk.tries, disk.said) == (0, [])


@pytest.mark.usefixtures("soon")
async def test_what_cannot_be_written_is_tried_again_and_said_once(disk: _Disk) -> None:
    disk.fault = "the disk is full"
    writer = _behind(disk)

    writer.note(1)
    await disk.until(3)
    disk.fault = ""
    writer.note(2)
    await disk.until(4)
    await writer.close()

    assert disk.rows == [1, 2]
    assert disk.said == [
        "usage cannot be written, and waits: the disk is full",
        "usage is written again",
    ]


@pytest.mark.usefixtures("soon")
async def test_what_is_more_than_may_wait_is_lost_and_said(
    disk: _Disk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(behind, "MOST_ROWS", 4)
    disk.room.clear()
    writer = _behind(disk)

    writer.note(0)
    await disk.until(1)
    for note in range(1, 7):
        writer.note(note)
    writer._turn()
    disk.room.set()
    await writer.close()

    assert disk.rows == [0, 1, 2, 3]
    assert disk.said == ["usage of 3 requests is lost"]


async def test_the_end_tries_once_more_and_says_what_is_lost(disk: _Disk) -> None:
    disk.fault = "the disk is full"
    writer = _behind(disk)
    writer.note(1)

    await writer.close()

    assert disk.tries == 1
    assert disk.said[1:] == ["usage of 1 requests is lost"]


async def test_the_end_waits_for_a_write_no_longer_than_it_says(
    disk: _Disk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(behind, "FLUSH_S", 0.01)
    disk.room.clear()
    writer = _behind(disk)
    writer.note(1)

    await writer.close()
    await asyncio.sleep(0)

    assert disk.said == ["usage of 1 requests is lost"]


@pytest.mark.usefixtures("soon")
async def test_the_end_does_not_wait_for_a_pause(disk: _Disk) -> None:
    """Between two tries it may wait long; an end that comes then tries at once."""
    disk.fault = "another process holds it"
    writer = _behind(disk)
    writer.note(1)
    await disk.until(2)
    disk.fault = ""

    await writer.close()

    assert disk.rows == [1]
