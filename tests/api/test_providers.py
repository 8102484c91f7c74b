"""The five families against the emulators of their APIs: all that a chat may ask and be told."""

from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Any, NamedTuple

import msgspec
import pytest

from dragoman.client import Client
from dragoman.config import Config
from dragoman.emulators.emulator import Emulator
from dragoman.errors import (
    AuthError,
    ChatError,
    InputError,
    RateLimitError,
    ResponseError,
    ResponseStatusError,
    StreamTruncatedError,
    TransportError,
)
from dragoman.events import Finished, ReasoningDelta, Started, TextDelta
from dragoman.messages import Image, Message, Messages, Text
from dragoman.providers.api.dialect_provider import DialectProvider
from dragoman.providers.table import load_provider
from tests.api.asking import KEY, PNG, SAID, open_api

MINE = "mine/mock-model"


class Family(NamedTuple):
    """A provider, the emulator of its API, and where the chat goes."""

    name: str
    api: str
    path: str
    dialect: str
    asked: str
    key_place: str = "authorization"
    images: str = "images"
    """Where its emulator notes the images that it saw."""


FAMILIES = [
    Family("openai", "openai", "/v1", "openai_chat", "/v1/chat/completions"),
    Family("openai-responses", "openai", "/v1", "openai_responses", "/v1/responses"),
    Family(
        "anthropic", "anthropic", "", "anthropic_messages", "/v1/messages", key_place="x-api-key"
    ),
    Family(
        "gemini",
        "gemini",
        "",
        "gemini",
        "/v1beta/models/mock-model:streamGenerateContent",
        key_place="x-goog-api-key",
        images="media",
    ),
    Family("ollama", "ollama", "", "ollama", "/api/chat", images="image_bytes"),
]


class Asked(NamedTuple):
    family: Family
    emulator: Emulator[Any]
    client: Client

    def complaints(self) -> list[str]:
        return [text for entry in self.emulator.journal for text in entry["complaints"]]


class Answer(msgspec.Struct):
    """What a structured answer is."""

    city: str
    people: int


def weather(city: str) -> str:
    """The weather in a city."""
    return f"rain in {city}"


@pytest.fixture(params=FAMILIES, ids=[family.name for family in FAMILIES])
async def asked(request: pytest.FixtureRequest) -> AsyncIterator[Asked]:
    family: Family = request.param
    async with open_api(family.api, family.name, path=family.path) as (emulator, client):
        yield Asked(family, emulator, client)


async def test_a_streamed_answer_comes_in_pieces_and_whole(asked: Asked) -> None:
    async with asked.client.stream(MINE, SAID) as stream:
        events = [event async for event in stream]

    pieces = [event.text for event in events if isinstance(event, TextDelta)]
    assert "".join(pieces) == SAID
    assert len(pieces) > 1
    assert isinstance(events[0], Started)
    assert isinstance(events[-1], Finished)
    assert asked.emulator.journal[0]["path"] == asked.family.asked
    assert asked.complaints() == []


async def test_a_whole_answer_is_the_same(asked: Asked) -> None:
    reply = await asked.client.complete(MINE, SAID)

    assert (reply.text, reply.finish_reason, reply.model) == (SAID, "stop", "mock-model")
    assert reply.usage is not None
    assert (reply.usage.input_tokens or 0) > 0
    assert (reply.usage.output_tokens or 0) > 0


async def test_the_key_stands_in_the_familys_place(asked: Asked) -> None:
    await asked.client.complete(MINE, SAID)

    (entry,) = asked.emulator.journal
    holding = {name for name, text in entry["headers"].items() if KEY in text}
    assert holding == {asked.family.key_place}
    assert KEY not in str(entry["query"])


async def test_the_class_has_the_entry_points_of_the_seeds(asked: Asked) -> None:
    provider = load_provider(asked.family.name)
    assert isinstance(provider, DialectProvider)
    kind: Any = type(provider)
    given = {"base_url": f"{asked.emulator.url}{asked.family.path}", "api_key": KEY}
    turns: Messages = [{"role": "user", "content": SAID}]

    whole = await kind.create_async("mock-model", turns, **given)
    async with aclosing(kind.create_async_generator("mock-model", turns, **given)) as texts:
        pieces = [text async for text in texts]

    assert whole == "".join(pieces) == SAID
    assert asked.complaints() == []


async def test_a_conversation_keeps_its_turns_and_its_system_message(asked: Asked) -> None:
    turns: Messages = [
        {"role": "user", "content": "one"},
        {"role": "assistant", "content": "two"},
        {"role": "user", "content": "three"},
    ]

    reply = await asked.client.complete(MINE, turns, system="Be brief.", temperature=0.5)

    assert reply.text == "three"
    sent = str(asked.emulator.journal[0]["body"])
    assert all(word in sent for word in ("Be brief.", "one", "two"))
    assert asked.complaints() == []


async def test_a_tool_is_called_and_its_result_is_read(asked: Asked) -> None:
    call = {"tool_call": {"name": "weather", "arguments": {"city": "Oslo"}}}
    asked.emulator.scenario(answer=[{"text": "Let me see."}, call])
    first = await asked.client.complete(MINE, "The weather?", tools=[weather])
    asked.emulator.scenario()
    (called,) = first.tool_calls
    turns: Messages = [
        {"role": "user", "content": "The weather?"},
        first.message,
        {"role": "tool", "tool_call_id": called.id, "content": weather("Oslo")},
    ]

    reply = await asked.client.complete(MINE, turns, tools=[weather])

    assert (called.name, msgspec.json.decode(called.arguments)) == ("weather", {"city": "Oslo"})
    assert (first.text, first.finish_reason) == ("Let me see.", "tool_calls")
    assert reply.text == "rain in Oslo"
    assert asked.complaints() == []


