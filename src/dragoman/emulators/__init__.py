"""Emulators: the far side of every provider, with faults on demand, no key and no network.

`run(name)` starts one on a loopback port; `Emulator` tells its address, takes a scenario and
shows a journal. They import nothing of the rest of the package, so a mistake of ours cannot
cancel itself out. Names are looked up late: the pytest plugin must not slow a test run that
does not use it.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dragoman.emulators.emulator import Emulator, JournalEntry
    from dragoman.emulators.names import NAMES
    from dragoman.emulators.server import run, serve

__all__ = ["NAMES", "Emulator", "JournalEntry", "run", "serve"]

_WHERE = {
    "Emulator": "emulator",
    "JournalEntry": "emulator",
    "NAMES": "names",
    "run": "server",
    "serve": "server",
}


def __getattr__(name: str) -> Any:
    if name not in _WHERE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_WHERE[name]}"), name)
