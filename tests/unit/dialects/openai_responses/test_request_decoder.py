"""A program's request as a chat."""

import msgspec
import pytest

from dragoman.chat import ChatRequest
from dragoman.dialects.openai_responses.request_decoder import decode_request
from dragoman.dialects.openai_responses.tables import NAME
from dragoman.errors import InputError
from dragoman.features import fit
from dragoman.messages import Message, Text
from dragoman.native import Native
from dragoman.tools import JsonObject, JsonSchema, Tool, ToolChoice

PLAIN = ChatRequest(model="m", messages=(Message("user", (Text("Hi"),)),), stream=False)
CLOCK = {"type": "function", "name": "clock", "parameters": None, "strict": None}
TOOL = Tool(name="clock")


def asked(**fields: object) -> ChatRequest:
    return decode_request(msgspec.json.encode({"model": "m", "input": "Hi", **fields}))


class Case(msgspec.Struct):
    name: str
    wire: dict[str, object]
    asked: dict[str, object]


def own(*hints: str, **fields: object) -> Native:
    return Native(NAME, fields, frozenset(hints))


CASES = [
    Case("nothing", {}, {}),
    Case("null is nothing", {"tools": None, "temperature": None, "text": None}, {}),
    Case("a stream", {"stream": True}, {"stream": True}),
    Case(
        "settings",
        {
            "temperature": 1,
            "top_p": 0.5,
            "max_output_tokens": 9,
            "parallel_tool_calls": False,
            "user": "u",
        },
        {
            "temperature": 1.0,
            "top_p": 0.5,
            "max_tokens": 9,
            "parallel_tool_calls": False,
            "user": "u",
        },
    ),
    Case("who asks, in the newer word", {"safety_identifier": "u"}, {"user": "u"}),
    Case(
        "who asks, in both",
        {"user": "u", "safety_identifier": "s"},
        {"user": "u", "native": own("safety_identifier", safety_identifier="s")},
    ),
    Case("alternatives", {"top_logprobs": 3}, {"logprobs": 3}),
    Case("no alternatives", {"top_logprobs": 0}, {}),
    Case(
        "likelihoods, and no thoughts",
        {"include": ["message.output_text.logprobs"]},
        {"logprobs": 0},
    ),
    Case(
        "likelihoods, and no thoughts though there may be some",
        {"include": ["message.output_text.logprobs"], "model": "gpt-5"},
        {"logprobs": 0, "model": "gpt-5", "native": own("include", include=[])},
    ),
    Case(
        "what is asked for anyhow",
        {"include": ["reasoning.encrypted_content"], "model": "gpt-5"},
        {"model": "gpt-5"},
    ),
    Case(
        "the proofs of a model that is not known to think",
        {"include": ["reasoning.encrypted_content"]},
        {"native": own("include", include=["reasoning.encrypted_content"])},
    ),
    Case(
        "other things to include",
        {"include": ["reasoning.encrypted_content", "file_search_call.results"]},
        {
            "native": own(
                "include", include=["reasoning.encrypted_content", "file_search_call.results"]
            )
        },
    ),
    Case(
        "thinking",
        {"reasoning": {"effort": "xhigh", "summary": "auto"}},
        {"reasoning_effort": "xhigh", "reasoning_summary": "auto"},
    ),
    Case(
        "the older word for a summary",
        {"reasoning": {"generate_summary": "detailed"}},
        {"reasoning_summary": "detailed"},
    ),
    Case("no summary", {"reasoning": {"summary": None}}, {"reasoning_summary": "none"}),
    Case("nothing of thinking", {"reasoning": {}}, {}),
    Case(
        "fields inside others",
        {"text": {"verbosity": "low"}, "reasoning": {"context": "auto", "mode": "pro"}},
        {
            "native": Native(
                NAME,
                {"text.verbosity": "low", "reasoning.context": "auto", "reasoning.mode": "pro"},
                frozenset({"text.verbosity", "reasoning.context"}),
            )
        },
    ),
    Case("text", {"text": {"format": {"type": "text"}}}, {}),
    Case("an object", {"text": {"format": {"type": "json_object"}}}, {"output": JsonObject()}),
    Case(
        "a schema",
        {
            "text": {
                "format": {
                    "type": "json_schema",
                    "name": "n",
                    "schema": {"type": ["object", "null"]},
                    "description": "d",
                    "strict": False,
                }
            }
        },
        {
            "output": JsonSchema(
                schema={"type": ["object", "null"]}, name="n", description="d", strict=False
            )
        },
    ),
    Case("no tools", {"tools": []}, {}),
    Case(
        "tools",
        {
            "tools": [
                CLOCK,
                {
                    "type": "function",
                    "name": "f",
                    "description": "d",
                    "parameters": {"type": "object"},
                    "strict": True,
                    "async": True,
                },
                {"type": "web_search"},
            ]
        },
        {
            "tools": (
                TOOL,
                Tool(
                    name="f",
                    description="d",
                    parameters={"type": "object"},
                    strict=True,
                    native=Native(NAME, {"async": True}, frozenset({"async"})),
                ),
                own(type="web_search"),
            )
        },
    ),
    Case("no tool now", {"tool_choice": "none"}, {"tool_choice": ToolChoice("none")}),
    Case(
        "this tool",
        {"tools": [CLOCK], "tool_choice": {"type": "function", "name": "clock"}},
        {"tools": (TOOL,), "tool_choice": ToolChoice("required", ("clock",))},
    ),
    Case(
        "some of the tools",
        {
            "tools": [CLOCK],
            "tool_choice": {
                "type": "allowed_tools",
                "mode": "auto",
                "tools": [{"type": "function", "name": "clock"}],
            },
        },
        {"tools": (TOOL,), "tool_choice": ToolChoice("auto", ("clock",))},
    ),
    Case(
        "some of the service's tools",
        {"tool_choice": {"type": "allowed_tools", "mode": "auto", "tools": [{"type": "mcp"}]}},
        {
            "native": own(
                tool_choice={"type": "allowed_tools", "mode": "auto", "tools": [{"type": "mcp"}]}
            )
        },
    ),
    Case(
        "a tool of the service",
        {"tool_choice": {"type": "file_search"}},
        {"native": own(tool_choice={"type": "file_search"})},
    ),
    Case(
        "a tool that the service may know",
        {"prompt": {"id": "p"}, "tool_choice": {"type": "function", "name": "f"}},
        {
            "tool_choice": ToolChoice("required", ("f",)),
            "native": own(prompt={"id": "p"}),
        },
    ),
    Case("not in the background", {"background": False}, {}),
    Case(
        "what changes nothing",
        {"store": True, "metadata": {"a": "b"}, "truncation": "auto"},
        {
            "native": own(
                "store",
                "metadata",
                "truncation",
                store=True,
                metadata={"a": "b"},
                truncation="auto",
            )
        },
    ),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_request_asks_so(case: Case) -> None:
    assert asked(**case.wire) == msgspec.structs.replace(PLAIN, **case.asked)


@pytest.mark.parametrize(
    "name", ["previous_response_id", "conversation", "background", "prompt", "stop", "n"]
)
def test_what_only_this_dialect_has_is_refused_elsewhere_by_its_name(name: str) -> None:
    chat = asked(**{name: "x"})

    with pytest.raises(InputError) as caught:
        fit(chat, "another", {}, "gemini")

    assert caught.value.place == name


@pytest.mark.parametrize(
    ("fields", "place"),
    [
        ({"model": ""}, "model"),
        ({"model": None}, "model"),
        ({"input": None}, "input"),
        ({"input": []}, "input"),
        ({"instructions": 7}, "instructions"),
        ({"temperature": 3}, "temperature"),
        ({"temperature": "hot"}, "temperature"),
        ({"top_p": -1}, "top_p"),
        ({"max_output_tokens": 0}, "max_output_tokens"),
        ({"top_logprobs": 21}, "top_logprobs"),
        ({"stream": 1}, "stream"),
        ({"user": ""}, "user"),
        ({"include": "all"}, "include"),
        ({"reasoning": "high"}, "reasoning"),
        ({"reasoning": {"effort": "much"}}, "reasoning.effort"),
        ({"reasoning": {"summary": "none"}}, "reasoning.summary"),
        ({"text": {"format": {"type": "xml"}}}, "text.format.type"),
        ({"text": {"format": {"type": "json_schema", "name": "n"}}}, "text.format.schema"),
        (
            {"text": {"format": {"type": "json_schema", "name": "n", "schema": {"type": "x"}}}},
            "text.format.schema.type",
        ),
        (
            {"text": {"format": {"type": "json_schema", "name": "n", "schema": {"type": [7]}}}},
            "text.format.schema.type[0]",
        ),
        ({"tools": [{}]}, "tools[0].type"),
        ({"tools": [{"type": "function"}]}, "tools[0].name"),
        ({"tools": [CLOCK, CLOCK]}, "tools[1].name"),
        ({"tools": [{**CLOCK, "parameters": []}]}, "tools[0].parameters"),
        ({"tool_choice": "any"}, "tool_choice"),
        ({"tool_choice": {"type": "function", "name": "f"}}, "tool_choice.name"),
        (
            {"tools": [CLOCK], "tool_choice": {"type": "function", "name": "f"}},
            "tool_choice.name",
        ),
    ],
)
def test_what_is_wrong_is_named_with_its_place(fields: dict[str, object], place: str) -> None:
    with pytest.raises(InputError) as caught:
        asked(**fields)

    assert caught.value.place == place
