"""Tools, and the choice among them."""

import pytest

from dragoman.dialects.gemini.tool_decoder import decode_choice, decode_tools
from dragoman.dialects.reading import Field
from dragoman.errors import InputError
from dragoman.native import Native
from dragoman.tools import Tool, ToolChoice

F = Tool(name="f")


def tools(*values: object) -> tuple[Tool | Native, ...] | None:
    return decode_tools(Field(list(values), "tools"))


def functions(*values: object) -> dict[str, object]:
    return {"functionDeclarations": list(values)}


def test_functions_are_tools_and_other_tools_are_native() -> None:
    found = tools(
        functions(
            {"name": "f", "description": "d", "parameters": {"type": "OBJECT"}, "response": {}},
            {"name": "g", "parametersJsonSchema": {"type": "object"}, "behavior": "BLOCKING"},
        ),
        {"google_search": {}, **functions({"name": "h"})},
    )

    assert found == (
        Tool(
            name="f",
            description="d",
            parameters={"type": "object"},
            native=Native(
                "gemini",
                {"functionDeclaration.response": {}},
                frozenset({"functionDeclaration.response"}),
            ),
        ),
        Tool(
            name="g",
            parameters={"type": "object"},
            native=Native("gemini", {"functionDeclaration.behavior": "BLOCKING"}),
        ),
        Tool(name="h"),
        Native("gemini", {"type": "googleSearch", "google_search": {}}),
    )


def test_no_tools_are_none() -> None:
    assert tools() is None
    assert tools(functions()) is None


@pytest.mark.parametrize(
    ("config", "choice"),
    [
        ({}, ToolChoice("auto")),
        ({"mode": "AUTO"}, ToolChoice("auto")),
        ({"mode": "MODE_UNSPECIFIED"}, ToolChoice("auto")),
        ({"mode": "NONE"}, ToolChoice("none")),
        ({"mode": "ANY"}, ToolChoice("required")),
        ({"mode": "ANY", "allowed_function_names": ["f"]}, ToolChoice("required", ("f",))),
        ({"mode": "VALIDATED", "allowedFunctionNames": ["f"]}, ToolChoice("auto", ("f",))),
    ],
)
def test_the_mode_is_a_choice(config: dict[str, object], choice: ToolChoice) -> None:
    assert decode_choice(Field({"functionCallingConfig": config}), (F,)) == (choice, {})


def test_a_mode_that_only_checks_is_native() -> None:
    config = Field({"function_calling_config": {"mode": "VALIDATED", "new": 1}})

    assert decode_choice(config, (F,)) == (
        ToolChoice("auto"),
        {
            "toolConfig.functionCallingConfig.new": 1,
            "toolConfig.functionCallingConfig.mode": "VALIDATED",
        },
    )


def test_a_configuration_of_other_tools_is_native() -> None:
    config = Field({"retrievalConfig": {"languageCode": "fr"}})

    assert decode_choice(config, ()) == (
        None,
        {"toolConfig.retrievalConfig": {"languageCode": "fr"}},
    )


@pytest.mark.parametrize(
    ("config", "place"),
    [
        ({"mode": "ALWAYS"}, "x.functionCallingConfig.mode"),
        ({"allowedFunctionNames": ["g"]}, "x.functionCallingConfig.allowedFunctionNames[0]"),
    ],
)
def test_a_choice_of_what_is_not_there_is_refused(config: dict[str, object], place: str) -> None:
    with pytest.raises(InputError) as caught:
        decode_choice(Field({"functionCallingConfig": config}, "x"), (F,))

    assert caught.value.place == place


def test_a_call_of_any_function_needs_one() -> None:
    search = Native("gemini", {"googleSearch": {}})

    with pytest.raises(InputError, match="there is no function to call"):
        decode_choice(Field({"functionCallingConfig": {"mode": "ANY"}}), (search,))


@pytest.mark.parametrize(
    ("value", "place"),
    [
        (functions({"name": ""}), "tools[0].functionDeclarations[0].name"),
        (functions({"name": "f"}, {"name": "f"}), "tools[0].functionDeclarations[1]"),
        (
            functions({"name": "f", "parameters": {}, "parametersJsonSchema": {}}),
            "tools[0].functionDeclarations[0].parameters",
        ),
        (
            functions({"name": "f", "parametersJsonSchema": {"type": "thing"}}),
            "tools[0].functionDeclarations[0].parametersJsonSchema.type",
        ),
        ("search", "tools[0]"),
    ],
)
def test_a_tool_that_is_wrong_is_named_by_its_place(value: object, place: str) -> None:
    with pytest.raises(InputError) as caught:
        tools(value)

    assert caught.value.place == place
