"""What Ollama's package asks besides chats."""

from collections.abc import AsyncIterator

import httpx
import ollama
import pytest

from tests.gateway.house import PROVIDERS, House, open_house


@pytest.fixture
async def house() -> AsyncIterator[House]:
    async with open_house() as house:
        yield house


@pytest.fixture
async def sdk(house: House) -> AsyncIterator[ollama.AsyncClient]:
    sdk = ollama.AsyncClient(host=house.url)
    yield sdk
    await sdk._client.aclose()


async def test_the_models_of_all_are_listed(sdk: ollama.AsyncClient) -> None:
    listed = (await sdk.list()).models

    names = [model.model for model in listed]
    assert {f"{name}/mock-model" for name in PROVIDERS} <= set(names)
    assert len({model.digest for model in listed}) == len(names)


async def test_a_model_tells_what_it_takes_and_can_do(sdk: ollama.AsyncClient) -> None:
    plain = await sdk.show("ollama/mock-plain:7b")
    thinker = await sdk.show("claude/mock-model")
    unknown = await sdk.show("echo")

    assert plain.modelinfo == {"general.architecture": "ollama", "ollama.context_length": 4096}
    assert plain.capabilities == ["completion"]
    assert thinker.capabilities == ["completion", "tools", "vision", "thinking"]
    # What is not known is tried.
    assert unknown.capabilities == ["completion", "tools", "vision"]
    assert unknown.modelinfo == {"general.architecture": "echo"}


async def test_a_model_that_there_is_not_is_ollamas_404(sdk: ollama.AsyncClient) -> None:
    with pytest.raises(ollama.ResponseError) as caught:
        await sdk.show("claude/none")

    assert caught.value.status_code == 404
    assert "lists no model" in caught.value.error


async def test_older_programs_say_name(house: House) -> None:
    async with httpx.AsyncClient(base_url=house.url) as caller:
        named = await caller.post("/api/show", json={"name": "echo"})
        nothing = await caller.post("/api/show", json={})

    assert named.json()["details"]["family"] == "echo"
    assert (nothing.status_code, "model" in nothing.json()["error"]) == (400, True)


async def test_nothing_is_loaded(sdk: ollama.AsyncClient) -> None:
    assert list((await sdk.ps()).models) == []


@pytest.mark.parametrize("method", ["GET", "HEAD"])
async def test_somebody_is_here_and_has_a_version(method: str) -> None:
    """Programs look for a server before they have asked their user for a key."""
    async with (
        open_house(keys=["k" * 24]) as house,
        httpx.AsyncClient(base_url=house.url) as caller,
    ):
        hello = await caller.request(method, "/")
        version = await caller.request(method, "/api/version")
        tags = await caller.request(method, "/api/tags")

    assert (hello.status_code, version.status_code, tags.status_code) == (200, 200, 401)
    if method == "GET":
        assert hello.text == "Dragoman\n"
        assert version.json()["version"].count(".") == 2
