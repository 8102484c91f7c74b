"""Schemas of both kinds: checked, and made JSON schemas."""

import pytest

from dragoman.dialects.gemini.schemas import decode_json_schema, decode_schema
from dragoman.dialects.reading import Field
from dragoman.errors import InputError


def test_the_services_own_kind_becomes_a_json_schema() -> None:
    schema = {
        "type": "OBJECT",
        "properties": {
            "min_items": {"type": "STRING", "nullable": True, "example": "x", "format": None},
            "many": {"type": "array", "min_items": "1", "maxItems": 3, "items": {"type": "NUMBER"}},
            "either": {"any_of": [{"type": "TYPE_UNSPECIFIED"}, {"nullable": True}]},
        },
        "required": ["many"],
        "property_ordering": ["many"],
        "nullable": False,
    }

    assert decode_schema(Field(schema, "parameters")) == {
        "type": "object",
        "properties": {
            "min_items": {"type": ["string", "null"], "examples": ["x"]},
            "many": {"type": "array", "minItems": 1, "maxItems": 3, "items": {"type": "number"}},
            "either": {"anyOf": [{}, {}]},
        },
        "required": ["many"],
        "propertyOrdering": ["many"],
    }


def test_a_json_schema_stays_as_it_is() -> None:
    schema = {
        "type": ["object", "null"],
        "properties": {"a": True, "type": {"type": "string"}},
        "anyOf": [{"type": "object"}, False],
        "additionalProperties": False,
        "items": {"$ref": "#/$defs/a"},
        "$defs": {"a": {"type": "integer"}},
    }

    assert decode_json_schema(Field(schema)) == schema


@pytest.mark.parametrize(
    ("schema", "place"),
    [
        ([], "s"),
        ({"type": "text"}, "s.type"),
        ({"type": ["string", 5]}, "s.type[1]"),
        ({"properties": {"a": {"type": "OBJECT"}}}, "s.properties.a.type"),
        ({"properties": []}, "s.properties"),
        ({"items": 5}, "s.items"),
        ({"anyOf": [{}, "x"]}, "s.anyOf[1]"),
        ({"allOf": {}}, "s.allOf"),
    ],
)
def test_what_is_no_json_schema_is_refused_at_its_place(schema: object, place: str) -> None:
    with pytest.raises(InputError) as caught:
        decode_json_schema(Field(schema, "s"))

    assert caught.value.place == place


@pytest.mark.parametrize(
    ("schema", "place"),
    [
        ("OBJECT", "s"),
        ({"type": 5}, "s.type"),
        ({"type": "THING"}, "s.type"),
        ({"nullable": "yes"}, "s.nullable"),
        ({"minItems": "one"}, "s.minItems"),
        ({"max_length": -1}, "s.max_length"),
        ({"items": []}, "s.items"),
        ({"properties": {"a": 5}}, "s.properties.a"),
        ({"anyOf": {}}, "s.anyOf"),
    ],
)
def test_what_is_no_schema_of_the_services_is_refused_at_its_place(
    schema: object, place: str
) -> None:
    with pytest.raises(InputError) as caught:
        decode_schema(Field(schema, "s"))

    assert caught.value.place == place
