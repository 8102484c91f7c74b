"""Schemas of a request: checked, and those of the service's own kind made JSON schemas.

Its own kind is a part of OpenAPI 3.0: types in capitals, `nullable`, and lengths that may be
written as texts, as all 64-bit numbers are in JSON of protocol buffers.
Sources: the REST reference of Schema, and JSON Schema 2020-12, read 2026-11-21.
"""

from collections.abc import Iterator, Mapping

from dragoman.dialects.gemini.spelling import camel
from dragoman.dialects.reading import Field
from dragoman.dialects.tool_checks import JSON_TYPES, check_types

__all__ = ["decode_json_schema", "decode_schema"]

_SIZES = frozenset(
    {"minItems", "maxItems", "minLength", "maxLength", "minProperties", "maxProperties"}
)
_ONE = frozenset({"items", "additionalProperties", "not"})
_LISTS = frozenset({"anyOf", "oneOf", "allOf", "prefixItems"})
_MAPS = frozenset({"properties", "$defs", "definitions", "patternProperties"})


def decode_json_schema(field: Field) -> Mapping[str, object]:
    """A JSON schema as it stands; `InputError` if it is none."""
    schema = field.fields()
    check_types(field)
    for name, value in schema.items():
        inner = Field(value, f"{field.place}.{name}")
        for one in _inner(name, inner):
            decode_json_schema(one)
    return schema


def decode_schema(field: Field) -> dict[str, object]:
    """A schema of the service's own kind as a JSON schema; `InputError` if it is none."""
    schema: dict[str, object] = {}
    nullable = False
    for spelled, value in field.fields().items():
        name = camel(spelled)
        inner = Field(value, f"{field.place}.{spelled}")
        if name == "nullable":
            nullable = inner.flag()
        elif name == "example":
            schema["examples"] = [value]
        elif value is not None and (found := _keyword(name, inner)) is not None:
            schema[name] = found
    if nullable and "type" in schema:
        schema["type"] = [schema["type"], "null"]
    return schema


def _keyword(name: str, field: Field) -> object:
    if name == "type":
        return _type(field)
    if name in _SIZES:
        return _size(field)
    if name == "items":
        return decode_schema(field)
    if name == "anyOf":
        return [decode_schema(one) for one in field.items()]
    if name == "properties":
        return {
            key: decode_schema(Field(value, f"{field.place}.{key}"))
            for key, value in field.fields().items()
        }
    return field.value


def _type(field: Field) -> str | None:
    word = field.text().lower()
    if word == "type_unspecified":
        return None
    return Field(word, field.place).word(JSON_TYPES)


def _size(field: Field) -> int:
    value = field.value
    if isinstance(value, str) and value.isascii() and value.isdecimal() and len(value) < 20:
        value = int(value)
    return Field(value, field.place).whole(0)


def _inner(name: str, field: Field) -> Iterator[Field]:
    """The schemas inside a keyword; `true` and `false` are schemas, too."""
    found: Iterator[Field] = iter(())
    if name in _ONE:
        found = iter((field,))
    elif name in _LISTS:
        found = field.items()
    elif name in _MAPS:
        found = (Field(value, f"{field.place}.{key}") for key, value in field.fields().items())
    return (one for one in found if not isinstance(one.value, bool))
