"""Limits that are counted together: the same answers as one process gives, whoever is asked."""

import mmap
from collections.abc import Sequence
from typing import NamedTuple

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from dragoman.events import Usage
from dragoman.gateway_settings import GatewayKey
from dragoman.limits import WINDOW_S, Admission, Limiter, Limits, UsedUpError
from dragoman.limits_board import SLOTS, LimitBoard, size_bytes
from dragoman.limits_shared import SharedLimiter

LANES = 2


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self, now: float = 1000.0) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


class Board(LimitBoard):
    """A board whose lock can be had, or not."""

    def __init__(self, memory: mmap.mmap, lane: int) -> None:
        super().__init__(memory, lanes=LANES, lane=lane)
        self.is_free = True
        self.is_held = False

    def lock(self) -> bool:
        self.is_held = self.is_free
        return self.is_free

    def unlock(self) -> None:
        assert self.is_held
        self.is_held = False


class House:
    """Two workers of a gateway, and their clock."""

    def __init__(self, concurrency: int = 0, now: float = 1000.0) -> None:
        self.clock = Clock(now)
        memory = mmap.mmap(-1, size_bytes(LANES))
        self.boards = [Board(memory, lane) for lane in range(LANES)]
        self.workers = [
            SharedLimiter(board, concurrency, clock=self.clock) for board in self.boards
        ]

    def ask(self, key: GatewayKey | None, worker: int = 0, after_s: float = 0.0) -> Admission:
        self.clock.now += after_s
        return self.workers[worker].admit(key, self.clock.now)

    def refused(self, key: GatewayKey | None, worker: int = 0, after_s: float = 0.0) -> UsedUpError:
        with pytest.raises(UsedUpError) as caught:
            self.ask(key, worker, after_s)
        return caught.value

    def lose_locks(self) -> None:
        for board in self.boards:
            board.is_free = False

    def find_locks(self) -> None:
        for board in self.boards:
            board.is_free = True


def key(
    name: str = "one",
    *,
    requests: int | None = None,
    tokens: int | None = None,
    concurrency: int | None = None,
) -> GatewayKey:
    return GatewayKey(
        name=name,
        digest=b"",
        requests_per_minute=requests,
        tokens_per_minute=tokens,
        concurrency=concurrency,
    )


def test_what_one_worker_lets_in_all_have_counted() -> None:
    house, both = House(), key(requests=3, tokens=100)
    house.ask(both, 0).spent(Usage(60, 20))
    house.ask(both, 1, after_s=15)

    headers = house.ask(both, 0, after_s=5).headers()

    assert headers == [
        ("x-ratelimit-limit-requests", "3"),
        ("x-ratelimit-remaining-requests", "0"),
        ("x-ratelimit-reset-requests", "60.001s"),
        ("x-ratelimit-limit-tokens", "100"),
        ("x-ratelimit-remaining-tokens", "20"),
        ("x-ratelimit-reset-tokens", "40.001s"),
    ]
    error = house.refused(both, 1)
    assert error.retry_after == pytest.approx(40, abs=0.002)
    assert error.headers == headers
    assert str(error).startswith(
        "one: its limit of 3 requests a minute is reached; try again in 40"
    )


def test_places_are_those_of_all_workers() -> None:
    house, two = House(concurrency=3), key(concurrency=2)
    first = house.ask(two, 0)
    house.ask(two, 1)

    assert "one: 2 requests run already" in str(house.refused(two, 0))
    house.ask(None, 0)
    assert "the gateway runs 3 requests already" in str(house.refused(None, 1))

    first.close()
    first.close()
    house.ask(two, 1)
    house.refused(two, 0)


def test_what_a_worker_had_running_is_free_when_its_successor_begins() -> None:
    house, one = House(concurrency=2), key(concurrency=1, requests=2)
    house.ask(one, 0)
    kept = house.ask(None, 1)
    house.refused(None, 1)

    board = Board(house.boards[0].memory, 0)
    house.workers[0] = SharedLimiter(board, 2, clock=house.clock)

    house.ask(one, 1).close()
    assert "2 requests a minute" in str(house.refused(one, 0))
    kept.close()


