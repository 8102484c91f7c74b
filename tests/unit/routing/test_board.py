"""The block in which health is kept: what is read of it by itself is what is read of the whole."""

import pytest

from dragoman.routing.board import Board
from dragoman.routing.breaker import Breaker


@pytest.mark.parametrize("is_open", [False, True])
@pytest.mark.parametrize("in_row", [0, 1, 255, 256, 2**32 - 1])
def test_failures_in_a_row_and_an_open_breaker_are_read_alone(in_row: int, is_open: bool) -> None:
    """Most requests ask no more, and it stands in the midst of other numbers."""
    board = Board()
    board.claim("a", "before")
    slot = board.claim("a", "model")
    board.claim("a", "behind")

    board.keep(
        slot,
        Breaker(
            in_row=in_row, is_open=is_open, opened_at=1.5, probe_at=2.5, since=3.5, openings=77
        ),
    )

    assert board.in_row(slot) == (in_row, is_open)
    assert (board.breaker(slot).in_row, board.breaker(slot).is_open) == (in_row, is_open)
    assert all(board.in_row(other) == (0, False) for other in board.pairs() if other != slot)


def test_the_in_row_of_a_slot_that_is_new_is_none() -> None:
    board = Board()

    assert board.in_row(board.claim("a", "model")) == (0, False)
