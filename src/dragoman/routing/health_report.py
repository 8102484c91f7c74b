"""What was measured of providers and their models, as a reader is told it.

Pure but for reading what `Health` knows. Times are ISO 8601 in UTC, spans are milliseconds; what
was never measured is null.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

import msgspec

from dragoman.errors import excerpt
from dragoman.routing.breaker import State
from dragoman.routing.health import Failure, Health, Measured, Probed
from dragoman.routing.outcomes import Outcome

__all__ = [
    "MODEL_FIELDS",
    "FailureReport",
    "ModelReport",
    "ProbeReport",
    "ProviderReport",
    "report",
]

MODEL_FIELDS: Mapping[str, str] = {
    "model": "its name, as routes and callers have it; empty is the provider's default one",
    "state": "`closed`: it is asked; `open`: it is left alone; `probe`: one request may try it",
    "why": "why it is not closed",
    "next_probe_s": "seconds until one request may try it",
    "failures_in_row": "since the last success",
    "openings": "how often its breaker opened",
    "requests": "whole answers and failures within `window_s`",
    "error_rate": "the share of the failures among them",
    "first_token_ms": "half of the streams of the last 5 minutes had their first token sooner",
    "first_token_p95_ms": "95 of 100 of them had; null if there were fewer than 20",
    "latency_ms": "half of the answers of the last 5 minutes were whole sooner",
    "last_success": "when an answer was whole",
    "last_failure": "when an attempt failed for another reason than the request itself",
    "failure": "that failure: the class of `error`, the `step` (of a handshake, or `chat`), the "
    "`host` and its `text`",
    "attempts": "attempts by their outcome",
}
"""Each field of a model in the report; printed in the docs."""


class FailureReport(msgspec.Struct, frozen=True, kw_only=True):
    """What went wrong last: the class of error, the step and the host, and its words."""

    error: str
    step: str | None
    host: str | None
    text: str


class ModelReport(msgspec.Struct, frozen=True, kw_only=True):
    """One model; `attempts` are counted since the gateway began."""

    model: str
    state: State
    why: str | None
    next_probe_s: float
    failures_in_row: int
    openings: int
    requests: int
    error_rate: float
    first_token_ms: float | None
    first_token_p95_ms: float | None
    latency_ms: float | None
    last_success: str | None
    last_failure: str | None
    failure: FailureReport | None
    attempts: dict[Outcome, int]


class ProbeReport(msgspec.Struct, frozen=True, kw_only=True):
    """The last active probe of a provider."""

    works: bool
    at: str | None
    ms: float | None
    failure: FailureReport | None


class ProviderReport(msgspec.Struct, frozen=True, kw_only=True):
    """One provider, with those of its models that were asked."""

    provider: str
    probe: ProbeReport | None
    models: list[ModelReport]


def report(health: Health, providers: Iterable[str]) -> list[ProviderReport]:
    """What is known of these providers, in their order."""
    models: dict[str, list[ModelReport]] = {name: [] for name in providers}
    for provider, model, measured in health.all():
        if provider in models:
            models[provider].append(_model(model, measured))
    return [
        ProviderReport(provider=name, probe=_probe(health.probe_of(name)), models=asked)
        for name, asked in models.items()
    ]


def _model(model: str, measured: Measured) -> ModelReport:
    return ModelReport(
        model=excerpt(model),
        state=measured.state,
        why=measured.why or None,
        next_probe_s=round(measured.until_s, 3),
        failures_in_row=measured.in_row,
        openings=measured.openings,
        requests=measured.requests,
        error_rate=round(measured.error_rate, 4),
        first_token_ms=_ms(measured.first_token_s),
        first_token_p95_ms=_ms(measured.p95_s),
        latency_ms=_ms(measured.latency_s),
        last_success=_time(measured.last_success),
        last_failure=_time(measured.last_failure),
        failure=_failure(measured.failure),
        attempts=measured.totals,
    )


def _probe(probed: Probed | None) -> ProbeReport | None:
    if probed is None:
        return None
    return ProbeReport(
        works=probed.works,
        at=_time(probed.at),
        ms=_ms(probed.seconds),
        failure=_failure(probed.failure),
    )


def _failure(failure: Failure | None) -> FailureReport | None:
    if failure is None:
        return None
    return FailureReport(
        error=failure.error, step=failure.step, host=failure.host, text=failure.text
    )


def _time(at: float | None) -> str | None:
    if at is None:
        return None
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds")


def _ms(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds * 1000, 2)
