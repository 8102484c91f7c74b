"""What Gemini's far side refuses: each with a 400 that names the place, and a complaint."""

from typing import Any, NamedTuple

import pytest
from tests.emulators.wire import exchange, post_json, request

from dragoman import emulators

KEY = "x-goog-api-key: any"
TARGET = "/v1beta/models/mock-model:generateContent"

USER = {"role": "user", "parts": [{"text": "hi"}]}
CALL = {"role": "model", "parts": [{"functionCall": {"name": "a", "args": {}, "id": "1"}}]}
RESULT = {"functionResponse": {"name": "a", "id": "1", "response": {"output": "x"}}}
BACK = {"role": "user", "parts": [RESULT]}


class Case(NamedTuple):
    body: Any
    named: str


def said(*parts: Any, role: str = "user") -> dict[str, Any]:
    return {"contents": [{"role": role, "parts": list(parts)}]}


def turns(*contents: Any) -> dict[str, Any]:
    return {"contents": list(contents)}


def config(**fields: Any) -> dict[str, Any]:
    return {"contents": [USER], "generationConfig": fields}


def tool(**fields: Any) -> dict[str, Any]:
    return {"contents": [USER], "tools": [{"functionDeclarations": [fields]}]}


def parameters(**schema: Any) -> dict[str, Any]:
    return tool(name="a", parameters=schema)


def choice(**fields: Any) -> dict[str, Any]:
    body = tool(name="a")
    return {**body, "toolConfig": {"functionCallingConfig": fields}}


def blob(**fields: Any) -> dict[str, Any]:
    return said({"inlineData": fields})


