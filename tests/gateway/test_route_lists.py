"""Routes in the gateway's lists of models: under their names, with what their models can."""

from collections.abc import AsyncIterator, Mapping

import anthropic
import httpx
import openai
import pytest

from dragoman import emulators
from dragoman.config import Config
from tests.emulators.gemini_client import sdk as gemini_sdk
from tests.gateway.house import open_gateway

KEY, NARROW = "k" * 24, "n" * 24
SERVICE: Mapping[str, object] = {"dialect": "anthropic_messages", "api_key": "any-key"}
ROUTES = {
    "smart": {"candidates": ["claude/mock-model", "claude/mock-small"]},
    "team/gone": {"candidates": ["away/some-model", "echo"]},
}


@pytest.fixture
async def url() -> AsyncIterator[str]:
    async with emulators.run("anthropic") as far:
        tables: dict[str, dict[str, object]] = {
            "claude": {**SERVICE, "base_url": far.url},
            "away": {
                **SERVICE,
                "base_url": "http://127.0.0.1:1",
                "model": {"some-model": {"context": 7}},
            },
        }
        keys = [KEY, {"key": NARROW, "models": ["team/*"]}]
        config = Config.of(tables, gateway={"log": False, "keys": keys}, routes=ROUTES)
        async with open_gateway(config) as (url, _):
            yield url


async def test_openais_sdk_lists_and_retrieves_routes(url: str) -> None:
    async with openai.AsyncOpenAI(base_url=f"{url}/v1", api_key=KEY) as sdk:
        listed = [model.id async for model in sdk.models.list()]
        one = await sdk.models.retrieve("smart")
        other = await sdk.models.retrieve("team/gone")

    assert listed[:2] == ["smart", "team/gone"]
    assert (one.id, one.owned_by) == ("smart", "dragoman")
    assert one.model_dump()["context_length"] == 1_000_000
    assert other.id == "team/gone"


async def test_anthropics_sdk_does(url: str) -> None:
    async with anthropic.AsyncAnthropic(base_url=url, api_key=KEY) as sdk:
        listed = [model.id async for model in sdk.models.list()]
        one = await sdk.models.retrieve("smart")

    assert listed[:2] == ["smart", "team/gone"]
    assert (one.display_name, one.max_input_tokens) == ("smart", 1_000_000)


async def test_geminis_sdk_does(url: str) -> None:
    async with gemini_sdk(url, KEY) as sdk:
        pager = await sdk.models.list()
        listed = [model.name async for model in pager]
        one = await sdk.models.get(model="smart")

    assert listed[:2] == ["models/smart", "models/team/gone"]
    assert one.display_name == "smart"


async def test_ollamas_programs_do(url: str) -> None:
    headers = {"authorization": f"Bearer {KEY}"}
    async with httpx.AsyncClient(base_url=url, headers=headers) as caller:
        tags = (await caller.get("/api/tags")).json()["models"]
        shown = (await caller.post("/api/show", json={"model": "smart"})).json()

    assert [tag["name"] for tag in tags][:2] == ["smart", "team/gone"]
    assert shown["model_info"]["smart.context_length"] == 1_000_000


async def test_a_key_sees_the_routes_that_it_may_ask(url: str) -> None:
    headers = {"authorization": f"Bearer {NARROW}"}
    async with httpx.AsyncClient(base_url=url, headers=headers) as caller:
        listed = (await caller.get("/v1/models")).json()["data"]
        barred = await caller.get("/v1/models/smart")

    assert [model["id"] for model in listed] == ["team/gone"]
    assert barred.status_code == 403
