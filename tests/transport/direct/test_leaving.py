"""Cancelling and pausing, in every phase of an exchange."""

import asyncio
import socket
import ssl
import tracemalloc

import pytest

from dragoman.errors import ChatError, TransportError
from dragoman.transport.base import Limits
from tests.transport.conftest import Serve
from tests.transport.direct.conftest import Caller, Told, gone, until
from tests.transport.far_side import CHUNKED, LAST_CHUNK, Connection, chunk, reply

MIB = 1024 * 1024


@pytest.mark.parametrize("call", ["head", "body"])
async def test_cancelling_inside_of_a_call_ends_it(
    call: str, caller: Caller, serve: Serve, tls: ssl.SSLContext | None, ca_path: str
) -> None:
    async def script(connection: Connection) -> None:
        await connection.request()
        await connection.send(CHUNKED + chunk(b"one") + LAST_CHUNK)
        await connection.until_gone()

    side = await serve(script, tls)
    told = Told()

    def cancel(told_call: str) -> None:
        if told_call == call:
            exchange.cancel()
            exchange.cancel()

    told.does = cancel
    exchange = caller.start(side.url, told, verify=ca_path)
    await gone(side)

    assert told.calls == ["head", "body"][: ["head", "body"].index(call) + 1]


async def test_cancelling_before_the_head_closes_the_connection(
    caller: Caller, serve: Serve, tls: ssl.SSLContext | None, ca_path: str
) -> None:
    async def script(connection: Connection) -> None:
        await connection.request()
        await connection.until_gone()

    side = await serve(script, tls)
    told = Told()
    exchange = caller.start(side.url, told, verify=ca_path)
    await (await side.first()).asked.wait()

    exchange.cancel()
    await gone(side)

    assert told.calls == []


async def test_cancelling_while_it_connects_gives_the_connection_up(caller: Caller) -> None:
    told = Told()
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        exchange = caller.start(f"https://127.0.0.1:{listener.getsockname()[1]}", told)
        # Connected, and TLS will never answer.
        accepted = await asyncio.to_thread(listener.accept)

        exchange.cancel()
        exchange.pause()
        exchange.resume()

        with accepted[0] as peer:
            peer.settimeout(15)

            def closed() -> bool:
                while peer.recv(65536):
                    pass
                return True

            assert await asyncio.to_thread(closed)
    assert told.calls == []


async def test_cancelling_at_once_leaves_nothing(caller: Caller, serve: Serve) -> None:
    side = await serve(Connection.until_gone)

    for turns in range(8):
        told = Told()
        exchange = caller.start(side.url, told)
        for _ in range(turns):
            await asyncio.sleep(0)
        exchange.cancel()
        assert told.calls == []

    await caller.pool.close()
    assert not caller.pool._sockets


async def test_closing_waits_for_what_was_given_up(caller: Caller, serve: Serve) -> None:
    side = await serve(Connection.until_gone)
    caller.pool.names._known["localhost", side.port] = (float("inf"), ["127.0.0.1"])
    exchange = caller.start(side.url, Told())
    await asyncio.sleep(0)
    exchange.cancel()
    assert caller.pool.tasks

    await caller.pool.close()

    assert not caller.pool.tasks


async def test_cancelling_after_the_end_harms_nobody(caller: Caller, serve: Serve) -> None:
    async def script(connection: Connection) -> None:
        for _ in range(2):
            await connection.request()
            await connection.send(CHUNKED + chunk(b"one"))
            await connection.send(LAST_CHUNK)

    side = await serve(script)
    first, second = Told(), Told()
    exchange = caller.start(side.url, first)
    await first.over.wait()

    caller.start(side.url, second)
    exchange.pause()
    exchange.cancel()
    await second.over.wait()

    assert second.calls == ["head", "body", "done"]
    assert len(side.connections) == 1


async def test_what_waits_to_be_sent_holds_no_connection_open(
    caller: Caller, serve: Serve, tls: ssl.SSLContext | None, ca_path: str
) -> None:
    async def script(connection: Connection) -> None:
        connection.writer.transport.pause_reading()  # type: ignore[attr-defined]  # a socket's
        await asyncio.Event().wait()

    side = await serve(script, tls)
    exchange = caller.start(side.url, Told(), body=bytes(32 * MIB), verify=ca_path)
    await side.first()
    # Until the kernel takes no more.
    await asyncio.sleep(0.1)

    exchange.cancel()

    await until(lambda: not caller.pool._sockets)


async def test_a_failed_exchange_can_be_asked_again_in_its_call(
    caller: Caller, unused_port: int
) -> None:
    told = Told()
    errors: list[ChatError | None] = []

    def again(call: str) -> None:
        errors.append(told.error)
        if len(errors) < 3:
            told.over.clear()
            caller.start(f"http://127.0.0.1:{unused_port}", told)

    told.does = again
    caller.start(f"http://127.0.0.1:{unused_port}", told)
    while len(errors) < 3:
        await told.over.wait()
        await asyncio.sleep(0)

    assert all(isinstance(error, TransportError) for error in errors)


async def test_a_slow_reader_slows_the_sender(
    caller: Caller, serve: Serve, tls: ssl.SSLContext | None, ca_path: str
) -> None:
    sent = 0

    async def script(connection: Connection) -> None:
        nonlocal sent
        await connection.request()
        await connection.send(CHUNKED)
        piece = chunk(bytes(MIB))
        for _ in range(64):
            await connection.send(piece)
            sent += MIB
        await connection.send(LAST_CHUNK)
        await connection.until_gone()

    side = await serve(script, tls)
    told = Told()

    def pause(call: str) -> None:
        if call == "body":
            exchange.pause()

    told.does = pause
    exchange = caller.start(side.url, told, verify=ca_path, limits=Limits(idle_s=1))
    await told.began.wait()
    tracemalloc.start()
    before, _ = tracemalloc.get_traced_memory()

    # Longer than the limit on silence: nobody reads, so nobody is silent.
    await asyncio.sleep(1.3)
    heard = told.size
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert heard <= 2 * MIB
    assert sent < 32 * MIB
    assert peak - before < 4 * MIB
    told.does = lambda _: None
    exchange.resume()
    async with asyncio.timeout(45):
        await told.over.wait()
    assert told.calls[-1] == "done"
    assert told.size == 64 * MIB


async def test_pausing_before_there_is_a_connection_holds(caller: Caller, serve: Serve) -> None:
    async def script(connection: Connection) -> None:
        await connection.request()
        await connection.send(reply(b"fine"))
        await connection.until_gone()

    side = await serve(script)
    told = Told()
    exchange = caller.start(side.url, told)
    exchange.pause()
    await (await side.first()).asked.wait()
    await asyncio.sleep(0.05)
    assert told.calls == []

    exchange.resume()
    await told.over.wait()

    assert told.text == b"fine"


async def test_a_connection_is_read_again_after_a_paused_end(caller: Caller, serve: Serve) -> None:
    async def script(connection: Connection) -> None:
        while True:
            await connection.request()
            await connection.send(reply(b"fine"))

    side = await serve(script)
    for _ in range(3):
        told = Told()
        told.does = lambda call: exchange.pause() if call == "head" else None  # noqa: B023 - within
        exchange = caller.start(side.url, told)
        await told.over.wait()
        assert told.text == b"fine"

    assert len(side.connections) == 1
