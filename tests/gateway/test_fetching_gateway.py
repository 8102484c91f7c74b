"""Pictures by address through the gateway."""

from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest

from tests.gateway.house import House, open_house
from tests.gateway.pictures import PNG, Hosts, Names, fetching_here, url
from tests.transport.far_side import reply


@pytest.fixture
async def house() -> AsyncIterator[House]:
    async with open_house() as house:
        yield house


async def ask(house: House, model: str, address: str) -> tuple[int, Any]:
    parts = [
        {"type": "text", "text": "What is this?"},
        {"type": "image_url", "image_url": {"url": address}},
    ]
    body = {"model": model, "messages": [{"role": "user", "content": parts}]}
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{house.url}/v1/chat/completions", json=body) as response,
    ):
        return response.status, await response.json()


async def test_through_the_gateway_this_machine_is_refused(house: House, hosts: Hosts) -> None:
    far = await hosts.says(reply(PNG))

    status, body = await ask(house, "ollama/mock-model", f"http://127.0.0.1:{far.port}/a.png")

    assert (status, body["error"]["param"]) == (400, "messages[0].content[1]")
    assert not far.connections
    assert house.far["ollama"].journal == []


async def test_through_the_gateway_a_picture_reaches_its_provider(
    house: House, hosts: Hosts
) -> None:
    far = await hosts.says(reply(PNG))
    (await house.app.gateway.held()).fetching = fetching_here()

    status, _ = await ask(house, "ollama/mock-model", url(far.port))

    assert status == 200
    assert len(far.seen) == 1
    assert [entry["complaints"] for entry in house.far["ollama"].journal] == [[]]


async def test_through_the_gateway_an_address_is_passed_on_where_it_is_taken(
    house: House,
) -> None:
    names = Names({})
    (await house.app.gateway.held()).fetching = fetching_here(names)

    status, _ = await ask(house, "claude/mock-model", "https://pictures.test/a.png")

    assert status == 200
    assert names.asked == []


async def test_it_can_be_turned_off(hosts: Hosts) -> None:
    far = await hosts.says(reply(PNG))

    async with open_house(fetch_images=False) as house:
        assert (await house.app.gateway.held()).fetching is None
        status, body = await ask(house, "ollama/mock-model", url(far.port))

    assert status == 400
    assert "has no image_url" in body["error"]["message"]
    assert not far.connections
