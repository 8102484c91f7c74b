"""Every dialect by its name; a program pays only for those that it uses."""

import functools
import importlib

from dragoman.dialects.dialect import Dialect
from dragoman.errors import InputError

__all__ = ["DIALECTS", "load_dialect"]

DIALECTS = (
    "openai_chat",
    "openai_responses",
    "anthropic_messages",
    "gemini",
    "ollama",
    "ollama_generate",
)
"""The last is the older half of Ollama's; the docs and the law walk this list."""


@functools.cache
def load_dialect(name: str) -> Dialect:
    """The dialect of that name; `InputError` lists those that there are."""
    if name not in DIALECTS:
        raise InputError(f"unknown dialect {name!r}; known: {', '.join(DIALECTS)}")
    module = "ollama" if name == "ollama_generate" else name
    package = importlib.import_module(f"dragoman.dialects.{module}")
    dialect: Dialect = package.GENERATE if name == "ollama_generate" else package.DIALECT
    return dialect
