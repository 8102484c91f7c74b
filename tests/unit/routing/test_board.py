"""The board itself: what is written in two ways is the same."""

import math

import pytest

from dragoman.routing.board import SAMPLES, Board, Sample
from dragoman.routing.breaker import Breaker


@pytest.mark.parametrize("lanes", [1, 3])
def test_a_success_is_counted_as_its_parts_would_be(lanes: int) -> None:
    """One way is for every request that goes well, and the other for reading how it is done."""
    quick, slow = (Board(lanes=lanes, lane=lanes - 1) for _ in range(2))
    slots = [board.claim("up", model) for board in (quick, slow) for model in "ab"]
    assert slots == [0, 1, 0, 1]

    for turn in range(2 * SAMPLES + 3):
        slot, epoch = turn % 2, turn // 4
        sample = Sample(100.0 + turn, None if turn % 3 else turn / 8, turn / 4)
        quick.count_good(slot, sample, epoch=epoch)
        slow.count(slot, "ok", sample.at, epoch=epoch)
        slow.add(slot, sample)

    for slot in (0, 1):
        assert quick.totals(slot) == slow.totals(slot)
        assert quick.last_times(slot) == slow.last_times(slot)
        assert [quick.window(slot, at, at) for at in range(40)] == [
            slow.window(slot, at, at) for at in range(40)
        ]
        assert list(quick.samples(slot, 0.0)) == list(slow.samples(slot, 0.0))


@pytest.mark.parametrize(
    ("breaker", "remembers"),
    [(Breaker(), False), (Breaker(in_row=1), True), (Breaker(is_open=True), True)],
    ids=["closed", "one failure", "open"],
)
def test_a_success_says_whether_the_breaker_has_to_hear_of_it(
    breaker: Breaker, remembers: bool
) -> None:
    board = Board()
    slot = board.claim("up", "m")
    board.keep(slot, breaker)

    assert board.count_good(slot, Sample(1.0, math.pi, 2.0), epoch=1) is remembers
    assert board.is_open("up", "m") is breaker.is_open
    assert not board.is_open("up", "other")


def test_a_board_that_is_closed_is_let_go_of() -> None:
    board = Board()
    board.claim("up", "m")

    board.close()

    with pytest.raises(ValueError, match=r"released|closed"):
        board.is_open("up", "m")