def test_who_ran_without_a_limit_counts_when_there_is_one() -> None:
    house = House()
    admission = house.ask(key(), 0)
    house.ask(key("other"), 0)

    assert admission.headers() == []
    house.refused(key(concurrency=1), 1)
    for worker in house.workers:
        worker.concurrency = 2
    house.refused(None, 1)
    admission.close()
    house.ask(key(concurrency=1), 1)


def test_tokens_without_a_limit_count_nowhere() -> None:
    house = House()

    house.ask(key(requests=5), 0).spent(Usage(1000))

    house.ask(key(tokens=1), 1)


def test_more_keys_than_there_is_room_for_are_refused_until_one_rests() -> None:
    house = House()
    for number in range(SLOTS):
        house.ask(key(f"k{number}", requests=5), number % 2).close()

    error = house.refused(key("late", requests=5), after_s=1)

    assert (error.retry_after, error.headers) == (1.0, [])
    assert "1024 other keys are in use already" in str(error)
    house.ask(key("unlimited"), 1)
    house.ask(key("late", requests=5), 0, after_s=WINDOW_S)


def test_a_slot_that_another_worker_gave_away_is_no_longer_ours() -> None:
    house, one = House(), key(requests=1)
    house.ask(one, 0).close()
    house.clock.now += WINDOW_S
    for number in range(SLOTS):
        house.ask(key(f"k{number}", requests=5), 1).close()

    house.clock.now += WINDOW_S
    house.ask(one, 0)

    house.refused(one, 1)
    assert "x-ratelimit-remaining-requests" in dict(house.ask(key("k1", requests=5), 1).headers())


def test_keys_that_are_gone_are_forgotten() -> None:
    house = House()

    for number in range(2 * SLOTS + 1):
        house.ask(key(f"k{number}", requests=5), after_s=0.1).close()

    assert len(house.workers[0]._accounts) == 1


def test_without_the_lock_nobody_waits_and_no_limit_is_exceeded() -> None:
    house, two = House(), key(requests=2, tokens=100)
    house.lose_locks()

    house.ask(two, 0).spent(Usage(50))
    headers = dict(house.ask(two, 1).headers())

    assert headers["x-ratelimit-remaining-requests"] == "0"
    assert headers["x-ratelimit-remaining-tokens"] == "50"
    for worker in (0, 1):
        error = house.refused(two, worker, after_s=10)
        assert error.retry_after == pytest.approx(50 - 10 * worker, abs=0.002)
        assert error.headers[1:3] == [
            ("x-ratelimit-remaining-requests", "0"),
            ("x-ratelimit-reset-requests", f"{50.001 - 10 * worker:g}s"),
        ]
    house.find_locks()
    house.refused(two, 0, after_s=39)
    house.ask(two, 1, after_s=1.01)


def test_without_the_lock_places_are_those_of_all_workers() -> None:
    house, one = House(), key(concurrency=1)
    house.lose_locks()
    admission = house.ask(one, 0)

    house.refused(one, 1)
    admission.close()
    house.ask(one, 1)


def test_what_was_claimed_without_the_lock_is_kept_with_it() -> None:
    house, three = House(), key(requests=3, tokens=100)
    house.lose_locks()
    house.ask(three, 0).spent(Usage(99))
    house.find_locks()

    house.ask(three, 0, after_s=1)
    house.ask(three, 1)

    assert not any(window.is_claimed() for window in house.boards[0].windows(_slot(house)))
    house.refused(three, 1, after_s=58.5)
    house.ask(three, 1, after_s=0.51)


def _slot(house: House) -> int:
    slot = house.boards[0].slot("one", house.clock.now)
    assert slot is not None
    return slot


def test_claims_that_are_over_are_not_kept() -> None:
    house, one = House(), key(requests=1)
    house.lose_locks()
    house.ask(one, 0)
    house.ask(one, 0, after_s=WINDOW_S)
    house.find_locks()

    house.ask(one, 0, after_s=WINDOW_S)

    assert dict(house.refused(one).headers)["x-ratelimit-remaining-requests"] == "0"


