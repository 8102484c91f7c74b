"""Every service of the table, asked through the emulator of the API that it speaks like.

The table is walked, so a new row is tested by being there.
"""

from collections.abc import AsyncIterator
from typing import Any

import msgspec
import pytest

from dragoman.client import Client
from dragoman.emulators.emulator import Emulator, JournalEntry
from dragoman.errors import InputError, RateLimitError
from dragoman.events import Finished, Started, TextDelta
from dragoman.features import Hint, Refused
from dragoman.messages import Image, Message, Messages, Reasoning, Text
from dragoman.options import OPTIONS
from dragoman.providers.api.service import Service
from dragoman.providers.api.services import SERVICES
from dragoman.providers.base import Provider
from dragoman.providers.table import load_provider
from tests.api.asking import KEY, PNG, SAID, at, open_api, without

MINE = "mine/mock-model"
CHAT = {"openai_chat": "/v1/chat/completions", "openai_responses": "/v1/responses"}

OPTION_SAMPLES: dict[str, Any] = {
    "temperature": 0.5,
    "top_p": 0.25,
    "top_k": 40,
    "max_tokens": 99,
    "stop": ["STOP"],
    "seed": 7,
    "presence_penalty": 0.5,
    "frequency_penalty": 0.25,
    "logprobs": 2,
    "n": 2,
    "user": "somebody",
    "parallel_tool_calls": False,
    "reasoning_effort": "medium",
    "reasoning_budget": 2048,
    "reasoning_summary": "auto",
}
FIELDS = {"logprobs": "top_logprobs"}
"""Options that have another name in OpenAI's Chat Completions."""
ELSEWHERE = {"reasoning_summary"}
"""Options whose place is their dialect's business, not the row's."""


class Answer(msgspec.Struct):
    """What a structured answer is."""

    city: str
    people: int


def weather(city: str) -> str:
    """The weather in a city."""
    return f"rain in {city}"


class Asked:
    """One service and its far side."""

    def __init__(self, service: Service, emulator: Emulator[Any], client: Client) -> None:
        self.service = service
        self.emulator = emulator
        self.client = client

    @property
    def provider(self) -> Provider:
        return load_provider(self.service.name)

    @property
    def last(self) -> JournalEntry:
        return self.emulator.journal[-1]

    @property
    def strange(self) -> set[str]:
        """Fields that OpenAI has not, and this row has."""
        row = self.service
        own = {*row.adds, *row.takes, *row.renames.values()}
        own |= {place for words in row.words.values() for to in words.values() for place in to}
        return {place.partition(".")[0] for place in own}

    def complaints(self) -> list[str]:
        """What a client must not do, but for the fields that the row is there for."""
        expected = {f"the service has no field {name!r}" for name in self.strange}
        return [
            complaint
            for entry in self.emulator.journal
            for complaint in entry["complaints"]
            if complaint not in expected
        ]


@pytest.fixture(params=SERVICES, ids=[service.name for service in SERVICES])
async def asked(request: pytest.FixtureRequest) -> AsyncIterator[Asked]:
    service: Service = request.param
    async with open_api("openai", service.name, path="/v1") as (emulator, client):
        yield Asked(service, emulator, client)


async def test_a_streamed_answer_comes_whole_and_in_pieces(asked: Asked) -> None:
    async with asked.client.stream(MINE, SAID) as stream:
        events = [event async for event in stream]

    pieces = [event.text for event in events if isinstance(event, TextDelta)]
    assert "".join(pieces) == SAID
    assert len(pieces) > 1
    assert isinstance(events[0], Started)
    assert isinstance(events[-1], Finished)
    assert asked.last["path"] == CHAT[asked.service.dialect]
    assert asked.complaints() == []


async def test_the_key_stands_in_its_place_and_nowhere_else(asked: Asked) -> None:
    await asked.client.complete(MINE, SAID)

    place = asked.service.key_place
    sent = asked.last["headers"][place.lower()]
    assert sent == (f"Bearer {KEY}" if place == "Authorization" else KEY)
    assert KEY not in without(asked.last, place)


async def test_what_every_request_has_is_there(asked: Asked) -> None:
    await asked.client.complete(MINE, SAID)

    body, headers = asked.last["body"], asked.last["headers"]
    assert {name: body[name] for name in asked.service.adds} == asked.service.adds
    assert {name: headers[name.lower()] for name in asked.service.headers} == asked.service.headers
    assert not asked.service.leaves_out & body.keys()


async def test_each_option_is_said_left_out_by_name_or_refused(asked: Asked) -> None:
    wrong = {}
    for name in OPTIONS:
        asked.emulator.clear_journal()
        if (found := await wrongs(asked, name)) is not None:
            wrong[name] = found

    assert wrong == {}


