"""What the dialect's client half says is understood by a program that nobody here wrote."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Literal

import msgspec
import pytest

from dragoman.client import Client
from dragoman.config import Config
from dragoman.messages import Message, Messages, Text, ToolCall, ToolResult


class City(msgspec.Struct):
    """A constraint that no small model keeps by chance."""

    name: str
    continent: Literal["Europe", "Asia"]
    visited: bool


@pytest.fixture
async def client(model: Path) -> AsyncIterator[Client]:
    async with Client(Config()) as client:
        yield client


@pytest.mark.timeout(120)
async def test_an_answer_has_the_shape_that_was_asked_for(client: Client) -> None:
    reply = await client.complete("local", "Name a city.", output=City, max_tokens=80, seed=1)

    assert isinstance(reply.value, City)
    assert msgspec.json.decode(reply.text, type=City) == reply.value


@pytest.mark.timeout(120)
async def test_an_answer_may_be_some_object(client: Client) -> None:
    reply = await client.complete("local", "Say {}.", output="json", max_tokens=200, seed=3)

    assert isinstance(msgspec.json.decode(reply.text), dict)


@pytest.mark.timeout(120)
async def test_it_tells_how_likely_its_words_were(client: Client) -> None:
    reply = await client.complete("local", "Say hi.", logprobs=2, max_tokens=4)

    assert "".join(token.token for token in reply.logprobs) == reply.text
    assert all(token.logprob <= 0 and len(token.top) == 2 for token in reply.logprobs)


def weather(city: str) -> str:
    """Tell the weather of a city."""
    return f"In {city} it rains."


@pytest.mark.timeout(120)
async def test_a_tool_that_must_be_called_is_called(client: Client) -> None:
    reply = await client.complete(
        "local",
        "What is the weather in Paris?",
        tools=[weather],
        tool_choice="required",
        max_tokens=60,
        seed=1,
    )

    (call,) = reply.tool_calls
    assert (call.name, reply.finish_reason) == ("weather", "tool_calls")
    assert msgspec.json.decode(call.arguments).keys() == {"city"}


@pytest.mark.timeout(120)
async def test_the_result_of_a_tool_is_sent_back(client: Client) -> None:
    call = ToolCall("call_1", "weather", '{"city": "Paris"}')
    messages: Messages = [
        {"role": "user", "content": "What is the weather in Paris?"},
        Message("assistant", (call,)),
        Message("tool", (ToolResult("call_1", (Text("In Paris it rains frogs."),)),)),
    ]

    reply = await client.complete(
        "local", messages, tools=[weather], tool_choice="none", max_tokens=30, seed=1
    )

    assert reply.text
    assert reply.usage is not None
    assert (reply.usage.input_tokens or 0) > 60
