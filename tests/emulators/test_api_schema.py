"""Examples for JSON Schemas: they fit, are small, and come to an end."""

import json
from typing import Any, NamedTuple

import hypothesis.strategies as st
import pytest
from hypothesis import given

from dragoman.emulators.api_schema import example_json, schema_problem


class Case(NamedTuple):
    what: str
    schema: Any
    example: Any


LINK = {"type": "object", "properties": {"next": {"anyOf": [{"$ref": "#"}, {"type": "null"}]}}}
TREE = {
    "$ref": "#/$defs/node",
    "$defs": {
        "node": {
            "type": "object",
            "properties": {"leaves": {"type": "array", "items": {"$ref": "#/$defs/node"}}},
            "required": ["leaves"],
        }
    },
}
WIDE = {
    "$ref": "#/$defs/node",
    "$defs": {
        "node": {
            "type": "object",
            "properties": {letter: {"$ref": "#/$defs/node"} for letter in "abcdefghij"},
        }
    },
}
CASES = [
    Case("a text", {"type": "string"}, "text"),
    Case("a long text", {"type": "string", "minLength": 6}, "textxx"),
    Case("a short text", {"type": "string", "maxLength": 2}, "te"),
    Case("a date", {"type": "string", "format": "date"}, "2026-11-21"),
    Case("an unknown format", {"type": "string", "format": "colour"}, "text"),
    Case("a number", {"type": "number"}, 1),
    Case("a number within", {"type": "number", "minimum": 0.5, "maximum": 0.7}, 0.5),
    Case("a whole number", {"type": "integer", "minimum": 3}, 3),
    Case("a whole number above", {"type": "integer", "exclusiveMinimum": 3}, 4),
    Case("a whole number below", {"type": "integer", "maximum": -2}, -2),
    Case("a multiple", {"type": "integer", "minimum": 4, "multipleOf": 3}, 6),
    Case("a boolean", {"type": "boolean"}, True),
    Case("null", {"type": "null"}, None),
    Case("one of two types", {"type": ["null", "integer"]}, 1),
    Case("an upper-case type", {"type": "STRING"}, "text"),
    Case("a bound in a string", {"type": "ARRAY", "items": {}, "minItems": "2"}, [None, None]),
    Case("an enum", {"type": "string", "enum": ["red", "green"]}, "red"),
    Case("a constant", {"const": {"a": [1]}}, {"a": [1]}),
    Case("an array", {"type": "array", "items": {"type": "integer"}}, [1]),
    Case("no more than", {"type": "array", "items": {}, "maxItems": 0}, []),
    Case("a pair", {"type": "array", "prefixItems": [{"const": 1}, {"const": 2}]}, [1, 2]),
    Case(
        "required only", {"properties": {"a": {"const": 1}, "b": {}}, "required": ["a"]}, {"a": 1}
    ),
    Case("nothing required", {"type": "object", "properties": {"a": {"const": 1}}}, {"a": 1}),
    Case("any of", {"anyOf": [{"type": "null"}, {"type": "integer"}]}, 1),
    Case("one of", {"oneOf": [{"const": "x"}, {"const": "y"}]}, "x"),
    Case(
        "all of",
        {"allOf": [{"type": "object", "properties": {"a": {"const": 1}}, "required": ["a"]}]},
        {"a": 1},
    ),
    Case("a reference", {"$ref": "#/$defs/a~1b", "$defs": {"a/b": {"const": 5}}}, 5),
    Case("items without a type", {"items": {"const": 1}}, [1]),
    Case("a number at its upper end", {"type": "number", "exclusiveMaximum": 1}, 0),
    Case("a bound that is no number", {"type": "integer", "minimum": "low"}, 1),
    Case("everything", True, None),
    Case("a schema of nothing", {}, None),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.what)
def test_an_example_is_the_least_that_fits(case: Case) -> None:
    assert json.loads(example_json(case.schema)) == case.example
    assert schema_problem(case.schema) == ""


@pytest.mark.parametrize("schema", [LINK, TREE, WIDE], ids=["a list", "a tree", "a wide one"])
def test_a_recursive_schema_has_a_finite_example(schema: Any) -> None:
    example = example_json(schema)

    assert len(example) < 2000
    assert json.loads(example)


class Wrong(NamedTuple):
    schema: Any
    says: str


WRONG = [
    Wrong([], "neither an object nor a boolean"),
    Wrong("object", "neither an object nor a boolean"),
    Wrong({"type": "strin"}, "'strin' is not a type"),
    Wrong({"type": "object", "properties": []}, "'properties' has a wrong shape"),
    Wrong({"properties": {"a": {"items": {"type": 5}}}}, "properties.a.items: '5' is not a type"),
    Wrong({"required": [1]}, "no name"),
    Wrong({"enum": []}, "'enum' is empty"),
    Wrong({"anyOf": {}}, "'anyOf' is no list"),
    Wrong({"anyOf": [{"type": "x"}]}, "anyOf[0]: 'x' is not a type"),
    Wrong({"$ref": "#/$defs/none"}, "leads nowhere"),
    Wrong({"$ref": "#"}, "leads nowhere"),
]


@pytest.mark.parametrize("case", WRONG, ids=lambda case: repr(case.schema))
def test_what_is_no_schema_is_told_with_its_place(case: Wrong) -> None:
    assert case.says in schema_problem(case.schema)


WORDS = st.sampled_from([
    "type", "properties", "required", "items", "enum", "anyOf", "allOf", "prefixItems", "$ref",
    "$defs", "const", "format", "minimum", "maximum", "multipleOf", "minItems", "maxLength",
])  # fmt: skip
TERMS = st.sampled_from(["object", "array", "string", "integer", "a", "#", "#/$defs/a", "date"])
VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 99) | TERMS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS | TERMS, inner, max_size=4),
    max_leaves=12,
)


@given(VALUES)
def test_whatever_is_no_problem_has_an_example(schema: Any) -> None:
    assert schema_problem(schema) or json.loads(example_json(schema)) is not ...
