"""Tool calls of an earlier turn."""

import pytest

from dragoman.dialects.openai_chat.call_decoder import decode_calls, earlier_call
from dragoman.dialects.openai_chat.part_decoder import Manner
from dragoman.dialects.openai_chat.tables import HINTS
from dragoman.dialects.reading import Field
from dragoman.errors import InputError
from dragoman.messages import Message, Part, Text, ToolCall
from dragoman.native import Native

PROGRAM = Manner(HINTS)


def calls(*items: object, manner: Manner = PROGRAM) -> list[Part]:
    return list(decode_calls(Field({"tool_calls": list(items)}, "messages[1]"), manner, 1))


def call(arguments: object = "{}", **more: object) -> dict[str, object]:
    return {"id": "a", "type": "function", "function": {"name": "f", "arguments": arguments}} | more


def own(fields: dict[str, object], *hints: str) -> Native:
    return Native("openai_chat", fields, frozenset(hints))


@pytest.mark.parametrize(
    ("item", "expect"),
    [
        (call('{"x": 1}'), ToolCall("a", "f", '{"x": 1}')),
        (call(""), ToolCall("a", "f", "{}")),
        (call(None), ToolCall("a", "f", "{}")),
        (call(" "), ToolCall("a", "f", "{}")),
        (call(type=None), ToolCall("a", "f", "{}")),
        (call(index=0), ToolCall("a", "f", "{}")),
        (
            call(x=1, cache_control={}),
            ToolCall("a", "f", "{}", native=own({"x": 1, "cache_control": {}}, "cache_control")),
        ),
        (
            {"id": "a", "function": {"name": "f", "x": 1}},
            ToolCall("a", "f", "{}", native=own({"function": {"x": 1}})),
        ),
        (
            call(extra_content={"google": {"thought_signature": "QQ"}}),
            ToolCall("a", "f", "{}", "openai_chat:QQ"),
        ),
        (
            call(extra_content={"google": {"thought_signature": "gemini:QQ"}}),
            ToolCall("a", "f", "{}", "gemini:QQ"),
        ),
        (
            call(extra_content={"google": {"x": 1}}),
            ToolCall("a", "f", "{}", native=own({"extra_content": {"google": {"x": 1}}})),
        ),
        ({"id": "a", "type": "custom", "x": 1}, own({"id": "a", "type": "custom", "x": 1})),
        ({"id": "a", "type": "newer"}, own({"id": "a", "type": "newer"})),
    ],
)
def test_a_call(item: object, expect: Part) -> None:
    assert calls(item) == [expect]


@pytest.mark.parametrize(
    ("item", "place"),
    [
        (7, ""),
        ({}, ".function"),
        ({"function": {}}, ".id"),
        ({"id": "a", "function": {}}, ".function.name"),
        (call("{"), ".function.arguments"),
        (call("[]"), ".function.arguments"),
        (call("[" * 5000), ".function.arguments"),
        (call({}), ".function.arguments"),
        (call(extra_content=7), ".extra_content"),
        ({"type": "custom"}, ".id"),
        ({"type": 7}, ".type"),
    ],
)
def test_what_is_wrong_is_placed(item: object, place: str) -> None:
    with pytest.raises(InputError) as caught:
        calls(item)

    assert caught.value.place == f"messages[1].tool_calls[0]{place}"


def test_a_python_callers_unknown_call_is_a_mistake() -> None:
    with pytest.raises(InputError, match=r"tool_calls\[0\].type: expected function or custom"):
        calls({"id": "a", "type": "functoin"}, manner=Manner())


def test_the_result_of_an_older_call_belongs_to_the_last_of_that_name() -> None:
    said = (
        Message("assistant", (ToolCall("a", "f", "{}"),)),
        Message("assistant", (Text("x"), ToolCall("b", "f", "{}"), ToolCall("c", "g", "{}"))),
    )

    assert earlier_call(Field("f", "name"), said) == "b"
    with pytest.raises(InputError, match="there is no call of 'h' before it"):
        earlier_call(Field("h", "name"), said)
