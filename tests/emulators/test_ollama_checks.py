"""What Ollama refuses, word for word, and what it lets pass with a complaint."""

import base64
from typing import Any, NamedTuple

import pytest
from tests.emulators.wire import exchange, post_json, request

from dragoman import emulators

USER = {"role": "user", "content": "hi"}
CALL = {"function": {"name": "f", "arguments": {}}}
ASKED = {"role": "assistant", "content": "", "tool_calls": [CALL]}
PNG = base64.b64encode(b"\x89PNG\r\n\x1a\n").decode()
GIF = base64.b64encode(b"GIF89a" + b"\0" * 9).decode()


class Case(NamedTuple):
    name: str
    fields: dict[str, Any]
    said: str


def messages(*listed: Any) -> dict[str, Any]:
    return {"messages": list(listed)}


def tool(**function: Any) -> dict[str, Any]:
    return {"tools": [{"type": "function", "function": {"name": "f", **function}}]}


def image(data: Any) -> dict[str, Any]:
    return messages({**USER, "images": [data]})


UNFIT = "json: cannot unmarshal {} into Go struct field ChatRequest.{} of type {}".format

REFUSED = [
    Case("no model", {"model": ""}, "model is required"),
    Case("a model that is no text", {"model": 7}, UNFIT("number", "model", "string")),
    Case("messages that are no list", {"messages": {}}, "ChatRequest.messages of type"),
    Case("a message that is no object", messages("hi"), UNFIT("string", "messages", "api.Message")),
    Case("a message that is null", messages(None), "messages[0] is null"),
    Case("an unknown role", messages({"role": "model", "content": "hi"}), "invalid role: 'model'"),
    Case("no role", messages({"content": "hi"}), "invalid role: None"),
    Case(
        "a content in parts",
        messages({**USER, "content": [{"type": "text", "text": "hi"}]}),
        UNFIT("array", "messages.content", "string"),
    ),
    Case(
        "arguments as text",
        messages({**ASKED, "tool_calls": [{"function": {"name": "f", "arguments": "{}"}}]}),
        UNFIT(
            "string",
            "messages.tool_calls.function.arguments",
            "api.ToolCallFunctionArguments",
        ),
    ),
    Case("an image as a data URL", image("data:image/png;base64,iVBO"), "input byte 4"),
    Case("an image in half letters", image("abc"), "illegal base64 data at input byte 3"),
    Case("an image that is an object", image({}), UNFIT("object", "messages.images", "string")),
    Case("an image of no known kind", image(GIF), "image: unknown format"),
    Case("no image at all", image(""), "image: unknown format"),
    Case("tools that are no list", {"tools": {}}, UNFIT("object", "tools", "api.Tools")),
    Case("a tool that is no object", {"tools": ["f"]}, UNFIT("string", "tools", "api.Tool")),
    Case("parameters that are none", tool(parameters=[1]), "tools[0].function.parameters"),
    Case("a type that is none", tool(parameters={"type": "thing"}), "'thing' is not a type"),
    Case("a stream that is a text", {"stream": "yes"}, UNFIT("string", "stream", "bool")),
    Case("an unknown level", {"think": "hard"}, 'invalid think value: "hard"'),
    Case("a think that is a number", {"think": 1}, "think must be"),
    Case("a format that is none", {"format": "xml"}, 'invalid format: "xml"; expected "json"'),
    Case("a format of a list", {"format": [1]}, "invalid format: [1]"),
    Case("a schema that is none", {"format": {"type": "thing"}}, "invalid JSON schema in format"),
    Case("too many logprobs", {"top_logprobs": 21}, "top_logprobs must be between 0 and 20"),
    Case("options that are none", {"options": []}, "ChatRequest.options"),
    Case(
        "a temperature that is a text",
        {"options": {"temperature": "0.5"}},
        'option "temperature" must be of type float32',
    ),
    Case("a seed that is true", {"options": {"seed": True}}, "must be of type integer"),
    Case(
        "a stop that is a text", {"options": {"stop": "x"}}, 'option "stop" must be of type array'
    ),
    Case("a stop of numbers", {"options": {"stop": [1]}}, "must be of an array of strings"),
    Case("a wait that is none", {"keep_alive": "soon"}, 'time: invalid duration "soon"'),
    Case("a wait that is true", {"keep_alive": True}, "keep_alive must be"),
    Case(
        "tools for who has none",
        {"model": "mock-plain:7b", **tool()},
        "registry.ollama.ai/library/mock-plain:7b does not support tools",
    ),
    Case(
        "thinking for who does not",
        {"model": "mock-plain:7b", "think": True},
        '"mock-plain:7b" does not support thinking',
    ),
    Case("a chat with who only embeds", {"model": "mock-embed"}, "does not support chat"),
]


@pytest.mark.parametrize("case", REFUSED, ids=lambda case: case.name)
async def test_a_wrong_chat_is_refused(case: Case) -> None:
    async with emulators.run("ollama") as emulator:
        body = {"model": "mock-model", **messages(USER), **case.fields}
        reply = await exchange(emulator.url, post_json("/api/chat", body))

        assert reply.status == 400
        assert list(reply.json()) == ["error"]
        assert case.said in reply.json()["error"]
        assert reply.json()["error"] in emulator.journal[0]["complaints"]


