"""What is said at any face is heard by any provider, and what it answers is told at the face.

The provider's side is read from its emulator's journal, so that the emulator's own checks of the
request hold, too.
"""

from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any

import msgspec
import pytest

from dragoman.chat import ChatRequest
from dragoman.dialects.table import load_dialect
from dragoman.messages import Image, Text
from dragoman.tools import JsonSchema
from tests.emulators.openai_wire import PNG
from tests.gateway.house import PROVIDERS, House, open_house
from tests.gateway.wire import WIRES, post

SYSTEM = "Antworte höflich. Ναι."
TURNS = [("user", "Größe?"), ("assistant", "大きさ"), ("user", "und 🙂\u2028 dann?")]
PNG_BYTES = PNG.partition(",")[2]
SCHEMA = {
    "type": "object",
    "properties": {"city": {"type": "string"}},
    "required": ["city"],
    "additionalProperties": False,
}


class Face(msgspec.Struct, frozen=True):
    """How a face says and tells things, written from its format by hand."""

    turns: Callable[[], dict[str, Any]]
    image: Callable[[], dict[str, Any]]
    schema: dict[str, Any]
    text: Callable[[dict[str, Any]], str]
    finish: Callable[[dict[str, Any]], object]
    usage: Callable[[dict[str, Any]], tuple[int, int]]
    length: object
    stop: object


def _turns(key: str, inner: Callable[[str], Any], names: Mapping[str, str]) -> list[dict[str, Any]]:
    return [{"role": names.get(role, role), key: inner(text)} for role, text in TURNS]


def _plain(text: str) -> str:
    return text


_SYSTEM_TURN = {"role": "system", "content": SYSTEM}

FACES: Mapping[str, Face] = {
    "chat": Face(
        turns=lambda: {"messages": [_SYSTEM_TURN, *_turns("content", _plain, {})]},
        image=lambda: {
            "messages": [
                {
                    "role": "user",
                    "content": [
                        {"type": "text", "text": "What?"},
                        {"type": "image_url", "image_url": {"url": PNG}},
                    ],
                }
            ]
        },
        schema={
            "response_format": {
                "type": "json_schema",
                "json_schema": {"name": "answer", "schema": SCHEMA},
            }
        },
        text=lambda said: said["choices"][0]["message"]["content"],
        finish=lambda said: said["choices"][0]["finish_reason"],
        usage=lambda said: (said["usage"]["prompt_tokens"], said["usage"]["completion_tokens"]),
        length="length",
        stop="stop",
    ),
    "responses": Face(
        turns=lambda: {"instructions": SYSTEM, "input": _turns("content", _plain, {})},
        image=lambda: {
            "input": [
                {
                    "role": "user",
                    "content": [
                        {"type": "input_text", "text": "What?"},
                        {"type": "input_image", "image_url": PNG, "detail": "auto"},
                    ],
                }
            ]
        },
        schema={"text": {"format": {"type": "json_schema", "name": "answer", "schema": SCHEMA}}},
        text=lambda said: said["output"][-1]["content"][0]["text"],
        finish=lambda said: (said["incomplete_details"] or {}).get("reason"),
        usage=lambda said: (said["usage"]["input_tokens"], said["usage"]["output_tokens"]),
        length="max_output_tokens",
        stop=None,
    ),
    "messages": Face(
        turns=lambda: {"system": SYSTEM, "messages": _turns("content", _plain, {})},
        image=lambda: {
            "messages": [
                {
                    "role": "user",
                    "content": [
                        {"type": "text", "text": "What?"},
                        {
                            "type": "image",
                            "source": {
                                "type": "base64",
                                "media_type": "image/png",
                                "data": PNG_BYTES,
                            },
                        },
                    ],
                }
            ]
        },
        schema={"output_config": {"format": {"type": "json_schema", "schema": SCHEMA}}},
        text=lambda said: said["content"][0]["text"],
        finish=lambda said: said["stop_reason"],
        usage=lambda said: (said["usage"]["input_tokens"], said["usage"]["output_tokens"]),
        length="max_tokens",
        stop="end_turn",
    ),
    "gemini": Face(
        turns=lambda: {
            "systemInstruction": {"parts": [{"text": SYSTEM}]},
            "contents": _turns("parts", lambda text: [{"text": text}], {"assistant": "model"}),
        },
        image=lambda: {
            "contents": [
                {
                    "role": "user",
                    "parts": [
                        {"text": "What?"},
                        {"inlineData": {"mimeType": "image/png", "data": PNG_BYTES}},
                    ],
                }
            ]
        },
        schema={
            "generationConfig": {
                "responseMimeType": "application/json",
                "responseJsonSchema": SCHEMA,
            }
        },
        text=lambda said: said["candidates"][0]["content"]["parts"][0]["text"],
        finish=lambda said: said["candidates"][0]["finishReason"],
        usage=lambda said: (
            said["usageMetadata"]["promptTokenCount"],
            said["usageMetadata"]["candidatesTokenCount"],
        ),
        length="MAX_TOKENS",
        stop="STOP",
    ),
    "ollama": Face(
        turns=lambda: {"messages": [_SYSTEM_TURN, *_turns("content", _plain, {})]},
        image=lambda: {"messages": [{"role": "user", "content": "What?", "images": [PNG_BYTES]}]},
        schema={"format": SCHEMA},
        text=lambda said: said["message"]["content"],
        finish=lambda said: said["done_reason"],
        usage=lambda said: (said["prompt_eval_count"], said["eval_count"]),
        length="length",
        stop="stop",
    ),
}

