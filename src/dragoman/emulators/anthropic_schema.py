"""JSON schemas of tools and structured outputs: which are none, which no answer can be held to.

Source: Claude API docs "Structured outputs", error texts from public issue reports, read
2026-11-21.
"""

from collections.abc import Iterator, Mapping

from dragoman.emulators.anthropic_shape import Refused
from dragoman.emulators.api_schema import schema_problem
from dragoman.emulators.service import Json

__all__ = ["check_schema", "check_strict"]

_MAPS = ("properties", "$defs", "definitions")
_LISTS = ("anyOf", "oneOf", "allOf", "prefixItems")
_ONE = ("items", "additionalProperties")
_NUMERIC = ("exclusiveMaximum", "exclusiveMinimum", "maximum", "minimum", "multipleOf")
# What a grammar cannot count or measure.
_UNSUPPORTED = {
    "number": _NUMERIC,
    "integer": _NUMERIC,
    "string": ("maxLength", "minLength"),
    "array": ("maxItems", "uniqueItems"),
}

Schema = Mapping[str, Json]


def check_schema(schema: Json, where: str) -> None:
    """Refuse what is no JSON schema."""
    if schema_problem(schema) or any(map(_is_mistyped, _parts(schema))):
        raise Refused(
            f"{where}: JSON schema is invalid. It must match JSON Schema draft 2020-12 "
            "(https://json-schema.org/draft/2020-12). Learn more about tool use at "
            "https://docs.claude.com/en/docs/tool-use."
        )


def check_strict(schema: Json, where: str) -> None:
    """Refuse a schema that an answer cannot be held to."""
    check_schema(schema, where)
    for part in _parts(schema):
        kind = str(part.get("type"))
        if kind == "object" and part.get("additionalProperties") is not False:
            raise Refused(
                f"{where}: For 'object' type, 'additionalProperties' must be explicitly set to "
                "false"
            )
        unsupported = [name for name in _UNSUPPORTED.get(kind, ()) if name in part]
        if unsupported:
            raise Refused(
                f"{where}: For '{kind}' type, properties {', '.join(unsupported)} are not supported"
            )


def _parts(schema: Json) -> Iterator[Schema]:
    """The schema and each one in it; what is no object is passed over."""
    if not isinstance(schema, dict):
        return
    yield schema
    for inner in _inner(schema):
        yield from _parts(inner)


def _inner(schema: Schema) -> Iterator[Json]:
    for name in _MAPS:
        group = schema.get(name)
        yield from group.values() if isinstance(group, dict) else ()
    for name in _LISTS:
        group = schema.get(name)
        yield from group if isinstance(group, list) else ()
    yield from (schema[name] for name in _ONE if name in schema)


def _is_mistyped(schema: Schema) -> bool:
    """Whether its type is no word or list of words, or in capitals as another service writes it."""
    kinds = schema.get("type", [])
    listed = kinds if isinstance(kinds, list) else [kinds]
    return any(not isinstance(kind, str) or kind != kind.lower() for kind in listed)
