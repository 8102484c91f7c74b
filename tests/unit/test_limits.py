"""Limits: never more than they say in any minute, and `retry_after` is enough."""

from collections.abc import Sequence

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from dragoman.errors import RateLimitError
from dragoman.events import Usage
from dragoman.gateway_settings import GatewayKey
from dragoman.limits import WINDOW_S, Admission, Limiter, UsedUpError


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self, now: float = 1000.0) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


class Door:
    """A limiter and its clock: what a gateway does with them."""

    def __init__(self, concurrency: int = 0, now: float = 1000.0) -> None:
        self.clock = Clock(now)
        self.limiter = Limiter(concurrency, clock=self.clock)

    def ask(self, key: GatewayKey | None, after_s: float = 0.0) -> Admission:
        self.clock.now += after_s
        return self.limiter.admit(key, self.clock.now)

    def refused(self, key: GatewayKey | None, after_s: float = 0.0) -> UsedUpError:
        with pytest.raises(UsedUpError) as caught:
            self.ask(key, after_s)
        return caught.value


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


def test_without_limits_nothing_is_counted_or_said() -> None:
    door = Door()

    admissions = [door.ask(which) for which in [None, key(), None] * 100]

    assert [admission.headers() for admission in admissions] == [[]] * 300
    admissions[0].spent(Usage(10**9, 10**9))
    door.ask(None)


def test_requests_are_let_in_up_to_the_limit_and_again_a_minute_later() -> None:
    door, two = Door(), key(requests=2)
    door.ask(two)
    door.ask(two, after_s=20)

    error = door.refused(two, after_s=10)

    assert isinstance(error, RateLimitError)
    assert error.status == 429
    assert error.code == "rate_limit_exceeded"
    assert error.retry_after == pytest.approx(30, abs=0.002)
    assert str(error).startswith(
        "one: its limit of 2 requests a minute is reached; try again in 30"
    )
    door.refused(two, after_s=29.9)
    door.ask(two, after_s=0.2)
    door.refused(two)


def test_a_refused_request_counts_nowhere() -> None:
    door, one = Door(), key(requests=1)
    door.ask(one)

    for _ in range(50):
        door.refused(one, after_s=1)

    door.ask(one, after_s=10.01)


def test_headers_say_what_is_left() -> None:
    door, both = Door(), key(requests=3, tokens=1000)
    door.ask(both).spent(Usage(700, 100))

    headers = door.ask(both, after_s=15).headers()

    assert headers == [
        ("x-ratelimit-limit-requests", "3"),
        ("x-ratelimit-remaining-requests", "1"),
        ("x-ratelimit-reset-requests", "60.001s"),
        ("x-ratelimit-limit-tokens", "1000"),
        ("x-ratelimit-remaining-tokens", "200"),
        ("x-ratelimit-reset-tokens", "45.001s"),
    ]


def test_headers_of_a_first_request_and_of_one_refused() -> None:
    door, one = Door(), key(requests=1, tokens=10)

    first = dict(door.ask(one).headers())
    refused = dict(door.refused(one).headers)

    assert first["x-ratelimit-remaining-tokens"] == "10"
    assert first["x-ratelimit-reset-tokens"] == "0s"
    assert first["x-ratelimit-remaining-requests"] == "0"
    assert refused["x-ratelimit-remaining-requests"] == "0"
    assert refused.keys() == first.keys()


def test_tokens_count_from_when_the_answer_is_over() -> None:
    """A long answer that ends now was not spent minutes ago."""
    door, small = Door(), key(tokens=100)
    admission = door.ask(small)
    door.clock.now += 300
    admission.spent(Usage(60, 60))
    admission.close()

    error = door.refused(small, after_s=1)

    assert error.retry_after == pytest.approx(59, abs=0.002)
    assert "one: its limit of 100 tokens a minute is reached" in str(error)
    assert ("x-ratelimit-remaining-tokens", "0") in error.headers
    door.ask(small, after_s=59.01)


def test_a_later_report_counts_what_it_has_more() -> None:
    door, small = Door(), key(tokens=100)
    admission = door.ask(small)

    for usage in (None, Usage(), Usage(50), Usage(50, 20), Usage(50, 20), Usage(10, 10)):
        admission.spent(usage)

    assert ("x-ratelimit-remaining-tokens", "30") in door.ask(small).headers()


def test_the_longest_wait_is_told() -> None:
    door, both = Door(), key(requests=1, tokens=1, concurrency=1)
    admission = door.ask(both)
    door.clock.now += 30
    admission.spent(Usage(1, 1))

    error = door.refused(both)

    assert error.retry_after == pytest.approx(60, abs=0.002)
    assert "tokens" in str(error)


def test_a_key_has_its_places_and_closing_gives_one_back_once() -> None:
    door, one, other = Door(), key(concurrency=2), key("other", concurrency=2)
    first = door.ask(one)
    door.ask(one)

    error = door.refused(one)

    assert error.retry_after == 1.0
    assert "one: 2 requests run already" in str(error)
    door.ask(other)
    first.close()
    first.close()
    door.ask(one)
    door.refused(one)


