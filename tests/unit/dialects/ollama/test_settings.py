"""The settings that chat and generate have in common, read and written."""

from typing import Any

import msgspec
import pytest

from dragoman.chat import ChatRequest
from dragoman.dialects.ollama.request_decoder import decode_request
from dragoman.dialects.ollama.request_encoder import encode_request
from dragoman.errors import InputError
from dragoman.tools import JsonObject, JsonSchema

BODY = {"model": "m", "stream": True, "messages": [{"role": "user", "content": "Hi"}]}


def heard(**fields: Any) -> ChatRequest:
    return decode_request(msgspec.json.encode({**BODY, **fields}))


def test_options_that_a_chat_has_are_its_own() -> None:
    options = {
        "temperature": 1,
        "top_p": 0.5,
        "top_k": 40.0,
        "num_predict": 7,
        "stop": ["a", "b"],
        "seed": -2,
        "presence_penalty": 2,
        "frequency_penalty": -2,
        "num_gpu": None,
    }

    chat = heard(options=options)

    assert chat.native is None
    assert (chat.temperature, chat.top_p, chat.top_k, chat.max_tokens) == (1.0, 0.5, 40, 7)
    assert (chat.stop, chat.seed) == (("a", "b"), -2)
    assert (chat.presence_penalty, chat.frequency_penalty) == (2.0, -2.0)
    assert heard(options={"stop": "END"}).stop == ("END",)


@pytest.mark.parametrize("options", [{"stop": []}, {"stop": ""}, {}, None], ids=str)
def test_nothing_asked_is_nothing_kept(options: Any) -> None:
    chat = heard(options=options)

    assert (chat.native, chat.given()) == (None, frozenset())


@pytest.mark.parametrize(
    "option",
    [
        {"num_predict": -1},
        {"num_predict": 0},
        {"top_k": 0},
        {"seed": -1},
        {"num_ctx": 4096},
        {"mirostat_tau": 0.8},
        {"of_a_later_version": [1]},
    ],
    ids=str,
)
def test_as_you_like_and_what_has_no_name_are_kept_as_hints(option: dict[str, Any]) -> None:
    chat = heard(options=option, keep_alive=300)

    (name,) = option
    assert chat.native is not None
    assert chat.native.fields == {f"options.{name}": option[name], "keep_alive": 300}
    assert chat.native.hints == {f"options.{name}", "keep_alive"}
    assert chat.given() == frozenset()
    assert encode_request(chat) == {**BODY, "options": option, "keep_alive": 300}


def test_what_the_dialect_keeps_goes_in_beside_what_is_asked() -> None:
    body = encode_request(heard(options={"seed": 7, "num_ctx": 4096}))

    assert body["options"] == {"seed": 7, "num_ctx": 4096}


def test_what_is_asked_on_the_way_wins_over_what_the_dialect_kept() -> None:
    chat = msgspec.structs.replace(heard(options={"num_predict": -1}), max_tokens=9)

    assert encode_request(chat)["options"] == {"num_predict": 9}


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (None, None),
        ("", None),
        ("json", JsonObject()),
        ({"type": "object"}, JsonSchema(schema={"type": "object"})),
        (
            {"$defs": {"a": {"type": "null"}}, "type": "array", "items": True},
            JsonSchema(schema={"$defs": {"a": {"type": "null"}}, "type": "array", "items": True}),
        ),
    ],
    ids=str,
)
def test_a_format_is_an_output(said: Any, expected: Any) -> None:
    assert heard(format=said).output == expected


@pytest.mark.parametrize(
    ("fields", "count", "own"),
    [
        ({"logprobs": True}, 0, {}),
        ({"logprobs": True, "top_logprobs": 3}, 3, {}),
        ({"logprobs": False}, None, {}),
        ({"logprobs": False, "top_logprobs": 3}, None, {"top_logprobs": 3}),
        ({"top_logprobs": 3}, None, {"top_logprobs": 3}),
    ],
    ids=str,
)
def test_likelihoods_are_asked_for_by_a_flag(
    fields: dict[str, Any], count: int | None, own: dict[str, Any]
) -> None:
    chat = heard(**fields)

    assert chat.logprobs == count
    assert (chat.native.fields if chat.native else {}) == own
    assert chat.native is None or chat.native.hints == {"top_logprobs"}


@pytest.mark.parametrize(
    ("place", "fields"),
    [
        ("options", {"options": []}),
        ("options.temperature", {"options": {"temperature": 3}}),
        ("options.temperature", {"options": {"temperature": "hot"}}),
        ("options.top_p", {"options": {"top_p": 1.1}}),
        ("options.top_k", {"options": {"top_k": 1.5}}),
        ("options.num_predict", {"options": {"num_predict": True}}),
        ("options.seed", {"options": {"seed": "x"}}),
        ("options.stop", {"options": {"stop": 1}}),
        ("options.stop[1]", {"options": {"stop": ["a", ""]}}),
        ("options.presence_penalty", {"options": {"presence_penalty": 3}}),
        ("format", {"format": "yaml"}),
        ("format", {"format": ["json"]}),
        ("format.type", {"format": {"type": "thing"}}),
        ("format.type", {"format": {"type": []}}),
        ("format.properties", {"format": {"properties": []}}),
        ("format.properties.a", {"format": {"properties": {"a": 1}}}),
        ("format.items.type", {"format": {"items": {"type": 7}}}),
        ("logprobs", {"logprobs": 3}),
        ("top_logprobs", {"logprobs": True, "top_logprobs": 21}),
        ("top_logprobs", {"top_logprobs": -1}),
    ],
    ids=str,
)
def test_a_setting_that_is_wrong_is_named(place: str, fields: dict[str, Any]) -> None:
    with pytest.raises(InputError) as caught:
        heard(**fields)

    assert caught.value.place == place
