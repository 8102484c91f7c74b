"""What a caller asks besides the messages becomes a request, or an error that names it."""

import asyncio
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dragoman.call_options import Options, build_chat, build_limits, check_names, without_force
from dragoman.chat import ChatRequest
from dragoman.errors import InputError
from dragoman.messages import Message, Text
from dragoman.native import Native
from dragoman.options import OPTIONS
from dragoman.tools import JsonObject, JsonSchema, Tool, ToolChoice
from dragoman.transport.base import Limits

HI = Message("user", (Text("hi"),))
SCHEMA = {"type": "object", "properties": {"a": {"type": "integer"}}}
SEARCH = Native("anthropic_messages", {"type": "web_search_20250305", "name": "web_search"})
CUSTOM = Native("openai_chat", {"type": "custom", "custom": {"name": "shell"}})
NAMELESS = Native("gemini", {"googleSearch": {}})
F = Tool(name="f")


def f() -> None:
    return None


def function(**fields: object) -> dict[str, object]:
    return {"type": "function", "function": {"name": "f", **fields}}


def built(**options: Any) -> ChatRequest:
    return build_chat("m", "hi", options)  # type: ignore[arg-type]  # any options, wrong ones too


def test_words_alone_are_a_request() -> None:
    assert built() == ChatRequest(model="m", messages=(HI,))
    assert build_chat("m", [{"role": "user", "content": "hi"}], {}) == built()


def test_the_system_text_stands_first() -> None:
    assert built(system="be brief").messages == (Message("system", (Text("be brief"),)), HI)
    assert built(system="").messages == (HI,)


def test_every_option_of_a_question_is_one_of_a_call() -> None:
    assert set(OPTIONS) < set(Options.__annotations__)
    assert built(seed=1, stop="x", total_s=3) == ChatRequest(
        model="m", messages=(HI,), seed=1, stop=("x",)
    )


def test_the_form_of_the_answer_is_read() -> None:
    assert build_chat("m", "hi", {}, "json").output == JsonObject()
    assert build_chat("m", "hi", {}, SCHEMA).output == JsonSchema(schema=SCHEMA)


@pytest.mark.parametrize(
    ("tool", "expected"),
    [
        (F, F),
        (f, Tool(name="f", parameters={**SCHEMA, "properties": {}, "required": []})),
        (function(), F),
        (
            function(description="d", parameters=SCHEMA, strict=True),
            Tool(name="f", description="d", parameters=SCHEMA, strict=True),
        ),
        (function(description=None), F),
        (SEARCH, SEARCH),
    ],
    ids=range(6),
)
def test_a_tool_is_written_in_every_way(tool: object, expected: Tool | Native) -> None:
    found = built(tools=[tool]).tools

    assert found is not None
    assert len(found) == 1
    if callable(tool):
        assert isinstance(expected, Tool)
        expected = msgspec.structs.replace(
            expected,
            parameters={
                "type": "object",
                "properties": {},
                "required": [],
                "additionalProperties": False,
            },
        )
    assert found[0] == expected


@pytest.mark.parametrize("tools", [None, [], ()])
def test_no_tools_were_not_asked_for(tools: object) -> None:
    chat = built(tools=tools, tool_choice="auto")

    assert (chat.tools, chat.tool_choice) == (None, None)


@pytest.mark.parametrize(
    ("choice", "expected"),
    [
        (None, None),
        ("auto", ToolChoice("auto")),
        ("none", ToolChoice("none")),
        ("required", ToolChoice("required")),
        ("f", ToolChoice("required", ("f",))),
        ("web_search", ToolChoice("required", ("web_search",))),
        ("shell", ToolChoice("required", ("shell",))),
        (ToolChoice("auto", ("f",)), ToolChoice("auto", ("f",))),
    ],
)
def test_a_choice_is_a_mode_or_the_name_of_a_tool(
    choice: object, expected: ToolChoice | None
) -> None:
    assert built(tools=(F, SEARCH, CUSTOM, NAMELESS), tool_choice=choice).tool_choice == expected


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"tools": "f"}, "tools: expected a list of functions"),
    ({"tools": {"f": f}}, "tools: expected a list of functions"),
    ({"tools": [7]}, r"tools\[0\]: expected a function, a Tool, or .*, not 7"),
    ({"tools": [F, {"type": "web_search"}]}, r"tools\[1\]: expected a function"),
    ({"tools": [{"type": "function", "function": 7}]}, r"tools\[0\]: expected a function"),
    ({"tools": [{"type": "function", "function": {}}]}, r"tools\[0\]\.function: .*`name`"),
    ({"tools": [function(paramaters={})]}, r"unknown field 'paramaters'; known: name, desc"),
    ({"tools": [function(strict="yes")]}, r"tools\[0\]\.function: Expected `bool"),
    ({"tools": [{"type": "function", "function": {7: 8}}]}, "unknown field 7"),
    ({"tools": [function(parameters={"type": "x"})]}, r"tools\[0\]\.parameters\.type: 'x'"),
    ({"tools": [Tool(name="f", parameters=7)]}, r"tools\[0\]\.parameters: expected a JSON"),  # type: ignore[arg-type]  # the claim
    ({"tools": [Tool(name="")]}, r"tools\[0\]: a tool needs a name"),
    ({"tools": [Tool(name=7)]}, r"tools\[0\]: a tool needs a name"),  # type: ignore[arg-type]  # the claim
    ({"tools": [function(), F]}, r"tools\[1\]: another tool is called f, too"),
    ({"tools": [NAMELESS, NAMELESS, SEARCH, SEARCH]}, r"tools\[3\]: another tool is called web"),
    ({"tools": [lambda: 1]}, "a tool cannot be called <lambda>"),
    ({"tools": [F], "tool_choice": "g"}, "there is no tool 'g'; there are: f"),
    ({"tools": [NAMELESS], "tool_choice": "g"}, "there is no tool 'g'; there are: none with a"),
    ({"tool_choice": "required"}, "tool_choice: there are no tools"),
    ({"tool_choice": ToolChoice("auto", ("f",))}, "tool_choice: there are no tools"),
    ({"tools": [F], "tool_choice": 7}, "tool_choice: expected auto, none, required, .* not 7"),
    ({"tools": [F], "tool_choice": ToolChoice("all")}, "tool_choice: expected auto"),  # type: ignore[arg-type]  # the claim
    ({"tools": [F], "tool_choice": ToolChoice("auto", "f")}, "tool_choice: expected auto"),  # type: ignore[arg-type]  # the claim
    ({"tools": [F], "tool_choice": ToolChoice("auto", (7,))}, "there is no tool 7"),  # type: ignore[arg-type]  # the claim
]


