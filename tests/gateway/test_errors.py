"""What goes wrong before an answer, as each face's own error and its SDK's own class."""

from collections.abc import Callable, Mapping
from typing import Any

import anthropic
import httpx
import msgspec
import ollama
import openai
import pytest
from google.genai import errors as genai

from tests.gateway.clients import FACES
from tests.gateway.house import once, open_house
from tests.gateway.wire import SAME, WIRES, post

_STATUSES = (400, 401, 402, 403, 404, 429, 500, 503, 529)


def _by_status(sdk: Any) -> Mapping[int, type[Exception]]:
    known = {
        400: sdk.BadRequestError,
        401: sdk.AuthenticationError,
        403: sdk.PermissionDeniedError,
        404: sdk.NotFoundError,
        429: sdk.RateLimitError,
    }
    return {
        status: known.get(status, sdk.InternalServerError if status >= 500 else sdk.APIStatusError)
        for status in _STATUSES
    }


def _genai_class(status: int) -> type[Exception]:
    return genai.ServerError if status >= 500 else genai.ClientError


CLASSES: Mapping[str, Mapping[int, type[Exception]]] = {
    "chat": _by_status(openai),
    "responses": _by_status(openai),
    "messages": _by_status(anthropic),
    "gemini": {status: _genai_class(status) for status in _STATUSES},
    "ollama": dict.fromkeys(_STATUSES, ollama.ResponseError),
}
"""What each official SDK raises for a status."""

# Each face with its own dialect and with a foreign one.
PAIRS = [
    *SAME.items(),
    *((face, "claude" if face != "messages" else "gemini") for face in SAME),
]


def _status(error: Any) -> object:
    return getattr(error, "status_code", None) or error.code


def _headers(error: Any) -> Mapping[str, str]:
    response: httpx.Response = error.response
    return response.headers


@pytest.mark.parametrize(("face", "provider"), PAIRS, ids=str)
async def test_a_providers_status_is_the_sdks_own_exception(face: str, provider: str) -> None:
    async with open_house(provider) as house, FACES[face](house.url) as talker:
        for status in _STATUSES:
            house.far[provider].scenario(status=status, retry_after=7)
            for ask in (talker.ask, talker.stream):
                with pytest.raises(CLASSES[face][status]) as caught:
                    await ask(once(provider), "hi")

                assert _status(caught.value) == status
                assert f"the scenario says {status}" in str(caught.value)
                if face != "ollama":
                    # Ollama's SDK keeps no headers.
                    if status in (429, 503):
                        assert _headers(caught.value)["retry-after"] == "7"
                    assert _headers(caught.value)["x-request-id"]
                    assert _headers(caught.value)["x-dragoman-provider"] == provider


@pytest.mark.parametrize("face", WIRES)
async def test_how_long_to_wait_is_told_at_every_face(face: str) -> None:
    wire = WIRES[face]
    async with open_house("chat") as house:
        house.far["chat"].scenario(status=429, retry_after=1.5)
        for stream in (False, True):
            path = wire.path(once("chat"), stream)
            body = wire.body(once("chat"), "hi", stream)
            async with post(house.url, path, body, {"x-request-id": "mine-1"}) as answer:
                await answer.read_head()

                assert answer.status == 429
                assert answer.headers["retry-after"] == "2"
                assert answer.headers["x-request-id"] == "mine-1"
                said = await answer.json()
                if face == "gemini":
                    (info,) = [
                        detail
                        for detail in said["error"]["details"]
                        if detail["@type"].endswith("google.rpc.RetryInfo")
                    ]
                    assert info["retryDelay"] == "1.5s"


def _message(face: str, said: dict[str, Any]) -> str:
    """The text of an error, after a look at the face's own form of it."""
    error = said["error"]
    match face:
        case "chat" | "responses":
            assert set(error) >= {"message", "type", "param", "code"}
        case "messages":
            assert (said["type"], set(error)) == ("error", {"type", "message"})
        case "gemini":
            assert set(error) >= {"code", "message", "status"}
        case _:
            assert isinstance(error, str)
            return error
    text: str = error["message"]
    return text


class Bad(msgspec.Struct, frozen=True):
    """A request that is wrong, and what is said of it."""

    status: int
    words: str
    body: Callable[[str], object]
    model: str = "chat/mock-model"
    faces: tuple[str, ...] = tuple(WIRES)


