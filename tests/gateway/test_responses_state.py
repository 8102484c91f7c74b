"""What the Responses keep: continued where the provider keeps it, refused by name elsewhere."""

from collections.abc import AsyncIterator
from typing import Any

import openai
import pytest

from tests.gateway.house import House, open_house

OTHERS = ["chat", "claude", "gemini", "ollama", "echo/echo"]


@pytest.fixture
async def house() -> AsyncIterator[House]:
    async with open_house() as house:
        yield house


@pytest.fixture
async def sdk(house: House) -> AsyncIterator[openai.AsyncOpenAI]:
    async with openai.AsyncOpenAI(base_url=f"{house.url}/v1", api_key="any", max_retries=0) as sdk:
        yield sdk


@pytest.mark.parametrize("provider", OTHERS)
@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("field", ["previous_response_id", "conversation"])
async def test_it_is_refused_by_name_where_nothing_is_kept(
    house: House, sdk: openai.AsyncOpenAI, provider: str, stream: bool, field: str
) -> None:
    model = provider if "/" in provider else f"{provider}/mock-model"
    more: Any = {field: "resp_1" if field == "previous_response_id" else {"id": "conv_1"}}

    with pytest.raises(openai.BadRequestError) as caught:
        await sdk.responses.create(model=model, input="go on", stream=stream, **more)

    assert caught.value.param == field
    assert all(far.journal == [] for far in house.far.values())


async def test_a_provider_that_keeps_answers_goes_on_from_one(
    house: House, sdk: openai.AsyncOpenAI
) -> None:
    first = await sdk.responses.create(model="responses/mock-model", input="one")
    second = await sdk.responses.create(
        model="responses/mock-model", input="go on", previous_response_id=first.id
    )

    assert second.previous_response_id == first.id
    assert second.output_text == "go on"
    assert house.far["responses"].journal[1]["body"]["previous_response_id"] == first.id


@pytest.mark.parametrize("store", [False, None])
async def test_what_it_does_not_keep_it_refuses_by_name(
    sdk: openai.AsyncOpenAI, store: bool | None
) -> None:
    name = "resp_unknown"
    if store is False:
        name = (await sdk.responses.create(model="responses/m", input="one", store=False)).id

    with pytest.raises(openai.BadRequestError) as caught:
        await sdk.responses.create(model="responses/m", input="go on", previous_response_id=name)

    assert caught.value.param == "previous_response_id"
    assert caught.value.code == "previous_response_not_found"
