"""Nothing is lost on the way: the same dialect is passed on as it is, another names its lacks."""

import asyncio
import re
from collections.abc import Mapping
from typing import Any

import httpx
import msgspec
import pytest

from dragoman import emulators
from dragoman.config import Config
from tests.gateway.house import PROVIDERS, each_way, open_gateway, open_house
from tests.gateway.wire import ARRAY, SAME, WIRES, post

TEXT = "Größe und 大きさ: one two"
FACES = [(face, provider, stream) for face, provider in SAME.items() for stream in (False, True)]

# The emulators refuse what their services refuse, so "unknown" here is what we have no word for.
MORE: Mapping[str, dict[str, Any]] = {
    "chat": {
        "service_tier": "flex",
        "logprobs": True,
        "top_logprobs": 2,
        "metadata": {"a": "b"},
        "store": False,
        "logit_bias": {"50256": -100},
    },
    "responses": {"service_tier": "flex", "metadata": {"a": "b"}, "truncation": "auto"},
    "messages": {"service_tier": "standard_only", "metadata": {"user_id": "u-1"}},
    "gemini": {
        "safetySettings": [
            {"category": "HARM_CATEGORY_HARASSMENT", "threshold": "BLOCK_ONLY_HIGH"}
        ],
    },
    "ollama": {"keep_alive": "5m", "options": {"mirostat": 1, "num_ctx": 2048, "seed": 7}},
}
# What is the emulator's clock; everything else is compared to the byte.
_CLOCK = re.compile(
    rb'(?<="created":)\d+|(?<="created_at":)(?:\d+(?:\.\d+)?|"[^"]*")|(?<="completed_at":)\d+'
    rb'|(?<=_duration":)\d+'
)
OWN_KEYS = {
    "authorization": "Bearer callers-own",
    "x-api-key": "callers-own",
    "x-goog-api-key": "callers-own",
    "cookie": "callers-own=1",
    "openai-organization": "callers-own",
}


async def _direct(provider: str, path: str, body: dict[str, Any]) -> bytes:
    """What the provider's emulator itself answers to its first request."""
    headers = {"authorization": "Bearer any-key", "anthropic-version": "2023-06-01"}
    headers |= {"x-api-key": "any-key", "x-goog-api-key": "any-key"}
    kind = PROVIDERS[provider][0]
    async with emulators.run(kind) as far, post(far.url, path, body, headers) as answer:
        await answer.read_head()
        assert answer.status == 200, await answer.body()
        return await answer.body()


@each_way
@pytest.mark.parametrize(("face", "provider", "stream"), FACES, ids=str)
async def test_the_same_dialect_is_passed_on_to_the_byte(
    face: str, provider: str, stream: bool, relay: str
) -> None:
    wire = WIRES[face]
    body = wire.body("mock-model", TEXT, stream) | MORE[face]
    async with open_house(provider, relay=relay) as house:
        own = await _direct(provider, wire.path("mock-model", stream), body)

        asked = body | ({"model": f"{provider}/mock-model"} if "model" in body else {})
        path = wire.path(f"{provider}/mock-model", stream)
        async with post(house.url, path, asked, OWN_KEYS) as answer:
            await answer.read_head()
            said = await answer.body()

        (seen,) = house.far[provider].journal
        # What a stream used is asked for, and what comes of it is kept from the caller.
        more = {"stream_options": {"include_usage": True}} if face == "chat" and stream else {}
        assert seen["body"] == body | more
        assert seen["complaints"] == []
        assert "callers-own" not in msgspec.json.encode(seen["headers"]).decode()
        assert "callers-own" not in str(seen["query"])
        assert _CLOCK.sub(b"TIME", said) == _CLOCK.sub(b"TIME", own)


@each_way
@pytest.mark.parametrize(
    ("face", "field"),
    [("chat", "service_tier"), ("chat", "logprobs"), ("messages", "service_tier")],
)
async def test_what_only_this_dialect_tells_arrives(face: str, field: str, relay: str) -> None:
    wire, provider = WIRES[face], SAME[face]
    body = wire.body(f"{provider}/mock-model", TEXT, False) | MORE[face]
    async with (
        open_house(provider, relay=relay) as house,
        post(house.url, wire.path(provider, False), body) as answer,
    ):
        await answer.read_head()
        said = await answer.body()

    assert f'"{field}":'.encode() in said
    assert b'"model":"mock-model"' in said.replace(b'": "', b'":"')


@each_way
async def test_what_the_caller_says_of_versions_is_passed_on(relay: str) -> None:
    wire = WIRES["messages"]
    headers = {"anthropic-version": "2023-06-01", "anthropic-beta": "some-beta-2025-01-01"}
    async with open_house("claude", relay=relay) as house:
        for stream in (False, True):
            body = wire.body("claude/mock-model", TEXT, stream)
            async with post(house.url, "/v1/messages", body, headers) as answer:
                await answer.read_head()
                assert answer.status == 200
            seen = house.far["claude"].journal[-1]["headers"]

            assert {name: seen[name] for name in headers} == headers


