"""A provider's model that fails is left alone, and tried again by one request an interval."""

import asyncio
import json
from typing import Any

import aiohttp
import pytest

from dragoman.reach import Reach
from dragoman.routing.health import Failure, Health
from tests.faults.places import TEXT, Door, Place, open_place

SELDOM = {"breaker_failures": 3, "breaker_error_rate": 0, "probe_every_s": 60}
DEAD = {"status": 500, "retry_after": 0}

DOORS: list[Door] = ["client", "translated"]


async def _ask(place: Place, door: Door, times: int, route: str = "ab") -> list[int]:
    return [(await place.ask(door, route, stream=True)).status for _ in range(times)]


async def _state(place: Place, door: Door, provider: str = "a") -> str:
    if door == "client":
        return (await _health(place, door)).view(provider, "mock-model").state
    caller = aiohttp.ClientSession(place.url)
    async with caller, caller.get("/health/providers") as answer:
        rows = (await answer.json())["providers"]
    (models,) = (row["models"] for row in rows if row["provider"] == provider)
    return str(models[0]["state"])


async def _make_probe_due(place: Place, door: Door) -> None:
    """A provider that answers again what is no chat may be tried by the next request.

    So nothing here waits for a time to pass, and a slow machine sees no second interval.
    """
    health = await _health(place, door)
    health.probed("a", 0.1, Failure(error="ResponseStatusError", text="away"))
    health.probed("a", 0.1)
    assert await _state(place, door) == "probe"


async def _health(place: Place, door: Door) -> Health:
    if door != "client":
        return place.app.gateway.health
    reach: Reach = place.client._reach
    return (await reach.planner()).health


@pytest.mark.parametrize("door", DOORS)
async def test_one_that_fails_is_left_alone(door: Door) -> None:
    async with open_place(health=SELDOM, retries=0) as place:
        place.far["a"].scenario(DEAD)

        statuses = await _ask(place, door, 10)

        assert statuses == [200] * 10
        assert place.asked == {"a": 3, "b": 10}
        assert await _state(place, door) == "open"


@pytest.mark.parametrize("door", DOORS)
async def test_its_retries_count_too(door: Door) -> None:
    async with open_place(health=SELDOM, retries=5) as place:
        place.far["a"].scenario(DEAD)

        assert await _ask(place, door, 3) == [200] * 3

        assert place.asked == {"a": 3, "b": 3}


@pytest.mark.parametrize("door", DOORS)
async def test_one_request_an_interval_tries_it(door: Door) -> None:
    async with open_place(health=SELDOM, retries=0) as place:
        place.far["a"].scenario(DEAD)
        await _ask(place, door, 3)
        await _make_probe_due(place, door)
        place.far["a"].scenario(stall={"headers": False}, slow={"before_headers_s": 0})

        asking = [asyncio.create_task(place.ask(door, "ab", stream=True)) for _ in range(6)]
        done, waiting = await asyncio.wait(asking, return_when=asyncio.FIRST_COMPLETED)
        while len(waiting) > 1:
            more, waiting = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
            done |= more

        assert [task.result().text for task in done] == [TEXT] * 5
        assert place.far["a"].chats == 1
        for task in waiting:
            task.cancel()
        await asyncio.wait(waiting)


@pytest.mark.parametrize("door", DOORS)
async def test_one_that_is_back_is_asked_again(door: Door) -> None:
    async with open_place(health=SELDOM, retries=0) as place:
        place.far["a"].scenario(DEAD)
        await _ask(place, door, 3)
        place.far["a"].scenario()
        await _make_probe_due(place, door)

        await _ask(place, door, 4)

        assert place.far["a"].chats == 4
        assert await _state(place, door) == "closed"


@pytest.mark.parametrize("door", DOORS)
async def test_a_probe_that_fails_costs_its_caller_nothing_but_time(door: Door) -> None:
    async with open_place(health=SELDOM, retries=2) as place:
        place.far["a"].scenario(DEAD)
        await _ask(place, door, 3)
        await _make_probe_due(place, door)
        before = place.far["a"].chats

        assert await _ask(place, door, 2) == [200, 200]

        assert place.far["a"].chats == before + 1


@pytest.mark.parametrize("stream", [True, False], ids=["streamed", "whole"])
@pytest.mark.parametrize("route", ["a", "a/mock-model"])
@pytest.mark.parametrize("door", DOORS)
async def test_where_nobody_is_left_it_says_when_to_come_back(
    door: Door, route: str, stream: bool
) -> None:
    """A route and a bare name alike, and nobody is asked."""
    async with open_place({"one": {"candidates": ["a/mock-model"]}}, health=SELDOM) as place:
        route = "one" if route == "a" else route
        place.far["a"].scenario(DEAD)
        await _ask(place, door, 1, route)

        told = await place.ask(door, route, stream=stream)

        assert (told.status, place.asked) == (503, {"a": 3})
        assert told.retry_after is not None
        assert 0 < told.retry_after <= 60
        assert "3 failures in a row" in told.error_text
        assert "a/mock-model" in told.error_text


async def test_one_bad_model_closes_none_of_its_providers_others() -> None:
    async with open_place(health=SELDOM, retries=2) as place:
        place.far["a"].scenario(DEAD)
        await _ask(place, "client", 1, "a/mock-model")
        place.far["a"].scenario()

        assert await _ask(place, "client", 1, "a/another-model") == [200]
        assert await _ask(place, "client", 1, "a/mock-model") == [503]


@pytest.mark.parametrize("status", [400, 401, 404, 422, 429])
async def test_what_says_nothing_of_its_health_closes_nothing(status: int) -> None:
    async with open_place({"one": {"candidates": ["a/mock-model"]}}, health=SELDOM) as place:
        place.far["a"].scenario(status=status, retry_after=0)

        assert await _ask(place, "client", 6, "one") == [status] * 6

        assert await _state(place, "client") == "closed"


async def test_one_that_fails_half_of_the_time_is_left_alone_too() -> None:
    health = {"breaker_failures": 0, "breaker_error_rate": 0.5, "probe_every_s": 60}
    async with open_place(health=health, retries=0) as place:
        place.far["a"].scenario({**DEAD, "on": [2, 4, 6, 8, 10]})

        assert await _ask(place, "client", 14) == [200] * 14

        assert place.asked == {"a": 10, "b": 5 + 4}


async def test_one_that_breaks_in_the_midst_fails_too() -> None:
    async with open_place(health=SELDOM, retries=0) as place:
        place.far["a"].scenario(cut={"after_events": 5, "how": "rst"})

        told = [await place.ask("translated", "ab", stream=True) for _ in range(5)]

        assert [one.rescued for one in told] == ["replay"] * 3 + [""] * 2
        assert place.asked == {"a": 3, "b": 5}


async def test_the_decision_is_told_with_its_reason() -> None:
    async with open_place(health=SELDOM, retries=2) as place:
        place.far["a"].scenario(DEAD)
        await _ask(place, "relayed", 1)
        body: dict[str, Any] = {"model": "ab", "messages": [{"role": "user", "content": "x"}]}
        async with aiohttp.ClientSession(place.url) as caller:
            explain = {"x-dragoman-explain": "1"}
            asked = caller.post("/v1/chat/completions", json=body, headers=explain)
            async with asked as answer:
                plan = json.loads(answer.headers["x-dragoman-explain"])

        assert [one["model"] for one in plan["choices"]] == ["b/mock-model"]
        assert "3 failures in a row" in plan["skipped"][0]["reason"]
