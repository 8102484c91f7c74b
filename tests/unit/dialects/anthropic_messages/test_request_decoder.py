import json

import msgspec
import pytest

from dragoman.chat import ChatRequest
from dragoman.dialects.anthropic_messages.request_decoder import decode_request
from dragoman.dialects.anthropic_messages.tables import NAME
from dragoman.errors import InputError
from dragoman.messages import Message, Text
from dragoman.native import Native
from dragoman.tools import JsonSchema, Tool, ToolChoice

BASE = ChatRequest(model="m", messages=(Message("user", (Text("Hi"),)),), stream=False)
TOOL = {"name": "f", "input_schema": {"type": "object", "properties": {"a": {}}}}
SEARCH = {"type": "web_search_20260318", "name": "web_search"}
BROWSER = {"type": "browser_toolset_20260801"}
F = Tool(name="f", parameters=TOOL["input_schema"])  # type: ignore[arg-type]  # a dict of objects
SCHEMA = {"type": ["object", "null"], "properties": {}}


def asked(**fields: object) -> bytes:
    body = {"model": "m", "messages": [{"role": "user", "content": "Hi"}], **fields}
    return json.dumps(body).encode()


CASES: list[tuple[str, dict[str, object], dict[str, object]]] = [
    ("nothing more, as when tokens are counted", {}, {}),
    ("a stream", {"stream": True}, {"stream": True}),
    (
        "options",
        {"max_tokens": 9, "temperature": 1, "top_p": 0.5, "top_k": 3, "stop_sequences": ["a"]},
        {"max_tokens": 9, "temperature": 1.0, "top_p": 0.5, "top_k": 3, "stop": ("a",)},
    ),
    ("options that ask for nothing", {"top_k": 0, "stop_sequences": [], "tools": []}, {}),
    (
        "a system prompt",
        {"system": "s"},
        {"messages": (Message("system", (Text("s"),)), *BASE.messages)},
    ),
    ("a user", {"metadata": {"user_id": "u"}}, {"user": "u"}),
    (
        "thinking",
        {
            "thinking": {"type": "adaptive", "display": "omitted"},
            "output_config": {"effort": "max"},
        },
        {"reasoning_effort": "max", "reasoning_summary": "none"},
    ),
    (
        "a schema",
        {"output_config": {"format": {"type": "json_schema", "schema": SCHEMA}}},
        {"output": JsonSchema(schema=SCHEMA)},
    ),
    (
        "tools",
        {"tools": [{**TOOL, "description": "d", "strict": True, "type": "custom"}, SEARCH]},
        {
            "tools": (
                msgspec.structs.replace(F, description="d", strict=True),
                Native(NAME, SEARCH),
            )
        },
    ),
    (
        "a tool that takes nothing, and a native field",
        {
            "tools": [
                {
                    "name": "f",
                    "input_schema": {"type": "object", "properties": {}},
                    "defer_loading": True,
                    "allowed_callers": ["direct"],
                }
            ]
        },
        {
            "tools": (
                Tool(
                    name="f",
                    native=Native(
                        NAME,
                        {"defer_loading": True, "allowed_callers": ["direct"]},
                        frozenset({"defer_loading"}),
                    ),
                ),
            )
        },
    ),
    (
        "any tool, one at a time",
        {"tools": [TOOL], "tool_choice": {"type": "any", "disable_parallel_tool_use": True}},
        {"tools": (F,), "tool_choice": ToolChoice("required"), "parallel_tool_calls": False},
    ),
    (
        "a tool",
        {"tools": [TOOL, SEARCH], "tool_choice": {"type": "tool", "name": "web_search"}},
        {
            "tools": (F, Native(NAME, SEARCH)),
            "tool_choice": ToolChoice("required", ("web_search",)),
        },
    ),
    (
        "a tool of a set, which the service knows",
        {"tools": [BROWSER], "tool_choice": {"type": "tool", "name": "browser_click"}},
        {
            "tools": (Native(NAME, BROWSER),),
            "tool_choice": ToolChoice("required", ("browser_click",)),
        },
    ),
    ("no tool", {"tool_choice": {"type": "none"}}, {"tool_choice": ToolChoice("none")}),
    (
        "native fields, at the top and further down",
        {
            "speed": "fast",
            "container": "c",
            "inference_geo": None,
            "metadata": {"x": 1},
            "output_config": {"task_budget": {"total": 1}},
            "thinking": {"type": "adaptive"},
        },
        {
            "native": Native(
                NAME,
                {
                    "speed": "fast",
                    "container": "c",
                    "metadata": {"x": 1},
                    "output_config": {"task_budget": {"total": 1}},
                    "thinking": {"type": "adaptive"},
                },
                frozenset({"speed", "metadata", "thinking"}),
            )
        },
    ),
]