@each_way
async def test_the_callers_versions_win_over_ours_and_are_not_doubled(relay: str) -> None:
    async with open_house("claude", relay=relay) as house, httpx.AsyncClient() as http:
        body = WIRES["messages"].body("claude/mock-model", TEXT, False)
        await http.post(f"{house.url}/v1/messages", json=body)

        assert house.far["claude"].journal[0]["headers"]["anthropic-version"] == "2023-06-01"


async def test_geminis_list_is_made_of_its_own_events() -> None:
    """Asked without `alt=sse` the answer is a list, whatever we ask the provider for."""
    async with open_house("gemini") as house:
        path = ARRAY.path("gemini/mock-model", True)
        async with post(house.url, path, ARRAY.body("", TEXT, True)) as answer:
            await answer.read_head()
            said = await answer.said()

    assert answer.headers["content-type"].startswith("application/json")
    texts = [one["candidates"][0]["content"]["parts"][0].get("text", "") for one in said]
    assert "".join(texts) == TEXT
    assert len(said) > 2


class Lack(msgspec.Struct, frozen=True):
    """A field of a face that a provider of another dialect has no words for."""

    face: str
    provider: str
    more: dict[str, Any]
    names: str


REFUSED = [
    Lack("chat", "claude", {"n": 2}, "n"),
    Lack("chat", "claude", {"logit_bias": {"1": 2}}, "logit_bias"),
    Lack("chat", "gemini", {"nonsense_of_mine": 1}, "nonsense_of_mine"),
    Lack("messages", "chat", {"nonsense_of_mine": 1}, "nonsense_of_mine"),
    Lack("gemini", "chat", {"cachedContent": "cachedContents/x"}, "cachedContent"),
    Lack("responses", "claude", {"previous_response_id": "resp_1"}, "previous_response_id"),
]
DROPPED = [
    Lack("chat", "claude", {"seed": 7}, "seed"),
    Lack("chat", "ollama", {"user": "u-1"}, "user"),
    Lack("messages", "gemini", {"metadata": {"user_id": "u-1"}}, "user"),
    Lack("ollama", "chat", {"options": {"mirostat": 1}}, "options.mirostat"),
]


@pytest.mark.parametrize("lack", REFUSED, ids=lambda lack: f"{lack.face}-{lack.names}")
async def test_what_cannot_be_said_is_refused_by_name(lack: Lack) -> None:
    wire, model = WIRES[lack.face], f"{lack.provider}/mock-model"
    async with open_house(lack.provider) as house:
        for stream in (False, True):
            body = wire.body(model, TEXT, stream) | lack.more
            async with post(house.url, wire.path(model, stream), body) as answer:
                await answer.read_head()

                assert answer.status == 400
                assert lack.names in (await answer.body()).decode()
        assert house.far[lack.provider].journal == []


@pytest.mark.parametrize("lack", DROPPED, ids=lambda lack: f"{lack.face}-{lack.names}")
async def test_a_hint_that_was_left_out_is_named(lack: Lack) -> None:
    wire, model = WIRES[lack.face], f"{lack.provider}/mock-model"
    async with open_house(lack.provider) as house:
        for stream in (False, True):
            body = wire.body(model, TEXT, stream) | lack.more
            async with post(house.url, wire.path(model, stream), body) as answer:
                await answer.read_head()

                assert answer.status == 200, await answer.body()
                assert answer.headers["x-dragoman-dropped"] == lack.names


_WHOLE = {
    "id": "c-1",
    "object": "chat.completion",
    "created": 1,
    "model": "m",
    "choices": [
        {
            "index": 0,
            "message": {"role": "assistant", "content": TEXT},
            "finish_reason": "stop",
        }
    ],
}
_STREAMED = {
    "id": "c-1",
    "object": "chat.completion.chunk",
    "created": 1,
    "model": "m",
    "choices": [
        {"index": 0, "delta": {"role": "assistant", "content": TEXT}, "finish_reason": "stop"}
    ],
}


@each_way
@pytest.mark.parametrize("stream", [False, True])
async def test_a_service_that_streams_when_it_should_not_is_put_right(
    stream: bool, relay: str
) -> None:
    """Some servers know but one kind of answer; the caller gets what it asked for."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        if stream:
            kind, body = b"application/json", msgspec.json.encode(_WHOLE)
        else:
            kind, body = b"text/event-stream", b"data: %b\n\n" % msgspec.json.encode(_STREAMED)
        head = b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-type: %b\r\n" % kind
        writer.write(head + b"content-length: %d\r\n\r\n%b" % (len(body), body))
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"
    far = {"dialect": "openai_chat", "base_url": url, "models": ["m"]}
    config = Config.of({"far": far}, gateway={"log": False, "relay": relay})
    async with server, open_gateway(config) as (url, _):
        body = WIRES["chat"].body("far/m", TEXT, stream)
        async with post(url, "/v1/chat/completions", body) as answer:
            await answer.read_head()
            said = await answer.body()

    if stream:
        assert answer.headers["content-type"].startswith("text/event-stream")
        assert said.endswith(b"data: [DONE]\n\n")
        assert TEXT in said.decode()
    else:
        assert msgspec.json.decode(said)["choices"][0]["message"]["content"] == TEXT


def test_every_provider_here_has_a_face_of_its_dialect() -> None:
    assert set(SAME.values()) == set(PROVIDERS)
