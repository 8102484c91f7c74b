"""Usage at the page: all of it for an operator, one's own for a key of the store."""

import asyncio
import time
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from dragoman.gateway_settings import GatewayKey
from tests.page.place import Place, open_page
from tests.store.given import row

OWNER: dict[str, Any] = {"keys": [{"key": "sk-owner", "name": "owner"}]}
HOUR_S = 3600
DAY_S = 86400


async def _guest(place: Place, name: str = "guest") -> dict[str, str]:
    """The header of a new key of the store, once the gateway heeds it."""
    key = await (await place.store()).keys.create(name, GatewayKey(name="", digest=b""))
    headers = {"x-api-key": key}
    async with asyncio.timeout(10):
        while (await place.ask("GET", "/usage", headers=headers))[0] == 401:  # noqa: ASYNC110 - the gateway reads its keys by itself
            await asyncio.sleep(0.05)
    return headers


async def test_sums_total_and_series_of_the_last_month(tmp_path: Path) -> None:
    now = time.time()
    async with open_page(tmp_path) as place:
        await (await place.store()).usage.add(
            [row(at=now - 60, model="a"), row(at=now - DAY_S, model="b"), row(at=now - 40 * DAY_S)]
        )
        status, told, headers = await place.ask("GET", "/usage")

    assert (status, headers["cache-control"]) == (200, "no-store")
    assert [(one["of"], one["requests"]) for one in told["rows"]] == [("a", 1), ("b", 1)]
    assert (told["total"]["requests"], told["total"]["cost"]) == (2, 1.0)
    assert [one["of"] for one in told["series"]] == ["b", "a"]
    assert all(one["t"] % DAY_S == 0 for one in told["series"])
    assert (told["own"], told["kept"], told["bucket"], told["zone"]) == (False, True, "day", 0)


async def test_hours_begin_where_the_reader_is_and_a_plus_may_be_a_space(tmp_path: Path) -> None:
    now = time.time()
    async with open_page(tmp_path) as place:
        await (await place.store()).usage.add([row(at=now - HOUR_S)])
        since = f"since={now - DAY_S}"
        for zone in ("330", "+330", "%2B330", "-210"):
            query = f"/usage?{since}&bucket=hour&zone={zone}&by=key"
            _, told, _ = await place.ask("GET", query)
            (point,) = told["series"]
            # These clocks show half an hour less, or more.
            assert point["t"] % HOUR_S == 1800
            assert point["t"] <= now - HOUR_S < point["t"] + HOUR_S


async def test_what_was_asked_just_now_is_there_soon(tmp_path: Path) -> None:
    async with open_page(tmp_path) as place:
        asked = {"model": "echo", "messages": [{"role": "user", "content": "one two"}]}
        async with (
            aiohttp.ClientSession(place.url) as program,
            program.post("/v1/chat/completions", json=asked) as reply,
        ):
            assert reply.status == 200
        async with asyncio.timeout(10):
            while not (told := (await place.ask("GET", "/usage?by=provider"))[1])["rows"]:  # noqa: ASYNC110 - it is written behind the request
                await asyncio.sleep(0.05)

    assert [(one["of"], one["output_tokens"]) for one in told["rows"]] == [("echo", 2)]


@pytest.mark.parametrize("by", ["model", "key", "day", "provider"])
async def test_a_key_of_the_store_sees_its_own_and_no_other(tmp_path: Path, by: str) -> None:
    now = time.time()
    async with open_page(tmp_path, **OWNER) as place:
        guest = await _guest(place)
        await (await place.store()).usage.add(
            [
                row(at=now, key="guest", model="seen"),
                row(at=now, key="owner", model="secret-model", provider="secret-place"),
                row(at=now, key="another", model="secret-model", provider="secret-place"),
            ]
        )
        _, own, _ = await place.ask("GET", f"/usage?by={by}", headers=guest)
        _, whole, _ = await place.ask("GET", f"/usage?by={by}", headers={"x-api-key": "sk-owner"})

    assert (own["own"], own["total"]["requests"]) == (True, 1)
    assert sum(one["requests"] for one in own["rows"]) == 1
    assert sum(one["requests"] for one in own["series"]) == 1
    assert not any(name in str(own) for name in ("owner", "another", "secret"))
    assert (whole["own"], whole["total"]["requests"]) == (False, 3)


async def test_without_a_session_nothing_is_told(tmp_path: Path) -> None:
    async with open_page(tmp_path, **OWNER) as place:
        status, told, _ = await place.ask("GET", "/usage")

    assert (status, told["error"]["kind"]) == (401, "SignedOutError")


async def test_it_is_said_where_none_is_kept(tmp_path: Path) -> None:
    async with open_page(tmp_path, usage=False) as place:
        status, told, _ = await place.ask("GET", "/usage")

    assert (status, told["kept"], told["rows"]) == (200, False, [])


async def test_what_cannot_be_asked_is_named(tmp_path: Path) -> None:
    async with open_page(tmp_path) as place:
        status, told, _ = await place.ask("GET", "/usage?by=colour")

    assert (status, told["error"]["kind"]) == (400, "InputError")
    assert told["error"]["message"].startswith("by: expected one of model,")