def test_the_gateway_has_its_places_for_all_together() -> None:
    door = Door(concurrency=2)
    first = door.ask(None)
    door.ask(key())

    assert "the gateway runs 2 requests already" in str(door.refused(key("other")))

    first.close()
    door.ask(key("other"))
    door.limiter.concurrency = 3
    door.ask(None)
    door.refused(None)


def test_what_was_used_outlives_a_change_of_the_limit() -> None:
    door = Door()
    for _ in range(3):
        door.ask(key(requests=3))

    door.refused(key(requests=2))
    door.ask(key(requests=4))


def test_keys_that_are_gone_are_forgotten() -> None:
    door = Door()
    for number in range(100):
        door.ask(key(f"k{number}", requests=5)).close()
    running = door.ask(key("running"))
    busy = len(door.limiter._accounts)

    door.ask(key("new", requests=5), after_s=WINDOW_S)
    left = set(door.limiter._accounts)

    assert busy == 101
    assert left == {"running", "new"}
    running.close()


def test_memory_is_bounded_however_much_is_asked() -> None:
    door, many = Door(), key(requests=10**9)

    for _ in range(20_000):
        door.ask(many, after_s=0.01).close()

    steps = door.limiter._accounts["one"].requests._steps
    assert len(steps) <= WINDOW_S / 0.25 + 2


def test_a_clock_that_steps_back_lets_no_more_in() -> None:
    door, two = Door(), key(requests=2)
    door.ask(two)
    door.ask(two, after_s=-5)

    door.refused(two)
    door.refused(two, after_s=64.9)
    door.ask(two, after_s=0.11)


STEPS = st.lists(
    st.one_of(
        st.floats(0, 0.5),
        st.floats(0, 70),
        st.sampled_from([0.0, 0.25, 59.75, 60.0, 60.25, 1e-9]),
    ),
    min_size=1,
    max_size=60,
)
STARTS = st.floats(0, 1e7)


@given(limit=st.integers(1, 5), steps=STEPS, start=STARTS)
@example(limit=1, steps=[0.0, 60.0], start=0.1)
@example(limit=2, steps=[0.0, 0.2, 59.8, 0.1], start=0.0)
def test_no_minute_has_more_requests_than_the_limit(
    limit: int, steps: Sequence[float], start: float
) -> None:
    door, limited = Door(now=start), key(requests=limit)
    let_in: list[float] = []

    for step in steps:
        try:
            door.ask(limited, after_s=step)
        except UsedUpError:
            # Only a full minute refuses, give or take the quarter of a second that is one entry.
            lately = [at for at in let_in if at + WINDOW_S + 0.25 > door.clock.now]
            assert len(lately) >= limit
        else:
            let_in.append(door.clock.now)

    for first, last in zip(let_in, let_in[limit:], strict=False):
        assert first + WINDOW_S <= last


@given(requests=st.integers(1, 4), tokens=st.integers(1, 40), steps=STEPS, start=STARTS)
def test_who_waits_as_told_is_let_in(
    requests: int, tokens: int, steps: Sequence[float], start: float
) -> None:
    door, limited = Door(now=start), key(requests=requests, tokens=tokens)

    for number, step in enumerate(steps):
        try:
            admission = door.ask(limited, after_s=step)
        except UsedUpError as error:
            wait_s = error.retry_after or 0.0
            admission = door.ask(limited, after_s=wait_s)
            assert wait_s <= WINDOW_S + 0.001
        admission.spent(Usage(number % 30, 1))
        admission.close()


@given(limit=st.integers(1, 100), steps=STEPS, start=STARTS)
def test_nothing_is_let_in_while_a_minutes_tokens_are_used_up(
    limit: int, steps: Sequence[float], start: float
) -> None:
    door, limited = Door(now=start), key(tokens=limit)
    spent: list[tuple[float, int]] = []

    for number, step in enumerate(steps):
        door.clock.now += step
        now = door.clock.now
        try:
            admission = door.ask(limited)
        except UsedUpError:
            continue
        assert sum(tokens for at, tokens in spent if at + WINDOW_S > now) < limit
        admission.spent(Usage(number * 7 % 50, number % 3))
        spent.append((now, number * 7 % 50 + number % 3))


@given(st.integers(1, 4), st.integers(0, 3), st.lists(st.integers(-3, 3), max_size=60))
def test_no_more_run_at_the_same_time_than_may(
    limit: int, overall: int, moves: Sequence[int]
) -> None:
    """Up: a key's request comes; down: one that runs ends."""
    door = Door(concurrency=overall)
    running: list[tuple[str, Admission]] = []

    for move in moves:
        if move > 0:
            try:
                name = f"k{move}"
                running.append((name, door.ask(key(name, concurrency=limit))))
            except UsedUpError:
                assert len([n for n, _ in running if n == name]) == limit or (
                    overall and len(running) == overall
                )
        elif running:
            running.pop(move % len(running))[1].close()
        assert all(len([n for n, _ in running if n == name]) <= limit for name, _ in running)
        assert not overall or len(running) <= overall
