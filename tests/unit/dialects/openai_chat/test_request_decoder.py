"""A program's request to a chat."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dragoman.chat import ChatRequest
from dragoman.dialects.openai_chat.request_decoder import decode_request
from dragoman.errors import InputError
from dragoman.messages import Message, Text
from dragoman.native import Native
from dragoman.tools import JsonObject, JsonSchema, Tool

HI: dict[str, object] = {"model": "m", "messages": [{"role": "user", "content": "Hi"}]}
SAID = (Message("user", (Text("Hi"),)),)
TOOLS = [{"type": "function", "function": {"name": "f"}}]
SCHEMA = {"type": "object"}


def decode(**fields: object) -> ChatRequest:
    return decode_request(msgspec.json.encode(HI | fields))


def chat(**fields: object) -> ChatRequest:
    return ChatRequest(**{"model": "m", "messages": SAID, "stream": False} | fields)  # type: ignore[arg-type]  # rows of many types


@pytest.mark.parametrize(
    ("fields", "expect"),
    [
        ({}, {}),
        ({"stream": True}, {"stream": True}),
        ({"stream": None, "temperature": None, "tools": None}, {}),
        ({"temperature": 1, "top_p": 0.5}, {"temperature": 1.0, "top_p": 0.5}),
        ({"top_k": 3}, {"top_k": 3}),
        ({"max_tokens": 5}, {"max_tokens": 5}),
        ({"max_tokens": 5, "max_completion_tokens": 6.0}, {"max_tokens": 6}),
        ({"stop": "a"}, {"stop": ("a",)}),
        ({"stop": ["a", "b", "c", "d", "e"]}, {"stop": ("a", "b", "c", "d", "e")}),
        ({"stop": []}, {}),
        ({"seed": 7, "user": "u"}, {"seed": 7, "user": "u"}),
        ({"user": ""}, {}),
        ({"presence_penalty": -2, "frequency_penalty": 2},
         {"presence_penalty": -2.0, "frequency_penalty": 2.0}),
        ({"logprobs": True}, {"logprobs": 0}),
        ({"logprobs": True, "top_logprobs": 5}, {"logprobs": 5}),
        ({"logprobs": False, "top_logprobs": 0}, {}),
        ({"n": 1}, {}),
        ({"n": 3}, {"n": 3}),
        ({"reasoning_effort": "xhigh"}, {"reasoning_effort": "xhigh"}),
        ({"parallel_tool_calls": False}, {}),
        ({"parallel_tool_calls": False, "tools": TOOLS},
         {"parallel_tool_calls": False, "tools": (Tool(name="f"),)}),
        ({"response_format": {"type": "text"}}, {}),
        ({"response_format": {"type": "json_object"}}, {"output": JsonObject()}),
        ({"response_format": {"type": "json_schema", "json_schema": {
            "name": "a", "schema": SCHEMA}}},
         {"output": JsonSchema(schema=SCHEMA, name="a")}),
        ({"response_format": {"type": "json_schema", "json_schema": {
            "name": "a", "schema": SCHEMA, "description": "d", "strict": True}}},
         {"output": JsonSchema(schema=SCHEMA, name="a", description="d", strict=True)}),
        ({"modalities": ["text"], "store": None}, {}),
        ({"store": True, "logit_bias": {"1": 2}},
         {"native": Native("openai_chat", {"store": True, "logit_bias": {"1": 2}},
                           frozenset({"store"}))}),
    ],
)  # fmt: skip
def test_a_request(fields: dict[str, object], expect: dict[str, object]) -> None:
    assert decode(**fields) == chat(**expect)


def test_an_address_may_say_the_model_and_whether_to_stream() -> None:
    body = msgspec.json.encode({"messages": HI["messages"], "stream": False})

    assert decode_request(body, model="x", stream=True) == chat(model="x", stream=True)


@pytest.mark.parametrize(
    ("fields", "place"),
    [
        ({"model": None}, "model"),
        ({"model": ""}, "model"),
        ({"messages": None}, "messages"),
        ({"messages": []}, "messages"),
        ({"stream": 1}, "stream"),
        ({"temperature": 3}, "temperature"),
        ({"max_tokens": 0}, "max_tokens"),
        ({"max_completion_tokens": "5"}, "max_completion_tokens"),
        ({"stop": ""}, "stop"),
        ({"logprobs": 1}, "logprobs"),
        ({"logprobs": True, "top_logprobs": 21}, "top_logprobs"),
        ({"top_logprobs": 2}, "top_logprobs"),
        ({"reasoning_effort": "much"}, "reasoning_effort"),
        ({"response_format": {"type": "xml"}}, "response_format.type"),
        ({"response_format": {"type": "json_schema"}}, "response_format.json_schema"),
        ({"response_format": {"type": "json_schema", "json_schema": {"name": "a"}}},
         "response_format.json_schema.schema"),
        ({"response_format": {"type": "json_schema", "json_schema": {"schema": SCHEMA}}},
         "response_format.json_schema.name"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_placed(fields: dict[str, object], place: str) -> None:
    with pytest.raises(InputError) as caught:
        decode(**fields)

    assert caught.value.place == place


@given(st.binary(max_size=100))
def test_any_bytes_are_a_request_or_an_input_error(body: bytes) -> None:
    with pytest.raises(InputError):
        decode_request(body)


NAMES = [
    "model", "messages", "role", "content", "type", "text", "image_url", "url", "tool_calls", "id",
    "function", "name", "arguments", "tools", "tool_choice", "response_format", "json_schema",
    "parameters", "reasoning_details", "stream", "n", "stop", "file", "input_audio", "data",
]  # fmt: skip
WORDS = ["user", "assistant", "tool", "function", "text", "image_url", "allowed_tools", "", "{}"]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 2) | st.sampled_from(WORDS),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner),
    max_leaves=12,
)
BODIES = st.dictionaries(st.sampled_from(NAMES), JSON).map(
    lambda fields: {"model": "m", "messages": [{"role": "user", "content": "Hi"}], **fields}
)


@given(BODIES | JSON)
def test_any_json_is_a_request_or_an_input_error(value: object) -> None:
    try:
        found = decode_request(msgspec.json.encode(value))
    except InputError:
        return
    assert found.messages
