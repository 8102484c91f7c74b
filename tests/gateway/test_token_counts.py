"""Counts of tokens through the gateway, by the SDKs of Anthropic, OpenAI and Google."""

from collections.abc import AsyncIterator
from typing import Any

import anthropic
import httpx
import openai
import pytest
from google.genai import errors
from google.genai.client import AsyncClient

from dragoman.errors import ResponseStatusError
from tests.emulators.gemini_client import sdk as gemini_sdk
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


async def test_responses_count_the_same_request(
    house: House, sdk: anthropic.AsyncAnthropic
) -> None:
    counted = await sdk.messages.count_tokens(
        model="responses/mock-model", messages=SAID, system="four five", tools=TOOLS
    )

    (entry,) = house.far["responses"].journal
    assert counted.input_tokens == 5
    assert entry["path"] == "/v1/responses/input_tokens"
    assert entry["complaints"] == []


@pytest.fixture
async def openai_sdk(house: House) -> AsyncIterator[openai.AsyncOpenAI]:
    async with openai.AsyncOpenAI(base_url=f"{house.url}/v1", api_key="any", max_retries=0) as sdk:
        yield sdk


@pytest.mark.parametrize("provider", ["responses", "claude", "gemini"])
async def test_openais_sdk_has_its_input_counted(
    house: House, openai_sdk: openai.AsyncOpenAI, provider: str
) -> None:
    counted = await openai_sdk.responses.input_tokens.count(
        model=f"{provider}/mock-model", input="one two three", instructions="four five"
    )

    (entry,) = house.far[provider].journal
    assert (counted.object, counted.input_tokens) == ("response.input_tokens", 5)
    assert entry["complaints"] == []
    if provider == "responses":
        assert entry["body"] == {
            "model": "mock-model",
            "input": "one two three",
            "instructions": "four five",
        }


async def test_what_responses_keep_is_refused_by_name_where_it_is_not(
    openai_sdk: openai.AsyncOpenAI,
) -> None:
    with pytest.raises(openai.BadRequestError, match="previous_response_id"):
        await openai_sdk.responses.input_tokens.count(
            model="claude/mock-model", input="one", previous_response_id="resp_1"
        )


@pytest.fixture
async def google_sdk(house: House) -> AsyncIterator[AsyncClient]:
    async with gemini_sdk(house.url) as sdk:
        yield sdk


@pytest.mark.parametrize("provider", ["gemini", "claude", "responses"])
async def test_googles_sdk_has_its_contents_counted(
    house: House, google_sdk: AsyncClient, provider: str
) -> None:
    counted = await google_sdk.models.count_tokens(
        model=f"{provider}/mock-model", contents="one two three"
    )

    (entry,) = house.far[provider].journal
    assert counted.total_tokens == 3
    assert entry["complaints"] == []


async def test_googles_sdk_hears_its_own_error(google_sdk: AsyncClient) -> None:
    with pytest.raises(errors.ServerError) as caught:
        await google_sdk.models.count_tokens(model="ollama/mock-model", contents="one")

    assert (caught.value.code, caught.value.status) == (501, "UNIMPLEMENTED")


@pytest.mark.parametrize("version", ["v1", "v1beta"])
@pytest.mark.parametrize("name", ["generateContentRequest", "generate_content_request"])
async def test_a_whole_request_in_the_question_has_the_model_put_right(
    house: House, version: str, name: str
) -> None:
    whole = {
        "model": "models/gemini/mock-model",
        "contents": [{"role": "user", "parts": [{"text": "one two"}]}],
        "systemInstruction": {"parts": [{"text": "three"}]},
    }
    async with httpx.AsyncClient(base_url=house.url) as caller:
        path = f"/{version}/models/gemini/mock-model:countTokens"
        reply = await caller.post(path, json={name: whole})

    (entry,) = house.far["gemini"].journal
    assert reply.json()["totalTokens"] == 3
    assert entry["body"] == {name: {**whole, "model": "models/mock-model"}}


@pytest.mark.parametrize("body", [b"", b"[]", b'{"contents": []}', b"\xff"])
async def test_what_is_no_question_is_400_in_the_faces_words(house: House, body: bytes) -> None:
    async with httpx.AsyncClient(base_url=house.url) as caller:
        reply = await caller.post("/v1beta/models/claude/mock-model:countTokens", content=body)

    assert (reply.status_code, reply.json()["error"]["status"]) == (400, "INVALID_ARGUMENT")
    assert house.far["claude"].journal == []


@pytest.mark.parametrize("provider", ["chat", "ollama", "echo/echo"])
async def test_who_cannot_count_is_named_and_not_asked(house: House, provider: str) -> None:
    model = provider if "/" in provider else f"{provider}/mock-model"

    asked = {
        "/v1/messages/count_tokens": {"model": model, "messages": SAID},
        "/v1/responses/input_tokens": {"model": model, "input": "one"},
        f"/v1beta/models/{model}:countTokens": {"contents": [{"parts": [{"text": "one"}]}]},
    }
    async with httpx.AsyncClient(base_url=house.url) as caller:
        for path, body in asked.items():
            reply = await caller.post(path, json=body)

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
    for provider in ("claude", "gemini", "responses"):
        house.far[provider].scenario(html_instead=True)

        with pytest.raises(anthropic.InternalServerError):
            await sdk.with_options(max_retries=0).messages.count_tokens(
                model=f"{provider}/mock-model", messages=SAID
            )


async def test_the_python_client_counts_too(house: House) -> None:
    client = (await house.app.gateway.held()).client

    counts = [
        await client.count_tokens(f"{provider}/mock-model", "one two", temperature=0.5, seed=1)
        for provider in ("claude", "gemini", "responses")
    ]
    with pytest.raises(ResponseStatusError) as caught:
        await client.count_tokens("chat/mock-model", "one two")

    assert counts == [2, 2, 2]
    assert (caught.value.status, caught.value.code, caught.value.retryable) == (
        501,
        "not_supported",
        False,
    )
