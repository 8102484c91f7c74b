"""The older format, of one prompt, in both directions."""

import base64
from typing import Any

import msgspec
import pytest
from ollama import _types as official

from dragoman.chat import ChatRequest
from dragoman.dialects.ollama.generate import decode_generate, encode_generate
from dragoman.errors import InputError
from dragoman.messages import Image, Message, Refusal, Text
from dragoman.native import Native

PNG = b"\x89PNG\r\n\x1a\n"
PNG_64 = base64.b64encode(PNG).decode()
USER = Message("user", (Text("Hi"),))


def encoded(*messages: Message, **asked: Any) -> dict[str, object]:
    body = encode_generate(ChatRequest(model="m", messages=messages, **asked))
    # The package takes pictures as objects of its own.
    bare = {name: value for name, value in body.items() if name != "images"}
    official.GenerateRequest.model_validate_json(msgspec.json.encode(bare))
    return body


def heard(**fields: Any) -> ChatRequest:
    return decode_generate(msgspec.json.encode({"model": "m", **fields}))


def test_a_turn_is_a_prompt() -> None:
    image = Image(content=PNG, media_type="image/png")

    body = encoded(
        Message("system", (Text("Be brief."),)),
        Message("system", (Text("Be kind."),)),
        Message("user", (Text("What is"), image, Text(" this?"))),
        seed=7,
        reasoning_effort="low",
        stream=False,
    )

    assert body == {
        "model": "m",
        "stream": False,
        "options": {"seed": 7},
        "think": "low",
        "system": "Be brief.\n\nBe kind.",
        "prompt": "What is this?",
        "images": [PNG_64],
    }
    assert encoded(USER) == {"model": "m", "stream": True, "prompt": "Hi"}


@pytest.mark.parametrize(
    ("messages", "place"),
    [
        ((USER, USER), "messages[1]"),
        ((USER, Message("assistant", (Text("Ho"),)), USER), "messages[1]"),
        ((Message("assistant", (Text("Ho"),)),), "messages[0]"),
        ((Message("system", (Text("Be brief."),)),), "messages[0]"),
        ((Message("user", (Refusal("no"),)),), "messages[0].content[0]"),
    ],
    ids=["two turns", "three turns", "an assistant's turn", "no turn", "a part of another kind"],
)
def test_more_than_one_turn_is_refused(messages: tuple[Message, ...], place: str) -> None:
    with pytest.raises(InputError) as caught:
        encode_generate(ChatRequest(model="m", messages=messages))

    assert caught.value.place == place


def test_a_prompt_is_a_turn() -> None:
    chat = heard(system="Be brief.", prompt="Look.", images=[PNG_64], options={"seed": 7})

    assert chat.messages == (
        Message("system", (Text("Be brief."),)),
        Message("user", (Text("Look."), Image(content=PNG, media_type="image/png"))),
    )
    assert (chat.seed, chat.stream, chat.native) == (7, True, None)
    assert heard(prompt="", images=[PNG_64], system="").messages[0].text == ""


def test_what_is_more_than_a_turn_is_the_dialects_own_and_no_hint() -> None:
    own = {
        "suffix": "return x",
        "template": "{{ .Prompt }}",
        "raw": True,
        "context": [1, 2],
        "width": 512,
    }

    chat = heard(prompt="Hi", keep_alive=0, **own)

    assert chat.native == Native(
        "ollama_generate", {**own, "keep_alive": 0}, frozenset({"keep_alive"})
    )
    assert encode_generate(chat) == {
        "model": "m",
        "stream": True,
        "prompt": "Hi",
        "keep_alive": 0,
        **own,
    }


@pytest.mark.parametrize(
    ("fields", "place"),
    [
        ({}, "prompt"),
        ({"prompt": ""}, "prompt"),
        ({"prompt": 1}, "prompt"),
        ({"prompt": "Hi", "system": 1}, "system"),
        ({"prompt": "Hi", "images": ["%"]}, "images[0]"),
        ({"prompt": "Hi", "model": None}, "model"),
    ],
    ids=str,
)
def test_what_is_wrong_is_named_by_its_place(fields: dict[str, Any], place: str) -> None:
    with pytest.raises(InputError) as caught:
        heard(**fields)

    assert caught.value.place == place
