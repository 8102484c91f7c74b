"""The board: how providers stand now, how they did, whom a route would ask, and a probe."""

import asyncio
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from dragoman import emulators
from dragoman.emulators.emulator import Emulator
from dragoman.gateway_settings import GatewayKey
from dragoman.page.probing import SPACE_S
from dragoman.routing.health_settings import HealthSettings
from dragoman.store.rows import HealthRow
from tests.page.place import Place, open_page

MINUTE = 60
CHAT = {"messages": [{"role": "user", "content": "Hello"}]}


@asynccontextmanager
async def _open(
    folder: Path, routes: Mapping[str, Any] | None = None, **gateway: Any
) -> AsyncIterator[tuple[Place, Emulator[Any]]]:
    async with emulators.run("openai") as far:
        table = {
            "dialect": "openai_chat",
            "base_url": f"{far.url}/v1",
            "api_key": "any",
            "models": ["mock-model"],
        }
        async with open_page(folder, {"far": table}, routes=routes, **gateway) as place:
            yield place, far


async def _chat(place: Place, model: str = "far/mock-model", key: str = "") -> int:
    headers = {"x-api-key": key} if key else {}
    url = f"{place.url}/v1/chat/completions"
    body = {**CHAT, "model": model, "stream": True}
    async with (
        aiohttp.ClientSession() as session,
        session.post(url, json=body, headers=headers) as reply,
    ):
        await reply.read()
        return reply.status


async def _board(place: Place, query: str = "") -> dict[str, Any]:
    status, board, _ = await place.ask("GET", f"/board{query}")
    assert status == 200
    return dict(board)


async def _far(place: Place) -> dict[str, Any]:
    providers = (await _board(place))["providers"]
    (found,) = (one for one in providers if one["name"] == "far")
    return dict(found)


def _row(minute: int, **fields: Any) -> HealthRow:
    known: dict[str, Any] = {"provider": "far", "model": "mock-model", "state": "closed"}
    counts = {"requests": 1, "failures": 0, "first_tokens": 1, "first_tokens_s": 0.5}
    return HealthRow(minute=minute, **{**known, **counts, "wholes": 1, "wholes_s": 2.0, **fields})


async def test_before_anything_was_asked_nothing_is_known_and_nothing_is_asked(
    tmp_path: Path,
) -> None:
    async with _open(tmp_path) as (place, far):
        found = await _far(place)

    assert (found["state"], found["models"], found["history"]) == ("unknown", [], [])
    assert (found["probe"], found["failure"], found["last_success"]) == (None, None, None)
    assert far.journal == []


async def test_who_answers_works(tmp_path: Path) -> None:
    async with _open(tmp_path) as (place, _):
        assert await _chat(place) == 200
        found = await _far(place)
        (model,) = found["models"]

    assert (found["state"], model["standing"], model["state"]) == ("works", "works", "closed")
    assert abs(found["last_success"] - time.time()) < 15
    assert 0 < model["first_token_ms"] <= model["latency_ms"]
    assert (found["dialect"], found["service"]) == ("openai_chat", "")


async def test_who_fails_is_in_trouble_and_then_down_and_says_why(tmp_path: Path) -> None:
    async with _open(tmp_path) as (place, far):
        await _chat(place)
        far.scenario(status=500)
        await _chat(place)
        troubled = await _far(place)
        place.app.gateway.health.settle(HealthSettings(breaker_failures=3, probe_every_s=3600))
        await _chat(place)
        down = await _far(place)

    assert (troubled["state"], down["state"]) == ("trouble", "down")
    assert down["failure"]["error"] == "ResponseStatusError"
    assert down["models"][0]["state"] == "open"
    assert 0 < down["models"][0]["next_probe_s"] <= 3600
    assert "in a row" in down["models"][0]["why"]
    assert down["last_failure"] > down["last_success"]


