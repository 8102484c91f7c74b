"""A type becomes a schema that every service takes, and an answer a value of it."""

import dataclasses
import datetime
import decimal
import enum
import uuid
from collections.abc import Callable, Mapping
from typing import Annotated, Any, Generic, Literal, NotRequired, Optional, TypedDict, TypeVar

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dragoman.chat import ChatReply
from dragoman.emulators.anthropic_schema import check_strict
from dragoman.emulators.api_schema import example_json
from dragoman.emulators.openai_tools import check_output_schema
from dragoman.errors import InputError
from dragoman.messages import Message, Text
from dragoman.strict_schema import is_strict
from dragoman.structured import (
    check_schema,
    decode_output,
    is_kind,
    schema_of,
    valued,
)
from dragoman.tools import JsonObject, JsonSchema

T = TypeVar("T")


class Street(msgspec.Struct):
    name: str
    number: int | None = None


class City(msgspec.Struct):
    """A city."""

    name: str
    streets: list[Street] = []
    twin: Optional["City"] = None


class Colour(enum.Enum):
    RED = "red"
    BLUE = "blue"


class Level(enum.IntEnum):
    LOW = 1
    HIGH = 2


class Cat(msgspec.Struct, tag="cat"):
    lives: int


class Dog(msgspec.Struct, tag="dog"):
    bones: float


class Pets(msgspec.Struct):
    first: Cat | Dog
    rest: list[Cat | Dog] = []


class Words(msgspec.Struct):
    one: Literal["a", "b"]
    maybe: Literal["a", 1, None]
    colour: Colour
    level: Level = Level.LOW


class Times(msgspec.Struct):
    at: datetime.datetime
    day: datetime.date
    hour: datetime.time
    length: datetime.timedelta
    key: uuid.UUID
    price: decimal.Decimal
    raw: bytes


class Limits(msgspec.Struct):
    text: Annotated[str, msgspec.Meta(min_length=1, max_length=9, description="short")]
    some: set[int]


class Traps(msgspec.Struct):
    """Fields that are called like keywords of a schema."""

    default: int
    properties: str
    type: str = "x"
    required: bool = True
    discriminator: Street | None = None
    additional: str = msgspec.field(name="additionalProperties", default="")
    reference: str = msgspec.field(name="$ref", default="")


class Nothing(msgspec.Struct):
    pass


class Page(msgspec.Struct, Generic[T]):
    items: list[T]


@dataclasses.dataclass
class Point:
    x: float
    y: float = 0.0


class Entry(TypedDict):
    word: str
    count: NotRequired[int]


class Table(msgspec.Struct):
    counts: dict[str, int]


class Anything(msgspec.Struct):
    what: Any


class Pair(msgspec.Struct):
    both: tuple[int, str]


CLOSED = [Street, City, Pets, Words, Times, Limits, Traps, Nothing, Page[Street], Point, Entry]
OPEN = [Table, Anything, Pair, dict[str, int]]
EXAMPLES: Mapping[Any, str] = {
    Times: '{"at":"2026-11-21T10:00:00Z","day":"2026-11-21","hour":"10:00:00","length":"PT1S",'
    '"key":"12345678-1234-5678-1234-567812345678","price":"1.5","raw":"aGk="}',
}


def reply(text: str, **fields: Any) -> ChatReply:
    return ChatReply(model="m", message=Message("assistant", (Text(text),)), **fields)


@pytest.mark.parametrize("kind", CLOSED, ids=str)
def test_a_closed_type_is_a_schema_that_the_strict_modes_take(kind: Any) -> None:
    found = schema_of(kind)

    assert found.strict is True
    check_output_schema(found.name, dict(found.schema), strict=True, param="response_format")
    check_strict(dict(found.schema), "output_config.format.schema")
    words = set(_keywords(dict(found.schema)))
    assert words <= {
        *("$defs", "$ref", "additionalProperties", "anyOf", "description", "enum", "format"),
        *("items", "properties", "required", "title", "type"),
    }