async def test_an_image_is_seen(asked: Asked) -> None:
    image = Image(content=PNG, media_type="image/png")

    await asked.client.complete(MINE, [Message("user", (Text("What is it?"), image))])

    assert len(asked.emulator.journal[0]["notes"][asked.family.images]) == 1
    assert asked.complaints() == []


async def test_an_answer_has_the_form_that_was_asked_for(asked: Asked) -> None:
    reply = await asked.client.complete(MINE, SAID, output=Answer)

    assert isinstance(reply.value, Answer)
    assert asked.complaints() == []


async def test_thoughts_are_told_apart_and_go_back_in_the_next_turn(asked: Asked) -> None:
    asked.emulator.scenario(answer=[{"reasoning": "Hm, let me think."}, {"text": "Hello"}])
    asking: dict[str, Any] = {"reasoning_effort": "high", "reasoning_summary": "auto"}

    async with asked.client.stream(MINE, "Hi", **asking) as stream:
        events = [event async for event in stream]
    reply = await asked.client.complete(MINE, "Hi", **asking)
    turns: Messages = [
        {"role": "user", "content": "Hi"},
        reply.message,
        {"role": "user", "content": "And?"},
    ]
    await asked.client.complete(MINE, turns, **asking)

    thought = "".join(event.text for event in events if isinstance(event, ReasoningDelta))
    assert thought == reply.reasoning == "Hm, let me think."
    assert reply.text == "Hello"
    assert asked.complaints() == []


async def test_usage_is_the_services_own(asked: Asked) -> None:
    asked.emulator.scenario(
        answer=[{"text": "Hi"}, {"usage": {"input_tokens": 11, "output_tokens": 7}}]
    )

    reply = await asked.client.complete(MINE, SAID)

    assert reply.usage is not None
    assert (reply.usage.input_tokens, reply.usage.output_tokens) == (11, 7)


class Failing(NamedTuple):
    """A scenario and the error that it must become."""

    scenario: dict[str, Any]
    error: type[ChatError] | tuple[type[ChatError], ...]


FAILURES = [
    Failing({"status": 401}, AuthError),
    Failing({"status": 429, "retry_after": 30}, RateLimitError),
    Failing({"status": 500}, ResponseStatusError),
    Failing({"status": 503, "status_body": "html"}, ResponseStatusError),
    Failing({"html_instead": True}, ResponseError),
    Failing({"empty_body": True}, ResponseError),
    Failing({"cut": {"after_events": 2}}, StreamTruncatedError),
    Failing({"malformed": {"at_event": 1, "kind": "json"}}, ResponseError),
    # Ollama's errors inside a stream have words only.
    Failing({"error_event": {"after_events": 2}}, (ResponseStatusError, ResponseError)),
    Failing({"connection": "reset"}, TransportError),
]


@pytest.mark.parametrize("case", FAILURES, ids=[str(case.scenario) for case in FAILURES])
async def test_a_failure_is_the_error_that_says_what_it_is(asked: Asked, case: Failing) -> None:
    asked.emulator.scenario(case.scenario)

    with pytest.raises(case.error) as caught:
        await asked.client.complete(MINE, SAID)

    assert caught.value.provider == asked.family.name
    assert KEY not in f"{caught.value!r} {caught.value}"
    if isinstance(caught.value, RateLimitError):
        assert caught.value.retry_after == 30


async def test_a_cut_answer_carries_what_came(asked: Asked) -> None:
    asked.emulator.scenario(
        answer=[{"text": f"{word} "} for word in SAID.split()], cut={"after_events": -4}
    )
    pieces: list[str] = []

    with pytest.raises(StreamTruncatedError) as caught:
        await read(asked, pieces)

    assert len(pieces) > 1
    assert caught.value.text == "".join(pieces)


async def read(asked: Asked, pieces: list[str]) -> None:
    async with asked.client.stream(MINE, SAID) as stream:
        async for text in stream.text():
            pieces.append(text)  # noqa: PERF401 - what came before an error is kept


async def test_a_model_that_is_missing_is_an_error_with_its_status(asked: Asked) -> None:
    with pytest.raises(ChatError) as caught:
        await asked.client.complete("mine/missing-model", SAID)

    assert "missing-model" in str(caught.value)


async def test_ones_own_server_is_a_dialect_and_an_address(asked: Asked) -> None:
    family = asked.family
    table = {
        "dialect": family.dialect,
        "base_url": f"{asked.emulator.url}{family.path}",
        "api_key": KEY,
        "models": ["mock-model"],
    }

    async with Client(Config.of({"work": table})) as client:
        reply = await client.complete("work", SAID)
        names = await client.models("work")

    assert reply.text == SAID
    assert "work/mock-model" in names
    assert asked.complaints() == []


async def test_a_dialect_needs_an_address() -> None:
    with pytest.raises(InputError, match="expected base_url: where the dialect is spoken"):
        Config.of({"work": {"dialect": "gemini"}})


@pytest.mark.parametrize("service", ["openai", "xai", "azure"])
async def test_a_service_may_be_asked_in_another_dialect_that_it_speaks(service: str) -> None:
    async with open_api("openai", service, path="/v1", dialect="openai_responses") as (
        emulator,
        client,
    ):
        reply = await client.complete(MINE, SAID, max_tokens=99)

    assert reply.text == SAID
    (entry,) = emulator.journal
    assert entry["path"] == "/v1/responses"
    assert entry["complaints"] == []
