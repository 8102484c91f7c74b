"""Lists of models through the gateway, as the official SDKs read them."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import anthropic
import httpx
import openai
import pytest
from google.genai import errors as gemini_errors

from dragoman.client import Client
from dragoman.config import Config
from dragoman.errors import ModelNotSupportedError, TimeoutError
from dragoman.listing import Listing
from tests.emulators.gemini_client import sdk as gemini_sdk
from tests.gateway.house import PROVIDERS, House, open_house

ALL = {f"{name}/mock-model" for name in PROVIDERS} | {"echo/echo"}


@pytest.fixture
async def house() -> AsyncIterator[House]:
    async with open_house() as house:
        yield house


async def raw(url: str, path: str, **headers: str) -> httpx.Response:
    async with httpx.AsyncClient(base_url=url) as caller:
        return await caller.get(path, headers=headers)


async def test_openais_sdk_lists_and_retrieves(house: House) -> None:
    async with openai.AsyncOpenAI(base_url=f"{house.url}/v1", api_key="any") as sdk:
        listed = [model async for model in sdk.models.list()]
        one = await sdk.models.retrieve("claude/mock-model")

    assert {model.id for model in listed} >= ALL
    assert (one.id, one.owned_by) == ("claude/mock-model", "claude")
    assert one.model_dump()["context_length"] == 1_000_000


async def test_anthropics_sdk_reads_page_after_page(house: House) -> None:
    async with anthropic.AsyncAnthropic(base_url=house.url, api_key="any") as sdk:
        listed = [model async for model in sdk.models.list(limit=2)]
        one = await sdk.models.retrieve("gemini/mock-model")

    assert {model.id for model in listed} >= ALL
    assert len({model.id for model in listed}) == len(listed)
    assert (one.type, one.max_input_tokens) == ("model", 1_048_576)


async def test_geminis_sdk_reads_page_after_page(house: House) -> None:
    async with gemini_sdk(house.url) as sdk:
        pager = await sdk.models.list(config={"page_size": 2})
        listed = [model.name async for model in pager]
        one = await sdk.models.get(model="ollama/mock-model")

    assert set(listed) >= {f"models/{name}" for name in ALL}
    assert (one.name, one.input_token_limit) == ("models/ollama/mock-model", 131_072)


@pytest.mark.parametrize(
    ("headers", "path", "key"),
    [
        ({}, "/v1/models", "object"),
        ({"anthropic-version": "2023-06-01"}, "/v1/models", "has_more"),
        ({"x-goog-api-key": "any"}, "/v1/models", "models"),
        ({}, "/v1/models?key=any", "models"),
        ({}, "/v1beta/models", "models"),
    ],
)
async def test_the_headers_say_which_shape(
    house: House, headers: dict[str, str], path: str, key: str
) -> None:
    reply = await raw(house.url, path, **headers)

    assert reply.status_code == 200
    assert key in reply.json()
    assert reply.headers["x-request-id"].startswith("req_")


async def test_a_provider_that_fails_is_listed_as_it_is_configured(house: House) -> None:
    house.far["claude"].scenario(status=500)

    listed = (await raw(house.url, "/v1/models")).json()["data"]

    names = [model["id"] for model in listed]
    assert [name for name in names if name.startswith("claude/")] == ["claude/mock-model"]
    assert {"gemini/mock-large", "ollama/mock-large"} <= set(names)


async def test_a_service_is_asked_once_for_many_lists(house: House) -> None:
    async with httpx.AsyncClient(base_url=house.url) as caller:
        await asyncio.gather(*(caller.get("/v1/models") for _ in range(8)))

    assert len(house.far["claude"].journal) == 1


async def test_one_that_fails_is_left_alone_for_a_while(house: House) -> None:
    house.far["chat"].scenario(status=503)

    for _ in range(3):
        await raw(house.url, "/v1/models")

    assert len(house.far["chat"].journal) == 1


async def test_a_model_that_there_is_not_is_the_faces_own_404(house: House) -> None:
    async with openai.AsyncOpenAI(base_url=f"{house.url}/v1", api_key="any") as sdk:
        with pytest.raises(openai.NotFoundError) as openais:
            await sdk.models.retrieve("claude/none")
    async with anthropic.AsyncAnthropic(base_url=house.url, api_key="any") as claude:
        with pytest.raises(anthropic.NotFoundError, match="lists no model"):
            await claude.models.retrieve("claude/none")
    async with gemini_sdk(house.url) as gemini:
        with pytest.raises(gemini_errors.ClientError) as geminis:
            await gemini.models.get(model="claude/none")

    assert openais.value.code == "model_not_found"
    assert (geminis.value.code, geminis.value.status) == (404, "NOT_FOUND")


async def test_a_model_of_a_provider_that_fails_is_its_error(house: House) -> None:
    house.far["claude"].scenario(status=429)

    lost = await raw(house.url, "/v1/models/claude/mock-large")
    again = await raw(house.url, "/v1/models/claude/mock-large")
    configured = await raw(house.url, "/v1/models/claude/mock-model")

    assert (lost.status_code, again.status_code, configured.status_code) == (429, 429, 200)
    assert lost.json() == again.json()


async def test_a_page_that_there_is_not_is_refused_by_name(house: House) -> None:
    reply = await raw(house.url, "/v1/models?limit=0", **{"anthropic-version": "2023-06-01"})

    assert reply.status_code == 400
    assert reply.json()["error"]["type"] == "invalid_request_error"


async def test_a_key_sees_only_its_models() -> None:
    keys = [{"name": "narrow", "key": "k" * 24, "models": ["claude/*", "*/mock-large"]}]
    async with open_house(keys=keys) as house:
        nobody = await raw(house.url, "/v1/models")
        listed = await raw(house.url, "/v1/models", authorization=f"Bearer {'k' * 24}")
        gemini = await raw(house.url, f"/v1beta/models?key={'k' * 24}")
        ollama = await raw(house.url, "/api/tags", authorization=f"Bearer {'k' * 24}")
        barred = await raw(house.url, "/v1/models/echo", authorization=f"Bearer {'k' * 24}")

    names = {model["id"] for model in listed.json()["data"]}
    assert nobody.status_code == 401
    assert nobody.json()["error"]["code"] == "invalid_gateway_key"
    assert "claude/mock-small" in names
    assert "gemini/mock-large" in names
    assert all(name.startswith("claude/") or name.endswith("/mock-large") for name in names)
    assert {model["name"] for model in gemini.json()["models"]} == {f"models/{n}" for n in names}
    assert {model["name"] for model in ollama.json()["models"]} == names
    assert barred.status_code == 403


async def test_a_provider_that_is_silent_does_not_hold_the_list_up() -> None:
    silent: list[Any] = []

    async def hold(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        silent.append(writer)

    server = await asyncio.start_server(hold, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    config = Config.of(
        {"mute": {"dialect": "openai_chat", "base_url": f"http://127.0.0.1:{port}/v1"}}
    )
    try:
        async with Client(config) as client:
            listing = Listing(client, config, late_s=0.2)

            listed = await listing.all()

            with pytest.raises(TimeoutError, match=r"mute did not list its models in 0\.2 s"):
                await listing.find("mute", "any")
            with pytest.raises(ModelNotSupportedError):
                await listing.find("echo", "any")
    finally:
        server.close()
        for writer in silent:
            writer.close()
        await server.wait_closed()

    assert "echo/echo" in listed
    assert len(silent) == 1
