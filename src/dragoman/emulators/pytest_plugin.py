"""The pytest fixture `dragoman_emulator`: emulators for a test, stopped at its end.

Each runs in a thread with a loop of its own, so it serves synchronous and asynchronous tests
alike. Nothing heavy is imported before a test asks for it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from dragoman.emulators.emulator import Emulator

__all__ = ["dragoman_emulator"]


@pytest.fixture
def dragoman_emulator() -> Iterator[Callable[..., Emulator[Any]]]:
    """A factory: `dragoman_emulator("fakegpt", scenario={...}, tls=False)` starts an emulator."""
    # Here, not above: a run without emulators must not load a web server.
    from dragoman.emulators.threaded import EmulatorThread

    with EmulatorThread() as thread:
        yield thread.start
