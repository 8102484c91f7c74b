"""Connections that are kept, and what becomes of those that died."""

import asyncio

import pytest

from dragoman.errors import TransportError
from dragoman.transport.base import Limits
from dragoman.transport.direct import PoolLimits
from tests.transport.conftest import Serve
from tests.transport.direct.conftest import LIMITS, Caller, OpenPool, Told, until
from tests.transport.far_side import Connection, reply


async def fine(connection: Connection) -> None:
    """Answers as long as it is asked."""
    while True:
        await connection.request()
        await connection.send(reply(b"fine"))


async def once(connection: Connection) -> None:
    """Answers once, and waits."""
    await connection.request()
    await connection.send(reply(b"fine"))
    await connection.until_gone()


async def test_a_connection_carries_request_after_request(caller: Caller, serve: Serve) -> None:
    side = await serve(fine)

    for _ in range(5):
        assert (await caller.ask(side.url)).text == b"fine"

    assert len(side.connections) == 1


@pytest.mark.parametrize(
    "answer",
    [
        reply(b"fine", Connection="close"),
        reply(b"fine") + b"HTTP/1.1 200",
        b"HTTP/1.0 200 OK\r\nContent-Length: 4\r\n\r\nfine",
    ],
    ids=["close", "bytes behind", "version 1.0"],
)
async def test_a_connection_that_may_not_be_kept_is_closed(
    answer: bytes, caller: Caller, serve: Serve
) -> None:
    async def script(connection: Connection) -> None:
        await connection.request()
        await connection.send(answer)
        await connection.until_gone()

    side = await serve(script)

    assert (await caller.ask(side.url)).text == b"fine"

    async with asyncio.timeout(15):
        await side.connections[0].gone.wait()
    assert (await caller.ask(side.url)).text == b"fine"


async def test_a_connection_that_speaks_unasked_is_closed(caller: Caller, serve: Serve) -> None:
    """A reply that nobody asked for would be the answer to the next request."""
    speak = asyncio.Event()

    async def script(connection: Connection) -> None:
        await connection.request()
        await connection.send(reply(b"fine"))
        await speak.wait()
        await connection.send(reply(b"false"))
        await connection.until_gone()

    side = await serve(script)
    await caller.ask(side.url)

    speak.set()
    async with asyncio.timeout(15):
        await side.connections[0].gone.wait()

    assert (await caller.ask(side.url)).text == b"fine"


async def test_a_connection_that_died_at_rest_is_not_used(caller: Caller, serve: Serve) -> None:
    async def script(connection: Connection) -> None:
        await connection.request()
        await connection.send(reply(b"fine"))

    side = await serve(script)

    for number in (1, 2, 3):
        assert (await caller.ask(side.url)).text == b"fine"
        assert len(side.connections) == number
        await until(lambda: not caller.pool._sockets)


async def _stale(method: str, caller: Caller, serve: Serve) -> tuple[Told, int]:
    """A request on a kept connection that ends just as it is asked."""

    async def script(connection: Connection) -> None:
        await connection.request()
        await connection.send(reply(b"fine"))
        if len(side.connections) == 1:
            await connection.request()
        else:
            await fine(connection)

    side = await serve(script)
    await caller.ask(side.url, method=method)
    told = await caller.ask(side.url, method=method)
    return told, len(side.connections)


async def test_a_get_on_a_connection_that_just_died_is_asked_again(
    caller: Caller, serve: Serve
) -> None:
    told, connections = await _stale("GET", caller, serve)

    assert (told.calls, told.text, connections) == (["head", "body", "done"], b"fine", 2)


async def test_a_post_on_a_connection_that_just_died_is_not(caller: Caller, serve: Serve) -> None:
    """Perhaps it was heard: the answer may have cost money already."""
    told, connections = await _stale("POST", caller, serve)

    assert isinstance(told.error, TransportError)
    assert told.error.retryable
    assert connections == 1


async def test_nothing_is_asked_a_third_time(caller: Caller, serve: Serve) -> None:
    async def script(connection: Connection) -> None:
        await connection.request()
        if len(side.connections) == 1:
            await connection.send(reply(b"fine"))
            await connection.request()

    side = await serve(script)
    await caller.ask(side.url, method="GET")

    told = await caller.ask(side.url, method="GET")

    assert isinstance(told.error, TransportError)
    assert len(side.connections) == 2


