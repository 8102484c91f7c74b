"""No call waits longer than it was told to, and says for what it waited."""

import asyncio
import builtins
import socket
import ssl
from collections.abc import Iterator

import pytest

from dragoman.errors import TimeoutError
from dragoman.transport.base import Limits, Transport
from dragoman.wire.http import HttpRequest
from tests.transport.conftest import OpenTransport, Serve
from tests.transport.far_side import CHUNKED, Connection, chunk

SHORT = Limits(connect_s=5, idle_s=0.2)
# Where something has to come before the silence: a busy machine makes it late.
SHORT_AFTER = Limits(connect_s=5, idle_s=1)


@pytest.fixture
def full_backlog() -> Iterator[str]:
    """An address whose listener takes no more connections: a SYN gets no answer."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        waiting = []
        for _ in range(4):
            sock = socket.socket()
            sock.setblocking(False)
            sock.connect_ex(listener.getsockname())
            waiting.append(sock)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        for sock in waiting:
            sock.close()


async def test_connecting_has_a_limit(transport: Transport, full_backlog: str) -> None:
    with pytest.raises(TimeoutError, match=r"0\.2 s \(connect limit\)"):
        async with transport.send(
            HttpRequest("GET", full_backlog), Limits(connect_s=0.2, idle_s=None)
        ):
            pass


async def test_the_connect_limit_includes_tls(opened: OpenTransport, serve: Serve) -> None:
    side = await serve(Connection.until_gone)

    with pytest.raises(TimeoutError, match="connect limit"):
        async with opened().send(
            HttpRequest("GET", side.url.replace("http:", "https:")),
            Limits(connect_s=0.2, idle_s=5),
        ):
            pass


async def test_the_connect_limit_includes_the_proxy(
    opened: OpenTransport, serve: Serve, server_tls: ssl.SSLContext
) -> None:
    proxy = await serve(Connection.until_gone)
    side = await serve(Connection.until_gone, server_tls)

    with pytest.raises(TimeoutError, match="connect limit"):
        async with opened(proxy=proxy.url.replace("localhost", "127.0.0.1")).send(
            HttpRequest("GET", side.url), Limits(connect_s=0.2, idle_s=5)
        ):
            pass


async def test_silence_before_the_head_has_a_limit(transport: Transport, serve: Serve) -> None:
    async def script(connection: Connection) -> None:
        await connection.request()
        await connection.until_gone()

    side = await serve(script)

    with pytest.raises(TimeoutError, match=r"0\.2 s \(silence limit\)"):
        async with transport.send(HttpRequest("POST", side.url, {}, b"x"), SHORT):
            pass

    await side.connections[0].gone.wait()


async def test_silence_inside_of_the_body_has_a_limit(transport: Transport, serve: Serve) -> None:
    async def script(connection: Connection) -> None:
        await connection.request()
        await connection.send(CHUNKED + chunk(b"half"))
        await connection.until_gone()

    side = await serve(script)

    async with transport.send(HttpRequest("GET", side.url), SHORT_AFTER) as answer:
        assert await answer.read() == b"half"
        with pytest.raises(TimeoutError, match=r"1 s \(silence limit\)"):
            await answer.read()

    await side.connections[0].gone.wait()


async def test_an_answer_that_keeps_coming_may_take_longer_than_the_limit(
    transport: Transport, serve: Serve
) -> None:
    """The limit is on silence, and not on the whole."""
    count = 8

    async def script(connection: Connection) -> None:
        await connection.request()
        await connection.send(CHUNKED)
        for _ in range(count):
            await asyncio.sleep(0.3)
            await connection.send(chunk(b"."))
        await connection.send(b"0\r\n\r\n")

    side = await serve(script)

    started = asyncio.get_running_loop().time()
    async with transport.send(
        HttpRequest("GET", side.url), Limits(connect_s=5, idle_s=2)
    ) as answer:
        got = b""
        while piece := await answer.read():
            got += piece

    assert got == b"." * count
    assert asyncio.get_running_loop().time() - started > 2


async def test_a_slow_reader_is_no_silent_server(transport: Transport, serve: Serve) -> None:
    async def script(connection: Connection) -> None:
        await connection.request()
        await connection.send(CHUNKED + chunk(b"one"))
        await connection.reader.read(0)
        await read.wait()
        await connection.send(chunk(b"two") + b"0\r\n\r\n")

    read = asyncio.Event()
    side = await serve(script)

    async with transport.send(HttpRequest("GET", side.url), SHORT_AFTER) as answer:
        assert await answer.read() == b"one"
        await asyncio.sleep(1.3)
        read.set()
        assert await answer.read() == b"two"
        assert await answer.read() == b""


async def test_a_read_that_was_given_up_may_be_tried_again(
    transport: Transport, serve: Serve
) -> None:
    """Who waits with a limit of his own and comes back has not waited in between."""
    read = asyncio.Event()

    async def script(connection: Connection) -> None:
        await connection.request()
        await connection.send(CHUNKED + chunk(b"one"))
        await read.wait()
        await connection.send(chunk(b"two") + b"0\r\n\r\n")

    side = await serve(script)

    async with transport.send(HttpRequest("GET", side.url), SHORT_AFTER) as answer:
        assert await answer.read() == b"one"
        with pytest.raises(builtins.TimeoutError):
            async with asyncio.timeout(0.05):
                await answer.read()
        await asyncio.sleep(1.2)
        read.set()
        assert await answer.read() == b"two"


async def test_a_server_that_takes_no_more_of_a_long_request_is_silent(
    transport: Transport, serve: Serve
) -> None:
    async def script(connection: Connection) -> None:
        connection.reader._limit = 1  # type: ignore[attr-defined]  # asyncio stops reading at this
        await asyncio.Event().wait()

    side = await serve(script)

    with pytest.raises(TimeoutError, match="silence limit"):
        async with transport.send(
            HttpRequest("POST", side.url, {}, bytes(32 * 1024 * 1024)), SHORT
        ):
            pass


async def test_no_limit_is_no_limit(transport: Transport, serve: Serve) -> None:
    async def script(connection: Connection) -> None:
        await connection.request()
        await asyncio.sleep(0.05)
        await connection.send(CHUNKED)
        await asyncio.sleep(0.05)
        await connection.send(chunk(b"late") + b"0\r\n\r\n")

    side = await serve(script)

    async with transport.send(
        HttpRequest("GET", side.url), Limits(connect_s=None, idle_s=None)
    ) as answer:
        assert await answer.read() == b"late"
