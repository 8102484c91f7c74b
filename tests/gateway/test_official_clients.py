"""Every official SDK against every provider family, through the gateway."""

from collections.abc import AsyncIterator

import msgspec
import pytest

from tests.gateway.clients import FACES
from tests.gateway.house import PROVIDERS, House, open_house

MATRIX = [(face, provider) for face in FACES for provider in PROVIDERS]
TEXT = "Größe und 大きさ: one two three"


@pytest.fixture
async def house(provider: str) -> AsyncIterator[House]:
    async with open_house(provider) as house:
        yield house


@pytest.mark.parametrize(("face", "provider"), MATRIX, ids=str)
async def test_it_answers_whole_and_streamed(house: House, face: str, provider: str) -> None:
    async with FACES[face](house.url) as talker:
        assert await talker.ask(f"{provider}/mock-model", TEXT) == TEXT
        deltas = await talker.stream(f"{provider}/mock-model", TEXT)

    assert "".join(deltas) == TEXT
    assert len(deltas) > 2
    assert [entry["complaints"] for entry in house.far[provider].journal] == [[], []]


@pytest.mark.parametrize(("face", "provider"), MATRIX, ids=str)
async def test_a_tool_goes_round(house: House, face: str, provider: str) -> None:
    house.far[provider].scenario(
        answer=[{"tool_call": {"name": "weather", "arguments": {"city": "Paris"}}}]
    )

    async with FACES[face](house.url) as talker:
        name, arguments, answer = await talker.call_tool(f"{provider}/mock-model")

    given = msgspec.json.decode(arguments) if isinstance(arguments, str) else dict(arguments)
    assert (name, given, answer) == ("weather", {"city": "Paris"}, "It rains.")