_HAVE_MODEL = tuple(face for face in WIRES if face != "gemini")


def _good(face: str, model: str = "chat/mock-model") -> dict[str, Any]:
    return WIRES[face].body(model, "hi", False)


BAD: Mapping[str, Bad] = {
    "no JSON": Bad(400, "JSON", lambda face: b'{"model": '),
    "no object": Bad(400, "", lambda face: b'["model"]'),
    "nothing": Bad(400, "JSON", lambda face: b""),
    "bad UTF-8": Bad(
        400,
        "JSON",
        lambda face: msgspec.json.encode(_good(face)).replace(b'"hi"', b'"\xff"'),
    ),
    "too deep": Bad(
        400,
        "JSON",
        lambda face: (
            msgspec.json.encode(_good(face))[:-1] + b',"x":' + b"[" * 99999 + b"]" * 99999 + b"}"
        ),
    ),
    "no model": Bad(400, "model", lambda face: {**_good(face), "model": ""}, faces=_HAVE_MODEL),
    "a number for a model": Bad(
        400, "model", lambda face: {**_good(face), "model": 7}, faces=_HAVE_MODEL
    ),
    "an unknown model": Bad(
        404,
        "did you mean chat/mock-model",
        lambda face: _good(face, "chat/mock-modell"[1:]),
        model="hat/mock-modell",
    ),
    "an unknown provider": Bad(
        404, "chat", lambda face: _good(face, "nobody/at-all"), model="nobody/at-all"
    ),
    "too large": Bad(413, "2000000 bytes", lambda face: b" " * 2_000_001),
}


@pytest.mark.parametrize("provider", ["chat", "claude"])
async def test_a_wrong_request_is_refused_in_the_faces_words(provider: str) -> None:
    async with open_house(provider, body_limit_bytes=2_000_000) as house:
        for name, bad in BAD.items():
            for face in bad.faces:
                wire = WIRES[face]
                body = bad.body(face)
                if isinstance(body, dict) and "model" in body and isinstance(body["model"], str):
                    body["model"] = body["model"].replace("chat/", f"{provider}/")
                elif isinstance(body, bytes):
                    body = body.replace(b"chat/", provider.encode() + b"/")
                model = bad.model.replace("chat/", f"{provider}/")
                async with post(house.url, wire.path(model, False), body) as answer:
                    await answer.read_head()

                    assert answer.status == bad.status, (name, face)
                    assert answer.headers["content-type"].startswith("application/json")
                    assert answer.headers["x-request-id"]
                    words = bad.words.replace("chat", provider)
                    assert words in _message(face, await answer.json()), (name, face)
        assert house.far[provider].journal == []


NOWHERE = {
    "/v1/nothing": "chat",
    "/v1/messages/nothing": "messages",
    "/v1beta/nothing": "gemini",
    "/v1beta/models/m:nothing": "gemini",
    "/api/nothing": "ollama",
    "/nothing": "chat",
}


async def test_what_is_not_there_is_told_in_the_words_of_the_face_it_belongs_to() -> None:
    async with open_house("chat") as house:
        for path, face in NOWHERE.items():
            async with post(house.url, path, {}) as answer:
                await answer.read_head()

                assert answer.status == 404
                assert path in _message(face, await answer.json())
                assert answer.headers["x-request-id"]


@pytest.mark.parametrize("face", WIRES)
async def test_another_method_is_told_which_one_it_is(face: str) -> None:
    wire = WIRES[face]
    async with (
        open_house("chat") as house,
        post(house.url, wire.path("m", False), b"", method="PUT") as answer,
    ):
        await answer.read_head()

        assert (answer.status, answer.headers["allow"]) == (405, "POST")
        assert "PUT" in _message(face, await answer.json())


async def test_a_body_that_says_no_length_is_measured_as_it_comes() -> None:
    async def parts() -> Any:
        for _ in range(100):
            yield b" " * 1000

    async with open_house("chat", body_limit_bytes=50_000) as house, httpx.AsyncClient() as http:
        reply = await http.post(f"{house.url}/v1/chat/completions", content=parts())

    assert reply.status_code == 413
    assert "50000 bytes" in reply.json()["error"]["message"]