async def test_nor_on_another_kept_connection(opened: OpenPool, serve: Serve) -> None:
    """Where no new connection can be opened, the next that is free is taken; it may be as dead."""
    caller, go, free = opened(), asyncio.Event(), asyncio.Event()

    async def script(connection: Connection) -> None:
        await connection.request()
        await (go if connection is side.connections[0] else free).wait()
        await connection.send(reply(b"fine"))
        await connection.request()

    side = await serve(script)
    held, told = Told(), Told()
    first = asyncio.create_task(caller.ask(side.url, method="GET"))
    await (await side.first()).asked.wait()
    caller.start(side.url, held, method="GET")
    await until(lambda: len(side.connections) == 2)
    go.set()
    await first
    (site,) = caller.pool._sites.values()
    site.limits = PoolLimits(opening=0)

    caller.start(side.url, told, method="GET")
    await until(lambda: len(site.waiting) == 1)
    free.set()
    await told.over.wait()

    assert held.text == b"fine"
    assert "closed the connection without a reply" in str(told.error)


async def test_a_get_that_began_to_be_answered_is_not_asked_again(
    caller: Caller, serve: Serve
) -> None:
    async def script(connection: Connection) -> None:
        await connection.request()
        await connection.send(reply(b"fine"))
        await connection.request()
        await connection.send(b"HTTP")

    side = await serve(script)
    await caller.ask(side.url, method="GET")

    told = await caller.ask(side.url, method="GET")

    assert isinstance(told.error, TransportError)
    assert len(side.connections) == 1


async def test_at_rest_a_connection_grows_old(opened: OpenPool, serve: Serve) -> None:
    side = await serve(once)
    caller = opened(idle_s=0.1)

    await caller.ask(side.url)

    async with asyncio.timeout(15):
        await side.connections[0].gone.wait()
    await until(lambda: not caller.pool._sockets)


async def test_no_connection_outlives_its_age(opened: OpenPool, serve: Serve) -> None:
    side = await serve(fine)
    caller = opened(age_s=0.1)
    started = asyncio.get_running_loop().time()

    while asyncio.get_running_loop().time() < started + 0.3:
        assert (await caller.ask(side.url)).text == b"fine"

    assert len(side.connections) > 1


async def test_only_some_are_kept(opened: OpenPool, serve: Serve) -> None:
    side = await serve(fine)
    caller = opened(idle=2)

    await asyncio.gather(*(caller.ask(side.url) for _ in range(6)))

    await until(lambda: len(caller.pool._sockets) == 2)


async def test_those_above_the_limit_wait_their_turn(opened: OpenPool, serve: Serve) -> None:
    side = await serve(fine)
    caller = opened(connections=3)

    answers = await asyncio.gather(*(caller.ask(side.url) for _ in range(20)))

    assert [told.text for told in answers] == [b"fine"] * 20
    assert len(side.connections) <= 3


async def test_waiting_has_a_bound(opened: OpenPool, serve: Serve) -> None:
    side = await serve(Connection.until_gone)
    caller = opened(connections=1, waiting=1)
    exchanges = [caller.start(side.url, Told()) for _ in range(2)]

    told = Told()
    exchange = caller.start(side.url, told)
    assert told.calls == []
    await told.over.wait()

    assert isinstance(told.error, TransportError)
    assert not exchange.sent
    for other in exchanges:
        other.cancel()


async def test_waiting_for_a_connection_is_connecting(opened: OpenPool, serve: Serve) -> None:
    side = await serve(Connection.until_gone)
    caller = opened(connections=1)
    first = caller.start(side.url, Told())

    told = await caller.ask(side.url, limits=Limits(connect_s=0.1))

    assert "connect limit" in str(told.error)
    first.cancel()


async def test_one_that_waits_takes_the_place_of_one_that_leaves(
    opened: OpenPool, serve: Serve
) -> None:
    async def script(connection: Connection) -> None:
        if connection is not side.connections[0]:
            await fine(connection)
        await connection.request()
        await connection.until_gone()

    side = await serve(script)
    caller = opened(connections=1)
    stuck = caller.start(side.url, Told())
    told = Told()
    caller.start(side.url, told)
    await (await side.first()).asked.wait()

    stuck.cancel()
    await told.over.wait()

    assert told.text == b"fine"


async def test_closing_tells_everybody(opened: OpenPool, serve: Serve) -> None:
    side = await serve(Connection.until_gone)
    caller = opened(connections=1)
    reading, waiting = Told(), Told()
    caller.start(side.url, reading)
    caller.start(side.url, waiting)
    await side.first()

    await caller.pool.close()

    assert (reading.calls, waiting.calls) == (["failed"], ["failed"])
    with pytest.raises(TransportError, match="closed"):
        caller.start(side.url, Told())


async def test_many_at_once_leave_no_socket(opened: OpenPool, serve: Serve) -> None:
    side = await serve(fine)
    caller = opened()

    answers = await asyncio.gather(*(caller.ask(side.url, limits=LIMITS) for _ in range(100)))
    await caller.pool.close()

    assert {told.text for told in answers} == {b"fine"}
    assert not caller.pool._sockets
    for connection in side.connections:
        await until(connection.reader.at_eof)
