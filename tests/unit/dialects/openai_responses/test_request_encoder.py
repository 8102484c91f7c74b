"""A chat as the body of a request."""

import msgspec
import pytest

from dragoman.chat import ChatRequest
from dragoman.dialects.openai_responses.request_encoder import encode_request
from dragoman.dialects.openai_responses.tables import NAME
from dragoman.messages import Message, Text
from dragoman.native import Native
from dragoman.tools import JsonObject, JsonSchema, Tool, ToolChoice

PLAIN = ChatRequest(model="m", messages=(Message("user", (Text("Hi"),)),))
USUAL = {
    "model": "m",
    "input": [{"role": "user", "content": "Hi"}],
    "stream": True,
    "store": False,
}
ENCRYPTED = "reasoning.encrypted_content"
LOGPROBS = "message.output_text.logprobs"


class Case(msgspec.Struct):
    name: str
    asked: dict[str, object]
    wire: dict[str, object]


CLOCK = Tool(name="clock")
SEARCH = Native(NAME, {"type": "web_search"})
CASES = [
    Case("nothing", {}, {}),
    Case("whole", {"stream": False}, {"stream": False}),
    Case("a limit", {"max_tokens": 9}, {"max_output_tokens": 9}),
    Case(
        "settings of the same name",
        {"temperature": 0.5, "top_p": 0.1, "parallel_tool_calls": False, "user": "u"},
        {"temperature": 0.5, "top_p": 0.1, "parallel_tool_calls": False, "user": "u"},
    ),
    Case(
        "likelihoods",
        {"logprobs": 2},
        {"top_logprobs": 2, "include": [LOGPROBS]},
    ),
    Case(
        "likelihoods without alternatives",
        {"logprobs": 0},
        {"include": [LOGPROBS]},
    ),
    Case(
        "likelihoods of a model that thinks",
        {"model": "gpt-5", "logprobs": 0},
        {"model": "gpt-5", "include": [ENCRYPTED, LOGPROBS]},
    ),
    Case("a model that thinks", {"model": "o3"}, {"model": "o3", "include": [ENCRYPTED]}),
    Case("one that does not", {"model": "gpt-4o"}, {"model": "gpt-4o"}),
    Case(
        "effort",
        {"reasoning_effort": "low"},
        {"reasoning": {"effort": "low"}, "include": [ENCRYPTED]},
    ),
    Case("a budget, for which it has no word", {"reasoning_budget": 9}, {"include": [ENCRYPTED]}),
    Case(
        "a summary",
        {"reasoning_summary": "auto"},
        {"reasoning": {"summary": "auto"}, "include": [ENCRYPTED]},
    ),
    Case(
        "no summary",
        {"reasoning_summary": "none"},
        {"reasoning": {"summary": None}, "include": [ENCRYPTED]},
    ),
    Case(
        "a program that does not want proofs",
        {"reasoning_effort": "low", "native": Native(NAME, {"include": []})},
        {"reasoning": {"effort": "low"}, "include": []},
    ),
    Case(
        "tools",
        {
            "tools": (
                CLOCK,
                Tool(
                    name="f",
                    description="d",
                    parameters={"type": "object"},
                    strict=True,
                    native=Native(NAME, {"defer_loading": True}),
                ),
                SEARCH,
                Native("gemini", {"google_search": {}}),
            )
        },
        {
            "tools": [
                {"type": "function", "name": "clock", "parameters": None, "strict": None},
                {
                    "type": "function",
                    "name": "f",
                    "description": "d",
                    "parameters": {"type": "object"},
                    "strict": True,
                    "defer_loading": True,
                },
                {"type": "web_search"},
            ]
        },
    ),
    Case("no tool now", {"tool_choice": ToolChoice("none", ("f",))}, {"tool_choice": "none"}),
    Case("some tool", {"tool_choice": ToolChoice("required")}, {"tool_choice": "required"}),
    Case(
        "this tool",
        {"tool_choice": ToolChoice("required", ("f",))},
        {"tool_choice": {"type": "function", "name": "f"}},
    ),
    Case(
        "perhaps this tool",
        {"tool_choice": ToolChoice("auto", ("f",))},
        {
            "tool_choice": {
                "type": "allowed_tools",
                "mode": "auto",
                "tools": [{"type": "function", "name": "f"}],
            }
        },
    ),
    Case("an object", {"output": JsonObject()}, {"text": {"format": {"type": "json_object"}}}),
    Case(
        "a schema",
        {"output": JsonSchema(schema={"type": "object"})},
        {
            "text": {
                "format": {"type": "json_schema", "name": "answer", "schema": {"type": "object"}}
            }
        },
    ),
    Case(
        "all of a schema, and own fields beside it",
        {
            "output": JsonSchema(schema={}, name="n", description="d", strict=True),
            "native": Native(NAME, {"text.verbosity": "low", "reasoning.context": "auto"}),
        },
        {
            "text": {
                "format": {
                    "type": "json_schema",
                    "name": "n",
                    "schema": {},
                    "description": "d",
                    "strict": True,
                },
                "verbosity": "low",
            },
            "reasoning": {"context": "auto"},
        },
    ),
    Case(
        "own fields win",
        {
            "native": Native(
                NAME,
                {
                    "store": True,
                    "previous_response_id": "resp_1",
                    "include": ["web_search_call.results"],
                },
            )
        },
        {
            "store": True,
            "previous_response_id": "resp_1",
            "include": ["web_search_call.results"],
        },
    ),
    Case(
        "nothing is to be included but likelihoods",
        {"native": Native(NAME, {"include": []}), "logprobs": 0},
        {"include": [LOGPROBS]},
    ),
    Case("another's fields", {"native": Native("gemini", {"safetySettings": []})}, {}),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_chat_is_asked_so(case: Case) -> None:
    chat = msgspec.structs.replace(PLAIN, **case.asked)

    assert encode_request(chat) == USUAL | case.wire


def test_instructions_stand_beside_the_input() -> None:
    rules = Message("system", (Text("Be brief."),))
    chat = msgspec.structs.replace(PLAIN, messages=(rules, *PLAIN.messages))

    assert encode_request(chat) == USUAL | {"instructions": "Be brief."}
