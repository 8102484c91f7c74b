"""A broken event that carries nothing of an answer breaks no answer, and reaches no caller."""

import pytest

from tests.gateway.house import once, open_house
from tests.gateway.wire import WIRES, post

TEXT = "one two three four five"
# Where the provider's own signs of life stand in its streams, counted from 1.
PLACES = {"claude": 3, "responses": 2}


@pytest.mark.parametrize("kind", ["json", "utf8", "not_object"])
@pytest.mark.parametrize(
    ("face", "provider"),
    [("messages", "claude"), ("responses", "responses"), ("chat", "claude"), ("chat", "responses")],
)
async def test_a_broken_sign_of_life_is_passed_over(face: str, provider: str, kind: str) -> None:
    wire = WIRES[face]
    model = once(provider)
    async with open_house(provider) as house:
        house.far[provider].scenario(malformed={"at_event": PLACES[provider], "kind": kind})

        async with post(house.url, wire.path(model, True), wire.body(model, TEXT, True)) as answer:
            await answer.read_head()
            said = await answer.said()

    assert answer.whole
    assert not [one for one in said if wire.error(one)]
    assert "five" in str(said)
