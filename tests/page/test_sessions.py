"""Who may come in at the page: nobody's key, a key in a cookie, and never another page."""

import hashlib
import time
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from dragoman.gateway_settings import GatewayKey
from dragoman.page.session import COOKIE, KEPT_S
from dragoman.store.tables import sessions
from tests.page.place import Place, open_page

KEY = "sk-of-the-configuration"
KEYS: dict[str, Any] = {"keys": [{"key": KEY, "name": "owner"}]}


async def _sign_in(place: Place, key: str = KEY) -> int:
    status, _, _ = await place.ask("POST", "/sign-in", {"key": key})
    return status


async def test_without_keys_everybody_is_its_operator(tmp_path: Path) -> None:
    async with open_page(tmp_path) as place:
        status, me, _ = await place.ask("GET", "/me")

        assert status == 200
        assert (me["needs_key"], me["signed_in"], me["operator"]) == (False, True, True)
        assert (await place.ask("GET", "/models"))[0] == 200


async def test_with_keys_nothing_is_told_before_one_signs_in(tmp_path: Path) -> None:
    async with open_page(tmp_path, **KEYS) as place:
        _, me, _ = await place.ask("GET", "/me")
        refused, told, _ = await place.ask("GET", "/models")

        assert (me["needs_key"], me["signed_in"]) == (True, False)
        assert (refused, told["error"]["kind"]) == (401, "SignedOutError")


async def test_a_key_is_exchanged_for_a_cookie_that_no_script_reads(tmp_path: Path) -> None:
    async with open_page(tmp_path, **KEYS) as place:
        status, _, headers = await place.ask("POST", "/sign-in", {"key": KEY})

        assert status == 204
        name, _, rest = headers["set-cookie"].partition("=")
        token, *flags = (part.strip() for part in rest.split(";"))
        assert name == COOKIE
        assert set(flags) == {"Path=/page", f"Max-Age={KEPT_S}", "HttpOnly", "SameSite=Strict"}
        assert KEY not in headers["set-cookie"]
        assert (await place.ask("GET", "/models"))[0] == 200
        _, me, _ = await place.ask("GET", "/me")
        assert (me["name"], me["operator"]) == ("owner", True)
        async with (await place.store()).reading() as connection:
            kept = (await connection.scalars(select(sessions.c.digest))).all()
        assert kept == [hashlib.sha256(token.encode()).hexdigest()]


async def test_a_key_in_a_header_needs_no_session(tmp_path: Path) -> None:
    async with open_page(tmp_path, **KEYS) as place:
        told = await place.ask("GET", "/models", headers={"x-api-key": KEY})

        assert told[0] == 200


async def test_who_signs_out_is_out_also_with_the_same_cookie(tmp_path: Path) -> None:
    async with open_page(tmp_path, **KEYS) as place:
        _, _, headers = await place.ask("POST", "/sign-in", {"key": KEY})
        cookie = headers["set-cookie"].partition(";")[0]

        _, _, headers = await place.ask("POST", "/sign-out", {})

        assert "Max-Age=0" in headers["set-cookie"]
        assert (await place.ask("GET", "/models", headers={"cookie": cookie}))[0] == 401


async def test_a_session_that_nobody_used_for_a_week_is_over(tmp_path: Path) -> None:
    async with open_page(tmp_path, **KEYS) as place:
        await _sign_in(place)
        old = update(sessions).values(used=time.time() - KEPT_S - 1)
        async with (await place.store()).writing() as connection:
            await connection.execute(old)

        assert (await place.ask("GET", "/models"))[0] == 401


async def test_one_that_is_used_goes_on(tmp_path: Path) -> None:
    async with open_page(tmp_path, **KEYS) as place:
        await _sign_in(place)
        store = await place.store()
        async with store.writing() as connection:
            await connection.execute(update(sessions).values(used=time.time() - KEPT_S + 100))

        assert (await place.ask("GET", "/models"))[0] == 200

        async with store.reading() as connection:
            used = await connection.scalar(select(sessions.c.used))
        assert used is not None
        assert time.time() - used < 1000


async def test_a_session_ends_with_its_key(tmp_path: Path) -> None:
    async with open_page(tmp_path, **KEYS) as place:
        store = await place.store()
        key = await store.keys.create("guest", GatewayKey(name="", digest=b""))
        # It holds as soon as the gateway has looked; a look is what it does once a second.
        await place.app.gateway._keeping._look()  # type: ignore[union-attr]  # it keeps
        assert await _sign_in(place, key) == 204
        _, me, _ = await place.ask("GET", "/me")
        assert (me["name"], me["operator"]) == ("guest", False)

        await store.keys.revoke("guest")
        await place.app.gateway._keeping._look()  # type: ignore[union-attr]  # it keeps

        assert (await place.ask("GET", "/models"))[0] == 401


async def test_keys_cannot_be_tried_for_ever(tmp_path: Path) -> None:
    async with open_page(tmp_path, **KEYS) as place:
        statuses = [await _sign_in(place, f"sk-{number}") for number in range(11)]

        assert statuses == [401] * 10 + [429]
        status, _, headers = await place.ask("POST", "/sign-in", {"key": KEY})
        assert status == 429
        assert 0 < int(headers["retry-after"]) <= 60


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"sec-fetch-site": "cross-site"}, 403),
        ({"sec-fetch-site": "same-site"}, 403),
        ({"sec-fetch-site": "none"}, 403),
        ({"origin": "https://elsewhere.example"}, 403),
        ({"origin": "null"}, 403),
        ({"content-type": "text/plain"}, 415),
        ({"content-type": "application/x-www-form-urlencoded"}, 415),
    ],
)
async def test_no_other_page_may_ask(tmp_path: Path, headers: dict[str, str], status: int) -> None:
    """Not even one that programs of the gateway are allowed to come from."""
    async with open_page(tmp_path, origins=["https://elsewhere.example"]) as place:
        told = await place.ask("POST", "/conversations", {"title": "x"}, headers=headers)

        assert told[0] == status
