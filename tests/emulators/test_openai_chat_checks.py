"""What Chat Completions refuse, and how: each row is one wrong request."""

from typing import Any, NamedTuple

import pytest
from tests.emulators.openai_wire import KEY, PNG, WEATHER, chat, openai
from tests.emulators.wire import exchange, post_json, request

ASK = {"role": "user", "content": "hi"}
FUNCTION = {"name": "f", "parameters": {"type": "object", "properties": {}}}
TOOL = {"type": "function", "function": FUNCTION}
CALL = {"id": "call_1", "type": "function", "function": {"name": "f", "arguments": "{}"}}
CALLING = {"role": "assistant", "content": None, "tool_calls": [CALL]}
RESULT = {"role": "tool", "tool_call_id": "call_1", "content": "1"}


class Case(NamedTuple):
    what: str
    fields: dict[str, Any]
    param: str | None
    code: str | None = None


def content(part: Any) -> dict[str, Any]:
    return {"messages": [{"role": "user", "content": [part]}]}


def image(url: str) -> dict[str, Any]:
    return content({"type": "image_url", "image_url": {"url": url}})


def schema(schema: Any, **fields: Any) -> dict[str, Any]:
    named = {"name": "s", "schema": schema, **fields}
    return {"response_format": {"type": "json_schema", "json_schema": named}}


