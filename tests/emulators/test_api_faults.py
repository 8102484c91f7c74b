"""Faults of whole replies on each API dialect's wire, and which requests they are for."""

from typing import Any, NamedTuple

import pytest
from tests.emulators.apis import Api, asked, each_api, payloads, said
from tests.emulators.wire import PROMPT, Wire, exchange

from dragoman import emulators


async def each_step(api: Api, **scenario: Any) -> list[Wire]:
    """The replies to a chat that streams, one that does not, and the list of models."""
    async with emulators.run(api.emulator, scenario=scenario) as emulator:
        steps = (api.stream, api.whole, api.models)
        return [await exchange(emulator.url, sent) for sent in steps]


@each_api
async def test_without_a_fault_it_echoes_and_ends_well(api: Api) -> None:
    """What the other tests compare with: an event a chunk, and the same bytes each time."""
    streamed = await asked(api)
    again = await asked(api)
    whole = await asked(api, api.whole)

    assert said(api, streamed.text) == PROMPT
    assert api.last_word in payloads(api, streamed.text)[-1]
    assert [len(payloads(api, chunk.decode())) for chunk in streamed.chunks] == [1] * len(
        streamed.chunks
    )
    assert (streamed.ended, streamed.end) == (True, "fin")
    assert streamed.body == again.body
    assert PROMPT in whole.text
    assert whole.headers["content-type"].startswith("application/json")


@each_api
@pytest.mark.parametrize("status", [400, 401, 403, 404, 413, 429, 500, 502, 503, 504, 529])
async def test_a_status_comes_in_the_dialects_own_body(api: Api, status: int) -> None:
    for reply in await each_step(api, status=status):
        assert (reply.status, reply.end) == (status, "fin")
        assert api.refused(reply.json()) == f"the scenario says {status}"


@each_api
@pytest.mark.parametrize(
    ("wait", "header"), [(7, "7"), (0.5, "0.5"), ("Sat, 21 Nov 2026 12:00:00 GMT", None)]
)
async def test_a_wait_is_told_in_the_header(api: Api, wait: Any, header: str | None) -> None:
    reply = await asked(api, status=429, retry_after=wait)

    assert (reply.status, reply.headers["retry-after"]) == (429, header or wait)
    assert api.refused(reply.json()) == "the scenario says 429"


class Placed(NamedTuple):
    name: str
    scenario: dict[str, Any]
    status: int
    header: tuple[str, str]
    body: bytes


PAGE = ("content-type", "text/html; charset=UTF-8")
PLACED = [
    Placed("a challenge", {"challenge": {}}, 403, ("cf-mitigated", "challenge"), b"Just a moment"),
    Placed("a login page", {"html_instead": True}, 200, PAGE, b"Log in first"),
    Placed("maintenance", {"html_instead": "maintenance"}, 200, PAGE, b"Back in a few"),
    Placed("no byte", {"empty_body": True}, 200, ("content-length", "0"), b""),
    Placed("a nought", {"empty_body": "0"}, 200, ("content-length", "1"), b"0"),
]


@each_api
@pytest.mark.parametrize("case", PLACED, ids=lambda case: case.name)
async def test_every_step_answers_what_is_put_in_its_place(api: Api, case: Placed) -> None:
    for reply in await each_step(api, **case.scenario):
        assert (reply.status, reply.end) == (case.status, "fin")
        assert case.header in reply.headers.items()
        assert (case.body in reply.body, bool(reply.body)) == (True, bool(case.body))


@each_api
async def test_a_fault_is_for_the_requests_it_names(api: Api) -> None:
    """A list of models is no chat and counts for nothing."""
    async with emulators.run(api.emulator, scenario={"status": 500, "on": [2]}) as emulator:
        requests = (api.stream, api.models, api.whole, api.stream)
        statuses = [(await exchange(emulator.url, sent)).status for sent in requests]

        assert statuses == [200, 200, 500, 200]


@each_api
async def test_a_good_request_has_no_complaints(api: Api) -> None:
    async with emulators.run(api.emulator) as emulator:
        for sent in (api.stream, api.whole, api.models):
            await exchange(emulator.url, sent)

        assert [entry["complaints"] for entry in emulator.journal] == [[], [], []]
