"""Backoff is measured by its own unit test; here it only takes time."""

import pytest

from dragoman.routing import verdicts


@pytest.fixture(autouse=True)
def _short_backoff(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verdicts, "_FIRST_S", 0.02)
