"""Points of the last day, from rows of the store."""

from typing import Any

from dragoman.page.past import of_models, of_providers
from dragoman.store.rows import HealthRow


def _row(minute: int, model: str = "small", **fields: Any) -> HealthRow:
    known: dict[str, Any] = {"provider": "far", "model": model, "state": "closed"}
    counts = {"requests": 2, "failures": 1, "first_tokens": 1, "first_tokens_s": 0.5}
    return HealthRow(minute=minute, **{**known, **counts, "wholes": 1, "wholes_s": 2.0, **fields})


def test_each_model_has_its_own_points_in_order_of_time() -> None:
    points = of_models([_row(5), _row(5, "big"), _row(10)])

    assert [point["t"] for point in points["far", "small"]] == [300, 600]
    assert [point["t"] for point in points["far", "big"]] == [300]


def test_a_provider_has_all_its_models_together_the_worst_state_and_true_means() -> None:
    rows = [_row(5), _row(5, "big", first_tokens=3, first_tokens_s=0.9, state="probe")]

    (point,) = of_providers(rows)["far"]

    assert point == {
        "t": 300,
        "requests": 4,
        "failures": 2,
        "first_token_ms": 350.0,
        "latency_ms": 2000.0,
        "state": "probe",
    }


def test_what_was_not_measured_is_null() -> None:
    (point,) = of_models([_row(5, first_tokens=0, first_tokens_s=0.0)])["far", "small"]

    assert (point["first_token_ms"], point["latency_ms"]) == (None, 2000.0)
