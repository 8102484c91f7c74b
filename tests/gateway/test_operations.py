"""What operators ask, on a real socket: health, metrics, and what is served here."""

from typing import Any

import aiohttp
import pytest

from dragoman.gateway.faces import FACES
from dragoman.gateway.openapi import paths_of
from dragoman.gateway.routes import ROUTES
from tests.gateway.house import open_house

KEY = {"authorization": "Bearer the-key"}
KEYED: dict[str, Any] = {"keys": [{"name": "shop", "key": "the-key"}]}
CHAT = {"model": "chat/mock-model", "messages": [{"role": "user", "content": "Hello"}]}


async def test_health_is_told_without_a_key_and_the_rest_is_not() -> None:
    statuses: dict[str, list[int]] = {}
    async with open_house(**KEYED) as house, aiohttp.ClientSession(house.url) as caller:
        for path in ("/health/live", "/health/ready", "/metrics", "/openapi.json"):
            statuses[path] = []
            for key in (None, "wrong", "the-key"):
                headers = {"authorization": f"Bearer {key}"} if key else {}
                async with caller.get(path, headers=headers) as answer:
                    statuses[path].append(answer.status)

    assert statuses == {
        "/health/live": [200, 200, 200],
        "/health/ready": [200, 200, 200],
        "/metrics": [401, 401, 200],
        "/openapi.json": [401, 401, 200],
    }


@pytest.mark.parametrize("stream", [False, True])
async def test_a_chat_is_counted_under_its_key(stream: bool) -> None:
    async with open_house(**KEYED) as house, aiohttp.ClientSession(house.url) as caller:
        # It asks for no usage: that of a stream is counted nonetheless.
        chat = {**CHAT, "stream": stream}
        async with caller.post("/v1/chat/completions", json=chat, headers=KEY) as answer:
            assert answer.status == 200
            await answer.read()
        async with caller.get("/metrics", headers=KEY) as answer:
            page = await answer.text()
            assert answer.content_type == "text/plain"

    who = 'key="shop",model="mock-model",provider="chat"'
    assert f'dragoman_requests_total{{face="chat",{who},status="200"}} 1.0' in page
    assert f"dragoman_input_tokens_total{{{who}}}" in page
    assert f"dragoman_first_token_seconds_count{{{who}}} 1.0" in page
    assert "dragoman_open_requests{" not in page
    assert "the-key" not in page


async def test_an_error_of_a_provider_is_counted_by_its_class() -> None:
    async with open_house() as house, aiohttp.ClientSession(house.url) as caller:
        house.far["chat"].scenario(status=429)
        async with caller.post("/v1/chat/completions", json=CHAT) as answer:
            assert answer.status == 429
        async with caller.get("/metrics") as answer:
            page = await answer.text()

    who = 'key="",model="mock-model",provider="chat"'
    assert f'dragoman_errors_total{{error="RateLimitError",face="chat",{who}}} 1.0' in page


async def test_what_is_served_is_described() -> None:
    async with (
        open_house() as house,
        aiohttp.ClientSession(house.url) as caller,
        caller.get("/openapi.json") as answer,
    ):
        described = await answer.json()

    assert described["openapi"].startswith("3.1")
    patterns = [*(face.path for face in FACES), *(route.path for route in ROUTES)]
    assert set(described["paths"]) == {path for each in patterns for path in paths_of(each)}
