"""Answers that differ from request to request, and chats that are too long for the model."""

import json
from collections.abc import Mapping
from typing import Any

import pytest
from tests.emulators.apis import APIS, Api, asked, each_api, said
from tests.emulators.wire import aichat, exchange

from dragoman import emulators


@each_api
async def test_answers_come_in_turn_and_the_last_stays(api: Api) -> None:
    answers = ["one", [{"text": "two"}], "echo"]
    async with emulators.run(api.emulator, scenario={"answers": answers}) as emulator:
        texts = []
        for _ in range(4):
            reply = await exchange(emulator.url, api.stream)
            texts.append(said(api, reply.text))

    assert texts[:2] == ["one", "two"]
    assert texts[2] == texts[3] not in texts[:2]


async def test_the_web_services_have_answers_in_turn_too() -> None:
    async with emulators.run("aichat", scenario={"answers": ["one", "two"]}) as emulator:
        replies = [await exchange(emulator.url, aichat()) for _ in range(3)]

    assert [reply.json()["message"] for reply in replies] == ["one", "two", "two"]


async def test_a_new_scenario_counts_anew() -> None:
    async with emulators.run("aichat", scenario={"answers": ["one", "two"]}) as emulator:
        await exchange(emulator.url, aichat())
        emulator.scenario(answers=["three", "four"])

        assert (await exchange(emulator.url, aichat())).json()["message"] == "three"


TOO_LONG: Mapping[str, Mapping[str, Any]] = {
    "openai chat": {"param": "messages", "code": "context_length_exceeded"},
    "openai responses": {"param": "input", "code": "context_length_exceeded"},
    "anthropic": {"type": "invalid_request_error"},
    "gemini": {"status": "INVALID_ARGUMENT"},
    "ollama": {},
}
WORDS = {
    "openai chat": "maximum context length is 3 tokens",
    "openai responses": "exceeds the context window",
    "anthropic": "prompt is too long: ",
    "gemini": "exceeds the maximum number of tokens allowed (3)",
    "ollama": "exceeds the context length",
}


@each_api
async def test_too_long_a_chat_is_refused_in_the_dialects_own_form(api: Api) -> None:
    reply = await asked(api, context_words=3)

    body = json.loads(reply.body)
    assert reply.status == 400
    assert WORDS[api.name] in api.refused(body)
    if expected := TOO_LONG[api.name]:
        assert expected.items() <= body["error"].items()


@each_api
async def test_a_chat_that_fits_is_answered(api: Api) -> None:
    reply = await asked(api, context_words=1000)

    assert reply.status == 200


@pytest.mark.parametrize("api", APIS[:1], ids=lambda api: api.name)
async def test_only_chats_are_measured(api: Api) -> None:
    assert (await asked(api, api.models, context_words=0)).status == 200