def other(part: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {"role": "user", "parts": [{"functionResponse": {**part["functionResponse"], **fields}}]}


TYPES = {
    "unknown field": Case({"contents": [USER], "stream": True}, 'Unknown name "stream"'),
    "unknown inside": Case(said({"txt": "a"}), "Unknown name \"txt\" at 'contents[0].parts[0]'"),
    "OpenAI's body": Case({"messages": []}, 'Unknown name "messages"'),
    "additionalProperties": Case(
        parameters(type="OBJECT", additionalProperties=False),
        "'tools[0].function_declarations[0].parameters'",
    ),
    "text is no string": Case(said({"text": 5}), "'contents[0].parts[0].text' (string), 5"),
    "contents is no list": Case({"contents": USER}, "'contents' (list of Content)"),
    "a content is text": Case(turns("hi"), "'contents[0]' (Content), \"hi\""),
    "a system text": Case({"contents": [USER], "systemInstruction": "x"}, "system_instruction"),
    "a number is text": Case(config(temperature="hot"), "generation_config.temperature"),
    "a number is a boolean": Case(config(topP=True), "generation_config.top_p"),
    "no whole number": Case(config(maxOutputTokens=1.5), "generation_config.max_output_tokens"),
    "no boolean": Case(config(responseLogprobs=1), "generation_config.response_logprobs"),
    "no such mode": Case(choice(mode="REQUIRED"), "function_calling_config.mode"),
    "no such type": Case(parameters(type="dict"), "parameters.type"),
    "args are text": Case(
        turns(USER, {"role": "model", "parts": [{"functionCall": {"name": "a", "args": "{}"}}]}),
        "function_call.args",
    ),
    "response is text": Case(
        turns(USER, CALL, other(RESULT, response="x")), "function_response.response' (struct)"
    ),
    "properties are a list": Case(parameters(type="OBJECT", properties=[]), "properties"),
    "no base64": Case(blob(mimeType="image/png", data="a#b"), "inline_data.data' (bytes)"),
    "cut base64": Case(blob(mimeType="image/png", data="abcde"), "inline_data.data' (bytes)"),
}

CONTENTS = {
    "none": Case({"contents": []}, "contents is not specified"),
    "no field": Case({}, "contents is not specified"),
    "a system role": Case(said({"text": "a"}, role="system"), "contents[0].role"),
    "an assistant": Case(said({"text": "a"}, role="assistant"), "valid role: user, model"),
    "no role in two": Case(turns({"parts": [{"text": "a"}]}, USER), "contents[0].role"),
    "no parts": Case(said(), "contents[0].parts"),
    "an empty part": Case(said({}), "contents[0].parts[0].data"),
    "a thought only": Case(said({"thought": True}), "contents[0].parts[0].data"),
    "two in a part": Case(
        said({"text": "a", "fileData": {"fileUri": "x"}}), "Cannot set 'fileData'"
    ),
    "no media type": Case(blob(data="AA=="), "inline_data.mime_type"),
    "a GIF": Case(blob(mimeType="image/gif", data="AA=="), "Unsupported MIME type: image/gif"),
    "a short type": Case(blob(mimeType="png", data="AA=="), "Unsupported MIME type: png"),
    "no data": Case(blob(mimeType="image/png", data=""), "inline_data.data"),
    "no address": Case(said({"fileData": {"mimeType": "image/png"}}), "file_data.file_uri"),
    "a system picture": Case(
        {"contents": [USER], "systemInstruction": {"parts": [{"fileData": {"fileUri": "x"}}]}},
        "system_instruction",
    ),
    "a cached prompt with tools": Case(
        {**tool(name="a"), "cachedContent": "cachedContents/1"}, "CachedContent can not be used"
    ),
}

CALLS = {
    "a call of the user": Case(said(*CALL["parts"]), "function_call"),
    "a response of the model": Case(turns(USER, {**BACK, "role": "model"}), "function_response"),
    "a call without a name": Case(
        turns(USER, {"role": "model", "parts": [{"functionCall": {"args": {}}}]}),
        "function_call.name: Name cannot be empty",
    ),
    "a response without a name": Case(
        turns(USER, CALL, other(RESULT, name="")), "function_response.name: Name cannot be empty"
    ),
    "a response of nothing": Case(
        turns(USER, CALL, other(RESULT, response=None)), "function_response.response"
    ),
    "a response's part without media": Case(
        turns(USER, CALL, other(RESULT, parts=[{}])), "function_response.parts[0]"
    ),
    "a response's wrong media": Case(
        turns(USER, CALL, other(RESULT, parts=[{"inlineData": {"mimeType": "a/b"}}])),
        "Unsupported MIME type: a/b",
    ),
    "a response without a call": Case(turns(USER, BACK), "immediately after a function call turn"),
    "a call without a response": Case(turns(USER, CALL), "immediately after a function call turn"),
    "a call passed over": Case(turns(USER, CALL, USER), "immediately after a function call turn"),
    "too many": Case(
        turns(USER, CALL, {"role": "user", "parts": [RESULT, RESULT]}),
        "the number of function response parts is equal",
    ),
    "an unknown id": Case(turns(USER, CALL, other(RESULT, id="2")), "the id '2'"),
    "another name": Case(
        turns(USER, CALL, other(RESULT, name="b", id=None)), "not those of the calls"
    ),
}

TOOLS = {
    "no name": Case(tool(description="x"), "Invalid function name"),
    "a bad name": Case(tool(name="a b"), "tools[0].function_declarations[0].name"),
    "a long name": Case(tool(name="a" * 129), "Invalid function name"),
    "a name twice": Case(
        {"contents": [USER], "tools": [{"functionDeclarations": [{"name": "a"}, {"name": "a"}]}]},
        "Duplicate function declaration found: a",
    ),
    "two schemas": Case(
        tool(name="a", parameters={"type": "OBJECT"}, parametersJsonSchema={}),
        "mutually exclusive",
    ),
    "no object": Case(parameters(type="STRING"), "should be of type OBJECT"),
    "no type": Case(
        parameters(type="OBJECT", properties={"b": {}}), "parameters.properties[b]: schema didn't"
    ),
    "no items": Case(
        parameters(type="OBJECT", properties={"b": {"type": "ARRAY"}}), "items: missing field"
    ),
    "no items inside": Case(
        parameters(type="OBJECT", properties={"b": {"type": "ARRAY", "items": {"type": "ARRAY"}}}),
        "parameters.properties[b].items: items: missing field",
    ),
    "an enum of objects": Case(
        parameters(type="OBJECT", properties={"b": {"type": "OBJECT", "enum": ["c"]}}), "enum: only"
    ),
    "properties of text": Case(
        parameters(
            type="OBJECT", properties={"b": {"anyOf": [{"type": "STRING", "properties": {}}]}}
        ),
        "properties[b].any_of[0]: properties",
    ),
    "an unknown name required": Case(
        parameters(type="OBJECT", properties={"b": {"type": "STRING"}}, required=["c"]),
        "required[0]: property is not defined",
    ),
    "no JSON schema": Case(tool(name="a", parametersJsonSchema="x"), "parameters_json_schema"),
    "a wrong JSON schema": Case(
        tool(name="a", parametersJsonSchema={"type": "objekt"}), "parameters_json_schema"
    ),
    "a choice of nothing": Case(
        {"contents": [USER], "toolConfig": {"functionCallingConfig": {"mode": "ANY"}}},
        "without function_declarations",
    ),
    "an unknown choice": Case(
        choice(mode="ANY", allowedFunctionNames=["b"]), "'b' is no function that is declared"
    ),
    "a choice without a mode": Case(
        choice(allowedFunctionNames=["a"]), "allowed_function_names should only be set"
    ),
}

SETTINGS = {
    "hot": Case(config(temperature=2.1), "generation_config.temperature"),
    "top_p": Case(config(topP=1.1), "generation_config.top_p"),
    "top_k": Case(config(topK=0), "generation_config.top_k"),
    "no tokens": Case(config(maxOutputTokens=0), "generation_config.max_output_tokens"),
    "candidates": Case(config(candidateCount=9), "generation_config.candidate_count"),
    "presence": Case(config(presencePenalty=3), "generation_config.presence_penalty"),
    "frequency": Case(config(frequencyPenalty=-3), "generation_config.frequency_penalty"),
    "six stops": Case(config(stopSequences=list("abcdef")), "generation_config.stop_sequences"),
    "an empty stop": Case(config(stopSequences=[""]), "generation_config.stop_sequences"),
    "logprobs alone": Case(config(logprobs=2), "response_logprobs"),
    "many logprobs": Case(config(logprobs=21, responseLogprobs=True), "generation_config.logprobs"),
    "a form": Case(config(responseMimeType="text/html"), "generation_config.response_mime_type"),
    "a schema for text": Case(
        config(responseSchema={"type": "STRING"}), "generation_config.response_mime_type"
    ),
    "two schemas": Case(
        config(
            responseMimeType="application/json",
            responseSchema={"type": "STRING"},
            responseJsonSchema={"type": "string"},
        ),
        "generation_config.response_json_schema",
    ),
    "a schema without a type": Case(
        config(responseMimeType="application/json", responseSchema={}),
        "generation_config.response_schema: schema didn't specify",
    ),
    "a schema that is none": Case(
        config(responseMimeType="application/json", responseJsonSchema=[1]),
        "generation_config.response_json_schema: must be an object",
    ),
    "a budget and a level": Case(
        config(thinkingConfig={"thinkingBudget": 1, "thinkingLevel": "LOW"}), "only one of"
    ),
    "a budget below": Case(
        config(thinkingConfig={"thinkingBudget": -2}), "thinking_config.thinking_budget"
    ),
    "a harm twice": Case(
        {
            "contents": [USER],
            "safetySettings": [{"category": "HARM_CATEGORY_HARASSMENT", "threshold": "BLOCK_NONE"}]
            * 2,
        },
        "safety_settings[1]",
    ),
    "half a setting": Case(
        {"contents": [USER], "safetySettings": [{"category": "HARM_CATEGORY_HARASSMENT"}]},
        "safety_settings[0]",
    ),
}

CASES = {
    f"{group}: {name}": case
    for group, cases in {
        "types": TYPES,
        "contents": CONTENTS,
        "calls": CALLS,
        "tools": TOOLS,
        "settings": SETTINGS,
    }.items()
    for name, case in cases.items()
}


@pytest.mark.parametrize("name", CASES)
async def test_what_is_wrong_is_refused_and_noted(name: str) -> None:
    body, named = CASES[name]
    async with emulators.run("gemini") as emulator:
        reply = await exchange(emulator.url, post_json(TARGET, body, KEY))

        error = reply.json()["error"]
        assert (reply.status, error["code"], error["status"]) == (400, 400, "INVALID_ARGUMENT")
        assert named in error["message"]
        assert named in emulator.journal[0]["complaints"][0]


async def test_all_wrong_fields_are_named_at_once() -> None:
    async with emulators.run("gemini") as emulator:
        body = {"contents": [USER], "seed": 1, "generationConfig": {"top_n": 1, "topP": "x"}}
        error = (await exchange(emulator.url, post_json(TARGET, body, KEY))).json()["error"]

        (bad_request,) = error["details"]
        assert bad_request["@type"] == "type.googleapis.com/google.rpc.BadRequest"
        fields = [one.get("field", "") for one in bad_request["fieldViolations"]]
        assert fields == ["", "generation_config", "generation_config.top_p"]


NO_OBJECTS = [b"[1]", b"{", b'"hi"']


@pytest.mark.parametrize("raw", NO_OBJECTS)
async def test_a_body_that_is_no_object_is_refused(raw: bytes) -> None:
    async with emulators.run("gemini") as emulator:
        sent = request("POST", TARGET, "Content-Type: application/json", KEY, body=raw)
        reply = await exchange(emulator.url, sent)

        assert reply.status == 400
        assert "Invalid JSON payload received" in reply.json()["error"]["message"]


GOOD = {
    "no role alone": turns({"parts": [{"text": "hi"}]}),
    "two of a role": turns(USER, USER),
    "the model last": turns(USER, {"role": "model", "parts": [{"text": "Once"}]}),
    "the model alone": turns({"role": "model", "parts": [{"text": "Once"}]}),
    "a response's file": turns(USER, CALL, other(RESULT, parts=[{"fileData": {"fileUri": "x"}}])),
    "one of several types": parameters(
        type="OBJECT",
        properties={
            "b": {"anyOf": [{"type": "STRING"}, {"type": "ARRAY", "items": {"type": "NUMBER"}}]}
        },
    ),
    "a role of functions": turns(USER, CALL, {**BACK, "role": "function"}),
    "a stream's contents": turns(
        USER, CALL, {"role": "model", "parts": [{"text": ""}]}, BACK, USER
    ),
    "no id": turns(USER, CALL, other(RESULT, id=None)),
    "code that was run": turns(
        USER,
        {
            "role": "model",
            "parts": [
                {"executableCode": {"language": "PYTHON", "code": "1"}},
                {"codeExecutionResult": {"outcome": "OUTCOME_OK", "output": "1"}},
            ],
        },
        USER,
    ),
    "a cached prompt": {"contents": [USER], "cachedContent": "cachedContents/1"},
    "no tools": {"contents": [USER], "tools": []},
    "the service's own tools": {"contents": [USER], "tools": [{"googleSearch": {}}]},
    "lower-case types": parameters(type="object", properties={"b": {"type": "string"}}),
    "validated": choice(mode="VALIDATED", allowedFunctionNames=["a"]),
    "no calls": choice(mode="NONE"),
    "an older name": config(
        responseMimeType="application/json", _responseJsonSchema={"type": "string"}
    ),
    "all settings": config(
        temperature=2,
        topP=1,
        topK=40,
        seed=7,
        presencePenalty=1.9,
        frequencyPenalty=-2,
        stopSequences=list("xyzuv"),
        responseModalities=["TEXT"],
        thinkingConfig={"thinkingBudget": 0},
    ),
}


@pytest.mark.parametrize("name", GOOD)
async def test_what_the_service_takes_is_taken(name: str) -> None:
    async with emulators.run("gemini") as emulator:
        reply = await exchange(emulator.url, post_json(TARGET, GOOD[name], KEY))

        assert reply.status == 200, reply.text
        assert emulator.journal[0]["complaints"] == []


EMBEDDINGS = [
    (":embedContent", {"content": {"parts": []}}, "content is empty"),
    (":embedContent", {"content": {"parts": [{"text": "a"}]}, "outputDimensionality": 4000}, "dim"),
    (":batchEmbedContents", {"requests": []}, "requests is not specified"),
    (":batchEmbedContents", {"requests": [{"content": USER}]}, "requests[0].model"),
]


@pytest.mark.parametrize(("method", "body", "named"), EMBEDDINGS)
async def test_wrong_embeddings_are_refused(method: str, body: Any, named: str) -> None:
    async with emulators.run("gemini") as emulator:
        sent = post_json(f"/v1beta/models/gemini-embedding-001{method}", body, KEY)
        reply = await exchange(emulator.url, sent)

        assert reply.status == 400
        assert named in reply.json()["error"]["message"]
