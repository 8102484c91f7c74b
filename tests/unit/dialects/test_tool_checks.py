"""What is wrong with a program's tools is named in every dialect alike."""

import pytest

from dragoman.dialects.reading import Field
from dragoman.dialects.tool_checks import JSON_TYPES, check_types, name_of, unique
from dragoman.errors import InputError
from dragoman.native import Native
from dragoman.tools import Tool

SEARCH = Native("gemini", {"type": "search"})


@pytest.mark.parametrize("kind", [None, *JSON_TYPES, ["string", "null"]], ids=str)
def test_a_type_of_json_is_taken(kind: object) -> None:
    check_types(Field({"type": kind}, "s"))


@pytest.mark.parametrize(
    ("kind", "place"),
    [("text", "s.type"), (7, "s.type"), (["string", "text"], "s.type[1]"), ([], "s.type")],
    ids=str,
)
def test_any_other_type_is_refused_where_it_stands(kind: object, place: str) -> None:
    with pytest.raises(InputError) as caught:
        check_types(Field({"type": kind}, "s"))

    assert caught.value.place == place


def test_the_types_may_be_fewer() -> None:
    with pytest.raises(InputError, match="expected one of object"):
        check_types(Field({"type": "array"}, "s"), ("object",))


def test_a_name_stands_for_one_tool() -> None:
    tools: list[Tool | Native] = [Tool(name="f"), Tool(name="g"), SEARCH, SEARCH]

    assert unique((tool, name_of(tool), Field(tool)) for tool in tools) == tuple(tools)
    with pytest.raises(InputError, match="there are two tools 'f'") as caught:
        unique((tool, name_of(tool), Field(tool, "t")) for tool in (*tools, Tool(name="f")))
    assert caught.value.place == "t"


def test_no_tools_are_none() -> None:
    assert unique(()) is None
