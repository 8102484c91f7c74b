"""JSON schemas of Python types in the form that every service takes.

What msgspec writes is right, and more than the strict modes of the services read: here references
stay in the schema, objects are closed, and words that no strict mode knows are left out. What they
said is still checked where the answer is decoded.
Sources: OpenAI API, "Structured outputs", supported schemas; Claude docs, "Structured outputs",
JSON schema limitations; read 2026-11-21.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import msgspec

__all__ = ["is_strict", "object_schema"]

Schema = dict[str, Any]

_MAPS = ("properties", "$defs")
_LISTS = ("anyOf", "prefixItems")
_ONE = ("items", "additionalProperties")
_FORMATS = frozenset({"date-time", "time", "date", "duration", "uuid"})
_UNREAD = frozenset(
    {"contentEncoding", "default", "discriminator", "maxLength", "minLength", "uniqueItems"}
)
_REFERENCE = "#/$defs/"


def object_schema(kind: Any) -> Schema | None:
    """The schema of a type, objects closed and whole; None if its values are no objects.

    Raises what msgspec raises for a type that it cannot read.
    """
    (found,), definitions = msgspec.json.schema_components([kind], ref_template="#/$defs/{name}")
    top = _closed(found)
    inner = {name: _closed(definition) for name, definition in definitions.items()}
    name = str(top.get("$ref", "")).removeprefix(_REFERENCE)
    if name:
        top = {**inner[name]}
        if name not in _names([top, *inner.values()]):
            del inner[name]
    if inner:
        top["$defs"] = inner
    return top if top.get("type") == "object" else None


def is_strict(schema: Mapping[str, Any]) -> bool:
    """Whether an answer can be held to it to the letter: nothing in it is left open."""
    if not schema.keys() & {"type", "anyOf", "$ref"} or "prefixItems" in schema:
        return False
    is_object = schema.get("type") == "object"
    if is_object and schema.get("additionalProperties") is not False:
        return False
    return all(is_strict(inner) for inner in _inner(schema))


def _closed(schema: Schema) -> Schema:
    """Every object closed and with all of its fields required, which strictness demands."""
    kept = {key: value for key, value in schema.items() if key not in _UNREAD}
    if kept.get("format", "date") not in _FORMATS:
        del kept["format"]
    closed = _each(kept, _closed)
    if "properties" in closed:
        closed |= {"additionalProperties": False, "required": list(closed["properties"])}
    if "enum" in closed:
        kinds = sorted({_KINDS[type(value)] for value in closed["enum"]})
        closed["type"] = kinds[0] if len(kinds) == 1 else kinds
    return closed


_KINDS = {str: "string", int: "integer", type(None): "null"}
"""What may stand in an `enum` of msgspec's."""


def _each(schema: Schema, change: Callable[[Schema], Schema]) -> Schema:
    """The schema with those directly in it changed; a field may be called like a keyword."""
    changed = dict(schema)
    for key in _MAPS:
        if key in schema:
            changed[key] = {name: change(inner) for name, inner in schema[key].items()}
    for key in _LISTS:
        if key in schema:
            changed[key] = [change(inner) for inner in schema[key]]
    for key in _ONE:
        if isinstance(schema.get(key), dict):
            changed[key] = change(schema[key])
    return changed


def _inner(schema: Mapping[str, Any]) -> Iterator[Schema]:
    for key in _MAPS:
        yield from schema.get(key, {}).values()
    for key in _LISTS:
        yield from schema.get(key, ())
    yield from (schema[key] for key in _ONE if isinstance(schema.get(key), dict))


def _names(schemas: list[Schema]) -> set[str]:
    """The definitions that these schemas refer to."""
    found: set[str] = set()
    for schema in schemas:
        found |= {str(schema["$ref"]).removeprefix(_REFERENCE)} if "$ref" in schema else set()
        found |= _names(list(_inner(schema)))
    return found
