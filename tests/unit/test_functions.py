"""Python functions as tools: what a model is told of them, and what it is answered."""

import dataclasses
import enum
from collections.abc import Callable
from functools import partial, wraps
from typing import Annotated, Any

import msgspec
import pytest

from dragoman.errors import InputError
from dragoman.functions import Function
from dragoman.tools import Tool

INTEGER = {"type": "integer"}


class Unit(enum.Enum):
    C = "c"
    F = "f"


class Place(msgspec.Struct):
    name: str


@dataclasses.dataclass
class Spot:
    x: float


def weather(
    city: Annotated[str, "the city's name", "in English"],
    days: Annotated[int, msgspec.Meta(ge=1), "how far ahead"] = 1,
    *,
    unit: Unit = Unit.C,
    near: Place | None = None,
    tags: list[str] = [],  # noqa: B006 - what users write
) -> dict[str, object]:
    """Tell the weather
    of a city.

    Only for tests.
    """
    return {"city": city, "days": days, "unit": unit, "near": near, "tags": tags}


def bare() -> None:
    return None


class Counter:
    """Counts."""

    def __init__(self) -> None:
        self.count = 0

    def add(self, number: int) -> int:
        """Add to the count."""
        self.count += number
        return self.count

    async def __call__(self, number: int) -> int:
        return self.count + number

    @staticmethod
    def still(number: int) -> int:
        return number

    @classmethod
    def made(cls, number: int) -> int:
        return number


def three(first: int, second: int, third: int = 3) -> int:
    """Three numbers."""
    return first * 100 + second * 10 + third


def traced(function: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(function)
    def outer(*args: Any, **kwargs: Any) -> Any:
        return function(*args, **kwargs)

    return outer


def schema(required: list[str], **properties: object) -> dict[str, object]:
    return {
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": False,
    }


def test_a_signature_is_the_schema_and_the_first_paragraph_what_it_is_for() -> None:
    assert Function(weather).tool == Tool(
        name="weather",
        description="Tell the weather of a city.",
        parameters={
            **schema(
                ["city"],
                city={"type": "string", "description": "the city's name in English"},
                days={
                    "type": "integer",
                    "minimum": 1,
                    "description": "how far ahead",
                    "default": 1,
                },
                unit={"$ref": "#/$defs/Unit"},
                near={"anyOf": [{"$ref": "#/$defs/Place"}, {"type": "null"}], "default": None},
                tags={"type": "array", "items": {"type": "string"}},
            ),
            "$defs": {
                "Unit": {"title": "Unit", "enum": ["c", "f"]},
                "Place": {
                    "title": "Place",
                    "type": "object",
                    "properties": {"name": {"type": "string"}},
                    "required": ["name"],
                },
            },
        },
    )


@pytest.mark.parametrize(
    ("function", "tool"),
    [
        (bare, Tool(name="bare", parameters=schema([]))),
        (
            Counter().add,
            Tool(
                name="add",
                description="Add to the count.",
                parameters=schema(["number"], number=INTEGER),
            ),
        ),
        (Counter.still, Tool(name="still", parameters=schema(["number"], number=INTEGER))),
        (Counter.made, Tool(name="made", parameters=schema(["number"], number=INTEGER))),
        (
            Counter(),
            Tool(
                name="Counter",
                description="Counts.",
                parameters=schema(["number"], number=INTEGER),
            ),
        ),
        (
            partial(partial(three, 1), third=9),
            Tool(
                name="three",
                description="Three numbers.",
                parameters=schema(["second"], second=INTEGER),
            ),
        ),
        (
            traced(three),
            Tool(
                name="three",
                description="Three numbers.",
                parameters=schema(
                    ["first", "second"],
                    first=INTEGER,
                    second=INTEGER,
                    third={**INTEGER, "default": 3},
                ),
            ),
        ),
    ],
    ids=["bare", "method", "static", "class method", "object", "partial", "decorated"],
)
def test_whatever_can_be_called_is_a_tool(function: Callable[..., Any], tool: Tool) -> None:
    assert Function(function).tool == tool


def no_annotation(x) -> None:  # type: ignore[no-untyped-def]  # the claim
    return None


def many(*args: int) -> None:
    return None


def any_name(**kwargs: int) -> None:
    return None


def by_place(x: int, /) -> None:
    return None


def no_json(x: complex) -> None:
    return None


def lost(x: "Nowhere") -> None:  # type: ignore[name-defined]  # noqa: F821 - the claim
    return None


def broken(x: "1 +") -> None:  # type: ignore[valid-type]  # noqa: F722 - the claim
    return None


def größe() -> None:
    return None


@pytest.mark.parametrize(
    ("function", "words"),
    [
        (no_annotation, "the tool no_annotation: its parameter x has no annotation"),
        (many, r"the tool many: \*args: int cannot be given by name"),
        (any_name, r"the tool any_name: \*\*kwargs: int cannot be given by name"),
        (by_place, "the tool by_place: x: int cannot be given by name"),
        (Counter.add, "the tool add: its parameter self has no annotation"),
        (no_json, "the tool no_json: .*complex"),
        (lost, "the tool lost: its signature cannot be read: .*Nowhere"),
        (broken, "the tool broken: its signature cannot be read: "),
        (max, "the tool max: its signature cannot be read"),
        (lambda: 1, "a tool cannot be called <lambda>: give it a name of its own with def"),
        (größe, "a tool cannot be called größe"),
        (7, "a tool must be a function, not int"),
        (None, "a tool must be a function, not NoneType"),
    ],
    ids=range(13),
)
def test_what_can_be_no_tool_is_said_before_anything_is_sent(function: Any, words: str) -> None:
    with pytest.raises(InputError, match=words):
        Function(function)
