"""Whichever way a request went, the same is noted of it: in the log, and of one who has gone."""

import asyncio
import json
from collections.abc import Mapping
from typing import Any

import pytest

from dragoman.gateway import access_log
from tests.gateway.both_ways import Case, open_pair
from tests.gateway.house import each_way, open_house
from tests.gateway.odd_service import SOON_S
from tests.gateway.wire import SAME, WIRES, post

TEXT = "one two three four five"
SCENARIOS: Mapping[str, Mapping[str, Any]] = {
    "a whole answer": {},
    "its usage": {"answer": [{"text": "Hi"}, {"usage": {"input_tokens": 11, "output_tokens": 7}}]},
    "its end": {"answer": [{"text": "Hi"}, {"finish_reason": "length"}]},
    "a status": {"status": 500},
    "a status, once": {"status": 503, "retry_after": 0, "on": [1]},
    "too many requests": {"status": 429, "retry_after": 30},
    "too many requests, once": {"status": 429, "retry_after": 0.1, "on": [1]},
    "a stream that breaks": {"cut": {"after_events": 7, "how": "fin"}},
    "a stream that breaks once": {"cut": {"after_events": 7, "how": "fin"}, "on": [1]},
    "nothing": {"empty_body": True},
    "no event of the format": {"noise": True, "malformed": {"at_event": 3, "kind": "json"}},
}
# They differ from one request to the next, and only that they are there can be compared.
MOMENTS = ("time", "ms", "first_token_ms", "overhead_ms", "response_id")


@pytest.mark.parametrize("face", SAME)
async def test_a_line_of_the_log_says_the_same(
    face: str, capsys: pytest.CaptureFixture[str]
) -> None:
    wire, models = WIRES[face], [f"{kind}/{SAME[face]}" for kind in ("once", "pair")]
    headers = {"anthropic-version": "2023-06-01"} if face == "messages" else {}
    cases = [
        Case(
            path=wire.path(model, stream),
            body=json.dumps(wire.body(model, TEXT, stream)).encode(),
            scenario=scenario,
            headers=headers,
        )
        for scenario in SCENARIOS.values()
        for model in models
        for stream in (False, True)
    ]
    async with open_pair(face, log=True, rescue="replay") as pair:
        for case in cases:
            one, other = await pair.both(case)
            assert one == other, case
        assert await asyncio.to_thread(lambda: pair.relayed) == len(cases)
    access_log._LOG.flush()

    lines = [_noted(line) for line in capsys.readouterr().err.splitlines()]
    assert len(lines) == 2 * len(cases)
    for case, lane, around in zip(cases, lines[::2], lines[1::2], strict=True):
        assert lane == around, case


def _noted(line: str) -> dict[str, Any]:
    said: dict[str, Any] = json.loads(line)
    return said | dict.fromkeys(set(MOMENTS) & said.keys())


@each_way
@pytest.mark.parametrize("stream", [False, True])
async def test_of_one_who_has_gone_the_attempt_is_noted(stream: bool, relay: str) -> None:
    """As lost: it says nothing of the service, and is counted once."""
    wire, model = WIRES["chat"], "chat/mock-model"
    async with open_house("chat", relay=relay) as house:
        far, health = house.far["chat"], house.app.gateway.health
        far.scenario(stall={"headers": False} if not stream else {"after_events": 4})
        path = wire.path(model, stream)
        async with post(house.url, path, wire.body(model, TEXT, stream)) as answer:
            await far.wait_until(lambda far: far.answers == 1)
            answer.leave()
            await far.wait_closed(SOON_S)

        found = health.view("chat", "mock-model")
        assert {name: count for name, count in found.totals.items() if count} == {"lost": 1}
        assert (found.last_failure, found.in_row, found.state) == (None, 0, "closed")
