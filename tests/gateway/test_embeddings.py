"""Embeddings through the gateway, by OpenAI's SDK."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import openai
import pytest

from dragoman.config import Config
from dragoman.errors import InputError
from tests.gateway.house import House, open_gateway, open_house

TEXTS = ["one two", "Größe und 大きさ"]


@pytest.fixture
async def house() -> AsyncIterator[House]:
    async with open_house() as house:
        yield house


@pytest.fixture
async def sdk(house: House) -> AsyncIterator[openai.AsyncOpenAI]:
    async with openai.AsyncOpenAI(base_url=f"{house.url}/v1", api_key="any", max_retries=0) as sdk:
        yield sdk


@pytest.mark.parametrize("provider", ["chat", "gemini", "ollama"])
@pytest.mark.parametrize("encoding", ["float", "base64", None])
async def test_texts_become_vectors(
    house: House, sdk: openai.AsyncOpenAI, provider: str, encoding: Any
) -> None:
    how = encoding or openai.omit
    made = await sdk.embeddings.create(
        model=f"{provider}/mock-model", input=TEXTS, dimensions=8, encoding_format=how
    )
    again = await sdk.embeddings.create(
        model=f"{provider}/mock-model", input=TEXTS[1], dimensions=8
    )

    assert [row.index for row in made.data] == [0, 1]
    assert made.model == "mock-model"
    if encoding != "base64":
        assert all(len(row.embedding) == 8 for row in made.data)
        assert again.data[0].embedding == pytest.approx(made.data[1].embedding, abs=1e-6)
    assert [entry["complaints"] for entry in house.far[provider].journal] == [[], []]


async def test_a_request_in_openais_form_is_passed_on_as_it_is(house: House) -> None:
    body = {"model": "chat/mock-model", "input": "one", "encoding_format": "base64", "user": "u"}

    async with httpx.AsyncClient() as caller:
        direct = await caller.post(
            f"{house.far['chat'].url}/v1/embeddings",
            json={**body, "model": "mock-model"},
            headers={"authorization": "Bearer any"},
        )
        relayed = await caller.post(f"{house.url}/v1/embeddings", json=body)

    entry = house.far["chat"].journal[-1]
    assert relayed.content == direct.content
    assert entry["body"] == {**body, "model": "mock-model"}
    assert relayed.headers["x-dragoman-provider"] == "chat"
    assert relayed.headers["x-dragoman-attempts"] == "1"


async def test_a_hint_that_is_left_out_is_told(house: House) -> None:
    async with httpx.AsyncClient(base_url=house.url) as caller:
        body = {"model": "gemini/mock-model", "input": "one", "user": "somebody"}
        reply = await caller.post("/v1/embeddings", json=body)

    assert reply.headers["x-dragoman-dropped"] == "user"


async def test_many_texts_are_several_requests_to_gemini(
    house: House, sdk: openai.AsyncOpenAI
) -> None:
    texts = [f"text {number}" for number in range(201)]

    made = await sdk.embeddings.create(model="gemini/mock-model", input=texts, dimensions=4)
    last = await sdk.embeddings.create(model="gemini/mock-model", input=texts[-1], dimensions=4)

    assert len(made.data) == 201
    assert made.data[-1].embedding == last.data[0].embedding
    assert len(house.far["gemini"].journal) == 4


@pytest.mark.parametrize(
    ("model", "fields", "status", "words"),
    [
        ("claude/mock-model", {}, 501, "claude has no embeddings"),
        ("responses/mock-model", {}, 501, "responses has no embeddings"),
        ("echo/echo", {}, 501, "echo has no"),
        ("nobody/none", {}, 404, "no model"),
        ("gemini/mock-model", {"input": [[1, 2]]}, 400, "gemini takes texts and no tokens"),
        ("ollama/mock-model", {"input_type": "query"}, 400, "input_type"),
        ("gemini/mock-model", {"input": ""}, 400, "input"),
        ("chat/missing-model", {}, 404, "missing-model"),
        (None, {}, 400, "model"),
        ("chat/mock-model", {"input": None}, 400, "input"),
    ],
)
async def test_what_cannot_be_done_is_said_by_name(
    house: House, model: str | None, fields: dict[str, object], status: int, words: str
) -> None:
    async with httpx.AsyncClient(base_url=house.url) as caller:
        body = {"model": model, "input": "one", **fields}
        reply = await caller.post("/v1/embeddings", json=body)

    assert reply.status_code == status
    assert words in reply.json()["error"]["message"]


async def test_a_provider_without_a_default_model_says_so() -> None:
    config = Config.of({"bare": {"dialect": "openai_chat", "base_url": "http://127.0.0.1:9/v1"}})
    async with open_gateway(config) as (url, _), httpx.AsyncClient(base_url=url) as caller:
        reply = await caller.post("/v1/embeddings", json={"model": "bare", "input": "one"})

    assert reply.status_code == 400
    assert "bare has no default model" in reply.json()["error"]["message"]


@pytest.mark.parametrize("body", [b"", b"[]", b'{"model": "chat/m"', b'{"model": "\xff"}'])
async def test_a_body_that_is_no_request_is_400(house: House, body: bytes) -> None:
    async with httpx.AsyncClient(base_url=house.url) as caller:
        reply = await caller.post("/v1/embeddings", content=body)

    assert reply.status_code == 400
    assert reply.json()["error"]["type"] == "invalid_request_error"


@pytest.mark.parametrize("provider", ["chat", "gemini", "ollama"])
async def test_a_page_in_place_of_vectors_is_an_error(
    house: House, sdk: openai.AsyncOpenAI, provider: str
) -> None:
    house.far[provider].scenario(html_instead=True)

    with pytest.raises(openai.InternalServerError):
        await sdk.embeddings.create(model=f"{provider}/mock-model", input=TEXTS)


async def test_a_limit_of_the_providers_comes_with_its_wait(
    house: House, sdk: openai.AsyncOpenAI
) -> None:
    house.far["chat"].scenario(status=429, retry_after=7)

    with pytest.raises(openai.RateLimitError) as caught:
        await sdk.embeddings.create(model="chat/mock-model", input=TEXTS)

    assert caught.value.response.headers["retry-after"] == "7"


async def test_a_key_has_its_models_and_its_limit() -> None:
    keys = [{"name": "k", "key": "k" * 24, "models": ["chat/*"], "requests_per_minute": 2}]
    async with open_house(keys=keys) as house:
        sdk = openai.AsyncOpenAI(base_url=f"{house.url}/v1", api_key="k" * 24, max_retries=0)
        async with sdk:
            made = await sdk.embeddings.with_raw_response.create(
                model="chat/mock-model", input=TEXTS
            )
            with pytest.raises(openai.PermissionDeniedError):
                await sdk.embeddings.create(model="gemini/mock-model", input=TEXTS)
            with pytest.raises(openai.RateLimitError) as caught:
                await sdk.embeddings.create(model="chat/mock-model", input=TEXTS)

    assert made.headers["x-ratelimit-remaining-requests"] == "1"
    assert float(caught.value.response.headers["retry-after"]) > 0
    assert house.far["gemini"].journal == []


async def test_the_python_client_embeds_too(house: House) -> None:
    client = (await house.app.gateway.held()).client

    replies = [
        await client.embed(f"{provider}/mock-model", TEXTS, dimensions=4)
        for provider in ("chat", "gemini", "ollama")
    ]
    with pytest.raises(InputError, match=r"input\[0\]"):
        await client.embed("chat/mock-model", "")

    assert [[len(vector) for vector in reply.vectors] for reply in replies] == [[4, 4]] * 3
    assert [reply.input_tokens for reply in replies] == [5, None, 5]
