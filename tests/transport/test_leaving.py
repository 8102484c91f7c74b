"""Who leaves early closes the connection, whatever the far side is doing."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from dragoman.transport.base import Limits, Transport
from dragoman.wire.http import HttpRequest
from tests.transport.conftest import OpenTransport, Serve
from tests.transport.far_side import CHUNKED, Connection, FarSide, chunk

LIMITS = Limits(connect_s=5, idle_s=30)


@pytest.fixture(params=["plain http", "tls"])
async def far(request: pytest.FixtureRequest, serve: Serve, server_tls: ssl.SSLContext) -> FarSide:
    """Answers with a head and one chunk, except at /silent, and waits until the client is gone."""

    async def script(connection: Connection) -> None:
        seen = await connection.request()
        if seen.target != "/silent":
            await connection.send(CHUNKED + chunk(b"one"))
        await connection.until_gone()

    return await serve(script, server_tls if request.param == "tls" else None)


@pytest.fixture
async def transport(opened: OpenTransport, ca_path: str) -> Transport:
    return opened(verify=ca_path)


@asynccontextmanager
async def at_once(far: FarSide) -> AsyncIterator[None]:
    """What happens inside ends the connection soon: no later than this waits."""
    yield
    connection = await far.first()
    async with asyncio.timeout(15):
        await connection.gone.wait()


async def test_leaving_an_unfinished_reply_closes_its_connection(
    transport: Transport, far: FarSide
) -> None:
    async with at_once(far), transport.send(HttpRequest("GET", far.url), LIMITS) as answer:
        assert await answer.read() == b"one"


async def test_an_error_inside_closes_the_connection(transport: Transport, far: FarSide) -> None:
    async with at_once(far):
        with pytest.raises(KeyError):
            async with transport.send(HttpRequest("GET", far.url), LIMITS):
                raise KeyError


@pytest.mark.parametrize("path", ["/silent", "/"], ids=["before the head", "inside of the body"])
async def test_cancelling_closes_the_connection(
    transport: Transport, far: FarSide, path: str
) -> None:
    reading = asyncio.Event()

    async def ask() -> None:
        async with transport.send(HttpRequest("POST", far.url + path, {}, b"x"), LIMITS) as answer:
            await answer.read()
            reading.set()
            await answer.read()

    task = asyncio.create_task(ask())
    connection = await far.first()
    await connection.asked.wait()
    if path == "/":
        await reading.wait()

    async with at_once(far):
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task


async def test_cancelling_a_long_request_closes_the_connection(
    opened: OpenTransport, serve: Serve
) -> None:
    """What waits to be sent to a peer that takes nothing must not hold the connection open."""
    go_on = asyncio.Event()

    async def script(connection: Connection) -> None:
        connection.writer.transport.pause_reading()  # type: ignore[attr-defined]  # a socket's
        await go_on.wait()
        connection.writer.transport.resume_reading()  # type: ignore[attr-defined]  # a socket's
        await connection.until_gone()

    side = await serve(script)

    async def ask() -> None:
        request = HttpRequest("POST", side.url, {}, bytes(64 * 1024 * 1024))
        async with opened().send(request, LIMITS):
            pass

    task = asyncio.create_task(ask())
    await side.first()
    await asyncio.sleep(0.1)
    async with at_once(side):
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        go_on.set()


async def test_another_request_gets_another_connection(transport: Transport, far: FarSide) -> None:
    """What is left of a reply must never be read as the next one."""
    for _ in range(2):
        async with transport.send(HttpRequest("GET", far.url), LIMITS) as answer:
            assert await answer.read() == b"one"

    assert len(far.connections) == 2


async def test_many_streams_at_once_wait_for_none_of_the_others(
    opened: OpenTransport, serve: Serve
) -> None:
    """A pool with a limit would let the last ones wait for an answer that is not theirs."""
    count = 150
    everyone = asyncio.Barrier(count)

    async def script(connection: Connection) -> None:
        await connection.request()
        await connection.send(CHUNKED + chunk(b"one"))
        await connection.until_gone()

    side = await serve(script)
    transport = opened()

    async def ask() -> None:
        async with transport.send(HttpRequest("GET", side.url), LIMITS) as answer:
            assert await answer.read() == b"one"
            await everyone.wait()

    async with asyncio.timeout(30):
        await asyncio.gather(*[ask() for _ in range(count)])


async def test_a_slow_reader_slows_the_server(opened: OpenTransport, serve: Serve) -> None:
    """Back-pressure is the pull: memory does not grow with what is not read."""
    sent = 0
    stuck = asyncio.Event()

    async def script(connection: Connection) -> None:
        nonlocal sent
        await connection.request()
        connection.writer.transport.set_write_buffer_limits(0)
        await connection.send(CHUNKED)
        piece = chunk(bytes(256 * 1024))
        try:
            while sent < 128 * 1024 * 1024:
                async with asyncio.timeout(0.3):
                    await connection.send(piece)
                sent += len(piece)
        except TimeoutError:
            stuck.set()
        await connection.until_gone()

    side = await serve(script)

    async with opened().send(HttpRequest("GET", side.url), LIMITS) as answer:
        await answer.read()
        await stuck.wait()

    assert sent < 32 * 1024 * 1024
