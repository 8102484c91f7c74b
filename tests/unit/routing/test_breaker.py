"""A breaker opens, lets one probe through per interval, and closes: by cases, and by a model."""

from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from dragoman.routing.breaker import CLOSED, LEAST_REQUESTS, Breaker
from dragoman.routing.health_settings import HealthSettings

SETTINGS = HealthSettings(breaker_failures=3, breaker_error_rate=0.5, probe_every_s=5)


def _failed(times: int, settings: HealthSettings = SETTINGS) -> Breaker:
    breaker = CLOSED
    for _ in range(times):
        breaker = breaker.failed(100.0, settings)
    return breaker


def test_it_opens_at_so_many_failures_in_a_row_and_not_before() -> None:
    assert [_failed(n).state(100, SETTINGS) for n in (1, 2, 3)] == ["closed", "closed", "open"]
    assert _failed(3).openings == 1


def test_a_success_begins_the_row_anew() -> None:
    breaker = _failed(2).succeeded(100, 99).failed(100, SETTINGS)

    assert breaker.in_row == 1
    assert CLOSED.succeeded(100, 99) is CLOSED


def test_it_opens_at_a_share_of_failures_of_enough_requests() -> None:
    few = CLOSED.failed(100, SETTINGS, (9, LEAST_REQUESTS - 1))
    below = CLOSED.failed(100, SETTINGS, (4, LEAST_REQUESTS))
    enough = CLOSED.failed(100, SETTINGS, (5, LEAST_REQUESTS))

    assert [each.is_open for each in (few, below, enough)] == [False, False, True]


def test_a_zero_turns_a_reason_off() -> None:
    never_in_row = HealthSettings(breaker_failures=0)
    never_by_share = HealthSettings(breaker_failures=3, breaker_error_rate=0)

    assert not _failed(50, never_in_row).is_open
    assert not CLOSED.failed(100, never_by_share, (10, 10)).is_open


def test_two_zeros_let_everything_through_whatever_was_before() -> None:
    off = HealthSettings(breaker_failures=0, breaker_error_rate=0)

    assert _failed(3).state(100, off) == "closed"


def test_one_probe_is_let_through_per_interval() -> None:
    breaker = _failed(3)

    assert breaker.until_s(102, SETTINGS) == 3
    assert breaker.state(104.9, SETTINGS) == "open"
    assert breaker.state(105, SETTINGS) == "probe"
    assert breaker.admitted(107, SETTINGS).state(111.9, SETTINGS) == "open"
    assert breaker.admitted(107, SETTINGS).state(112, SETTINGS) == "probe"


def test_a_failure_while_it_is_open_does_not_put_off_the_probe() -> None:
    breaker = _failed(3).failed(104, SETTINGS)

    assert (breaker.in_row, breaker.openings, breaker.probe_at) == (4, 1, 105)


def test_a_shorter_interval_holds_at_once() -> None:
    assert _failed(3).until_s(100, HealthSettings(probe_every_s=0.5)) == 0.5


def test_a_probe_can_be_made_due() -> None:
    assert _failed(3).due(101).state(101, SETTINGS) == "probe"
    assert CLOSED.due(101) is CLOSED


def test_a_success_closes_it_and_what_was_before_is_forgotten() -> None:
    breaker = _failed(3).succeeded(106, 105)

    assert breaker == Breaker(since=106, openings=1)
    assert breaker.until_s(106, SETTINGS) == 0


def test_an_answer_that_began_before_it_opened_tells_of_the_time_before() -> None:
    breaker = _failed(3)

    assert breaker.succeeded(103, began_at=99) is breaker


class BreakerMachine(RuleBasedStateMachine):
    """The breaker beside the simplest thing that could be one: a list of what happened."""

    @initialize(
        failures=st.integers(0, 4),
        every=st.floats(0.5, 10),
    )
    def begin(self, failures: int, every: float) -> None:
        self.settings = HealthSettings(
            breaker_failures=failures, breaker_error_rate=0.5, probe_every_s=every
        )
        self.now = 0.0
        self.breaker = CLOSED
        self.row = 0
        self.window: list[bool] = []
        self.opened_at: float | None = None
        self.due_at = 0.0
        self.probes: list[float] = []

    @rule(seconds=st.floats(0, 12))
    def wait(self, seconds: float) -> None:
        self.now += seconds

    @rule()
    def fail(self) -> None:
        self.row += 1
        self.window.append(True)
        counted = (sum(self.window), len(self.window))
        self.breaker = self.breaker.failed(self.now, self.settings, counted)
        in_row = self.settings.breaker_failures and self.row >= self.settings.breaker_failures
        share = len(self.window) >= 10 and sum(self.window) * 2 >= len(self.window)
        if self.opened_at is None and (in_row or share):
            self.opened_at, self.due_at = self.now, self.now + self.settings.probe_every_s

    @rule(took=st.floats(0, 20))
    def succeed(self, took: float) -> None:
        self.window.append(False)
        self.breaker = self.breaker.succeeded(self.now, self.now - took)
        if self.opened_at is None:
            self.row = 0
        elif self.now - took >= self.opened_at:
            self.opened_at, self.row, self.window, self.probes = None, 0, [], []

    @rule()
    def ask(self) -> None:
        if self.breaker.state(self.now, self.settings) == "probe":
            self.breaker = self.breaker.admitted(self.now, self.settings)
            self.probes.append(self.now)
            self.due_at = self.now + self.settings.probe_every_s

    @invariant()
    def is_what_the_model_says(self) -> None:
        if self.opened_at is None:
            expected = "closed"
        else:
            expected = "open" if self.now < self.due_at else "probe"
        assert self.breaker.state(self.now, self.settings) == expected
        assert self.breaker.in_row == self.row

    @invariant()
    def probes_keep_their_distance(self) -> None:
        gaps = [b - a for a, b in zip(self.probes, self.probes[1:], strict=False)]
        assert all(gap >= self.settings.probe_every_s * 0.999 for gap in gaps)


TestBreakerByAModel = BreakerMachine.TestCase


@given(opened_at=st.floats(0, 1e6), later=st.floats(0, 1e4), every=st.floats(0.1, 3600))
def test_an_open_breaker_is_never_further_from_a_probe_than_the_interval(
    opened_at: float, later: float, every: float
) -> None:
    settings = HealthSettings(breaker_failures=1, probe_every_s=every)

    breaker = CLOSED.failed(opened_at, settings)

    assert 0 <= breaker.until_s(opened_at + later, settings) <= every
