"""Embeddings through the gateway in the forms of Gemini and Ollama, by their SDKs."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import ollama
import pytest
from google.genai import errors, types
from google.genai.client import AsyncClient

from tests.emulators.gemini_client import sdk as gemini_sdk
from tests.gateway.house import House, open_house

TEXTS = ["one two", "Größe und 大きさ"]
HAVE_THEM = ["chat", "gemini", "ollama"]
GEMINI = {"content": {"parts": [{"text": "one"}]}}
ADDRESSES: dict[str, tuple[str, dict[str, Any]]] = {
    "embedContent": ("/v1beta/models/{model}:embedContent", GEMINI),
    "embedContent, v1": ("/v1/models/{model}:embedContent", GEMINI),
    "batchEmbedContents": (
        "/v1beta/models/{model}:batchEmbedContents",
        {"requests": [{"model": "models/{model}", **GEMINI}]},
    ),
    "embed": ("/api/embed", {"model": "{model}", "input": "one"}),
    "embeddings": ("/api/embeddings", {"model": "{model}", "prompt": "one"}),
}


@pytest.fixture
async def house() -> AsyncIterator[House]:
    async with open_house() as house:
        yield house


@pytest.fixture
async def google(house: House) -> AsyncIterator[AsyncClient]:
    async with gemini_sdk(house.url) as sdk:
        yield sdk


@pytest.fixture
async def local(house: House) -> AsyncIterator[ollama.AsyncClient]:
    sdk = ollama.AsyncClient(host=house.url)
    yield sdk
    await sdk._client.aclose()


async def ask(house: House, kind: str, model: str, **more: Any) -> httpx.Response:
    path, body = ADDRESSES[kind]
    filled = {
        name: value.format(model=model) if name == "model" else value
        for name, value in body.items()
    }
    async with httpx.AsyncClient(base_url=house.url) as caller:
        return await caller.post(path.format(model=model), json=filled | more)


@pytest.mark.parametrize("provider", HAVE_THEM)
async def test_googles_sdk_has_its_vectors(
    house: House, google: AsyncClient, provider: str
) -> None:
    how = types.EmbedContentConfig(output_dimensionality=8)
    model = f"{provider}/mock-model"
    many: Any = TEXTS
    made = await google.models.embed_content(model=model, contents=many, config=how)
    again = await google.models.embed_content(model=model, contents=TEXTS[1], config=how)

    assert made.embeddings
    assert again.embeddings
    assert [len(row.values or ()) for row in made.embeddings] == [8, 8]
    assert again.embeddings[0].values == made.embeddings[1].values
    assert [entry["complaints"] for entry in house.far[provider].journal] == [[], []]


@pytest.mark.parametrize("provider", HAVE_THEM)
async def test_ollamas_sdk_has_its_vectors(
    house: House, local: ollama.AsyncClient, provider: str
) -> None:
    model = f"{provider}/mock-model"
    made = await local.embed(model, TEXTS, dimensions=8)
    again = await local.embed(model, TEXTS[1], dimensions=8)
    older = await local.embeddings(model, "one")

    assert made.model == "mock-model"
    assert [len(vector) for vector in made.embeddings] == [8, 8]
    assert again.embeddings[0] == made.embeddings[1]
    assert len(older.embedding) >= 32
    assert made.prompt_eval_count == (None if provider == "gemini" else 5)
    assert [entry["complaints"] for entry in house.far[provider].journal] == [[], [], []]


@pytest.mark.parametrize("provider", ["claude", "responses"])
async def test_the_sdks_hear_that_a_provider_has_none(
    google: AsyncClient, local: ollama.AsyncClient, provider: str
) -> None:
    with pytest.raises(errors.ServerError, match=f"{provider} has no embeddings") as caught:
        await google.models.embed_content(model=f"{provider}/mock-model", contents="one")
    with pytest.raises(ollama.ResponseError, match=f"{provider} has no embeddings") as said:
        await local.embed(f"{provider}/mock-model", "one")

    assert (caught.value.code, said.value.status_code) == (501, 501)


@pytest.mark.parametrize("kind", ADDRESSES)
async def test_in_its_own_form_a_service_gets_the_request_and_gives_its_reply(
    house: House, kind: str
) -> None:
    """Also fields that nobody here knows: the service itself says what it thinks of them."""
    provider = "ollama" if ADDRESSES[kind][0].startswith("/api") else "gemini"
    path, body = ADDRESSES[kind]
    known = {"keep_alive": "5m"} if provider == "ollama" else {}

    reply = await ask(house, kind, f"{provider}/mock-model", **known)
    async with httpx.AsyncClient(base_url=house.far[provider].url) as caller:
        own = {
            name: v.format(model="mock-model") if name == "model" else v for name, v in body.items()
        }
        if "requests" in own:
            own["requests"] = [{**own["requests"][0], "model": "models/mock-model"}]
        direct = await caller.post(
            path.format(model="mock-model"), json=own | known, headers={"x-goog-api-key": "any"}
        )

    first, second = house.far[provider].journal
    assert reply.status_code == 200
    assert reply.content == direct.content
    assert first["body"] == second["body"] == own | known


@pytest.mark.parametrize(
    ("kind", "more", "left_out"),
    [
        ("embedContent", {"taskType": "RETRIEVAL_QUERY", "title": "T"}, "taskType, title"),
        ("embed", {"truncate": True, "options": {"num_ctx": 9}}, "truncate, options"),
        ("embeddings", {"keep_alive": 0}, "keep_alive"),
    ],
)
async def test_a_hint_that_is_left_out_is_told(
    house: House, kind: str, more: dict[str, Any], left_out: str
) -> None:
    reply = await ask(house, kind, "chat/mock-model", **more)

    assert reply.status_code == 200
    assert reply.headers["x-dragoman-dropped"] == left_out
    assert house.far["chat"].journal[0]["complaints"] == []


@pytest.mark.parametrize("kind", ADDRESSES)
@pytest.mark.parametrize("provider", ["chat", "gemini", "ollama"])
async def test_a_field_that_cannot_be_said_is_refused_by_name(
    house: House, kind: str, provider: str
) -> None:
    """By the gateway, or by the service whose own form it is; Ollama itself takes anything."""
    reply = await ask(house, kind, f"{provider}/mock-model", nonsense_of_mine=1)

    own = provider == ("ollama" if ADDRESSES[kind][0].startswith("/api") else "gemini")
    if own and provider == "ollama":
        assert reply.status_code == 200
    elif kind != "batchEmbedContents" or own:
        assert (reply.status_code, "nonsense_of_mine" in reply.text) == (400, True)


@pytest.mark.parametrize("kind", ADDRESSES)
async def test_a_page_in_place_of_vectors_is_an_error(house: House, kind: str) -> None:
    for provider in HAVE_THEM:
        house.far[provider].scenario(html_instead=True)

        reply = await ask(house, kind, f"{provider}/mock-model")

        assert reply.status_code == 502


@pytest.mark.parametrize("kind", ADDRESSES)
@pytest.mark.parametrize(
    "body", [b"", b"[]", b'{"model": "gemini/mock-model"', b'{"model":"\xff"}']
)
async def test_a_body_that_is_no_request_is_400_in_the_faces_words(
    house: House, kind: str, body: bytes
) -> None:
    async with httpx.AsyncClient(base_url=house.url) as caller:
        path = ADDRESSES[kind][0].format(model="gemini/mock-model")
        reply = await caller.post(path, content=body)

    said = reply.json()["error"]
    assert reply.status_code == 400
    assert isinstance(said, str) if path.startswith("/api") else said["code"] == 400


@pytest.mark.parametrize("requests", [None, {}, ["text"]])
async def test_a_batch_that_is_none_is_400(house: House, requests: Any) -> None:
    for provider in ("gemini", "chat"):
        reply = await ask(house, "batchEmbedContents", f"{provider}/mock-model", requests=requests)

        assert (reply.status_code, reply.json()["error"]["code"]) == (400, 400)


async def test_tokens_are_counted_for_the_keys_limit() -> None:
    keys = [{"name": "k", "key": "k" * 24, "tokens_per_minute": 100}]
    async with open_house("ollama", keys=keys) as house:
        sdk = ollama.AsyncClient(host=house.url, headers={"authorization": "Bearer " + "k" * 24})
        await sdk.embed("ollama/mock-model", "one two three")
        refused = await ask(house, "embed", "ollama/mock-model")
        async with httpx.AsyncClient(headers={"x-api-key": "k" * 24}) as caller:
            page = (await caller.get(f"{house.url}/metrics")).text
        await sdk._client.aclose()

    assert refused.status_code == 401
    assert 'dragoman_input_tokens_total{key="k",model="mock-model",provider="ollama"} 3.0' in page
