"""Things of the user's own Python code, as `MODULE:NAME`: tools, and the form of an answer.

A module is looked for in this folder first, as `python -m` does, and it is run by its import: only
code that the user names comes in here.
"""

import difflib
import importlib
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

from dragoman.cli.terminal import prints_aside
from dragoman.errors import InputError

__all__ = ["load_named"]


def load_named(option: str, given: str) -> Any:
    """What `given`, a value of this option, names; `InputError` says what to do."""
    module_name, _, path = given.partition(":")
    words = (*module_name.split("."), *path.split("."))
    if not all(word.isidentifier() for word in words):
        raise InputError(f"{option} {given}: expected MODULE:NAME, as {option} weather:forecast")
    found: Any = _module(option, given, module_name)
    for name in path.split("."):
        if not hasattr(found, name):
            near = difflib.get_close_matches(name, dir(found), n=1)
            guess = f"; did you mean {near[0]}?" if near else ""
            raise InputError(f"{option} {given}: {module_name} has no {name}{guess}")
        found = getattr(found, name)
    return found


def _module(option: str, given: str, name: str) -> ModuleType:
    here = str(Path.cwd())
    if here not in sys.path and not sys.flags.safe_path:
        sys.path.insert(0, here)
    try:
        with prints_aside():
            return importlib.import_module(name)
    except (Exception, SystemExit) as exc:
        if isinstance(exc, ModuleNotFoundError) and f"{name}.".startswith(f"{exc.name}."):
            raise InputError(
                f"{option} {given}: there is no module {exc.name} in {here}, nor where Python "
                "looks for modules; go to its folder, or set PYTHONPATH"
            ) from exc
        raise InputError(
            f"{option} {given}: importing {name} failed: {type(exc).__name__}: {exc}; "
            f"mend it, or see more with --debug"
        ) from exc