@pytest.mark.parametrize("kind", OPEN, ids=str)
def test_an_open_type_is_a_schema_that_is_not_called_strict(kind: Any) -> None:
    found = schema_of(kind)

    assert found.strict is None
    check_output_schema(found.name, dict(found.schema), strict=False, param="response_format")


@pytest.mark.parametrize("kind", [*CLOSED, *OPEN], ids=str)
def test_what_the_schema_says_is_a_value_of_the_type(kind: Any) -> None:
    text = EXAMPLES.get(kind) or example_json(dict(schema_of(kind).schema))

    value = valued(reply(text), kind).value

    assert msgspec.json.decode(msgspec.json.encode(value), type=kind) == value


def _keywords(schema: dict[str, Any]) -> list[str]:
    found = list(schema)
    inner = [*schema.get("properties", {}).values(), *schema.get("$defs", {}).values()]
    inner += [*schema.get("anyOf", ()), *([schema["items"]] if "items" in schema else [])]
    return found + [word for one in inner for word in _keywords(one)]


def test_a_schema_is_whole() -> None:
    assert schema_of(Street) == JsonSchema(
        schema={
            "title": "Street",
            "type": "object",
            "properties": {
                "name": {"type": "string"},
                "number": {"anyOf": [{"type": "integer"}, {"type": "null"}]},
            },
            "required": ["name", "number"],
            "additionalProperties": False,
        },
        strict=True,
    )


def test_a_type_that_holds_itself_is_there_for_its_references() -> None:
    schema = schema_of(City).schema

    assert schema["type"] == "object"
    assert schema["description"] == "A city."
    assert sorted(schema["$defs"]) == ["City", "Street"]  # type: ignore[call-overload]  # a JSON value
    assert {"$ref": "#/$defs/City"} in schema["properties"]["twin"]["anyOf"]  # type: ignore[index]  # a JSON value


def test_a_definition_that_nothing_names_is_left_out() -> None:
    assert "$defs" not in schema_of(Street).schema
    assert sorted(schema_of(Page[Street]).schema["$defs"]) == ["Street"]  # type: ignore[call-overload]  # a JSON value


def test_a_field_called_like_a_keyword_stays() -> None:
    schema = schema_of(Traps).schema

    assert schema["required"] == [
        *("default", "properties", "type", "required", "discriminator"),
        *("additionalProperties", "$ref"),
    ]


def test_a_dict_keeps_the_type_of_its_values() -> None:
    schema = schema_of(Table).schema

    assert schema["properties"] == {
        "counts": {"type": "object", "additionalProperties": {"type": "integer"}}
    }
    assert schema["additionalProperties"] is False


def test_words_say_of_which_type_they_are() -> None:
    schema = schema_of(Words).schema

    assert schema["properties"]["one"] == {"enum": ["a", "b"], "type": "string"}  # type: ignore[index]  # a JSON value
    assert schema["properties"]["maybe"]["type"] == ["integer", "null", "string"]  # type: ignore[index]  # a JSON value
    assert schema["$defs"]["Level"]["type"] == "integer"  # type: ignore[index]  # a JSON value


@pytest.mark.parametrize(
    ("schema", "strict"),
    [
        ({"type": "object", "additionalProperties": False}, True),
        ({"type": "object"}, False),
        ({"type": "object", "additionalProperties": True}, False),
        ({}, False),
        ({"$ref": "#/$defs/x"}, True),
        ({"anyOf": [{"type": "string"}, {}]}, False),
        ({"type": "array", "items": {}}, False),
        ({"type": "array", "prefixItems": []}, False),
        ({"type": "string", "$defs": {"x": {}}}, False),
    ],
)
def test_one_open_place_makes_a_schema_open(schema: dict[str, Any], strict: bool) -> None:
    assert is_strict(schema) is strict