async def wrongs(asked: Asked, name: str) -> object:
    """What is wrong with a request that has this option; None if nothing is."""
    options: dict[str, Any] = {name: OPTION_SAMPLES[name]}
    if name == "parallel_tool_calls":
        options["tools"] = [weather]
    how = asked.provider.says[name]
    if isinstance(how, Refused):
        with pytest.raises(InputError, match=rf"{asked.service.name} has no {name}"):
            await asked.client.complete(MINE, SAID, **options)
        return asked.emulator.journal or None

    reply = await asked.client.complete(MINE, SAID, **options)

    hint = isinstance(how, Hint)
    if reply.dropped != ((name,) if hint else ()) or asked.complaints():
        return reply.dropped, asked.complaints()
    if asked.service.dialect != "openai_chat" or name in ELSEWHERE:
        return None
    due = dict(wire(asked.service, name, None if hint else OPTION_SAMPLES[name]))
    sent = {place: at(asked.last["body"], place) for place in due}
    return None if sent == due else sent


def wire(service: Service, name: str, value: Any) -> list[tuple[str, Any]]:
    """Where an option stands in a request of this row, and what stands there."""
    if name == "reasoning_budget" and name not in service.takes:
        # The dialect says it as an effort.
        name, value = "reasoning_effort", "medium"
    field = FIELDS.get(name, name)
    words = service.words.get(name, {})
    if isinstance(value, str) and value in words:
        gone = [] if any(place == name for place in words[value]) else [(name, None)]
        return [*words[value].items(), *gone]
    place = service.renames.get(field, field)
    return [(place, value)] if place == field else [(place, value), (field, None)]


async def test_a_tool_is_called_and_its_result_is_read(asked: Asked) -> None:
    asked.emulator.scenario(
        answer=[{"tool_call": {"name": "weather", "arguments": {"city": "Oslo"}}}]
    )
    called = await asked.client.complete(MINE, "What is the weather?", tools=[weather])
    (call,) = called.tool_calls
    assert (call.name, msgspec.json.decode(call.arguments)) == ("weather", {"city": "Oslo"})

    asked.emulator.scenario()
    turns: Messages = [
        {"role": "user", "content": "What is the weather?"},
        called.message,
        {"role": "tool", "tool_call_id": call.id, "content": weather("Oslo")},
    ]
    reply = await asked.client.complete(MINE, turns, tools=[weather])

    assert reply.text == "rain in Oslo"
    assert asked.complaints() == []


async def test_an_answer_has_the_form_that_was_asked_for(asked: Asked) -> None:
    if isinstance(asked.provider.says["json_schema"], Refused):
        with pytest.raises(InputError, match="has no json_schema"):
            await asked.client.complete(MINE, SAID, output=Answer)
        assert asked.emulator.journal == []
        return

    reply = await asked.client.complete(MINE, SAID, output=Answer)

    assert isinstance(reply.value, Answer)
    assert asked.complaints() == []


async def test_an_image_is_seen(asked: Asked) -> None:
    image = Image(content=PNG, media_type="image/png")
    turn = Message("user", (Text("What is it?"), image))

    await asked.client.complete(MINE, [turn])

    assert len(asked.last["notes"]["images"]) == 1
    assert asked.complaints() == []


async def test_thoughts_go_back_only_where_they_are_welcome(asked: Asked) -> None:
    turns = [
        Message("user", (Text("Hi"),)),
        Message("assistant", (Reasoning("Hm."), Text("Hello"))),
        Message("user", (Text(SAID),)),
    ]

    reply = await asked.client.complete(MINE, turns)

    unwelcome = isinstance(asked.provider.says["reasoning"], Hint)
    assert reply.text == SAID
    assert ("reasoning" in reply.dropped) is unwelcome
    if asked.service.dialect == "openai_chat":
        told = asked.last["body"]["messages"][1].get("reasoning_content")
        assert told == (None if unwelcome else "Hm.")


async def test_a_limit_is_an_error_that_says_when_to_come_back(asked: Asked) -> None:
    asked.emulator.scenario(status=429, retry_after=30)

    with pytest.raises(RateLimitError) as caught:
        await asked.client.complete(MINE, SAID)

    assert caught.value.retry_after == 30
    assert caught.value.provider == asked.service.name
    assert KEY not in f"{caught.value!r} {caught.value}"


async def test_its_models_are_listed(asked: Asked) -> None:
    names = await asked.client.models("mine")

    if not asked.service.models_path:
        assert names == []
        return
    assert "mine/mock-model" in names
    assert asked.last["path"] == f"/v1{asked.service.models_path}"
    assert asked.last["headers"]["authorization"] == f"Bearer {KEY}"
