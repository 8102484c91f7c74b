"""A store in a real file."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from dragoman.store.loading import opened_store
from dragoman.store.store import Store


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "folder" / "dragoman.db"


@pytest.fixture
async def store(path: Path) -> AsyncIterator[Store]:
    async with opened_store(path) as opened:
        yield opened
