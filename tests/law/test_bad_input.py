"""What is wrong with a request is named in the words of the program that sent it."""

import base64
from collections.abc import Mapping

import msgspec
import pytest

from dragoman.dialects.table import load_dialect
from dragoman.errors import InputError

WORDS = base64.b64encode(b"These are words and no image.").decode()
HALF = "half of \\ud83d a smile"
Body = Mapping[str, object]


class Case(msgspec.Struct):
    """A body with one mistake, and where it is."""

    name: str
    dialect: str
    body: Body
    place: str


def messages(*turns: object, **fields: object) -> Body:
    return {"model": "m", "max_tokens": 9, "messages": [user("Hi"), *turns], **fields}


def items(*turns: object, **fields: object) -> Body:
    return {"model": "m", "input": [user("Hi"), *turns], **fields}


def contents(*turns: object, **fields: object) -> Body:
    return {"contents": [{"role": "user", "parts": [{"text": "Hi"}]}, *turns], **fields}


def user(content: object, **fields: object) -> Body:
    return {"role": "user", "content": content, **fields}


def function(name: str = "f", schema: object = None) -> Body:
    return {"type": "function", "function": {"name": name, "parameters": schema or {}}}


def called(arguments: object) -> Body:
    return {"id": "c", "type": "function", "function": {"name": "f", "arguments": arguments}}


