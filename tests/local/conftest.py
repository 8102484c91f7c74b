"""The real model, fetched once per machine, and a line to it."""

from collections.abc import AsyncIterator

import pytest
from tests.local_model import model, model_file

from dragoman.transport.line import Line

__all__ = ["line", "model", "model_file"]


@pytest.fixture
async def line() -> AsyncIterator[Line]:
    async with Line() as line:
        yield line
