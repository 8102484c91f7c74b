"""A stream of Responses that breaks: its own events, our error, and the response that failed."""

import pytest

from tests.gateway.house import open_house
from tests.gateway.wire import WIRES, post


@pytest.mark.parametrize(
    ("provider", "relay"), [("responses", "on"), ("responses", "off"), ("chat", "on")]
)
@pytest.mark.parametrize("events", [5, 7])
async def test_the_numbers_go_on_and_the_response_fails(
    provider: str, relay: str, events: int
) -> None:
    """A program that puts events in order by their numbers must not put the error first."""
    wire, model = WIRES["responses"], f"{provider}/mock-model"
    async with open_house(provider, relay=relay) as house:
        house.far[provider].scenario(cut={"after_events": events, "how": "fin"})

        body = wire.body(model, "one two three four five six seven", True)
        async with post(house.url, "/v1/responses", body) as answer:
            await answer.read_head()
            said = await answer.said()

    assert [event["sequence_number"] for event in said] == list(range(len(said)))
    error, failed = said[-2:]
    assert (error["type"], failed["type"]) == ("error", "response.failed")
    assert failed["response"]["id"] == said[0]["response"]["id"]
    assert failed["response"]["status"] == "failed"
    assert failed["response"]["error"]["code"] == "server_error"
