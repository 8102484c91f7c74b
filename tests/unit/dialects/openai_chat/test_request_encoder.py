"""A chat to the JSON of a request."""

import pytest

from dragoman.chat import ChatRequest
from dragoman.dialects.openai_chat.request_encoder import encode_request
from dragoman.messages import Message, Text
from dragoman.native import Native
from dragoman.tools import JsonObject, JsonSchema, Tool, ToolChoice

SAID = (Message("user", (Text("Hi"),)),)
HI = {"model": "m", "messages": [{"role": "user", "content": "Hi"}], "stream": False}
SCHEMA = {"type": "object"}


def own(**fields: object) -> Native:
    return Native("openai_chat", fields)


def named(name: str, kind: str = "function") -> dict[str, object]:
    return {"type": kind, kind: {"name": name}}


TOOLS = (Tool(name="f"), own(type="custom", custom={"name": "sh"}), own(type="custom"))
SENT = [named("f"), named("sh", "custom"), {"type": "custom"}]


@pytest.mark.parametrize(
    ("fields", "expect"),
    [
        ({}, {}),
        ({"temperature": 0.5, "stop": ("a",)}, {"temperature": 0.5, "stop": ("a",)}),
        ({"seed": 7, "top_p": 0.5}, {"seed": 7, "top_p": 0.5}),
        ({"max_tokens": 5, "n": 2, "user": "u"}, {"max_tokens": 5, "n": 2, "user": "u"}),
        ({"top_k": 3}, {"top_k": 3}),
        ({"logprobs": 0}, {"logprobs": True}),
        ({"logprobs": 3}, {"logprobs": True, "top_logprobs": 3}),
        ({"reasoning_effort": "max"}, {"reasoning_effort": "max"}),
        ({"reasoning_budget": 0}, {"reasoning_effort": "none"}),
        ({"reasoning_budget": 1024}, {"reasoning_effort": "low"}),
        ({"reasoning_budget": 8192}, {"reasoning_effort": "medium"}),
        ({"reasoning_budget": 8193}, {"reasoning_effort": "high"}),
        ({"reasoning_budget": 1, "reasoning_effort": "high"}, {"reasoning_effort": "high"}),
        ({"output": JsonObject()}, {"response_format": {"type": "json_object"}}),
        ({"output": JsonSchema(schema=SCHEMA)},
         {"response_format": {"type": "json_schema",
                              "json_schema": {"name": "answer", "schema": SCHEMA}}}),
        ({"tools": (Tool(name="f", description="d", parameters=SCHEMA, strict=False),)},
         {"tools": [{"type": "function", "function": {
             "name": "f", "description": "d", "parameters": SCHEMA, "strict": False}}]}),
        ({"tools": (Tool(name="f", native=own(x=1, function={"y": 2})),)},
         {"tools": [{"type": "function", "function": {"name": "f", "y": 2}, "x": 1}]}),
        ({"tools": (Native("gemini", {"google_search": {}}),)}, {}),
        ({"tools": TOOLS, "tool_choice": ToolChoice("none", ("f",))},
         {"tools": SENT, "tool_choice": "none"}),
        ({"tools": TOOLS, "tool_choice": ToolChoice("required", ("f",))},
         {"tools": SENT, "tool_choice": named("f")}),
        ({"tools": TOOLS, "tool_choice": ToolChoice("required", ("sh",))},
         {"tools": SENT, "tool_choice": named("sh", "custom")}),
        ({"tools": TOOLS, "tool_choice": ToolChoice("auto", ("f",)), "parallel_tool_calls": False},
         {"tools": SENT, "parallel_tool_calls": False, "tool_choice": {
             "type": "allowed_tools", "allowed_tools": {"mode": "auto", "tools": [named("f")]}}}),
        ({"native": own(store=True, stream_options={"x": 1}, model="other")}, {"store": True}),
        ({"native": Native("gemini", {"x": 1})}, {}),
    ],
)  # fmt: skip
def test_a_request(fields: dict[str, object], expect: dict[str, object]) -> None:
    chat = ChatRequest(**{"model": "m", "messages": SAID, "stream": False} | fields)  # type: ignore[arg-type]  # rows of many types

    assert encode_request(chat) == HI | expect


@pytest.mark.parametrize(
    ("options", "expect"),
    [
        (None, {"include_usage": True}),
        ({"include_usage": False, "x": 1}, {"include_usage": True, "x": 1}),
        (7, {"include_usage": True}),
    ],
)
def test_a_streams_usage_is_always_asked_for(options: object, expect: dict[str, object]) -> None:
    native = own(stream_options=options) if options is not None else None
    chat = ChatRequest(model="m", messages=SAID, native=native)

    assert encode_request(chat) == HI | {"stream": True, "stream_options": expect}
