"""What the page of metrics tells of the providers, and of attempts whose answer nobody got."""

import prometheus_client.parser

from dragoman.errors import TransportError
from dragoman.events import Usage
from dragoman.gateway.metrics import HEALTH_METRICS, Meter
from dragoman.gateway.record import Record
from dragoman.routing.attempt import Attempt
from dragoman.routing.health import Failure, Health
from dragoman.routing.health_report import report
from dragoman.routing.route import Candidate

DOWN = TransportError("no connection")


def _page(health: Health, meter: Meter | None = None) -> dict[tuple[str, ...], float]:
    """Each value by its metric's name and its labels' values, in the order of their names."""
    told = report(health, ["work", "play"])
    text = (meter or Meter()).page(told).text().decode()
    return {
        (sample.name, *(sample.labels[name] for name in sorted(sample.labels))): sample.value
        for family in prometheus_client.parser.text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_every_metric_of_a_provider_is_there_by_name() -> None:
    health = Health()
    health.failed("work", "small", DOWN)
    health.probed("work", 0.1)

    names = {labels[0] for labels in _page(health)}

    assert {row.name for row in HEALTH_METRICS} <= names


def test_attempts_are_counted_by_what_came_of_them() -> None:
    health = Health()
    for _ in range(3):
        health.succeeded("work", "small", first_token_s=0.1, total_s=0.2)
    health.failed("work", "small", DOWN)

    page = _page(health)

    assert page["dragoman_attempts_total", "small", "ok", "work"] == 3
    assert page["dragoman_attempts_total", "small", "failed", "work"] == 1
    assert page["dragoman_attempts_total", "small", "lost", "work"] == 0
    assert page["dragoman_error_rate", "small", "work"] == 0.25


def test_a_breaker_s_state_is_a_number() -> None:
    now = [100.0]
    health = Health(clock=lambda: now[0])
    health.succeeded("play", "large", first_token_s=0.1, total_s=0.2)
    for _ in range(5):
        health.failed("work", "small", DOWN)

    page = _page(health)
    now[0] += 5
    later = _page(health)

    assert page["dragoman_breaker_state", "large", "play"] == 0
    assert page["dragoman_breaker_state", "small", "work"] == 2
    assert later["dragoman_breaker_state", "small", "work"] == 1
    assert page["dragoman_breaker_openings_total", "small", "work"] == 1


def test_a_probe_tells_whether_a_provider_works() -> None:
    health = Health()
    health.probed("work", 0.1)
    health.probed("play", 0.1, Failure(error="TransportError", text="none"))

    page = _page(health)

    assert page["dragoman_provider_works", "work"] == 1
    assert page["dragoman_provider_works", "play"] == 0


def _attempt(model: str, outcome: str, usage: Usage | None) -> Attempt:
    attempt = Attempt(Candidate("work", model), "first")
    attempt.outcome = outcome  # type: ignore[assignment] # a word of the table
    attempt.usage = usage
    return attempt


def test_tokens_that_nobody_got_are_counted_apart() -> None:
    usage = Usage(input_tokens=10, output_tokens=3)
    record = Record("req_1", "chat")
    record.provider, record.model, record.key_name = "play", "large", "team"
    record.usage = usage
    record.skipped_events = 2
    record.tries = [
        _attempt("small", "failed", usage),
        _attempt("small", "lost", usage),
        _attempt("small", "failed", None),
        _attempt("small", "failed", Usage(output_tokens=1)),
        _attempt("large", "answered", usage),
    ]
    meter = Meter()
    meter.begin(record)
    meter.end(record)

    page = _page(Health(), meter)

    assert page["dragoman_lost_input_tokens_total", "team", "small", "work"] == 20
    assert page["dragoman_lost_output_tokens_total", "team", "small", "work"] == 7
    assert page["dragoman_input_tokens_total", "team", "large", "play"] == 10
    assert page["dragoman_skipped_events_total", "team", "large", "play"] == 2
    assert ("dragoman_requests_total", "chat", "team", "small", "work", "0") not in page
