"""Runs every test of this folder for each provider by itself."""

from collections.abc import AsyncGenerator, Callable
from typing import Any

import pytest

from dragoman.emulators.emulator import Emulator
from tests.conformance.subject import SUBJECTS, Subject, far_side, open_subject


@pytest.fixture(params=SUBJECTS)
async def subject(request: pytest.FixtureRequest) -> AsyncGenerator[Subject, None]:
    async with open_subject(request.param) as found:
        yield found


@pytest.fixture(params=SUBJECTS)
def threaded(
    request: pytest.FixtureRequest, dragoman_emulator: Callable[..., Emulator[Any]]
) -> Subject:
    """A provider whose emulator runs on a thread of its own, for tests that start loops."""
    return Subject(request.param, dragoman_emulator(far_side(request.param)))
