"""What the tables promise, and which models they know apart."""

import pytest

from dragoman.dialects.gemini.tables import (
    EFFORT_BUDGETS,
    SAYS,
    TELLS,
    has_levels,
    wants_signatures,
)
from dragoman.features import FEATURES, REPLY_FEATURES, Refused
from dragoman.options import EFFORTS


def test_every_feature_has_its_row() -> None:
    assert set(SAYS) == set(FEATURES)
    assert set(TELLS) == set(REPLY_FEATURES)


def test_nothing_of_a_request_is_refused() -> None:
    assert not [name for name, how in SAYS.items() if isinstance(how, Refused)]


def test_every_effort_has_a_budget_but_none() -> None:
    assert set(EFFORT_BUDGETS) == set(EFFORTS) - {"none"}


@pytest.mark.parametrize(
    ("model", "levels", "signatures"),
    [
        ("gemini-1.5-pro", False, False),
        ("gemini-2.5-flash", False, False),
        ("publishers/google/models/gemini-2.0-flash", False, False),
        ("gemini-3-pro-preview", True, True),
        ("gemini-3.5-flash", True, True),
        ("gemini-12-pro", True, True),
        ("gemini-flash-latest", True, True),
        ("gemma-3-27b-it", True, False),
        ("mock-model", True, False),
    ],
)
def test_models_before_gemini_3_have_no_levels_and_ask_for_no_signatures(
    model: str, levels: bool, signatures: bool
) -> None:
    assert has_levels(model) is levels
    assert wants_signatures(model) is signatures
