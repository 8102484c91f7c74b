"""Counts of tokens through the gateway, by Anthropic's SDK."""

from collections.abc import AsyncIterator
from typing import Any

import anthropic
import httpx
import pytest

from dragoman.errors import ResponseStatusError
from tests.gateway.house import House, open_house

TOOLS: list[Any] = [{"name": "weather", "input_schema": {"type": "object", "properties": {}}}]
SAID: list[Any] = [{"role": "user", "content": "one two three"}]


@pytest.fixture
async def house() -> AsyncIterator[House]:
    async with open_house() as house:
        yield house


@pytest.fixture
async def sdk(house: House) -> AsyncIterator[anthropic.AsyncAnthropic]:
    async with anthropic.AsyncAnthropic(base_url=house.url, api_key="any") as sdk:
        yield sdk


async def test_a_request_goes_to_anthropic_as_it_is(
    house: House, sdk: anthropic.AsyncAnthropic
) -> None:
    counted = await sdk.messages.count_tokens(
        model="claude/mock-model",
        messages=SAID,
        system="four five",
        tools=TOOLS,
        extra_headers={"anthropic-beta": "token-counting-2024-11-01"},
    )

    (entry,) = house.far["claude"].journal
    assert counted.input_tokens > 5
    assert entry["path"] == "/v1/messages/count_tokens"
    assert entry["body"] == {
        "model": "mock-model",
        "messages": SAID,
        "system": "four five",
        "tools": TOOLS,
    }
    assert entry["headers"]["anthropic-beta"] == "token-counting-2024-11-01"
    assert entry["headers"]["x-api-key"] == "any-key"
    assert entry["complaints"] == []


async def test_gemini_counts_the_same_request(house: House, sdk: anthropic.AsyncAnthropic) -> None:
    counted = await sdk.messages.count_tokens(
        model="gemini/mock-model", messages=SAID, system="four five", tools=TOOLS
    )

    (entry,) = house.far["gemini"].journal
    assert counted.input_tokens == 5
    assert entry["path"] == "/v1beta/models/mock-model:countTokens"
    assert entry["complaints"] == []


@pytest.mark.parametrize("provider", ["chat", "responses", "ollama", "echo/echo"])
async def test_who_cannot_count_is_named_and_not_asked(house: House, provider: str) -> None:
    model = provider if "/" in provider else f"{provider}/mock-model"

    async with httpx.AsyncClient(base_url=house.url) as caller:
        body = {"model": model, "messages": SAID}
        reply = await caller.post("/v1/messages/count_tokens", json=body)

    assert reply.status_code == 501
    assert reply.headers["x-should-retry"] == "false"
    error = reply.json()["error"]
    assert error["message"].startswith(f"{model.partition('/')[0]} has no ")
    assert all(not emulator.journal for emulator in house.far.values())


async def test_the_services_own_refusal_is_passed_on(
    house: House, sdk: anthropic.AsyncAnthropic
) -> None:
    with pytest.raises(anthropic.NotFoundError, match="missing-model"):
        await sdk.messages.count_tokens(model="claude/missing-model", messages=SAID)
    with pytest.raises(anthropic.BadRequestError, match="messages"):
        await sdk.messages.count_tokens(model="claude/mock-model", messages=[])


async def test_a_page_in_place_of_a_count_is_an_error(
    house: House, sdk: anthropic.AsyncAnthropic
) -> None:
    for provider in ("claude", "gemini"):
        house.far[provider].scenario(html_instead=True)

        with pytest.raises(anthropic.InternalServerError):
            await sdk.with_options(max_retries=0).messages.count_tokens(
                model=f"{provider}/mock-model", messages=SAID
            )


async def test_the_python_client_counts_too(house: House) -> None:
    client = (await house.app.gateway.held()).client

    counts = [
        await client.count_tokens(f"{provider}/mock-model", "one two", temperature=0.5, seed=1)
        for provider in ("claude", "gemini")
    ]
    with pytest.raises(ResponseStatusError) as caught:
        await client.count_tokens("chat/mock-model", "one two")

    assert counts == [2, 2]
    assert (caught.value.status, caught.value.code, caught.value.retryable) == (
        501,
        "not_supported",
        False,
    )
