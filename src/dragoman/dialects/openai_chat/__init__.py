"""OpenAI Chat Completions, both halves, with the additions that other services made to it.

Python callers write their messages in this form, so a part of it is always loaded; the rest is
when `DIALECT` is asked for.
"""

import importlib

from dragoman.dialects.dialect import Dialect

__all__ = ["DIALECT"]


def __getattr__(name: str) -> Dialect:
    if name != "DIALECT":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    dialect: Dialect = importlib.import_module(f"{__name__}.halves").DIALECT
    globals()[name] = dialect
    return dialect
