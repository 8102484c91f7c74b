"""Replies over real sockets, from servers that behave and that do not."""

import asyncio
import socket
from dataclasses import dataclass

import pytest

from dragoman.errors import (
    ResponseError,
    StreamTruncatedError,
    TransportError,
)
from dragoman.transport.direct import Exchange
from tests.transport.conftest import Serve
from tests.transport.direct.conftest import Caller, OpenPool, Told, until
from tests.transport.far_side import CHUNKED, LAST_CHUNK, Connection, chunk, reply

OK = b"HTTP/1.1 200 OK\r\n"


@dataclass(frozen=True)
class Case:
    name: str
    wire: bytes
    calls: str
    text: bytes = b""
    error: type[Exception] | None = None


CASES = [
    Case("a length", reply(b"fine"), "head body done", b"fine"),
    Case("nothing", reply(b""), "head done"),
    Case("chunks", CHUNKED + chunk(b"a") + chunk(b"bc") + LAST_CHUNK, "head body done", b"abc"),
    Case("to the end", OK + b"\r\nfine", "head body done", b"fine"),
    Case("204", b"HTTP/1.1 204 No\r\n\r\n", "head done"),
    Case("100 first", b"HTTP/1.1 100 Go\r\n\r\n" + reply(b"fine"), "head body done", b"fine"),
    Case("an error status", reply(b"no", "500 Oh"), "head body done", b"no"),
    Case("garbage behind", reply(b"fine") + b"HTTP/1.1 2", "head body done", b"fine"),
    Case("cut", reply(b"fine")[:-1], "head body failed", b"fin", StreamTruncatedError),
    Case("cut chunks", CHUNKED + chunk(b"a"), "head body failed", b"a", StreamTruncatedError),
    Case("wrong chunk", CHUNKED + b"1\r\nab", "head body failed", b"a", StreamTruncatedError),
    Case("no reply", b"", "failed", error=TransportError),
    Case("half a head", OK, "failed", error=TransportError),
    Case("not HTTP", b"220 mail.example\r\n", "failed", error=ResponseError),
    Case("gzip", reply(b"x", Content_Encoding="gzip"), "failed", error=ResponseError),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
async def test_a_reply_is_told_in_order(case: Case, caller: Caller, serve: Serve) -> None:
    async def script(connection: Connection) -> None:
        await connection.request()
        await connection.send(case.wire)

    side = await serve(script)

    told = await caller.ask(side.url)

    assert " ".join(told.calls) == case.calls
    assert told.text == case.text
    assert (type(told.error) if told.error else None) == case.error


async def test_a_request_is_one_write_with_its_length(caller: Caller, serve: Serve) -> None:
    async def script(connection: Connection) -> None:
        await connection.request()
        await connection.send(reply())

    side = await serve(script)

    await caller.ask(side.url, body=b"hello")

    (seen,) = side.seen
    assert (seen.method, seen.target, seen.body) == ("POST", "/path", b"hello")
    assert seen.header("host") == f"localhost:{side.port}"
    assert seen.header("accept-encoding") == "identity"


async def test_small_writes_are_not_held_back(caller: Caller, serve: Serve) -> None:
    async def script(connection: Connection) -> None:
        await connection.request()
        await connection.send(reply())
        await connection.until_gone()

    side = await serve(script)

    await caller.ask(side.url)

    (connection,) = caller.pool._sockets
    sock = connection._transport.get_extra_info("socket")
    assert sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) != 0


async def test_one_read_is_one_call(caller: Caller, serve: Serve) -> None:
    async def script(connection: Connection) -> None:
        await connection.request()
        await connection.send(CHUNKED + chunk(b"a") * 500 + LAST_CHUNK)

    side = await serve(script)
    told = Told()
    bodies: list[str] = []
    told.does = lambda call: bodies.append(call) if call == "body" else None

    caller.start(side.url, told)
    await told.over.wait()

    assert told.text == b"a" * 500
    assert len(bodies) < 5


@pytest.mark.parametrize("size", [10, 8 * 1024 * 1024], ids=["small", "large"])
async def test_a_reply_may_come_before_the_whole_request(
    size: int, caller: Caller, serve: Serve
) -> None:
    """What was not sent then must not stand before the next request: the connection is closed."""

    async def script(connection: Connection) -> None:
        await connection.reader.readuntil(b"\r\n\r\n")
        await connection.send(reply(b"too large", "413 No"))
        await connection.gone.wait()

    side = await serve(script)

    told = await caller.ask(side.url, body=bytes(size))

    assert (told.status, told.text, told.calls[-1]) == (413, b"too large", "done")
    await until(lambda: len(caller.pool._sockets) == (size == 10))