def test_of_one_with_the_lock_and_one_without_one_gets_the_last_place() -> None:
    """The one without it comes while the other one has looked, and not yet counted."""

    class Stopped(Board):
        def running(self, slot: int) -> int:
            if other is not None:
                other.append(house.ask(last, 1))
            return super().running(slot)

    other: list[Admission] | None = None
    house, last = House(), key(requests=1, concurrency=9)
    house.workers[0] = SharedLimiter(Stopped(house.boards[0].memory, 0), clock=house.clock)
    house.boards[1].is_free = False
    house.ask(key(concurrency=9), 0).close()

    other = []
    error = house.refused(last, 0)

    assert len(other) == 1
    assert error.retry_after == 1.0
    assert dict(error.headers)["x-ratelimit-remaining-requests"] == "0"
    other = None
    house.ask(key(requests=2), 0).close()
    house.refused(key(requests=2), 1)
    house.refused(last, 1, after_s=59.9)
    house.ask(last, 1, after_s=0.11)


class Move(NamedTuple):
    """`what`: a key asks (0 to 3), or the oldest request spends (4) or ends (5)."""

    what: int
    worker: int
    after_s: float
    tokens: int


KEYS = [
    None,
    key("a", requests=2, tokens=30),
    key("b", concurrency=2, requests=4),
    key("b", tokens=5, concurrency=1),
]
STEPS = st.one_of(
    st.floats(0, 0.5),
    st.floats(0, 70),
    st.sampled_from([0.0, 0.25, 59.75, 60.0, 60.25, 1e-9, -1.0]),
)
MOVES = st.lists(
    st.builds(Move, st.integers(0, 5), st.integers(0, 1), STEPS, st.integers(0, 40)), max_size=80
)
STARTS = st.floats(10, 1e7)


def _said(limits: Limits, which: GatewayKey | None, now: float) -> tuple[object, Admission | None]:
    try:
        admission = limits.admit(which, now)
    except UsedUpError as error:
        return (str(error), error.retry_after, error.headers), None
    return admission.headers(), admission


@given(moves=MOVES, start=STARTS, concurrency=st.integers(0, 3))
@example(moves=[Move(1, n % 2, 0.3, 0) for n in range(300)], start=10.0, concurrency=0)
def test_nobody_can_tell_two_workers_from_one(
    moves: Sequence[Move], start: float, concurrency: int
) -> None:
    house = House(concurrency, start)
    alone = Limiter(concurrency, clock=house.clock)
    running: list[tuple[Admission, Admission]] = []

    for move in moves:
        house.clock.now += move.after_s
        if move.what < len(KEYS):
            which = KEYS[move.what]
            said, mine = _said(house.workers[move.worker], which, house.clock.now)
            expected, model = _said(alone, which, house.clock.now)
            assert said == expected
            if mine is not None and model is not None:
                running.append((mine, model))
        elif running:
            pair = running[0] if move.what == 4 else running.pop(0)
            for admission in pair:
                admission.spent(Usage(move.tokens))
                if move.what == 5:
                    admission.close()


@given(
    limit=st.integers(1, 4),
    moves=st.lists(st.tuples(st.integers(0, 1), st.booleans(), st.floats(0, 30)), max_size=60),
    start=STARTS,
)
def test_with_a_lock_that_comes_and_goes_no_minute_has_more_than_the_limit(
    limit: int, moves: Sequence[tuple[int, bool, float]], start: float
) -> None:
    house, limited = House(now=start), key(requests=limit, tokens=100 * limit)
    let_in: list[float] = []

    for worker, is_free, after_s in moves:
        house.boards[worker].is_free = is_free
        try:
            admission = house.ask(limited, worker, after_s)
        except UsedUpError:
            continue
        spent = len([at for at in let_in if at + WINDOW_S > house.clock.now])
        assert spent < limit
        let_in.append(house.clock.now)
        admission.spent(Usage(100))
        admission.close()
    house.find_locks()
    for worker in range(LANES):
        house.ask(limited, worker, after_s=2 * WINDOW_S)
        house.clock.now += WINDOW_S
