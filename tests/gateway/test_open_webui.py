"""What Open WebUI asks of a server, as its backend asks it: models, streams, and the stop button.

It takes OpenAI's form ("Connections" to an address that ends in `/v1`) and Ollama's; its headers
name its own user. Of a stream it wants usage on request, and Stop closes its connection.
Source: docs.openwebui.com, "OpenAI-compatible" and "Ollama" under "Connect a provider", and
"Environment variable configuration" (`ENABLE_FORWARD_USER_INFO_HEADERS`), read 2026-11-21.
"""

from collections.abc import AsyncIterator, Mapping
from typing import Any

import aiohttp
import pytest

from tests.gateway.house import House, open_house
from tests.gateway.wire import post

TEXT = "one two three"
KEY = "k" * 24
HEADERS: Mapping[str, str] = {
    "authorization": f"Bearer {KEY}",
    "x-openwebui-user-name": "Ada",
    "x-openwebui-user-id": "3f0e",
    "x-openwebui-user-email": "ada@example.org",
    "x-openwebui-user-role": "user",
    "x-openwebui-chat-id": "c-1",
}
PROVIDERS = ["chat", "claude"]


@pytest.fixture
async def house() -> AsyncIterator[House]:
    async with open_house("chat", "claude", keys=[{"name": "webui", "key": KEY}]) as house:
        yield house


def chat(provider: str, **more: Any) -> dict[str, Any]:
    messages = [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": [{"type": "text", "text": TEXT}]},
    ]
    return {
        "model": f"{provider}/mock-model",
        "messages": messages,
        "stream": True,
        "temperature": 0.7,
        "max_tokens": 200,
        "stop": ["END"],
        **more,
    }


async def test_a_connection_lists_its_models(house: House) -> None:
    async with aiohttp.ClientSession(headers=HEADERS) as webui:
        async with webui.get(f"{house.url}/v1/models") as answer:
            listed = await answer.json()
        async with webui.get(f"{house.url}/api/tags") as answer:
            tags = await answer.json()
        async with webui.get(f"{house.url}/api/version") as answer:
            version = await answer.json()
        async with webui.get(f"{house.url}/api/ps") as answer:
            loaded = await answer.json()

    names = {"chat/mock-model", "claude/mock-model"}
    assert names <= {row["id"] for row in listed["data"]}
    assert names <= {row["model"] for row in tags["models"]}
    assert all(part.isdecimal() for part in version["version"].split("."))
    assert loaded == {"models": []}


async def test_a_wrong_key_is_told_when_the_connection_is_checked(house: House) -> None:
    wrong = {**HEADERS, "authorization": "Bearer another"}
    async with (
        aiohttp.ClientSession(headers=wrong) as webui,
        webui.get(f"{house.url}/v1/models") as answer,
    ):
        assert answer.status == 401
        assert (await answer.json())["error"]["message"]


@pytest.mark.parametrize("provider", PROVIDERS)
async def test_an_answer_streams_with_its_usage(house: House, provider: str) -> None:
    body = chat(provider, stream_options={"include_usage": True})
    async with post(house.url, "/v1/chat/completions", body, HEADERS) as answer:
        await answer.read_head()
        raw = await answer.body()

    assert answer.status == 200
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert raw.endswith(b"data: [DONE]\n\n")
    assert b'"usage":{' in raw.replace(b'": {', b'":{')
    assert house.far[provider].journal[0]["complaints"] == []
    assert "ada@example.org" not in str(house.far[provider].journal[0]["headers"])


@pytest.mark.parametrize("provider", PROVIDERS)
async def test_a_title_is_made_by_a_request_that_does_not_stream(
    house: House, provider: str
) -> None:
    body = chat(provider, stream=False)
    async with post(house.url, "/v1/chat/completions", body, HEADERS) as answer:
        await answer.read_head()
        said = await answer.json()

    assert said["choices"][0]["message"]["content"] == TEXT
    assert said["choices"][0]["finish_reason"] == "stop"


@pytest.mark.parametrize("provider", PROVIDERS)
async def test_over_ollamas_form_it_streams_lines(house: House, provider: str) -> None:
    body = {
        "model": f"{provider}/mock-model",
        "messages": [{"role": "user", "content": TEXT}],
        "stream": True,
        "options": {"temperature": 0.7, "num_predict": 200, "stop": ["END"]},
        "keep_alive": "5m",
    }
    async with post(house.url, "/api/chat", body, HEADERS) as answer:
        await answer.read_head()
        said = await answer.said()

    assert answer.headers["content-type"] == "application/x-ndjson"
    assert "".join(line["message"]["content"] for line in said) == TEXT
    assert (said[-1]["done"], said[-1]["done_reason"]) == (True, "stop")


@pytest.mark.parametrize("path", ["/v1/chat/completions", "/api/chat"])
@pytest.mark.parametrize("provider", PROVIDERS)
async def test_stop_ends_the_question_to_the_provider(
    house: House, provider: str, path: str
) -> None:
    far = house.far[provider]
    far.scenario(answer="word " * 500, slow={"between_events_s": 0.02})
    body = chat(provider, messages=[{"role": "user", "content": TEXT}])
    if path.startswith("/api"):
        body = {name: body[name] for name in ("model", "messages", "stream")}

    async with post(house.url, path, body, HEADERS) as answer:
        await answer.read_head()
        await anext(aiter(answer.chunks()))
        answer.leave()
        await far.wait_until(lambda far: far.abandoned == 1)
