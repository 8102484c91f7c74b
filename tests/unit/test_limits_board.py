"""The numbers behind shared limits: windows in one block of memory."""

import mmap

import pytest

from dragoman.events import Usage
from dragoman.gateway_settings import GatewayKey
from dragoman.limits import WINDOW_S
from dragoman.limits_board import NOBODYS, LimitBoard, SharedWindow, size_bytes
from dragoman.limits_shared import SharedLimiter


def _windows(lanes: int) -> list[SharedWindow]:
    """The requests of nobody, as each lane sees them."""
    memory = mmap.mmap(-1, size_bytes(lanes))
    boards = [LimitBoard(memory, lanes=lanes, lane=lane) for lane in range(lanes)]
    return [board.windows(NOBODYS)[0] for board in boards]


def test_nothing_was_used_at_first() -> None:
    (window,) = _windows(1)

    assert (window.look(5.0), window.wait_s(0, 5.0), window.is_claimed()) == ((0, 0.0), 0.0, False)


def test_what_is_wanted_may_be_free_already() -> None:
    (window,) = _windows(1)
    window.add(3, 10.0)

    assert window.wait_s(3, 11.0) == 0.0
    assert window.wait_s(2, 11.0) == 59.001


def test_a_wait_is_for_the_step_that_makes_enough_room() -> None:
    (window,) = _windows(1)
    for at in range(10, 20):
        window.add(1, float(at))

    waits = [window.wait_s(most, 20.0) for most in range(10, -1, -1)]

    assert waits == [0.0, *(50.001 + step for step in range(10))]


def test_steps_and_claims_of_all_lanes_are_waited_for_in_their_order() -> None:
    first, second, third = _windows(3)
    first.add(2, 10.0)
    second.claim(3, 12.0)
    third.claim(4, 11.0)

    for window in (first, second, third):
        assert window.look(20.0) == (9, 72.0)
        waits = [window.wait_s(most, 20.0) for most in (9, 8, 7, 6, 3, 2, 0)]
        assert waits == [0.0, 50.001, 50.001, 51.001, 51.001, 52.001, 52.001]


def test_a_claim_ends_a_minute_after_its_last() -> None:
    first, second = _windows(2)
    first.claim(1, 10.0)
    first.claim(1, 30.0)

    assert [second.used(at) for at in (30.0, 89.9, 90.0)] == [2, 2, 0]
    first.claim(5, 95.0)
    assert second.used(95.0) == 5


def test_a_claim_that_is_given_back_was_never_there() -> None:
    (window,) = _windows(1)
    window.claim(1, 10.0)
    window.give_back(1, window.claim(1, 50.0))

    assert window.look(51.0) == (1, 70.0)


def test_a_ring_goes_round() -> None:
    """As full as it can be, a few times over."""
    (window,) = _windows(1)
    now = 1000.0

    for _ in range(2000):
        now += 0.25
        window.add(1, now)

    assert window.used(now) == 60 / 0.25
    assert window.wait_s(239, now) == 0.251
    assert window.used(now + WINDOW_S) == 0


@pytest.mark.parametrize("tokens", [2**32, 2**64, 10**30])
def test_more_than_a_number_can_hold_is_very_much(tokens: int) -> None:
    limiter = SharedLimiter(LimitBoard(), clock=lambda: 5.0)
    key = GatewayKey(name="one", digest=b"", tokens_per_minute=2**32 + 1)

    limiter.admit(key, 5.0).spent(Usage(tokens, tokens))
    limiter.admit(key, 5.0)

    window = limiter.board.windows(limiter.board.slot("one", 5.0) or 0)[1]
    window.claim(tokens, 5.0)
    assert window.used(5.0) == 2**33


def test_a_key_is_found_at_its_own_place_only() -> None:
    """Two digests side by side may hold a third; it is no slot's."""
    board = LimitBoard()
    slot = board.slot("one", 5.0)
    assert slot is not None
    digest = board.owner(slot)
    board.memory[slot * 16 : slot * 16 + 16] = bytes(16)
    board.memory[8:24] = digest
    board.memory[1600:1616] = digest

    assert board.slot("one", 5.0) == 100


def test_two_that_meet_at_one_slot_find_each_its_own() -> None:
    """Without the lock both may take what is free; the first of them sees it, and goes on."""
    board = LimitBoard()
    slot = board.slot("one", 5.0)
    assert slot is not None
    board.windows(slot)[0].add(1, 5.0)

    board.memory[slot * 16 : slot * 16 + 16] = b"another's digest"

    assert board.slot("one", 5.0) not in (None, slot)