@pytest.mark.parametrize(("options", "words"), WRONG, ids=range(len(WRONG)))
def test_what_is_wrong_is_named_before_anything_is_sent(
    options: dict[str, Any], words: str
) -> None:
    with pytest.raises(InputError, match=words):
        built(**options)


@pytest.mark.parametrize(
    ("choice", "left"),
    [
        ("auto", {"tool_choice": "auto", "seed": 1}),
        (ToolChoice("none"), {"tool_choice": ToolChoice("none"), "seed": 1}),
        ("required", {"seed": 1}),
        ("f", {"seed": 1}),
        (ToolChoice("required"), {"seed": 1}),
    ],
)
def test_only_a_forced_choice_is_left_out_later(choice: Any, left: Options) -> None:
    options = Options(tool_choice=choice, seed=1)

    assert without_force(options) == left
    assert options["tool_choice"] == choice


def test_where_no_choice_is_there_is_nothing_to_leave_out() -> None:
    assert without_force({"seed": 1}) == {"seed": 1}


def test_an_unknown_option_is_a_type_error_as_python_says_it() -> None:
    check_names({})
    check_names({"seed": 1})
    with pytest.raises(TypeError, match="unknown option 'sed'; known: first_token_s, "):
        check_names({"sed": 1})  # type: ignore[typeddict-unknown-key]  # the claim


def test_limits_of_a_call_stand_in_place_of_the_providers() -> None:
    limits = Limits(connect_s=1, first_token_s=2, idle_s=3, total_s=4)

    assert build_limits(limits, {}) is limits
    assert build_limits(limits, {"seed": 1}) == limits
    assert build_limits(limits, {"timeout": 9}) == msgspec.structs.replace(
        limits, connect_s=9.0, idle_s=9.0
    )
    assert build_limits(limits, {"total_s": 7, "first_token_s": 5}) == msgspec.structs.replace(
        limits, total_s=7.0, first_token_s=5.0
    )


@pytest.mark.parametrize("value", [0, -1, True, "5", float("nan"), float("inf")])
@pytest.mark.parametrize("name", ["first_token_s", "total_s"])
def test_a_limit_is_a_number_of_seconds(name: str, value: object) -> None:
    with pytest.raises(InputError, match=f"{name} = .*: expected seconds above 0"):
        build_limits(Limits(), {name: value})  # type: ignore[misc]  # the claim


_LEAVES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(st.characters(codec=None))
    | st.sampled_from(
        [f, F, SEARCH, NAMELESS, print, object(), asyncio.sleep, Tool, ToolChoice("none"), "f"]
    )
)
_ANY: st.SearchStrategy[Any] = st.recursive(
    _LEAVES,
    lambda inner: (
        st.lists(inner)
        | st.dictionaries(
            st.sampled_from(["type", "function", "name", "parameters", "properties"]), inner
        )
        | st.builds(Tool, name=inner, parameters=inner, strict=inner)
        | st.builds(ToolChoice, inner, inner)
        | inner.map(lambda fields: {"type": "function", "function": fields})
    ),
)
_NAMES = st.sampled_from([*OPTIONS, "tools", "tool_choice", "system", "timeout"])


@given(st.dictionaries(_NAMES, _ANY | st.lists(_ANY)), _ANY)
def test_anything_is_a_request_or_an_input_error(options: Any, output: object) -> None:
    try:
        chat = build_chat("m", "hi", options, output)
    except InputError:
        return
    assert isinstance(chat, ChatRequest)
    assert chat.given() >= ({"output"} if output is not None else set())
