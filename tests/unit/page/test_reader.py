"""What waits for a reader, and what happens to one that is slow."""

import pytest

from dragoman.page import reader as module
from dragoman.page.reader import Reader


async def test_a_slow_reader_is_offered_a_snapshot_in_place_of_what_it_missed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "_MOST_WAITING_BYTES", 100)
    reader = Reader()
    reader.offer(b"before its first snapshot")
    assert reader.is_idle
    reader.catch_up(b"all")

    reader.offer(b"x" * 60)
    reader.offer(b"y" * 60)

    assert (reader.is_idle, reader.wants_all) == (True, True)
    reader.offer(b"z")
    assert reader.is_idle
    reader.catch_up(b"all again")
    reader.offer(b"more")
    assert await reader.next() == [b"all again", b"more"]


async def test_a_slow_reader_gets_the_end_alone_where_it_missed_what_was_before() -> None:
    reader = Reader()
    reader.end(b"the end")

    assert await reader.next() == [b"the end"]
    assert await reader.next() == []
