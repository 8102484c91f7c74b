"""OpenAI's emulator as tests reach it: by the official SDK, and by raw requests."""

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from openai import AsyncOpenAI
from tests.emulators.wire import Wire, events, exchange, post_json

from dragoman import emulators

KEY = "Authorization: Bearer any"
PNG = (
    "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk"
    "+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
PDF = "data:application/pdf;base64,JVBERi0xLjQK"
WEATHER: dict[str, object] = {
    "type": "object",
    "properties": {"city": {"type": "string"}, "days": {"type": "integer", "minimum": 2}},
    "required": ["city", "days"],
    "additionalProperties": False,
}


@asynccontextmanager
async def openai(
    scenario: Mapping[str, Any] | None = None,
) -> AsyncIterator[tuple[emulators.Emulator[Any], AsyncOpenAI]]:
    """The emulator and the official client of it, which never repeats a request."""
    async with (
        emulators.run("openai", scenario=scenario) as emulator,
        AsyncOpenAI(base_url=f"{emulator.url}/v1", api_key="any", max_retries=0) as client,
    ):
        yield emulator, client


async def chat(emulator: emulators.Emulator[Any], **fields: Any) -> Wire:
    """A raw chat completion, good but for `fields`."""
    body = {"model": "mock-model", "messages": [{"role": "user", "content": "one two"}], **fields}
    return await exchange(emulator.url, post_json("/v1/chat/completions", body, KEY))


async def respond(emulator: emulators.Emulator[Any], **fields: Any) -> Wire:
    """A raw response, good but for `fields`."""
    body = {"model": "mock-model", "input": "one two", **fields}
    return await exchange(emulator.url, post_json("/v1/responses", body, KEY))


def chunks(wire: Wire) -> list[Any]:
    """The chunks of a chat completion's stream; the end sign is there and is left out."""
    listed = events(wire.text)
    assert listed[-1] == "[DONE]"
    return [json.loads(event) for event in listed[:-1]]


def named_events(wire: Wire) -> list[tuple[str, Any]]:
    """The events of a response's stream: each name, and its data."""
    blocks = [block.split("\n") for block in wire.text.split("\n\n") if block]
    return [
        (name.removeprefix("event: "), json.loads(data.removeprefix("data: ")))
        for name, data in blocks
    ]
