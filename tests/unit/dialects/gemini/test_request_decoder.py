"""A whole request: its model, its parts, and what is native in it."""

import msgspec
import pytest

from dragoman.chat import ChatRequest
from dragoman.dialects.gemini.request_decoder import decode_count_request, decode_request
from dragoman.dialects.gemini.request_encoder import encode_request
from dragoman.errors import InputError
from dragoman.messages import Message, Text
from dragoman.native import Native
from dragoman.tools import Tool, ToolChoice

CONTENTS = [{"role": "user", "parts": [{"text": "hi"}]}]
ASKED = Message("user", (Text("hi"),))


def read(model: str = "m", stream: bool | None = None, **fields: object) -> ChatRequest:
    body = msgspec.json.encode({"contents": CONTENTS, **fields})
    return decode_request(body, model=model, stream=stream)


def test_the_model_and_whether_to_stream_are_from_the_address() -> None:
    assert read("models/gemini-x", True) == ChatRequest(
        model="gemini-x", messages=(ASKED,), stream=True
    )
    assert read("m").stream is False
    assert read("tunedModels/mine").model == "tunedModels/mine"


def test_without_an_address_the_model_is_in_the_body() -> None:
    body = msgspec.json.encode({"model": "models/n", "contents": CONTENTS})

    assert decode_request(body).model == "n"
    with pytest.raises(InputError, match="model: is missing"):
        decode_request(msgspec.json.encode({"contents": CONTENTS}))


def test_everything_in_a_request_is_read() -> None:
    found = read(
        system_instruction={"parts": [{"text": "be"}]},
        tools=[{"functionDeclarations": [{"name": "f"}]}],
        tool_config={"functionCallingConfig": {"mode": "ANY"}},
        generation_config={"temperature": 1, "mediaResolution": "x"},
        safetySettings=[],
        cachedContent="cachedContents/1",
    )

    assert found == ChatRequest(
        model="m",
        messages=(Message("system", (Text("be"),)), ASKED),
        tools=(Tool(name="f"),),
        tool_choice=ToolChoice("required"),
        temperature=1.0,
        stream=False,
        native=Native(
            "gemini",
            {
                "safetySettings": [],
                "cachedContent": "cachedContents/1",
                "generationConfig.mediaResolution": "x",
            },
            frozenset({"safetySettings", "generationConfig.mediaResolution"}),
        ),
    )


def test_what_is_native_is_said_again() -> None:
    fields: dict[str, object] = {
        "contents": CONTENTS,
        "toolConfig": {
            "functionCallingConfig": {"mode": "VALIDATED"},
            "retrievalConfig": {"languageCode": "fr"},
        },
        "tools": [{"googleSearch": {}}, {"functionDeclarations": [{"name": "f", "response": {}}]}],
        "generationConfig": {
            "thinkingConfig": {"thinkingBudget": -1},
            "responseModalities": ["TEXT", "IMAGE"],
        },
        "safetySettings": [{"category": "c", "threshold": "OFF"}],
    }

    assert encode_request(decode_request(msgspec.json.encode(fields), model="m")) == fields


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"\xff", b"null"])
def test_what_is_no_object_is_refused(body: bytes) -> None:
    with pytest.raises(InputError):
        decode_request(body, model="m")


def test_what_is_nested_too_deeply_is_refused() -> None:
    depth = 900
    schema = b'{"items":' * depth + b"{}" + b"}" * depth
    body = b'{"contents":%b,"tools":{"functionDeclarations":{"name":"f","parameters":%b}}}' % (
        msgspec.json.encode(CONTENTS),
        schema,
    )

    with pytest.raises(InputError, match="nested too deeply"):
        decode_request(body, model="m")


def test_a_question_for_a_count_has_contents_or_a_whole_request() -> None:
    whole = {"contents": CONTENTS, "systemInstruction": {"parts": [{"text": "Be brief."}]}}

    bare = decode_count_request(msgspec.json.encode({"contents": CONTENTS}), "models/m")
    found = decode_count_request(msgspec.json.encode({"generate_content_request": whole}), "m")

    assert bare == ChatRequest(model="m", messages=(ASKED,), stream=False)
    assert found.messages == (Message("system", (Text("Be brief."),)), ASKED)


def test_what_is_wrong_in_a_question_for_a_count_is_named() -> None:
    with pytest.raises(InputError) as caught:
        decode_count_request(b'{"generateContentRequest":{}}', "m")
    assert caught.value.place == "generateContentRequest.contents"

    deep = b'{"contents":[{"parts":[{"functionCall":' + b'{"a":' * 9000 + b"1" + b"}" * 9004
    with pytest.raises(InputError):
        decode_count_request(deep, "m")
