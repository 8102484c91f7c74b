"""FakeGPT's logins: whose they are, and what stations of their own kind want of them."""

import re

import pytest
from tests.emulators.test_fakegpt import LOADS, complaints, handshake, login, session, with_cookie
from tests.emulators.wire import conversation, exchange

from dragoman import emulators


@pytest.mark.parametrize("known_by", ["cookie", "password"])
async def test_a_second_login_before_the_session_is_noted(known_by: str) -> None:
    async with emulators.run("fakegpt") as emulator:
        loads = (await exchange(emulator.url, LOADS)).json()["loads"]
        reply = await exchange(emulator.url, login(loads[0]["token_id"]))
        cookie = reply.headers["set-cookie"].partition(";")[0]
        again = login(loads[0]["token_id"])
        if known_by == "cookie":
            again = with_cookie(login(loads[1]["token_id"], "new"), cookie)
        await exchange(emulator.url, again)

        assert len(complaints(emulator)) == 1
        assert "a second one" in complaints(emulator)[0]


async def test_logins_of_two_clients_at_once_are_not_noted() -> None:
    async with emulators.run("fakegpt") as emulator:
        loads = (await exchange(emulator.url, LOADS)).json()["loads"]
        for password in ("one", "two"):
            await exchange(emulator.url, login(loads[0]["token_id"], password))

        assert complaints(emulator) == []


async def test_a_login_after_the_session_of_the_last_is_not_noted() -> None:
    async with emulators.run("fakegpt") as emulator:
        cookie, _ = await handshake(emulator)
        loads = (await exchange(emulator.url, LOADS)).json()["loads"]
        await exchange(emulator.url, with_cookie(login(loads[0]["token_id"]), cookie))

        assert complaints(emulator) == []


@pytest.mark.parametrize(("header", "status"), [("Bearer {}", 401), ("{}", 200)])
async def test_a_station_may_want_the_token_alone(header: str, status: int) -> None:
    async with emulators.run("fakegpt", scenario={"variant": ["bare_token"]}) as emulator:
        cookie, token = await handshake(emulator)
        sent = with_cookie(conversation(bearer=token), cookie)
        sent = sent.replace(f"Bearer {token}".encode(), header.format(token).encode())

        assert (await exchange(emulator.url, sent)).status == status


@pytest.mark.parametrize(("cookie", "status"), [("a=b", 200), ("session_password=pw", 302)])
async def test_a_station_may_want_the_password_as_a_cookie(cookie: str, status: int) -> None:
    async with emulators.run("fakegpt", scenario={"variant": ["password_cookie"]}) as emulator:
        loads = (await exchange(emulator.url, LOADS)).json()["loads"]

        sent = with_cookie(login(loads[0]["token_id"]), cookie)

        assert (await exchange(emulator.url, sent)).status == status


@pytest.mark.parametrize(("zone", "shape"), [(True, r"Z\Z"), (False, r":\d\d\Z")])
async def test_the_session_tells_its_end_with_or_without_a_zone(zone: bool, shape: str) -> None:
    expire = {"jwt": False, "zone": zone}
    async with emulators.run("fakegpt", scenario={"token_expire": expire}) as emulator:
        loads = (await exchange(emulator.url, LOADS)).json()["loads"]
        reply = await exchange(emulator.url, login(loads[0]["token_id"]))
        cookie = reply.headers["set-cookie"].partition(";")[0]

        said = (await exchange(emulator.url, session(cookie))).json()

        assert re.search(shape, said["expires"])
