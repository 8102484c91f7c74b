"""Tools and the choice among them."""

import pytest

from dragoman.dialects.openai_chat.tables import LEGACY
from dragoman.dialects.openai_chat.tool_decoder import decode_choice, decode_schema, decode_tools
from dragoman.dialects.reading import Field
from dragoman.errors import InputError
from dragoman.native import Native
from dragoman.tools import Tool, ToolChoice

SCHEMA = {"type": "object", "properties": {"x": {"type": "string"}}}


def function(name: object = "f", **more: object) -> dict[str, object]:
    return {"type": "function", "function": {"name": name} | more}


def own(fields: dict[str, object], *hints: str) -> Native:
    return Native("openai_chat", fields, frozenset(hints))


CUSTOM: dict[str, object] = {"type": "custom", "custom": {"name": "sh"}}


@pytest.mark.parametrize(
    ("fields", "expect"),
    [
        ({}, None),
        ({"tools": []}, None),
        ({"functions": []}, None),
        ({"tools": [function()]}, (Tool(name="f"),)),
        (
            {"tools": [function(description="d", parameters=SCHEMA, strict=True)]},
            (Tool(name="f", description="d", parameters=SCHEMA, strict=True),),
        ),
        (
            {"tools": [function() | {"cache_control": {}, "x": 1}]},
            (Tool(name="f", native=own({"cache_control": {}, "x": 1}, "cache_control")),),
        ),
        ({"tools": [function(y=1)]}, (Tool(name="f", native=own({"function": {"y": 1}})),)),
        ({"tools": [CUSTOM, function()]}, (own(CUSTOM), Tool(name="f"))),
        (
            {"tools": [{"type": "web_search"}, {"type": "web_search"}]},
            (own({"type": "web_search"}), own({"type": "web_search"})),
        ),
        (
            {"functions": [{"name": "f", "parameters": {}}]},
            (Tool(name="f", parameters={}, native=LEGACY),),
        ),
    ],
)
def test_tools(fields: dict[str, object], expect: object) -> None:
    assert decode_tools(Field(fields)) == expect


@pytest.mark.parametrize(
    ("tools", "place"),
    [
        (7, "tools"),
        ([7], "tools[0]"),
        ([{}], "tools[0].type"),
        ([{"type": "function"}], "tools[0].function"),
        ([{"type": "custom"}], "tools[0].custom"),
        ([function("")], "tools[0].function.name"),
        ([function(), function()], "tools[1]"),
        ([function("sh"), CUSTOM], "tools[1]"),
        ([function(strict="yes")], "tools[0].function.strict"),
        ([function(parameters=7)], "tools[0].function.parameters"),
        ([function(parameters={"type": "string"})], "tools[0].function.parameters.type"),
    ],
)
def test_what_is_wrong_with_tools_is_placed(tools: object, place: str) -> None:
    with pytest.raises(InputError) as caught:
        decode_tools(Field({"tools": tools}))

    assert caught.value.place == place


def test_a_schema_has_a_type_that_there_is() -> None:
    assert decode_schema(Field({"type": ["string", "null"]}, "s")) == {"type": ["string", "null"]}
    with pytest.raises(InputError, match=r"s.type\[1\]: expected one of object, array"):
        decode_schema(Field({"type": ["string", "text"]}, "s"))


TOOLS = (Tool(name="f"), Tool(name="g"), own(CUSTOM), own({"type": "web_search"}))


def allowed(mode: object, *tools: object) -> dict[str, object]:
    return {"type": "allowed_tools", "allowed_tools": {"mode": mode, "tools": list(tools)}}


@pytest.mark.parametrize(
    ("fields", "expect"),
    [
        ({}, None),
        ({"tool_choice": "auto"}, ToolChoice("auto")),
        ({"tool_choice": "none"}, ToolChoice("none")),
        ({"tool_choice": "required"}, ToolChoice("required")),
        ({"tool_choice": function()}, ToolChoice("required", ("f",))),
        ({"tool_choice": CUSTOM}, ToolChoice("required", ("sh",))),
        ({"tool_choice": allowed("auto", function())}, ToolChoice("auto", ("f",))),
        (
            {"tool_choice": allowed("required", function(), CUSTOM)},
            ToolChoice("required", ("f", "sh")),
        ),
        ({"function_call": "none"}, ToolChoice("none")),
        ({"function_call": {"name": "g"}}, ToolChoice("required", ("g",))),
    ],
)
def test_a_choice(fields: dict[str, object], expect: ToolChoice | None) -> None:
    assert decode_choice(Field(fields), TOOLS) == expect


@pytest.mark.parametrize(
    ("choice", "place"),
    [
        ("any", ""),
        (7, ""),
        ({"type": "tool"}, ".type"),
        ({"type": "function"}, ".function"),
        (function("z"), ""),
        (allowed("none", function()), ".allowed_tools.mode"),
        (allowed("auto"), ".allowed_tools.tools"),
        (allowed("auto", {"type": "mcp"}), ".allowed_tools.tools[0].type"),
    ],
)
def test_what_is_wrong_with_a_choice_is_placed(choice: object, place: str) -> None:
    with pytest.raises(InputError) as caught:
        decode_choice(Field({"tool_choice": choice}), TOOLS)

    assert caught.value.place == f"tool_choice{place}"


def test_without_tools_there_is_nothing_to_choose() -> None:
    assert decode_choice(Field({"tool_choice": "auto"}), None) is None
    assert decode_choice(Field({"tool_choice": "none"}), None) is None
    with pytest.raises(InputError, match="tool_choice: there are no tools"):
        decode_choice(Field({"tool_choice": "required"}), None)
