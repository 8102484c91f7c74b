"""Input items as messages."""

import msgspec
import pytest

from dragoman.dialects.openai_responses.input_decoder import decode_input
from dragoman.dialects.openai_responses.tables import NAME
from dragoman.dialects.reading import Field
from dragoman.errors import InputError
from dragoman.messages import Message, Reasoning, Text, ToolCall, ToolResult
from dragoman.native import Native


class Case(msgspec.Struct):
    name: str
    wire: object
    messages: tuple[Message, ...]


def easy(role: str, text: str) -> dict[str, object]:
    return {"role": role, "content": text}


def own(kind: str, *hints: str, **fields: object) -> Native:
    return Native(NAME, {"type": kind, **fields}, frozenset(hints))


CALLED = {"type": "function_call", "call_id": "c", "name": "f", "arguments": "{}"}
RESULT = {"type": "function_call_output", "call_id": "c", "output": "13"}
CALL = ToolCall("c", "f", "{}")
THOUGHT = {"type": "reasoning", "id": "rs_1", "summary": [{"type": "summary_text", "text": "Hm"}]}
CASES = [
    Case("a text", "Hi", (Message("user", (Text("Hi"),)),)),
    Case(
        "who says it",
        [easy("developer", "A"), easy("system", "B"), easy("user", "C"), easy("assistant", "D")],
        (
            Message("system", (Text("A"),)),
            Message("system", (Text("B"),)),
            Message("user", (Text("C"),)),
            Message("assistant", (Text("D"),)),
        ),
    ),
    Case(
        "a turn",
        [
            easy("user", "A"),
            {**THOUGHT, "encrypted_content": "gAAA"},
            {"type": "message", "role": "assistant", "content": [], "id": "msg_0"},
            easy("assistant", "Wait"),
            CALLED,
            RESULT,
            easy("assistant", "13"),
        ],
        (
            Message("user", (Text("A"),)),
            Message("assistant", (Reasoning("Hm", "openai_responses:rs_1:gAAA"),)),
            Message("assistant", (), Native(NAME, {"id": "msg_0"}, frozenset({"id"}))),
            Message("assistant", (Text("Wait"), CALL)),
            Message("tool", (ToolResult("c", (Text("13"),)),)),
            Message("assistant", (Text("13"),)),
        ),
    ),
    Case(
        "messages side by side",
        [easy("user", "A"), easy("user", "B"), easy("assistant", "C"), easy("assistant", "D")],
        (
            Message("user", (Text("A"),)),
            Message("user", (Text("B"),)),
            Message("assistant", (Text("C"),)),
            Message("assistant", (Text("D"),)),
        ),
    ),
    Case(
        "fields of message items, one set in a turn",
        [
            {**easy("assistant", "A"), "id": "msg_1", "phase": "commentary"},
            CALLED,
            {**easy("assistant", "B"), "id": "msg_2"},
        ],
        (
            Message(
                "assistant",
                (Text("A"), CALL),
                Native(NAME, {"id": "msg_1", "phase": "commentary"}, frozenset({"id", "phase"})),
            ),
            Message("assistant", (Text("B"),), Native(NAME, {"id": "msg_2"}, frozenset({"id"}))),
        ),
    ),
    Case(
        "fields of calls and results",
        [
            {**CALLED, "id": "fc_1", "namespace": "n", "arguments": ""},
            {**RESULT, "id": "o", "name": "f"},
        ],
        (
            Message(
                "assistant",
                (
                    ToolCall(
                        "c",
                        "f",
                        "{}",
                        native=Native(NAME, {"id": "fc_1", "namespace": "n"}, frozenset({"id"})),
                    ),
                ),
            ),
            Message(
                "tool",
                (
                    ToolResult(
                        "c",
                        (Text("13"),),
                        native=Native(NAME, {"id": "o", "name": "f"}, frozenset({"id", "name"})),
                    ),
                ),
            ),
        ),
    ),
    Case(
        "thoughts",
        [
            {**THOUGHT, "encrypted_content": "gemini:x"},
            THOUGHT,
            {
                "type": "reasoning",
                "id": "rs_2",
                "summary": [],
                "content": [{"type": "reasoning_text", "text": "A"}, {"text": "B"}],
            },
            {"type": "reasoning", "encrypted_content": "gAAA", "summary": []},
            {"type": "reasoning", "id": "rs_3", "summary": []},
        ],
        (
            Message(
                "assistant",
                (
                    Reasoning("Hm", "gemini:x"),
                    Reasoning("Hm"),
                    Reasoning("A\n\nB", "openai_responses:rs_2:"),
                    Reasoning("", "openai_responses:gAAA"),
                    own("reasoning", "reasoning", id="rs_3", summary=[]),
                ),
            ),
        ),
    ),
    Case(
        "items that only this dialect knows",
        [
            {"type": "web_search_call", "id": "ws_1"},
            {"type": "custom_tool_call", "call_id": "x"},
            {"type": "custom_tool_call_output", "call_id": "x"},
            {"type": "mcp_approval_response"},
            {"type": "item_reference", "id": "msg_1"},
            {"id": "msg_2"},
        ],
        (
            Message(
                "assistant",
                (
                    own("web_search_call", "web_search_call", id="ws_1"),
                    own("custom_tool_call", call_id="x"),
                ),
            ),
            Message(
                "tool",
                (own("custom_tool_call_output", call_id="x"), own("mcp_approval_response")),
            ),
            Message("user", (own("item_reference", id="msg_1"),)),
            Message("user", (Native(NAME, {"id": "msg_2"}),)),
        ),
    ),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_items_are_messages(case: Case) -> None:
    assert decode_input(Field(case.wire), None, stateful=False) == case.messages


def test_instructions_come_first() -> None:
    messages = decode_input(Field("Hi"), Field("Be brief."), stateful=False)

    assert messages == (Message("system", (Text("Be brief."),)), Message("user", (Text("Hi"),)))


def test_a_result_may_be_of_a_call_that_the_service_keeps() -> None:
    messages = decode_input(Field([RESULT]), None, stateful=True)

    assert messages == (Message("tool", (ToolResult("c", (Text("13"),)),)),)


@pytest.mark.parametrize(
    ("wire", "place"),
    [
        ([], "input"),
        (7, "input"),
        ([7], "input[0]"),
        ([{"role": "tool", "content": "A"}], "input[0].role"),
        ([{"role": "user"}], "input[0].content"),
        ([RESULT], "input[0].call_id"),
        ([CALLED, {**RESULT, "output": None}], "input[1].output"),
        ([{**CALLED, "arguments": "[]"}], "input[0].arguments"),
        ([{**CALLED, "arguments": "{"}], "input[0].arguments"),
        ([{**CALLED, "name": ""}], "input[0].name"),
        ([{"type": ""}], "input[0].type"),
    ],
)
def test_what_is_wrong_is_named_with_its_place(wire: object, place: str) -> None:
    with pytest.raises(InputError) as caught:
        decode_input(Field(wire, "input"), None, stateful=False)

    assert caught.value.place == place