@pytest.mark.parametrize(("fields", "expected"), [c[1:] for c in CASES], ids=[c[0] for c in CASES])
def test_a_request_is_a_chat(fields: dict[str, object], expected: dict[str, object]) -> None:
    assert decode_request(asked(**fields)) == msgspec.structs.replace(BASE, **expected)


def test_model_and_stream_of_the_address_win() -> None:
    chat = decode_request(asked(stream=False), model="other", stream=True)

    assert (chat.model, chat.stream) == ("other", True)
    assert decode_request(asked(model=None), model="other").model == "other"


WRONG: list[tuple[dict[str, object], str]] = [
    ({"model": None}, "model"),
    ({"model": ""}, "model"),
    ({"messages": []}, "messages"),
    ({"max_tokens": 0}, "max_tokens"),
    ({"temperature": 1.5}, "temperature"),
    ({"temperature": True}, "temperature"),
    ({"top_p": "1"}, "top_p"),
    ({"stream": 1}, "stream"),
    ({"stop_sequences": [""]}, "stop_sequences[0]"),
    ({"metadata": {"user_id": 1}}, "metadata.user_id"),
    ({"output_config": {"format": {"type": "json_object"}}}, "output_config.format.type"),
    ({"output_config": {"format": {"type": "json_schema"}}}, "output_config.format.schema"),
    (
        {"output_config": {"format": {"type": "json_schema", "schema": {"type": ["x"]}}}},
        "output_config.format.schema.type[0]",
    ),
    ({"tools": [{"name": "f"}]}, "tools[0].input_schema"),
    ({"tools": [{"name": "f", "input_schema": []}]}, "tools[0].input_schema"),
    ({"tools": [{"name": "f", "input_schema": {}}]}, "tools[0].input_schema.type"),
    (
        {"tools": [{"name": "f", "input_schema": {"type": "array"}}]},
        "tools[0].input_schema.type",
    ),
    (
        {"tools": [{"name": "f", "input_schema": {"type": "object", "properties": []}}]},
        "tools[0].input_schema.properties",
    ),
    ({"tools": [{"input_schema": {"type": "object"}}]}, "tools[0].name"),
    ({"tools": [TOOL, TOOL]}, "tools[1].name"),
    ({"tool_choice": {"type": "all"}}, "tool_choice.type"),
    ({"tool_choice": {"type": "any"}}, "tool_choice"),
    ({"tool_choice": {"type": "tool", "name": "f"}}, "tool_choice.name"),
    ({"tools": [TOOL], "tool_choice": {"type": "tool", "name": "g"}}, "tool_choice.name"),
]


@pytest.mark.parametrize(("fields", "place"), WRONG)
def test_what_is_wrong_is_named_by_its_place(fields: dict[str, object], place: str) -> None:
    with pytest.raises(InputError) as caught:
        decode_request(asked(**fields))

    assert caught.value.place == place


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b'"\xff"'])
def test_what_is_no_object_is_refused(body: bytes) -> None:
    with pytest.raises(InputError):
        decode_request(body)
