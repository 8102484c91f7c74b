"""How a provider stands, in a word."""

from typing import Any, NamedTuple

import pytest

from dragoman.page.standing import (
    STALE_S,
    STANDINGS,
    Standing,
    model_standing,
    provider_standing,
)
from dragoman.routing.health import Measured, Probed

NOW = 1_000_000.0
AGO = NOW - 60


def _model(good: float | None = AGO, bad: float | None = None, **fields: Any) -> Measured:
    return Measured(last_success=good, last_failure=bad, **fields)


WORKS, FAILS = _model(), _model(AGO - 1, AGO)
OPEN = _model(AGO - 9, AGO, state="open")
STALE = _model(NOW - STALE_S - 1)


def _probed(at: float = AGO, *, works: bool = True) -> Probed:
    return Probed(works=works, at=at)


@pytest.mark.parametrize(
    ("measured", "standing"),
    [
        (Measured(), "unknown"),
        (WORKS, "works"),
        (FAILS, "trouble"),
        (_model(None, AGO), "trouble"),
        (_model(AGO, AGO - 1), "works"),
        (_model(error_rate=0.1), "trouble"),
        (_model(error_rate=0.09), "works"),
        (OPEN, "down"),
        (_model(state="probe"), "down"),
        (STALE, "unknown"),
        (_model(NOW - STALE_S), "works"),
        (_model(NOW - STALE_S - 1, state="open"), "down"),
    ],
)
def test_a_model_stands_as_its_last_attempts_went(measured: Measured, standing: Standing) -> None:
    assert model_standing(measured, NOW) == standing


class Case(NamedTuple):
    """What is known of a provider."""

    name: str
    models: list[Measured]
    probed: Probed | None
    standing: Standing
    can_be_asked: bool = True


CASES = [
    Case("nothing", [], None, "unknown"),
    Case("nothing of late", [STALE], _probed(NOW - STALE_S - 1, works=False), "unknown"),
    Case("no key", [WORKS], _probed(), "down", can_be_asked=False),
    Case("a model that works", [WORKS, STALE], None, "works"),
    Case("a probe that worked", [STALE], _probed(), "works"),
    Case("a probe that failed", [], _probed(works=False), "down"),
    Case("a probe that failed after an answer", [WORKS], _probed(AGO + 1, works=False), "down"),
    Case("an answer after a probe that failed", [WORKS], _probed(AGO - 1, works=False), "works"),
    Case("one of two fails", [WORKS, FAILS], None, "trouble"),
    Case("one of two is down", [WORKS, OPEN], None, "trouble"),
    Case("the only one known is down", [OPEN, STALE], None, "down"),
    Case("all down before a probe worked", [OPEN], _probed(AGO + 1), "trouble"),
    Case("all down after a probe worked", [OPEN], _probed(AGO - 1), "down"),
    Case("down without a failure in memory", [_model(None, state="open")], None, "down"),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_provider_stands_as_its_models_and_its_probe_do(case: Case) -> None:
    found = provider_standing(case.models, case.probed, NOW, can_be_asked=case.can_be_asked)

    assert found == case.standing


def test_each_standing_is_told_of_and_found() -> None:
    assert set(STANDINGS) == {case.standing for case in CASES}
