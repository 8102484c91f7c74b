"""Fixtures of several files here: the real model, and hosts of pictures."""

import pytest

from dragoman.routing import verdicts
from tests.gateway.pictures import hosts
from tests.local_model import model, model_file

__all__ = ["hosts", "model", "model_file"]


@pytest.fixture(autouse=True)
def _short_backoff(monkeypatch: pytest.MonkeyPatch) -> None:
    """Backoff is measured by its own unit test; here it only takes time."""
    monkeypatch.setattr(verdicts, "_FIRST_S", 0.02)
