"""The name of a request, where each official SDK looks for it, and what a refused key tells."""

import anthropic
import httpx
import openai
import pytest

from tests.gateway.house import open_house
from tests.gateway.wire import WIRES, post

MINE = {"x-request-id": "mine-1"}


async def test_anthropics_sdk_knows_the_request() -> None:
    async with (
        open_house("chat", "claude") as house,
        anthropic.AsyncAnthropic(base_url=house.url, api_key="any", max_retries=0) as sdk,
    ):
        for provider in ("chat", "claude"):
            reply = await sdk.messages.create(
                model=f"{provider}/mock-model",
                max_tokens=9,
                messages=[{"role": "user", "content": "hi"}],
                extra_headers=MINE,
            )
            assert reply._request_id == "mine-1"
        page = await sdk.models.list(extra_headers=MINE)
        assert page._request_id == "mine-1"
        with pytest.raises(anthropic.NotFoundError) as caught:
            await sdk.messages.create(
                model="nobody/x", max_tokens=9, messages=[], extra_headers=MINE
            )

    assert caught.value.request_id == "mine-1"
    assert isinstance(caught.value.body, dict)
    assert caught.value.body["request_id"] == "mine-1"


async def test_openais_sdk_knows_the_request() -> None:
    async with (
        open_house("chat") as house,
        openai.AsyncOpenAI(base_url=f"{house.url}/v1", api_key="any", max_retries=0) as sdk,
    ):
        reply = await sdk.chat.completions.create(
            model="chat/mock-model",
            messages=[{"role": "user", "content": "hi"}],
            extra_headers=MINE,
        )

    assert reply._request_id == "mine-1"


@pytest.mark.parametrize("provider", ["claude", "chat"])
async def test_an_error_in_a_stream_of_anthropics_names_the_request(provider: str) -> None:
    wire, model = WIRES["messages"], f"{provider}/mock-model"
    async with open_house(provider) as house:
        house.far[provider].scenario(cut={"after_events": 5, "how": "fin"})

        body = wire.body(model, "one two three four", True)
        async with post(house.url, "/v1/messages", body, MINE) as answer:
            await answer.read_head()
            said = await answer.said()

    assert answer.headers["request-id"] == "mine-1"
    assert (said[-1]["type"], said[-1]["request_id"]) == ("error", "mine-1")


async def test_what_is_nowhere_names_the_request_too() -> None:
    async with open_house("chat") as house, httpx.AsyncClient(base_url=house.url) as caller:
        reply = await caller.get("/v1/messages", headers=MINE)

    assert (reply.status_code, reply.headers["request-id"]) == (405, "mine-1")
    assert reply.json()["request_id"] == "mine-1"


@pytest.mark.parametrize("face", WIRES)
async def test_a_refused_key_tells_how_long_to_wait(face: str) -> None:
    """A service that locks a key for a while says so with its 401."""
    wire = WIRES[face]
    async with open_house("chat") as house:
        house.far["chat"].scenario(status=401, retry_after=7)
        body = wire.body("chat/mock-model", "hi", False)
        async with post(house.url, wire.path("chat/mock-model", False), body) as answer:
            await answer.read_head()

            assert (answer.status, answer.headers["retry-after"]) == (401, "7")
