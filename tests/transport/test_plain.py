"""What only the transport of every day does."""

import asyncio
import socket
import ssl

import pytest
from aiohttp.client_proto import ResponseHandler

from dragoman.errors import StreamTruncatedError
from dragoman.transport.base import Limits, read_all
from dragoman.transport.plain import PlainTransport
from dragoman.wire.http import HttpRequest
from tests.transport.conftest import OpenTransport, Serve
from tests.transport.far_side import CHUNKED, Connection, chunk, reply

LIMITS = Limits(connect_s=5, idle_s=5)


@pytest.fixture
def kind() -> str:
    return "plain"


async def until_lost(protocol: ResponseHandler) -> None:
    """Until the client has seen the end of its connection."""
    lost = protocol.closed
    if lost is not None:
        await lost


async def test_small_writes_are_not_held_back(opened: OpenTransport, serve: Serve) -> None:
    async def script(connection: Connection) -> None:
        await connection.request()
        await connection.send(CHUNKED + chunk(b"one"))
        await connection.until_gone()

    side = await serve(script)
    transport = opened()

    async with transport.send(HttpRequest("GET", side.url), LIMITS) as answer:
        assert isinstance(transport, PlainTransport)
        (protocol,) = transport.session().connector._acquired  # type: ignore[union-attr]  # open
        sock = protocol.transport.get_extra_info("socket")  # type: ignore[union-attr]  # connected
        assert sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) != 0
        assert await answer.read() == b"one"


async def test_a_kept_connection_that_died_is_not_used(opened: OpenTransport, serve: Serve) -> None:
    async def script(connection: Connection) -> None:
        await connection.request()
        await connection.send(reply(b"fine"))

    side = await serve(script)
    transport = opened()

    for number in (1, 2):
        async with transport.send(HttpRequest("POST", side.url, {}, b"x"), LIMITS) as answer:
            assert (await read_all(answer)).body == b"fine"
        assert len(side.connections) == number
        for kept in transport.session().connector._conns.values():  # type: ignore[attr-defined]  # plain's own
            for protocol, _ in kept:
                await until_lost(protocol)


async def test_the_last_words_before_a_cut_are_heard(opened: OpenTransport, serve: Serve) -> None:
    """A server may say the end of its answer, and close without the end of the body."""
    pause = asyncio.Event()

    async def script(connection: Connection) -> None:
        await connection.request()
        await connection.send(CHUNKED + chunk(b"text"))
        await pause.wait()
        await connection.send(chunk(b"[DONE]"))

    side = await serve(script)

    async with opened().send(HttpRequest("GET", side.url), LIMITS) as answer:
        assert await answer.read() == b"text"
        pause.set()
        await until_lost(answer._response.connection.protocol)  # type: ignore[attr-defined]  # plain's own
        assert await answer.read() == b"[DONE]"
        with pytest.raises(StreamTruncatedError):
            await answer.read()


@pytest.mark.parametrize("tls", [False, True], ids=["plain http", "tls"])
async def test_what_waits_to_be_sent_holds_no_connection_open(
    opened: OpenTransport, serve: Serve, server_tls: ssl.SSLContext, ca_path: str, tls: bool
) -> None:
    """A polite close would wait until a peer that takes nothing has taken it all."""

    async def script(connection: Connection) -> None:
        connection.writer.transport.pause_reading()  # type: ignore[attr-defined]  # a socket's
        await asyncio.Event().wait()

    side = await serve(script, server_tls if tls else None)
    transport = opened(verify=ca_path)

    async def ask() -> None:
        request = HttpRequest("POST", side.url, {}, bytes(32 * 1024 * 1024))
        async with transport.send(request, LIMITS):
            pass

    task = asyncio.create_task(ask())
    await side.first()
    # Until the kernel takes no more.
    await asyncio.sleep(0.2)
    (protocol,) = transport.session().connector._acquired  # type: ignore[attr-defined]  # plain's own
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    async with asyncio.timeout(15):
        await until_lost(protocol)
