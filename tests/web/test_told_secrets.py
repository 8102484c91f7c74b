"""A service that repeats what it was sent: no error tells our secrets to the reader."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack

import pytest
from tests.transport.far_side import Connection, FarSide, Script, reply

from dragoman import Client
from dragoman.config import Config
from dragoman.errors import ChatError

TOKEN = "token-of-the-caller-0123456789"  # noqa: S105 - a made-up one
COOKIE = "cookie-of-the-caller-0123456789"

Serve = Callable[[Script], Awaitable[FarSide]]


@pytest.fixture
async def serve() -> AsyncIterator[Serve]:
    async with AsyncExitStack() as stack:
        yield lambda script: stack.enter_async_context(FarSide(script))


@pytest.mark.parametrize("dialect", ["token", "station"])
async def test_a_page_for_debugging_shows_our_request_and_no_error_does(
    serve: Serve, dialect: str
) -> None:
    async def debugging(connection: Connection) -> None:
        seen = await connection.request()
        sent = " ".join(value for name, value in seen.headers if "auth" in name or name == "cookie")
        await connection.send(reply(sent.encode(), "500 Internal Server Error"))

    side = await serve(debugging)
    entry = {"base_url": side.url, "dialect": dialect, "cookies": {"sid": COOKIE}}
    if dialect == "token":
        entry["access_token"] = TOKEN

    async with Client(Config.of({"fakegpt": entry})) as client:
        with pytest.raises(ChatError, match=r"\*\*\*") as caught:
            await client.complete("fakegpt", "hello")
        (step,) = await client.probe("fakegpt") if dialect == "station" else [None]

    told = f"{caught.value!r} {caught.value} {step}"
    assert TOKEN[:10] not in told
    assert COOKIE[:10] not in told


async def test_the_password_of_a_login_is_not_told_either(serve: Serve) -> None:
    passwords: list[str] = []

    async def station(connection: Connection) -> None:
        while True:
            seen = await connection.request()
            if seen.method == "GET":
                loads = b'{"loads": [{"token_id": "account-of-many", "count": 1}]}'
                await connection.send(reply(loads))
            else:
                passwords.append(seen.body.decode().rpartition("=")[2])
                await connection.send(reply(b"you sent " + seen.body, "500 Oh"))

    side = await serve(station)

    async with Client(Config.of({"fakegpt": {"base_url": side.url}})) as client:
        with pytest.raises(ChatError, match="you sent") as caught:
            await client.complete("fakegpt", "hello")

    assert len(passwords[0]) > 20
    assert passwords[0][:8] not in str(caught.value)


async def test_an_answer_that_never_ends_ends(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody set a limit: the reader's memory would be the only one."""
    monkeypatch.setattr("dragoman.providers.said.MAX_EVENTS", 1000)

    async def endless(connection: Connection) -> None:
        await connection.request()
        await connection.send(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n")
        for number in range(1, 5000):
            parts = f'{{"content_type":"text","parts":["{"a" * number}"]}}'
            said = f'{{"message":{{"author":{{"role":"assistant"}},"content":{parts}}}}}'
            await connection.send(f"data: {said}\n\n".encode())

    side = await serve(endless)
    entry = {"base_url": side.url, "dialect": "token", "access_token": TOKEN}

    async with Client(Config.of({"fakegpt": entry})) as client:
        with pytest.raises(ChatError, match="without end") as caught:
            await client.complete("fakegpt", "hello")

    assert 900 < len(caught.value.text) < 3000
