"""The two spellings of every field, camelCase and snake_case, and what is native to Gemini.

JSON of protocol buffers is read in both. Native fields are kept by their paths
(`generationConfig.mediaResolution`), so that each can be named, and put back, by itself.
Source: the ProtoJSON format, protobuf.dev, read 2026-11-21.
"""

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from dragoman.dialects.gemini.tables import NAME
from dragoman.dialects.reading import Field
from dragoman.native import Native

__all__ = ["camel", "get", "items", "merge", "native", "need", "rest"]

_CAPITAL = re.compile("[A-Z]")
_JOINT = re.compile("_([a-z])")


@cache
def _both(name: str) -> tuple[str, ...]:
    snake = _CAPITAL.sub(lambda found: f"_{found[0].lower()}", name)
    return (name,) if snake == name else (name, snake)


def camel(name: str) -> str:
    """A field's name as the service writes it."""
    return _JOINT.sub(lambda found: found[1].upper(), name)


def get(field: Field, name: str) -> Field | None:
    """A field by its camelCase name, however it is spelled."""
    return field.get(*_both(name))


def need(field: Field, name: str) -> Field:
    """A field that must be there."""
    return get(field, name) or field.need(name)


def items(field: Field) -> Iterator[Field]:
    """The fields of a list; the service takes one object in place of a list of one."""
    return iter((field,)) if isinstance(field.value, dict) else field.items()


def rest(field: Field, *known: str, path: str = "") -> dict[str, object]:
    """The fields that are not among these, by their paths."""
    spelled = frozenset(spelling for name in known for spelling in _both(name))
    return {f"{path}{name}": value for name, value in field.rest(spelled).items()}


def native(fields: Mapping[str, object], hints: frozenset[str]) -> Native | None:
    """The fields as native ones, of which those are hints that these paths name; None for none."""
    if not fields:
        return None
    return Native(NAME, fields, frozenset(path for path in fields if camel(path) in hints))


def merge(wire: dict[str, Any], value: Native | None) -> dict[str, Any]:
    """The object with what is native put back to its places."""
    for path, found in (value.of(NAME) if value is not None else {}).items():
        *outer, name = path.split(".")
        place = wire
        for step in outer:
            inner = place.setdefault(step, {})
            place = inner if isinstance(inner, dict) else {}
        place[name] = found
    return wire
