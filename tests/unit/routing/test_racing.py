"""The quicker of two answers is taken, and the other one is left."""

import asyncio

import pytest

from dragoman.routing.racing import race

LATE_S = 0.02


class Runner:
    """Something that can be raced: it ends when it is told to."""

    def __init__(self) -> None:
        self.started = asyncio.Event()
        self.cancelled = False
        self.end: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    async def run(self) -> str:
        self.started.set()
        try:
            return await asyncio.shield(self.end)
        except asyncio.CancelledError:
            self.cancelled = True
            raise


async def _discard(late: str) -> None:
    raise AssertionError(f"{late} was not to be discarded")


async def test_who_is_in_time_has_no_rival() -> None:
    first, second = Runner(), Runner()
    first.end.set_result("first")

    assert await race(first.run(), second.run, 30, _discard) == "first"
    assert not second.started.is_set()


async def test_the_rival_of_one_who_is_late_wins_and_the_late_one_is_cancelled() -> None:
    first, second = Runner(), Runner()
    second.end.set_result("second")

    assert await race(first.run(), second.run, LATE_S, _discard) == "second"
    assert first.cancelled


async def test_the_late_one_may_win_yet() -> None:
    first, second = Runner(), Runner()
    racing = asyncio.ensure_future(race(first.run(), second.run, LATE_S, _discard))
    await second.started.wait()

    first.end.set_result("first")

    assert await racing == "first"
    assert second.cancelled


async def test_where_there_is_no_rival_the_late_one_is_waited_for() -> None:
    first = Runner()
    asked = asyncio.Event()

    def nobody() -> None:
        asked.set()

    racing = asyncio.ensure_future(race(first.run(), nobody, LATE_S, _discard))
    await asked.wait()
    first.end.set_result("first")

    assert await racing == "first"


@pytest.mark.parametrize("which", [0, 1])
async def test_an_error_that_is_final_ends_the_race(which: int) -> None:
    runners = (Runner(), Runner())
    first, second = runners
    racing = asyncio.ensure_future(
        race(first.run(), second.run, LATE_S, _discard, is_final=lambda error: True)
    )
    await second.started.wait()

    runners[which].end.set_exception(ValueError("refused"))

    with pytest.raises(ValueError, match="refused"):
        await racing
    assert runners[1 - which].cancelled


@pytest.mark.parametrize("which", ["first", "second"])
async def test_one_that_fails_leaves_the_other_running(which: str) -> None:
    runners = {"first": Runner(), "second": Runner()}
    failing = runners.pop(which)
    (other,) = runners.values()
    pair = (failing, other) if which == "first" else (other, failing)
    racing = asyncio.ensure_future(race(pair[0].run(), pair[1].run, LATE_S, _discard))
    await pair[1].started.wait()

    failing.end.set_exception(ValueError(which))
    await asyncio.sleep(0)
    other.end.set_result("other")

    assert await racing == "other"


async def test_when_both_fail_the_first_ones_error_is_told() -> None:
    first, second = Runner(), Runner()
    racing = asyncio.ensure_future(race(first.run(), second.run, LATE_S, _discard))
    await second.started.wait()

    second.end.set_exception(ValueError("second"))
    await asyncio.sleep(0)
    first.end.set_exception(ValueError("first"))

    with pytest.raises(ValueError, match="first"):
        await racing


async def test_one_that_is_done_at_the_same_moment_is_discarded() -> None:
    first, second = Runner(), Runner()
    discarded: list[str] = []

    async def discard(late: str) -> None:
        discarded.append(late)

    racing = asyncio.ensure_future(race(first.run(), second.run, LATE_S, discard))
    await second.started.wait()
    first.end.set_result("first")
    second.end.set_result("second")

    assert await racing == "first"
    assert discarded == ["second"]


async def test_who_leaves_takes_both_along() -> None:
    first, second = Runner(), Runner()
    racing = asyncio.ensure_future(race(first.run(), second.run, LATE_S, _discard))
    await second.started.wait()

    racing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await racing

    assert first.cancelled
    assert second.cancelled