async def test_a_reply_before_the_request_ends_and_then_a_close(
    caller: Caller, serve: Serve
) -> None:
    async def script(connection: Connection) -> None:
        await connection.reader.readuntil(b"\r\n\r\n")
        await connection.send(reply(b"too large", "413 No", Connection="close"))

    side = await serve(script)

    told = await caller.ask(side.url, body=bytes(8 * 1024 * 1024))

    assert (told.status, told.text, told.calls[-1]) == (413, b"too large", "done")


async def test_a_long_request_arrives_whole(caller: Caller, serve: Serve) -> None:
    async def script(connection: Connection) -> None:
        seen = await connection.request()
        await connection.send(reply(b"%d" % len(seen.body)))

    side = await serve(script)

    told = await caller.ask(side.url, body=bytes(20_000_000))

    assert told.text == b"20000000"


async def test_a_reset_is_no_end_of_a_body(caller: Caller, serve: Serve) -> None:
    async def script(connection: Connection) -> None:
        await connection.request()
        await connection.send(OK + b"\r\nhalf")
        await told.began.wait()
        connection.reset()

    side = await serve(script)
    told = Told()

    caller.start(side.url, told)
    await told.over.wait()

    assert isinstance(told.error, StreamTruncatedError)
    assert told.text == b"half"


async def test_a_reset_before_a_reply_says_so(caller: Caller, serve: Serve) -> None:
    async def script(connection: Connection) -> None:
        await connection.request()
        connection.reset()

    side = await serve(script)
    told = Told()

    exchange = caller.start(side.url, told)
    await told.over.wait()

    assert isinstance(told.error, TransportError)
    assert (exchange.sent, exchange.reused, exchange.answered) == (True, False, False)


async def test_too_large_a_reply_is_not_read(opened: OpenPool, serve: Serve) -> None:
    async def script(connection: Connection) -> None:
        await connection.request()
        await connection.send(CHUNKED)
        while True:
            await connection.send(chunk(bytes(1000)))

    side = await serve(script)

    told = await opened(max_body_bytes=5000).ask(side.url)

    assert isinstance(told.error, ResponseError)
    assert len(told.text) == 5000


@pytest.mark.parametrize("call", ["head", "body", "done"])
async def test_a_receiver_may_ask_again_in_any_call(
    call: str, caller: Caller, serve: Serve
) -> None:
    async def script(connection: Connection) -> None:
        while True:
            await connection.request()
            await connection.send(reply(b"fine"))

    side = await serve(script)
    first, second = Told(), Told()

    def again(told_call: str) -> None:
        if told_call == call:
            caller.start(side.url, second)

    first.does = again
    caller.start(side.url, first)
    await asyncio.gather(first.over.wait(), second.over.wait())

    assert (first.text, second.text) == (b"fine", b"fine")
    # Only then is the connection free.
    assert len(side.connections) == (1 if call == "done" else 2)


@pytest.mark.parametrize("call", ["head", "body", "done"])
async def test_a_receiver_that_fails_ends_its_own_exchange(
    call: str, caller: Caller, serve: Serve, faults: list[str]
) -> None:
    async def script(connection: Connection) -> None:
        while True:
            await connection.request()
            await connection.send(reply(b"fine"))

    side = await serve(script)
    told = Told()

    def fail(told_call: str) -> None:
        if told_call == call:
            told.does = lambda _: told.over.set()
            told.over.set() if call == "done" else None
            raise KeyError(call)

    told.does = fail
    caller.start(side.url, told)
    await told.over.wait()

    assert (await caller.ask(side.url)).text == b"fine"


async def test_nothing_is_told_before_ask_returns(caller: Caller, serve: Serve) -> None:
    async def script(connection: Connection) -> None:
        while True:
            await connection.request()
            await connection.send(reply(b"fine"))

    side = await serve(script)
    known: list[Exchange] = []

    for _ in range(3):
        told = Told()
        known.clear()
        told.does = lambda _, exchanges=known: _known(exchanges)  # type: ignore[misc]  # bound now
        known.append(caller.start(side.url, told))
        await told.over.wait()


def _known(exchanges: list[Exchange]) -> None:
    assert exchanges
