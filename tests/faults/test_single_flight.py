"""The same request, asked several times at once where a route shares, is one upstream call."""

import asyncio
import itertools
from typing import Any

import aiohttp
import pytest

from dragoman.client import Client
from dragoman.event_stream import EventStream
from tests.faults.places import TEXT, Door, Place, open_place
from tests.gateway.wire import WIRES, post

SHARED: dict[str, Any] = {"share": True}
# What is shared never goes the short way, so there is nothing to go around.
DOORS: list[Door] = ["client", "relayed", "translated"]
# As long as six callers need at most until all of them have come.
LATE = {"slow": {"before_first_s": 1}}
LONG = " ".join(["a longer text"] * 200_000)


async def _together(place: Place, door: Door, stream: bool, **more: Any) -> list[str]:
    asked = (place.ask(door, "ab", stream=stream, **more) for _ in range(6))
    return [told.text for told in await asyncio.gather(*asked)]


@pytest.mark.parametrize("more", [{"temperature": 0.0}, {"seed": 7}], ids=str)
async def test_the_same_request_is_sent_once(more: dict[str, Any]) -> None:
    async with open_place(**SHARED) as place:
        for door, stream in itertools.product(DOORS, (True, False)):
            if door == "translated" and "seed" in more:
                continue
            place.far["a"].scenario(LATE)

            texts = await _together(place, door, stream, **more)

            assert (texts, place.asked) == ([TEXT] * 6, {"a": 1}), (door, stream)


@pytest.mark.parametrize("door", DOORS)
async def test_one_whose_answers_differ_is_sent_each_time(door: Door) -> None:
    async with open_place(**SHARED) as place:
        texts = await _together(place, door, True)
        assert (texts, place.asked) == ([TEXT] * 6, {"a": 6})

        texts = await _together(place, door, True, temperature=0.5)
        assert (texts, place.asked) == ([TEXT] * 6, {"a": 12})


async def test_a_route_that_does_not_say_so_shares_nothing() -> None:
    async with open_place() as place:
        assert await _together(place, "client", True, temperature=0.0) == [TEXT] * 6
        assert place.asked == {"a": 6}


@pytest.mark.parametrize("door", DOORS)
async def test_another_request_is_another(door: Door) -> None:
    async with open_place(**SHARED) as place:
        place.far["a"].scenario(LATE)
        asked = [
            place.ask(door, "ab", stream=True, text=text, temperature=0.0)
            for text in ("one", "two", "one")
        ]

        told = await asyncio.gather(*asked)

        assert [one.text for one in told] == ["one", "two", "one"]
        assert place.asked == {"a": 2}


@pytest.mark.parametrize("door", DOORS)
async def test_what_they_share_is_rescued_for_all(door: Door) -> None:
    async with open_place(retries=0, **SHARED) as place:
        place.far["a"].scenario(cut={"after_events": 5, "how": "rst"}, **LATE)

        assert await _together(place, door, True, temperature=0.0) == [TEXT] * 6
        assert place.asked == {"a": 1, "b": 1}


@pytest.mark.parametrize("door", DOORS)
async def test_its_failure_is_everybodys(door: Door) -> None:
    async with open_place(**SHARED) as place:
        place.far["a"].scenario(slow={"before_headers_s": 1}, status=400)
        asked = (place.ask(door, "ab", stream=True, temperature=0.0) for _ in range(4))

        assert [told.status for told in await asyncio.gather(*asked)] == [400] * 4


async def _lost_tokens(callers: int) -> list[str]:
    """What the metrics tell of usage that was paid for in vain, after one shared broken answer."""
    body = WIRES["messages"].body("ca", TEXT, True) | {"temperature": 0}
    async with open_place(retries=0, **SHARED) as place:
        place.far["c"].scenario(cut={"after_events": 7, "how": "rst"}, **LATE)
        async with aiohttp.ClientSession(place.url) as caller:

            async def ask() -> None:
                async with caller.post("/v1/messages", json=body) as answer:
                    assert b"message_stop" in await answer.read()

            await asyncio.gather(*(ask() for _ in range(callers)))
            assert place.asked == {"c": 1, "a": 1}
            async with caller.get("/metrics") as page:
                lines = (await page.text()).splitlines()
    return [line for line in lines if "lost" in line and not line.startswith("#")]


async def test_what_an_attempt_cost_in_vain_is_counted_once() -> None:
    alone, together = await _lost_tokens(1), await _lost_tokens(5)

    assert alone
    assert together == alone


async def _first(client: Client) -> tuple[EventStream, str]:
    events = client.stream("ab", TEXT, temperature=0.0)
    await events.__aenter__()
    return events, await anext(events.text())


async def test_each_reads_at_its_own_pace() -> None:
    async with open_place(**SHARED) as place:
        place.far["a"].scenario(slow={"between_events_s": 0.1})
        slow, begun = await _first(place.client)
        quick, _ = await _first(place.client)

        await quick.reply()
        await quick.__aexit__(None, None, None)

        rest = [text async for text in slow.text()]
        await slow.__aexit__(None, None, None)
        assert ("".join([begun, *rest]), place.asked) == (TEXT, {"a": 1})


async def test_at_the_gateway_one_who_does_not_read_holds_nobody_up() -> None:
    wire = WIRES["messages"]
    body = wire.body("ab", "tell me", True) | {"temperature": 0}
    async with open_place(**SHARED) as place:
        place.far["a"].scenario(
            answer=[{"text": LONG[at : at + 4000]} for at in range(0, 2_600_000, 4000)]
        )
        async with post(place.url, "/v1/messages", body) as slow:
            await slow.read_head()
            async with post(place.url, "/v1/messages", body) as quick:
                await quick.read_head()
                said = await asyncio.wait_for(quick.body(), 30)
                assert quick.whole
            assert await slow.body() == said or slow.whole

        assert place.asked == {"a": 1}


async def test_only_the_last_one_who_leaves_ends_it() -> None:
    async with open_place(**SHARED) as place:
        far = place.far["a"]
        far.scenario(stall={"after_events": 5})
        one, _ = await _first(place.client)
        other, _ = await _first(place.client)

        await one.__aexit__(None, None, None)
        assert (far.answers, far.abandoned) == (1, 0)
        await other.__aexit__(None, None, None)

        await far.wait_idle()
        assert (far.chats, far.abandoned) == (1, 1)


async def test_who_comes_when_it_is_over_is_asked_for_anew() -> None:
    async with open_place(**SHARED) as place:
        for _ in range(3):
            told = await place.ask("client", "ab", stream=True, temperature=0.0)
            assert told.text == TEXT

        assert place.asked == {"a": 3}