URL = "messages[0].content[0].image_url.url"
SHAPES = [
    Case("messages are no list", {"messages": "hi"}, "messages", "invalid_type"),
    Case("no messages", {"messages": []}, "messages", "invalid_value"),
    Case("an unknown role", {"messages": [{"role": "robot"}]}, "messages[0].role", "invalid_value"),
    Case(
        "no role",
        {"messages": [{"content": "hi"}]},
        "messages[0].role",
        "missing_required_parameter",
    ),
    Case(
        "content is a number",
        {"messages": [{"role": "user", "content": 5}]},
        "messages[0].content",
        "invalid_type",
    ),
    Case("an unknown part", content({"type": "picture"}), "messages[0].content[0].type"),
    Case(
        "an image of the system",
        {"messages": [{"role": "system", "content": [{"type": "image_url"}]}]},
        "messages[0].content[0].type",
    ),
    Case("nothing said", {"messages": [{"role": "assistant"}]}, "messages[0].content"),
    Case("a temperature in words", {"temperature": "hot"}, "temperature", "invalid_type"),
    Case("too hot", {"temperature": 3}, "temperature", "invalid_value"),
    Case("no choice", {"n": 0}, "n", "invalid_value"),
    Case("a limit of nothing", {"max_tokens": 0}, "max_tokens", "invalid_value"),
    Case("five stops", {"stop": list("abcde")}, "stop", "invalid_value"),
    Case("an unknown effort", {"reasoning_effort": "huge"}, "reasoning_effort", "invalid_value"),
    Case("an unknown tier", {"service_tier": "gold"}, "service_tier", "invalid_value"),
    Case("a stream in words", {"stream": "yes"}, "stream", "invalid_type"),
]
LIMITS = [
    Case(
        "two limits",
        {"max_tokens": 5, "max_completion_tokens": 5},
        "max_tokens",
        "invalid_parameter_combination",
    ),
    Case("stream options alone", {"stream_options": {}}, "stream_options"),
    Case("rivals alone", {"top_logprobs": 2}, "top_logprobs"),
    Case("too many rivals", {"logprobs": True, "top_logprobs": 21}, "top_logprobs"),
    Case(
        "the old limit for a reasoning model",
        {"model": "mock-reasoner", "max_tokens": 5},
        "max_tokens",
        "unsupported_parameter",
    ),
    Case(
        "a temperature for a reasoning model",
        {"model": "mock-reasoner", "temperature": 0.5},
        "temperature",
        "unsupported_parameter",
    ),
]
MEDIA = [
    Case("an image from a file", image("file:///a.png"), URL, "invalid_image_url"),
    Case("no base64", image("data:image/png;base64,%%%"), URL, "invalid_base64_image"),
    Case("a data URL without base64", image("data:image/png,x"), URL, "invalid_base64_image"),
    Case(
        "a kind that is not taken",
        image("data:image/bmp;base64,Qk0="),
        URL,
        "unsupported_image_media_type",
    ),
    Case("base64 with a space", image(PNG.replace("iVBOR", "iVB OR")), URL, "invalid_base64_image"),
    Case("an empty image", image("data:image/png;base64,"), URL, "invalid_base64_image"),
    Case("no image", image("data:image/png;base64,aGVsbG8="), URL, "invalid_image_format"),
    Case("another image", image(PNG.replace("png", "gif", 1)), URL, "invalid_image_format"),
    Case(
        "a sound that is none",
        content({"type": "input_audio", "input_audio": {"data": "?", "format": "wav"}}),
        "messages[0].content[0].input_audio.data",
    ),
    Case(
        "a sound of another format",
        content({"type": "input_audio", "input_audio": {"data": "AAAA", "format": "ogg"}}),
        "messages[0].content[0].input_audio.format",
    ),
    Case(
        "a file without anything",
        content({"type": "file", "file": {"filename": "a.pdf"}}),
        "messages[0].content[0].file.file_id",
    ),
    Case(
        "a file without a name",
        content({"type": "file", "file": {"file_data": "data:text/plain;base64,aGk="}}),
        "messages[0].content[0].file.filename",
    ),
    Case(
        "a file that is no data URL",
        content({"type": "file", "file": {"file_data": "aGk=", "filename": "a"}}),
        "messages[0].content[0].file.file_data",
    ),
]
PAIRS = [
    Case("a result of nothing", {"messages": [ASK, RESULT]}, "messages[1].tool_call_id"),
    Case("a call without result", {"messages": [ASK, CALLING]}, "messages[1].tool_calls"),
    Case(
        "a call with a result too late",
        {"messages": [ASK, CALLING, ASK, RESULT]},
        "messages[1].tool_calls",
    ),
    Case(
        "two calls with one result",
        {
            "messages": [
                ASK,
                {**CALLING, "tool_calls": [CALL, {**CALL, "id": "call_2"}]},
                RESULT,
            ]
        },
        "messages[1].tool_calls",
    ),
    Case(
        "two results of a call",
        {"messages": [ASK, CALLING, RESULT, RESULT]},
        "messages[3].tool_call_id",
    ),
    Case(
        "a result of another call",
        {"messages": [ASK, CALLING, {**RESULT, "tool_call_id": "call_9"}]},
        "messages[2].tool_call_id",
    ),
]
TOOLS = [
    Case("no tools in a list", {"tools": []}, "tools", "invalid_value"),
    Case("a tool of another kind", {"tools": [{"type": "search"}]}, "tools[0].type"),
    Case(
        "a name with a space",
        {"tools": [{"type": "function", "function": {"name": "a b"}}]},
        "tools[0].function.name",
    ),
    Case("a tool twice", {"tools": [TOOL, TOOL]}, "tools[1].function.name"),
    Case(
        "parameters that are no schema",
        {"tools": [{"type": "function", "function": {"name": "f", "parameters": {"type": "x"}}}]},
        "tools[0].function.parameters",
        "invalid_function_parameters",
    ),
    Case(
        "a strict tool that is open",
        {"tools": [{"type": "function", "function": {**FUNCTION, "strict": True}}]},
        "tools[0].function.parameters",
        "invalid_function_parameters",
    ),
    Case("a choice without tools", {"tool_choice": "auto"}, "tool_choice"),
    Case("parallel without tools", {"parallel_tool_calls": True}, "parallel_tool_calls"),
    Case(
        "a choice of no tool",
        {"tools": [TOOL], "tool_choice": {"type": "function", "function": {"name": "g"}}},
        "tool_choice",
    ),
    Case("an unknown choice", {"tools": [TOOL], "tool_choice": "must"}, "tool_choice"),
]
FORMATS = [
    Case("an unknown format", {"response_format": {"type": "xml"}}, "response_format.type"),
    Case("no schema", schema({"type": "thing"}), "response_format"),
    Case("a list at the root", schema({"type": "array"}), "response_format"),
    Case(
        "a schema without a name",
        {"response_format": {"type": "json_schema", "json_schema": {"schema": WEATHER}}},
        "response_format.json_schema.name",
        "missing_required_parameter",
    ),
    Case(
        "a strict schema with an optional field",
        schema({**WEATHER, "required": ["city"]}, strict=True),
        "response_format",
    ),
    Case(
        "a strict schema with an open branch",
        schema(
            {
                "type": "object",
                "properties": {"a": {"anyOf": [{"type": "object"}]}},
                "required": ["a"],
                "additionalProperties": False,
            },
            strict=True,
        ),
        "response_format",
    ),
    Case("JSON without the word", {"response_format": {"type": "json_object"}}, "messages"),
]
CASES = [*SHAPES, *LIMITS, *MEDIA, *PAIRS, *TOOLS, *FORMATS]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.what)
async def test_what_is_wrong_is_refused_by_its_name_and_noted(case: Case) -> None:
    async with openai() as (emulator, _):
        reply = await chat(emulator, **case.fields)

        error = reply.json()["error"]
        assert reply.status == 400, error
        assert error["type"] == "invalid_request_error"
        assert error["param"] == case.param
        assert case.code in (None, error["code"])
        assert emulator.journal[0]["complaints"] == [error["message"]]