MATRIX = [(face, provider) for face in FACES for provider in PROVIDERS]


@pytest.fixture
async def house() -> AsyncIterator[House]:
    async with open_house() as house:
        yield house


async def _ask(house: House, face: str, provider: str, more: dict[str, Any]) -> dict[str, Any]:
    wire, model = WIRES[face], f"{provider}/mock-model"
    body = wire.body(model, "hi", False) | more
    async with post(house.url, wire.path(model, False), body) as answer:
        await answer.read_head()
        said: dict[str, Any] = await answer.json()
    assert answer.status == 200, said
    return said


def _heard(house: House, provider: str) -> ChatRequest:
    """The provider's last request, read as its own face reads it."""
    seen = house.far[provider].journal[-1]
    assert seen["complaints"] == []
    body = msgspec.json.encode(seen["body"])
    return load_dialect(PROVIDERS[provider][1]).decode_request(body, model="mock-model")


@pytest.mark.parametrize("face", FACES)
async def test_system_and_turns_and_unicode(house: House, face: str) -> None:
    for provider in PROVIDERS:
        said = await _ask(house, face, provider, FACES[face].turns())

        assert FACES[face].text(said) == TURNS[-1][1], provider
        heard = [(message.role, message.text) for message in _heard(house, provider).messages]
        assert heard == [("system", SYSTEM), *TURNS], provider


@pytest.mark.parametrize("face", FACES)
async def test_an_image(house: House, face: str) -> None:
    for provider in PROVIDERS:
        await _ask(house, face, provider, FACES[face].image())

        (message,) = _heard(house, provider).messages
        images = [part for part in message.parts if isinstance(part, Image)]
        texts = [part.text for part in message.parts if isinstance(part, Text)]
        assert texts == ["What?"]
        assert len(images) == 1, provider
        assert PNG_BYTES in msgspec.json.encode(house.far[provider].journal[-1]["body"]).decode()


@pytest.mark.parametrize("face", FACES)
async def test_a_json_schema(house: House, face: str) -> None:
    for provider in PROVIDERS:
        house.far[provider].scenario(answer='{"city": "Paris"}')
        said = await _ask(house, face, provider, FACES[face].schema)

        assert msgspec.json.decode(FACES[face].text(said)) == {"city": "Paris"}
        output = _heard(house, provider).output
        assert isinstance(output, JsonSchema), provider
        assert output.schema == SCHEMA, provider


@pytest.mark.parametrize("face", FACES)
async def test_usage_and_finish_reason(house: House, face: str) -> None:
    form = FACES[face]
    for provider in PROVIDERS:
        for reason, told in (("stop", form.stop), ("length", form.length)):
            house.far[provider].scenario(
                answer=[
                    {"text": "some words"},
                    {"usage": {"input_tokens": 123, "output_tokens": 45}},
                    {"finish_reason": reason},
                ]
            )
            said = await _ask(house, face, provider, {})

            assert form.usage(said) == (123, 45), provider
            assert form.finish(said) == told, provider
            assert form.text(said) == "some words"


@pytest.mark.parametrize(
    ("face", "provider"), [m for m in MATRIX if m[1] != "ollama"][::3], ids=str
)
async def test_the_settings_of_a_chat(house: House, face: str, provider: str) -> None:
    settings: Mapping[str, dict[str, Any]] = {
        "chat": {"temperature": 0.25, "max_completion_tokens": 33},
        "responses": {"temperature": 0.25, "max_output_tokens": 33},
        "messages": {"temperature": 0.25, "max_tokens": 33},
        "gemini": {"generationConfig": {"temperature": 0.25, "maxOutputTokens": 33}},
        "ollama": {"options": {"temperature": 0.25, "num_predict": 33}},
    }
    await _ask(house, face, provider, settings[face])

    heard = _heard(house, provider)
    assert (heard.temperature, heard.max_tokens) == (0.25, 33)