async def test_the_last_day_is_told_in_points_of_five_minutes(tmp_path: Path) -> None:
    now = int(time.time() // MINUTE)
    start = (now - 60) // 5 * 5
    async with _open(tmp_path) as (place, _):
        await _chat(place)
        await (await place.store()).health.add(
            [
                _row(start, requests=3, failures=1),
                _row(start + 4, state="open", first_tokens_s=1.5),
                _row(start + 5),
                _row(start + 5, model="other", requests=2, failures=2, wholes=0, wholes_s=0.0),
                _row(now - 25 * 60),
            ]
        )
        found = await _far(place)
        without = (await _board(place, "?history=0"))["providers"]

    (model,) = found["models"]
    assert model["history"] == [
        {
            "t": start * MINUTE,
            "requests": 4,
            "failures": 1,
            "first_token_ms": 1000.0,
            "latency_ms": 2000.0,
            "state": "open",
        },
        {
            "t": (start + 5) * MINUTE,
            "requests": 1,
            "failures": 0,
            "first_token_ms": 500.0,
            "latency_ms": 2000.0,
            "state": "closed",
        },
    ]
    assert [point["requests"] for point in found["history"]] == [4, 3]
    assert all(one["history"] == [] for one in without)


async def test_a_board_without_its_past_still_tells_of_now(tmp_path: Path) -> None:
    async with _open(tmp_path) as (place, _):
        await _chat(place)
        async with (await place.store()).writing() as connection:
            await connection.exec_driver_sql("DROP TABLE health")
        board = await _board(place)
        found = await _far(place)

    assert board["kept"] is False
    assert (found["state"], found["history"]) == ("works", [])


async def test_a_route_says_whom_it_would_ask_and_who_is_left_out_and_why(tmp_path: Path) -> None:
    routes = {"smart": {"candidates": ["far/bad", "far/mock-model", "groq/some"], "retries": 0}}
    async with _open(tmp_path, routes) as (place, far):
        place.app.gateway.health.settle(HealthSettings(breaker_failures=1, probe_every_s=3600))
        far.scenario(status=500)
        await _chat(place, "far/bad")
        board = await _board(place)

    (route,) = board["routes"]
    assert (route["name"], route["order"]) == ("smart", "listed")
    assert [(one["name"], one["skipped"]) for one in route["candidates"]] == [
        ("far/mock-model", False),
        ("far/bad", True),
        ("groq/some", True),
    ]
    asked, bad, lacking = route["candidates"]
    assert (asked["reason"], asked["failure"]) == ("listed second", None)
    assert (bad["kind"], bad["state"]) == ("open", "open")
    assert 3500 < bad["until_s"] <= 3600
    assert "ResponseStatusError" in bad["failure"]
    assert "GROQ_API_KEY" in lacking["reason"]
    (named,) = (one for one in board["providers"] if one["name"] == "groq")
    assert (named["state"], named["lacks"]) == ("down", "GROQ_API_KEY")


@pytest.mark.parametrize("order", ["rotate", "cheapest"])
async def test_who_looks_takes_nobodys_turn(tmp_path: Path, order: str) -> None:
    routes = {"turns": {"candidates": ["far/mock-model", "echo/echo"], "order": order}}
    async with _open(tmp_path, routes) as (place, _):
        firsts = {(await _board(place))["routes"][0]["candidates"][0]["name"] for _ in range(4)}

    assert len(firsts) == 1


@pytest.mark.parametrize(
    ("scenario", "works", "state"), [({}, True, "works"), ({"status": 503}, False, "down")]
)
async def test_a_probe_says_each_step_and_is_remembered(
    tmp_path: Path, scenario: dict[str, Any], works: bool, state: str
) -> None:
    async with _open(tmp_path) as (place, far):
        far.scenario(**scenario)
        status, told, _ = await place.ask("POST", "/board/far/probe", {})
        found = await _far(place)

    assert (status, told["works"]) == (200, works)
    (step,) = told["steps"]
    assert (step["step"], step["ok"], step["error"] is None) == ("models", works, works)
    assert 0 < step["ms"] <= told["ms"]
    assert (found["state"], found["probe"]["works"]) == (state, works)
    assert {request["path"] for request in far.journal} == {"/v1/models"}


async def test_a_probe_has_to_wait_for_the_one_before(tmp_path: Path) -> None:
    async with _open(tmp_path) as (place, far):
        first, second = await asyncio.gather(
            *(place.ask("POST", "/board/far/probe", {}) for _ in range(2))
        )
        third = await place.ask("POST", "/board/far/probe", {})
        # Another provider's has not.
        other = await place.ask("POST", "/board/echo/probe", {})

    assert sorted((first[0], second[0])) == [200, 429]
    assert third[0] == 429
    assert 0 < int(third[2]["retry-after"]) <= SPACE_S
    assert other[0] == 200
    assert len(far.journal) == 1


@pytest.mark.parametrize(
    ("provider", "status", "words"),
    [("nobody", 404, "no such provider"), ("groq", 400, "set GROQ_API_KEY")],
)
async def test_who_cannot_be_probed_is_said(
    tmp_path: Path, provider: str, status: int, words: str
) -> None:
    async with _open(tmp_path) as (place, _):
        found, told, _ = await place.ask("POST", f"/board/{provider}/probe", {})

    assert found == status
    assert words in told["error"]["message"]


async def test_a_key_of_the_store_sees_the_board_and_probes_nobody(tmp_path: Path) -> None:
    owner: dict[str, Any] = {"keys": [{"key": "sk-owner", "name": "owner"}]}
    async with _open(tmp_path, None, **owner) as (place, far):
        key = await (await place.store()).keys.create("guest", GatewayKey(name="", digest=b""))
        async with asyncio.timeout(10):
            while not place.app.gateway.in_force.keys.named("guest"):  # type: ignore[union-attr]  # it is in force  # noqa: ASYNC110 - another task reads the keys
                await asyncio.sleep(0.05)
        guest = {"x-api-key": key}
        seen, _, _ = await place.ask("GET", "/board", headers=guest)
        refused, told, _ = await place.ask("POST", "/board/far/probe", {}, headers=guest)
        allowed, _, _ = await place.ask(
            "POST", "/board/far/probe", {}, headers={"x-api-key": "sk-owner"}
        )

    assert (seen, refused, allowed) == (200, 403, 200)
    assert "operator" in told["error"]["message"]
    assert len(far.journal) == 1


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({}, "Connect"),
        ({"cookies_file": "/nowhere/at/all.txt"}, "/nowhere/at/all.txt"),
    ],
)
async def test_what_fails_before_the_first_step_is_a_step_too(
    tmp_path: Path, wrong: dict[str, str], words: str
) -> None:
    table = {"dialect": "openai_chat", "base_url": "http://127.0.0.1:9/v1", "api_key": "any"}
    async with open_page(tmp_path, {"far": {**table, **wrong}}) as place:
        status, told, _ = await place.ask("POST", "/board/far/probe", {})

    assert (status, told["works"]) == (200, False)
    (step,) = told["steps"]
    assert (step["ok"], words in step["error"]) == (False, True), step