NO_SCHEMA = {"type": "thing"}
OPENAI_CHAT: Mapping[str, tuple[Body, str]] = {
    "an unknown part type": (messages(user([{"type": 7}])), "messages[1].content[0]"),
    "broken arguments": (
        messages({"role": "assistant", "tool_calls": [called("{")]}),
        "messages[1].tool_calls[0].function.arguments",
    ),
    "an image that is none": (
        messages(
            user([{"type": "image_url", "image_url": {"url": f"data:image/png;base64,{WORDS}"}}])
        ),
        "messages[1].content[0].image_url.url",
    ),
    "a schema that is none": (
        messages(tools=[function(schema=NO_SCHEMA)]),
        "tools[0].function.parameters.type",
    ),
    "a result without its call": (
        messages({"role": "tool", "tool_call_id": "x", "content": "done"}),
        "messages[1].tool_call_id",
    ),
    "a choice of no tool": (
        messages(tools=[function()], tool_choice={"type": "function", "function": {"name": "g"}}),
        "tool_choice",
    ),
    "no messages": ({"model": "m", "messages": []}, "messages"),
    "half a surrogate pair": (messages(user(HALF)), "messages[1].content"),
}
OPENAI_RESPONSES: Mapping[str, tuple[Body, str]] = {
    "an unknown part type": (items(user([{"type": 7}])), "input[1].content[0].type"),
    "broken arguments": (
        items({"type": "function_call", "call_id": "c", "name": "f", "arguments": "{"}),
        "input[1].arguments",
    ),
    "an image that is none": (
        items(user([{"type": "input_image", "image_url": f"data:image/png;base64,{WORDS}"}])),
        "input[1].content[0].image_url",
    ),
    "a schema that is none": (
        items(tools=[{"type": "function", "name": "f", "parameters": NO_SCHEMA}]),
        "tools[0].parameters.type",
    ),
    "a result without its call": (
        items({"type": "function_call_output", "call_id": "x", "output": "done"}),
        "input[1].call_id",
    ),
    "a choice of no tool": (
        items(
            tools=[{"type": "function", "name": "f", "parameters": {}}],
            tool_choice={"type": "function", "name": "g"},
        ),
        "tool_choice.name",
    ),
    "no messages": ({"model": "m", "input": []}, "input"),
    "half a surrogate pair": (items(user(HALF)), "input[1].content"),
}
ANTHROPIC: Mapping[str, tuple[Body, str]] = {
    "an unknown part type": (messages(user([{"type": 7}])), "messages[1].content[0].type"),
    "broken arguments": (
        messages(
            {
                "role": "assistant",
                "content": [{"type": "tool_use", "id": "c", "name": "f", "input": "{"}],
            }
        ),
        "messages[1].content[0].input",
    ),
    "an image that is none": (
        messages(
            user(
                [
                    {
                        "type": "image",
                        "source": {"type": "base64", "media_type": "image/png", "data": WORDS},
                    }
                ]
            )
        ),
        "messages[1].content[0].source.data",
    ),
    "a schema that is none": (
        messages(tools=[{"name": "f", "input_schema": NO_SCHEMA}]),
        "tools[0].input_schema.type",
    ),
    "a result without its call": (
        messages(user([{"type": "tool_result", "tool_use_id": "x", "content": "done"}])),
        "messages[1].content[0].tool_use_id",
    ),
    "a choice of no tool": (
        messages(
            tools=[{"name": "f", "input_schema": {"type": "object"}}],
            tool_choice={"type": "tool", "name": "g"},
        ),
        "tool_choice.name",
    ),
    "no messages": ({"model": "m", "max_tokens": 9, "messages": []}, "messages"),
    "half a surrogate pair": (messages(user(HALF)), "messages[1].content"),
}
GEMINI: Mapping[str, tuple[Body, str]] = {
    "an unknown part type": (
        contents({"role": "user", "parts": [{"type": 7}]}),
        "contents[1].parts[0]",
    ),
    "broken arguments": (
        contents({"role": "model", "parts": [{"functionCall": {"name": "f", "args": "{"}}]}),
        "contents[1].parts[0].functionCall.args",
    ),
    "an image that is none": (
        contents(
            {"role": "user", "parts": [{"inlineData": {"mimeType": "image/png", "data": WORDS}}]}
        ),
        "contents[1].parts[0].inlineData.data",
    ),
    "a schema that is none": (
        contents(
            tools=[{"functionDeclarations": [{"name": "f", "parameters": {"type": "THING"}}]}]
        ),
        "tools[0].functionDeclarations[0].parameters.type",
    ),
    "a result without its call": (
        contents(
            {
                "role": "user",
                "parts": [{"functionResponse": {"id": "x", "name": "g", "response": {}}}],
            }
        ),
        "contents[1].parts[0].functionResponse.id",
    ),
    "a choice of no tool": (
        contents(
            tools=[{"functionDeclarations": [{"name": "f"}]}],
            toolConfig={"functionCallingConfig": {"mode": "ANY", "allowedFunctionNames": ["g"]}},
        ),
        "toolConfig.functionCallingConfig.allowedFunctionNames[0]",
    ),
    "no messages": ({"contents": []}, "contents"),
    "half a surrogate pair": (
        contents({"role": "user", "parts": [{"text": HALF}]}),
        "contents[1].parts[0].text",
    ),
}
OLLAMA: Mapping[str, tuple[Body, str]] = {
    "an unknown part type": (messages(user([{"type": 7}])), "messages[1].content"),
    "broken arguments": (
        messages(
            {
                "role": "assistant",
                "content": "",
                "tool_calls": [{"function": {"name": "f", "arguments": "{"}}],
            }
        ),
        "messages[1].tool_calls[0].function.arguments",
    ),
    "an image that is none": (messages(user("See", images=[WORDS])), "messages[1].images[0]"),
    "a schema that is none": (
        messages(tools=[function(schema=NO_SCHEMA)]),
        "tools[0].function.parameters.type",
    ),
    "a result without its call": (
        messages({"role": "tool", "tool_name": "f", "content": "done"}),
        "messages[1]",
    ),
    "no messages": ({"model": "m", "messages": [7]}, "messages[0]"),
    "half a surrogate pair": (messages(user(HALF)), "messages[1].content"),
}
CASES = [
    Case(name, dialect, body, place)
    for dialect, table in (
        ("openai_chat", OPENAI_CHAT),
        ("openai_responses", OPENAI_RESPONSES),
        ("anthropic_messages", ANTHROPIC),
        ("gemini", GEMINI),
        ("ollama", OLLAMA),
    )
    for name, (body, place) in table.items()
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.dialect}-{case.name}")
def test_what_is_wrong_is_named_in_the_callers_own_words(case: Case) -> None:
    dialect = load_dialect(case.dialect)
    # A half of a pair has no UTF-8: on a wire it can only be escaped.
    body = msgspec.json.encode(case.body).replace(rb"\\ud83d", rb"\ud83d")

    with pytest.raises(InputError) as caught:
        dialect.decode_request(body, model="m")

    assert caught.value.place == case.place
    assert case.place in str(caught.value)
    failure = dialect.encode_failure(caught.value)
    assert failure.status == 400
    assert case.place.encode() in failure.body
