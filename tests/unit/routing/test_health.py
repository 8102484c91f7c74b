"""What is measured in passing, and what it decides."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dragoman.errors import (
    AuthError,
    ChatError,
    HandshakeError,
    InputError,
    RateLimitError,
    ResponseStatusError,
    TransportError,
)
from dragoman.routing.board import SLOTS
from dragoman.routing.health import LEAST_SAMPLES, TIMES_KEPT_S, Failure, Health, Measured, Probed
from dragoman.routing.health_report import MODEL_FIELDS, ModelReport, report
from dragoman.routing.health_settings import HealthSettings

PAIR = ("work", "small")
DOWN = TransportError("no connection").located(provider="work", host="far.example", step="chat")


class _Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> _Clock:
    return _Clock()


@pytest.fixture
def health(clock: _Clock) -> Health:
    return Health(HealthSettings(breaker_failures=3), clock=clock)


def _answer(health: Health, first_s: float | None = 0.2, total_s: float = 1.0) -> None:
    health.succeeded(*PAIR, first_token_s=first_s, total_s=total_s)


def _break(health: Health) -> None:
    for _ in range(3):
        health.failed(*PAIR, DOWN)


def test_nothing_is_known_of_who_was_never_asked(health: Health) -> None:
    assert health.view(*PAIR) == Measured()
    assert health.admit(*PAIR)
    assert health.all() == []


def test_failures_in_a_row_leave_a_model_alone_and_say_why(health: Health) -> None:
    _break(health)

    seen = health.view(*PAIR)
    assert (seen.state, seen.until_s, seen.in_row, seen.openings) == ("open", 5.0, 3, 1)
    assert seen.why == "3 failures in a row; the last: TransportError: chat at far.example: " + (
        "no connection"
    )
    assert not health.admit(*PAIR)


def test_a_model_that_is_left_alone_needs_leave_to_be_asked(health: Health, clock: _Clock) -> None:
    before = health.is_closed(*PAIR)
    _break(health)
    clock.now += 5

    assert (before, health.is_closed(*PAIR)) == (True, False)
    assert health.admit(*PAIR)
    assert not health.is_closed(*PAIR)


def test_the_provider_s_other_models_go_on(health: Health) -> None:
    _break(health)

    assert health.view("work", "large").state == "closed"
    assert health.admit("work", "large")


def test_one_request_per_interval_is_the_probe(health: Health, clock: _Clock) -> None:
    _break(health)
    clock.now += 5

    assert health.view(*PAIR).state == "probe"
    assert [health.admit(*PAIR) for _ in range(3)] == [True, False, False]
    clock.now += 5
    assert [health.admit(*PAIR) for _ in range(3)] == [True, False, False]


def test_a_probe_that_succeeds_closes_it(health: Health, clock: _Clock) -> None:
    _break(health)
    clock.now += 6
    assert health.admit(*PAIR)
    _answer(health, total_s=0.5)

    assert health.view(*PAIR).state == "closed"
    assert health.view(*PAIR).why == ""
    assert all(health.admit(*PAIR) for _ in range(3))


def test_an_old_answer_that_ends_well_closes_nothing(health: Health, clock: _Clock) -> None:
    _break(health)
    clock.now += 1
    _answer(health, total_s=30)

    assert health.view(*PAIR).state == "open"


def test_a_share_of_failures_opens_it_and_is_forgotten_when_it_closes(
    health: Health, clock: _Clock
) -> None:
    for _ in range(5):
        _answer(health)
        health.failed(*PAIR, DOWN)
    assert health.view(*PAIR).state == "open"
    assert health.view(*PAIR).why.startswith("too many failures; the last: ")

    clock.now += 6
    _answer(health, total_s=0.1)
    health.failed(*PAIR, DOWN)

    assert health.view(*PAIR).state == "closed"
    assert health.view(*PAIR).error_rate == 0.5


@pytest.mark.parametrize("error", [RateLimitError("slow"), AuthError("who?")])
def test_who_works_and_does_not_serve_us_is_told_of_and_opens_nothing(
    health: Health, error: ChatError
) -> None:
    for _ in range(30):
        health.failed(*PAIR, error)

    seen = health.view(*PAIR)
    assert seen.state == "closed"
    assert seen.failure == Failure(error=type(error).__name__, text=error.message)
    assert seen.last_failure is not None
    assert seen.requests == 0


@pytest.mark.parametrize("error", [InputError("x"), ResponseStatusError("x", status=400)])
def test_the_caller_s_own_mistakes_say_nothing_of_a_service(
    health: Health, error: ChatError
) -> None:
    for _ in range(30):
        health.failed(*PAIR, error)

    seen = health.view(*PAIR)
    assert (seen.state, seen.failure, seen.last_failure) == ("closed", None, None)
    assert seen.totals["refused"] == 30


def test_a_probe_that_was_the_caller_s_mistake_is_made_up_for(
    health: Health, clock: _Clock
) -> None:
    _break(health)
    clock.now += 5
    assert health.admit(*PAIR)
    health.failed(*PAIR, ResponseStatusError("wrong", status=400))

    assert health.admit(*PAIR)
    assert not health.admit(*PAIR)


def test_a_probe_that_nobody_waited_for_has_had_its_turn(health: Health, clock: _Clock) -> None:
    _break(health)
    clock.now += 5
    assert health.admit(*PAIR)
    health.lost(*PAIR)

    assert not health.admit(*PAIR)
    assert health.view(*PAIR).totals["lost"] == 1


def test_one_that_lost_because_it_was_late_was_late(health: Health) -> None:
    """Else each hedged request would make the next ones look late sooner."""
    for _ in range(LEAST_SAMPLES):
        _answer(health, 0.1)
    health.lost(*PAIR, 0.05)
    health.lost(*PAIR, 3.0)
    assert health.view(*PAIR).p95_s == pytest.approx(0.1)
    health.lost(*PAIR, 2.0)

    seen = health.view(*PAIR)
    assert seen.p95_s == pytest.approx(2.0)
    assert seen.latency_s == pytest.approx(1.0)
    assert seen.totals["lost"] == 3


def test_times_are_those_of_the_answers(health: Health) -> None:
    for number in range(1, LEAST_SAMPLES + 1):
        _answer(health, number / 100, number / 10)

    seen = health.view(*PAIR)
    assert seen.first_token_s == pytest.approx(0.105)
    assert seen.p95_s == pytest.approx(0.19)
    assert seen.latency_s == pytest.approx(1.05)
    assert (seen.requests, seen.error_rate) == (LEAST_SAMPLES, 0)


def test_few_answers_have_no_percentile(health: Health) -> None:
    for _ in range(LEAST_SAMPLES - 1):
        _answer(health)
    _answer(health, None)

    assert health.view(*PAIR).p95_s is None
    assert health.view(*PAIR).first_token_s == pytest.approx(0.2)


def test_old_times_are_forgotten_later_than_old_failures(health: Health, clock: _Clock) -> None:
    _answer(health)
    health.failed(*PAIR, DOWN)
    assert health.view(*PAIR).error_rate == 0.5

    clock.now += 31
    assert (health.view(*PAIR).requests, health.view(*PAIR).error_rate) == (0, 0)
    assert health.view(*PAIR).first_token_s == pytest.approx(0.2)

    clock.now += TIMES_KEPT_S
    assert health.view(*PAIR).first_token_s is None
    assert health.view(*PAIR).latency_s is None


@given(steps=st.lists(st.tuples(st.floats(0, 40), st.booleans()), max_size=40))
def test_the_window_has_what_is_in_it_but_perhaps_its_oldest_tenth(
    steps: list[tuple[float, bool]],
) -> None:
    clock = _Clock()
    health = Health(HealthSettings(window_s=30), clock=clock)
    events: list[tuple[float, bool]] = []
    for seconds, failed in steps:
        clock.now += seconds
        events.append((clock.now, failed))
        if failed:
            health.failed(*PAIR, DOWN)
        else:
            _answer(health)

    seen = health.view(*PAIR)

    surely = [failed for at, failed in events if at > clock.now - 27]
    perhaps = [failed for at, failed in events if at >= clock.now - 30]
    assert len(surely) <= seen.requests <= len(perhaps)
    assert sum(surely) <= round(seen.error_rate * seen.requests) <= sum(perhaps)


def test_of_many_answers_the_times_are_made_twice_a_second(health: Health, clock: _Clock) -> None:
    for _ in range(100):
        _answer(health, 0.2)
    assert health.view(*PAIR).requests == 100
    _answer(health, 0.2)

    assert health.view(*PAIR).requests == 100
    assert health.all()[0][2].requests == 101
    _answer(health, 0.2)
    clock.now += 0.5
    assert health.view(*PAIR).requests == 102


def test_it_says_when_by_the_clock_on_the_wall(health: Health, clock: _Clock) -> None:
    _answer(health)
    clock.now += 100
    health.failed(*PAIR, DOWN)

    seen = health.view(*PAIR)
    assert seen.last_success == pytest.approx(time.time() - 100, abs=5)
    assert seen.last_failure == pytest.approx(time.time(), abs=5)


def test_new_settings_keep_what_is_known(health: Health, clock: _Clock) -> None:
    _break(health)

    health.settle(HealthSettings(probe_every_s=0.5, window_s=3000))
    assert health.view(*PAIR).until_s == 0.5
    assert health.view(*PAIR).requests == 0
    health.settle(HealthSettings(breaker_failures=0, breaker_error_rate=0))
    assert (health.view(*PAIR).state, health.view(*PAIR).until_s) == ("closed", 0.0)
    assert health.admit(*PAIR)


def test_memory_is_bounded_and_who_was_asked_lately_is_remembered(
    health: Health, clock: _Clock
) -> None:
    _break(health)
    for number in range(3 * SLOTS):
        clock.now += 0.001
        health.failed("work", f"made-up-{number}", DOWN)
        if number % 100 == 0:
            health.failed(*PAIR, DOWN)

    assert len(health.all()) == SLOTS
    assert health.view(*PAIR).state == "open"
    assert health.view("work", "made-up-0") == Measured()


def test_a_long_name_or_a_lone_surrogate_is_no_trouble(health: Health) -> None:
    long = "é" * 10_000
    for model in (long, "\ud800"):
        health.failed("work", model, TransportError("é" * 10_000))

    assert health.view("work", long).in_row == 1
    assert health.view("work", long).failure is not None
    assert len(health.all()) == 2


def test_a_provider_s_probes_take_turns(health: Health, clock: _Clock) -> None:
    health.settle(HealthSettings(active_s=10))

    assert [health.take_turn("work") for _ in range(2)] == [True, False]
    assert health.take_turn("play")
    clock.now += 10
    assert [health.take_turn("work") for _ in range(2)] == [True, False]


def test_a_probe_that_fails_is_told_of_and_opens_nothing(health: Health) -> None:
    assert health.probe_of("work") is None
    health.take_turn("work")
    assert health.probe_of("work") is None

    for _ in range(20):
        health.probed("work", 0.5, Failure(error="HandshakeError", step="nonce", text="none"))

    found = health.probe_of("work")
    assert found is not None
    assert (found.works, found.seconds, str(found.failure)) == (
        False,
        None,
        "HandshakeError: nonce: none",
    )
    assert health.admit("work", "small")
    assert health.all() == []


def test_a_provider_that_is_back_may_be_tried_at_once(health: Health, clock: _Clock) -> None:
    _break(health)
    health.failed("play", "small", DOWN)
    health.probed("work", 0.5, Failure(error="TransportError", text="none"))
    assert not health.admit(*PAIR)

    clock.now += 1
    health.probed("work", 0.25)

    found = health.probe_of("work")
    assert isinstance(found, Probed)
    assert (found.works, found.seconds, found.failure) == (True, 0.25, None)
    assert health.admit(*PAIR)


def test_a_list_of_models_that_never_failed_says_nothing_of_a_chat_that_does(
    health: Health,
) -> None:
    health.probed("work", 0.25)
    _break(health)
    health.probed("work", 0.25)

    assert not health.admit(*PAIR)


def test_every_field_of_a_report_is_described() -> None:
    assert tuple(MODEL_FIELDS) == ModelReport.__struct_fields__


def test_a_report_tells_what_and_when_of_the_providers_named(health: Health) -> None:
    _break(health)
    _answer(health, 0.25, 1.5)
    health.failed("gone", "model", DOWN)
    health.probed("work", 0.0125)
    error = HandshakeError("no nonce").located(provider="play", host="play.example", step="page")
    health.failed("play", "small", error)

    work, play, idle = report(health, ["work", "play", "idle"])

    [model] = work.models
    assert (model.model, model.state, model.next_probe_s) == ("small", "open", 5.0)
    assert (model.first_token_ms, model.latency_ms) == (250.0, 1500.0)
    assert model.first_token_p95_ms is None
    assert (model.requests, model.error_rate) == (4, 0.75)
    assert model.attempts["failed"] == 3
    assert model.last_success is not None
    assert model.last_success.endswith("+00:00")
    assert work.probe is not None
    assert (work.probe.works, work.probe.ms) == (True, 12.5)
    assert play.models[0].last_success is None
    assert play.models[0].failure is not None
    assert (play.models[0].failure.step, play.models[0].failure.host) == ("page", "play.example")
    assert (idle.probe, idle.models) == (None, [])