class Untagged(msgspec.Struct):
    pet: Street | City


class Unknown(msgspec.Struct):
    what: complex


class Lost(msgspec.Struct):
    what: "Nowhere"  # type: ignore[name-defined]  # noqa: F821 - the claim


@pytest.mark.parametrize(
    ("output", "words"),
    [
        (int, "int is no object; a service wants one"),
        (list[Street], "no object; a service wants one: put it in a field"),
        (Cat | Dog, "no object"),
        (Street | None, "no object"),
        (Untagged, "must be tagged"),
        (Unknown, "complex"),
        (Lost, "Nowhere"),
        ("yaml", "'yaml' is neither \"json\" nor a type nor a JSON schema"),
        (7, "output: Type '7' is not supported"),
        (object(), "is not supported"),
        (print, "is not supported"),
        ([], "is not supported"),
        ({"type": "strin"}, r"output\.type: 'strin' is no type of JSON; known: array"),
        ({"type": [{}]}, r"output\.type: \{\} is no type"),
        ({"type": "object", "properties": []}, r"output\.properties: expected an object"),
        ({"properties": {"a": 7}}, r"output\.properties\.a: expected a schema"),
        ({"properties": {"a": {"type": 7}}}, r"output\.properties\.a\.type: 7 is no type"),
        ({"default": object()}, "output: it cannot be JSON"),
        ({"const": "\ud800"}, "output: it cannot be JSON"),
        (JsonSchema(schema={"type": "x"}), r"output\.schema\.type: 'x'"),
        (JsonSchema(schema=7), r"output\.schema: expected a JSON schema, not 7"),  # type: ignore[arg-type]  # the claim
    ],
    ids=range(21),
)
def test_what_is_no_form_of_an_answer_is_said_before_anything_is_sent(
    output: object, words: str
) -> None:
    with pytest.raises(InputError, match=words) as caught:
        decode_output(output)

    assert str(caught.value.place).startswith("output")


def test_a_schema_that_holds_itself_is_an_input_error() -> None:
    schema: dict[str, Any] = {}
    schema["not"] = schema

    with pytest.raises(InputError, match="cannot be JSON"):
        decode_output(schema)


@pytest.mark.parametrize(
    ("output", "expected", "makes_value"),
    [
        ("json", JsonObject(), False),
        (JsonObject(), JsonObject(), False),
        (
            {"type": ["object", "null"], "properties": {"a": True, "b": {"type": "string"}}},
            JsonSchema(
                schema={
                    "type": ["object", "null"],
                    "properties": {"a": True, "b": {"type": "string"}},
                }
            ),
            False,
        ),
        ({"title": "City"}, JsonSchema(schema={"title": "City"}), False),
        (JsonSchema(schema={}, name="n"), JsonSchema(schema={}, name="n"), False),
        (Point, schema_of(Point), True),
        (dict[str, int], schema_of(dict[str, int]), True),
    ],
)
def test_a_form_is_given_in_every_way(output: object, expected: object, makes_value: bool) -> None:
    assert decode_output(output) == expected
    assert is_kind(output) is makes_value


def test_no_form_makes_no_value() -> None:
    assert not is_kind(None)


_VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(st.characters(codec=None))
    | st.binary()
    | st.sampled_from([int, object, type, print, Street, Any, list, object(), JsonObject, T]),
    lambda inner: (
        st.lists(inner)
        | st.tuples(inner)
        | st.dictionaries(
            st.sampled_from(["type", "properties", "$ref", "anyOf", "x", "items"]) | st.integers(),
            inner,
        )
    ),
)


@given(_VALUES)
def test_any_value_is_a_form_or_an_input_error(output: Any) -> None:
    for call in (decode_output, lambda value: check_schema(value, "p")):
        read: Callable[[Any], object] = call
        try:
            read(output)
        except InputError:
            continue