async def test_a_strict_schema_that_is_closed_is_taken() -> None:
    async with openai() as (emulator, _):
        assert (await chat(emulator, **schema(WEATHER, strict=True))).status == 200


async def test_a_reasoning_model_takes_the_new_limit() -> None:
    async with openai() as (emulator, _):
        reply = await chat(emulator, model="mock-reasoner", max_completion_tokens=1)

        assert reply.json()["choices"][0]["finish_reason"] == "length"


async def test_custom_tools_are_taken_and_never_called() -> None:
    tool = {"type": "custom", "custom": {"name": "shell"}}
    named = {"type": "custom", "custom": {"name": "shell"}}
    called = {"id": "call_1", "type": "custom", "custom": {"name": "shell", "input": "ls"}}
    calling = {"role": "assistant", "tool_calls": [called]}
    async with openai() as (emulator, _):
        first = await chat(emulator, tools=[tool], tool_choice=named)
        second = await chat(emulator, tools=[tool], messages=[ASK, calling, RESULT])

        assert first.json()["choices"][0]["message"]["content"] == "one two"
        assert second.json()["choices"][0]["message"]["content"] == "1"
        assert emulator.journal[0]["notes"] == {"tools": ["shell"]}


async def test_another_content_type_is_noted() -> None:
    body = b'{"model": "m", "messages": [{"role": "user", "content": "hi"}]}'
    kind = "Content-Type: application/vnd.api+json"
    async with openai() as (emulator, _):
        sent = request("POST", "/v1/chat/completions", KEY, kind, body=body)
        reply = await exchange(emulator.url, sent)

        assert reply.status == 200
        assert "content type" in emulator.journal[0]["complaints"][0]


async def test_fields_that_the_service_has_not_are_noted_only() -> None:
    messages = [{**ASK, "mood": "good"}, {"role": "assistant", "content": "hi", "thought": "x"}]
    async with openai() as (emulator, _):
        reply = await chat(emulator, top_k=5, messages=messages)

        assert reply.status == 200
        assert emulator.journal[0]["complaints"] == [
            "the service has no field 'messages[0].mood'",
            "the service has no field 'messages[1].thought'",
            "the service has no field 'top_k'",
        ]


@pytest.mark.parametrize("body", [b"{", b"[]", b'"hi"'], ids=repr)
async def test_a_body_that_is_no_object_is_refused(body: bytes) -> None:
    async with openai() as (emulator, _):
        headers = (KEY, "Content-Type: application/json")
        sent = request("POST", "/v1/chat/completions", *headers, body=body)
        reply = await exchange(emulator.url, sent)

        assert reply.status == 400
        assert "no JSON object" in reply.json()["error"]["message"]


async def test_a_body_without_a_model_is_refused() -> None:
    async with openai() as (emulator, _):
        sent = post_json("/v1/chat/completions", {"messages": [ASK]}, KEY)
        reply = await exchange(emulator.url, sent)

        assert reply.json()["error"]["param"] == "model"
        assert reply.json()["error"]["code"] == "missing_required_parameter"
