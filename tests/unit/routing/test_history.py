"""What a process tells of each span: its own attempts, once."""

import mmap

import pytest

from dragoman.errors import AuthError, ChatError, InputError, RateLimitError, TransportError
from dragoman.routing.board import SAMPLES, SLOTS, Board, size_bytes
from dragoman.routing.health import Health
from dragoman.routing.health_settings import HealthSettings
from dragoman.routing.history import History, Span


class _Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        self.now += 0.001
        return self.now


@pytest.fixture
def health() -> Health:
    return Health(HealthSettings(breaker_failures=2), clock=_Clock())


def _answer(health: Health, model: str = "small", first_s: float | None = 0.25) -> None:
    health.succeeded("work", model, first_token_s=first_s, total_s=1.0)


def test_a_span_is_told_once(health: Health) -> None:
    history = History(health)
    _answer(health)
    _answer(health, first_s=None)

    first, second = history.take(), history.take()

    assert first == [
        Span(
            provider="work",
            model="small",
            state="closed",
            requests=2,
            failures=0,
            first_tokens=1,
            first_tokens_s=0.25,
            wholes=2,
            wholes_s=2.0,
        )
    ]
    assert second == []


def test_a_span_has_only_its_own(health: Health) -> None:
    history = History(health)
    _answer(health)
    history.take()
    _answer(health)
    _answer(health, "big")

    assert [(one.model, one.requests, one.wholes) for one in history.take()] == [
        ("small", 1, 1),
        ("big", 1, 1),
    ]


def test_what_was_there_before_it_began_is_not_told(health: Health) -> None:
    """A worker has the place of one that died, and its counts."""
    _answer(health)

    assert History(health).take() == []


@pytest.mark.parametrize(
    ("error", "requests"),
    [
        (TransportError("no way"), 1),
        (RateLimitError("slowly"), 1),
        (AuthError("who?"), 1),
        (InputError("what?"), 0),
    ],
)
def test_a_failure_is_one_unless_it_is_the_callers(
    health: Health, error: ChatError, requests: int
) -> None:
    history = History(health)
    health.failed("work", "small", error)

    found = history.take()

    assert [one.failures for one in found] == [1] * requests
    assert sum(one.requests for one in found) == requests


def test_it_tells_the_breakers_state(health: Health) -> None:
    history = History(health)
    for _ in range(2):
        health.failed("work", "small", TransportError("no way"))

    (found,) = history.take()

    assert (found.state, found.requests, found.wholes) == ("open", 2, 0)


def test_an_answer_that_nobody_waited_for_is_none(health: Health) -> None:
    history = History(health)
    _answer(health)
    for _ in range(30):
        _answer(health)
    health.view("work", "small")
    health.lost("work", "small", 5.0)

    (found,) = history.take()

    # How long it was waited for is known, and how long it would have taken is not.
    assert (found.requests, found.first_tokens, found.wholes) == (31, 32, 31)


def test_times_are_of_the_last_answers_and_counts_of_all(health: Health) -> None:
    history = History(health)
    for _ in range(SAMPLES + 5):
        _answer(health)

    (found,) = history.take()

    assert (found.requests, found.wholes, found.wholes_s) == (SAMPLES + 5, SAMPLES, SAMPLES)


def test_a_model_that_was_forgotten_meanwhile_begins_anew(health: Health) -> None:
    history = History(health)
    for _ in range(3):
        _answer(health)
    history.take()
    for number in range(SLOTS):
        _answer(health, f"other-{number}")
    _answer(health)

    (found,) = (one for one in history.take() if one.model == "small")

    assert found.requests == 1


def test_a_probe_of_a_provider_is_no_request(health: Health) -> None:
    history = History(health)
    health.probed("work", 0.1)

    assert history.take() == []


def test_each_of_those_who_share_a_board_tells_of_its_own() -> None:
    memory, clock = mmap.mmap(-1, size_bytes(2)), _Clock()
    boards = [Board(memory, lanes=2, lane=lane) for lane in range(2)]
    workers = [Health(shared=board, clock=clock) for board in boards]
    histories = [History(health) for health in workers]
    _answer(workers[0])
    _answer(workers[1])
    workers[1].failed("work", "small", TransportError("no way"))

    told = [history.take() for history in histories]

    assert [[(one.requests, one.failures, one.wholes) for one in spans] for spans in told] == [
        [(1, 0, 1)],
        [(2, 1, 1)],
    ]