NAMED = {"role": "tool", "tool_name": "f", "content": "done"}
COMPLAINTS = [
    Case("an unknown field", {"max_tokens": 5}, "no field 'max_tokens'"),
    Case("an unknown option", {"options": {"temp": 1}}, "no option 'temp'"),
    Case("a seed with a fraction", {"options": {"seed": 1.5}}, "loses its fraction"),
    Case("a field of another dialect", messages({**USER, "name": "Bob"}), "no field 'name'"),
    Case("a result without a call", messages(USER, NAMED), "without its call: 'f'"),
    Case("two results of one call", messages(ASKED, NAMED, NAMED), "messages[2] is a tool result"),
    Case("the result of another", messages(ASKED, {**NAMED, "tool_name": "g"}), "its call: 'g'"),
    Case("no name", messages(ASKED, {"role": "tool", "content": "x"}), "without tool_name"),
    Case("a nameless call", messages({**ASKED, "tool_calls": [{}]}), "a tool call has no name"),
    Case("a nameless tool", tool(name=""), "tools[0] needs"),
    Case(
        "an image for the blind",
        {"model": "mock-plain:7b", **messages({**USER, "images": [PNG]})},
        "mock-plain:7b cannot see images",
    ),
    Case("top without logprobs", {"top_logprobs": 2}, "top_logprobs without logprobs"),
]


@pytest.mark.parametrize("case", COMPLAINTS, ids=lambda case: case.name)
async def test_what_it_lets_pass_is_a_complaint(case: Case) -> None:
    async with emulators.run("ollama") as emulator:
        body = {"model": "mock-model", **messages(USER), **case.fields}
        reply = await exchange(emulator.url, post_json("/api/chat", body))

        assert reply.status == 200
        assert [case.said in complaint for complaint in emulator.journal[0]["complaints"]] == [True]


FINE = [
    Case("nulls", {"tools": None, "options": None, "format": None, "think": None}, "hi"),
    Case("no tools", {"tools": []}, "hi"),
    Case("a format that is empty", {"format": ""}, "hi"),
    Case("a null option", {"options": {"seed": None}}, "hi"),
    Case("seconds", {"keep_alive": 2.5}, "hi"),
    Case("a duration", {"keep_alive": "1h30m"}, "hi"),
    Case("for ever", {"keep_alive": -1}, "hi"),
    Case("an answer by name", messages(USER, ASKED, NAMED), "done"),
    Case(
        "an answer by id",
        messages(
            USER,
            {"role": "assistant", "tool_calls": [{"id": "call_1", **CALL}]},
            {"role": "tool", "tool_call_id": "call_1", "content": "done"},
        ),
        "done",
    ),
    Case("a result, then a question", messages(ASKED, NAMED, {**USER, "content": "so?"}), "so?"),
    Case("nobody asks", messages({"role": "system", "content": "be brief"}), ""),
]


@pytest.mark.parametrize("case", FINE, ids=lambda case: case.name)
async def test_what_is_fine_is_no_complaint(case: Case) -> None:
    async with emulators.run("ollama") as emulator:
        body = {"model": "mock-model", "stream": False, **messages(USER), **case.fields}
        reply = await exchange(emulator.url, post_json("/api/chat", body))

        assert reply.json()["message"]["content"] == case.said
        assert emulator.journal[0]["complaints"] == []


GENERATE = [
    Case("a prompt in parts", {"prompt": ["hi"]}, "GenerateRequest.prompt of type string"),
    Case("a raw template", {"raw": True, "template": "x"}, "raw mode does not support template"),
    Case("a context of words", {"context": ["a"]}, "GenerateRequest.context of type int"),
    Case("a bad image", {"images": ["!"]}, "illegal base64 data at input byte 0"),
    Case("an end for who has none", {"model": "mock-plain:7b", "suffix": "x"}, "support insert"),
    Case("who only embeds", {"model": "mock-embed"}, '"mock-embed" does not support generate'),
]


@pytest.mark.parametrize("case", GENERATE, ids=lambda case: case.name)
async def test_a_wrong_generate_is_refused(case: Case) -> None:
    async with emulators.run("ollama") as emulator:
        body = {"model": "mock-model", "prompt": "hi", **case.fields}
        reply = await exchange(emulator.url, post_json("/api/generate", body))

        assert (reply.status, case.said in reply.json()["error"]) == (400, True)


class Body(NamedTuple):
    name: str
    body: bytes
    said: str


BODIES = [
    Body("nothing", b"", "missing request body"),
    Body("half an object", b'{"model":', "no JSON"),
    Body("bytes that are no UTF-8", b'{"model": "\xff"}', "no JSON"),
    Body("a list", b'["model"]', "no object"),
]


@pytest.mark.parametrize("path", ["/api/chat", "/api/generate", "/api/show", "/api/embed"])
@pytest.mark.parametrize("case", BODIES, ids=lambda case: case.name)
async def test_a_body_that_is_no_object_is_refused(case: Body, path: str) -> None:
    async with emulators.run("ollama") as emulator:
        reply = await exchange(emulator.url, request("POST", path, body=case.body))

        assert (reply.status, case.said in reply.json()["error"]) == (400, True)


@pytest.mark.parametrize("kind", ["", "application/x-www-form-urlencoded", "text/plain"])
async def test_the_content_type_does_not_matter(kind: str) -> None:
    """The service's own documents send JSON with curl's usual type, that of a form."""
    async with emulators.run("ollama") as emulator:
        body = b'{"model":"mock-model","prompt":"a+b=c&d","stream":false}'
        headers = [f"Content-Type: {kind}"] if kind else []
        reply = await exchange(emulator.url, request("POST", "/api/generate", *headers, body=body))

        assert reply.json()["response"] == "a+b=c&d"


async def test_an_embedding_wants_texts() -> None:
    async with emulators.run("ollama") as emulator:
        for wrong in ({"a": 1}, [1], 7):
            body = {"model": "mock-embed", "input": wrong}
            reply = await exchange(emulator.url, post_json("/api/embed", body))

            assert (reply.status, reply.json()["error"]) == (400, "invalid input type")
