"""Cancelling, pausing and deadlines, in every phase of an exchange."""

import asyncio
import socket
import ssl
import tracemalloc

import pytest

from dragoman.errors import ChatError, TimeoutError, TransportError
from dragoman.transport.base import Limits
from tests.transport.conftest import Serve
from tests.transport.direct.conftest import Caller, OpenPool, Told, until
from tests.transport.far_side import CHUNKED, LAST_CHUNK, Connection, FarSide, Script, chunk, reply

MIB = 1024 * 1024


@pytest.fixture(params=["plain http", "tls"])
def tls(request: pytest.FixtureRequest, server_tls: ssl.SSLContext) -> ssl.SSLContext | None:
    return server_tls if request.param == "tls" else None


async def gone(side: FarSide) -> None:
    async with asyncio.timeout(2):
        await (await side.first()).gone.wait()


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
            peer.settimeout(2)

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
    exchange = caller.start(side.url, told, verify=ca_path, limits=Limits(idle_s=0.3))
    await told.began.wait()
    tracemalloc.start()
    before, _ = tracemalloc.get_traced_memory()

    # Longer than the limit on silence: nobody reads, so nobody is silent.
    await asyncio.sleep(0.5)
    heard = told.size
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert heard <= 2 * MIB
    assert sent < 32 * MIB
    assert peak - before < 4 * MIB
    told.does = lambda _: None
    exchange.resume()
    async with asyncio.timeout(15):
        await told.over.wait()
    assert told.calls[-1] == "done"
    assert told.size == 64 * MIB


async def test_after_a_pause_silence_counts_again(caller: Caller, serve: Serve) -> None:
    side = await serve(_half)
    told = Told()
    exchange = caller.start(side.url, told, limits=Limits(idle_s=0.1))
    await told.began.wait()
    exchange.pause()
    await asyncio.sleep(0.3)
    assert told.error is None

    exchange.resume()
    async with asyncio.timeout(2):
        await told.over.wait()

    assert "silence limit" in str(told.error)


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


NEVER = Limits(connect_s=None, idle_s=None)


async def _silent(connection: Connection) -> None:
    await connection.request()
    await connection.until_gone()


async def _half(connection: Connection) -> None:
    await connection.request()
    await connection.send(CHUNKED + chunk(b"one"))
    await connection.until_gone()


async def _head_only(connection: Connection) -> None:
    await connection.request()
    await connection.send(CHUNKED)
    await connection.until_gone()


async def _slow(connection: Connection) -> None:
    await connection.request()
    await connection.send(CHUNKED)
    while True:
        await connection.send(chunk(b"word"))
        await asyncio.sleep(0.02)


@pytest.mark.parametrize(
    ("script", "limits", "words"),
    [
        (_silent, Limits(idle_s=0.1), "silence limit"),
        (_half, Limits(idle_s=0.1), "silence limit"),
        (_silent, Limits(first_token_s=0.1), "first byte limit"),
        (_head_only, Limits(first_token_s=0.1), "first byte limit"),
        (_half, Limits(first_token_s=0.05, idle_s=0.15), "silence limit"),
        (_silent, Limits(total_s=0.1), "total limit"),
        (_slow, Limits(first_token_s=0.1, idle_s=0.15, total_s=0.3), "total limit"),
    ],
)
async def test_a_limit_ends_the_exchange(
    script: Script, limits: Limits, words: str, caller: Caller, serve: Serve
) -> None:
    side = await serve(script)
    loop = asyncio.get_running_loop()
    started = loop.time()

    told = await caller.ask(side.url, limits=limits)

    took = loop.time() - started
    assert isinstance(told.error, TimeoutError)
    assert words in str(told.error)
    due = limits.total_s or limits.first_token_s or limits.idle_s or 0
    if "silence" in words:
        due = limits.idle_s or 0
    # Late by a tick, and by what a busy machine takes.
    assert due <= took + 0.002 < due + 2
    if script is not _slow:
        await gone(side)


async def test_a_limit_holds_on_a_kept_connection(caller: Caller, serve: Serve) -> None:
    """The clock may be set for the rest of a connection, which is later or earlier."""

    async def script(connection: Connection) -> None:
        await connection.request()
        await connection.send(reply(b"fine"))
        await connection.request()
        await connection.until_gone()

    side = await serve(script)
    await caller.ask(side.url, limits=NEVER)

    told = await caller.ask(side.url, limits=Limits(idle_s=0.1))

    assert "silence limit" in str(told.error)


async def test_a_peer_that_takes_no_more_of_a_request_is_silent(
    caller: Caller, serve: Serve
) -> None:
    async def script(connection: Connection) -> None:
        connection.writer.transport.pause_reading()  # type: ignore[attr-defined]  # a socket's
        await asyncio.Event().wait()

    side = await serve(script)

    told = await caller.ask(side.url, body=bytes(64 * MIB), limits=Limits(idle_s=0.2))

    assert "silence limit" in str(told.error)


async def test_a_peer_that_takes_a_request_slowly_is_not_silent(
    caller: Caller, serve: Serve
) -> None:
    async def script(connection: Connection) -> None:
        await connection.reader.readuntil(b"\r\n\r\n")
        left = 24 * MIB
        while left:
            left -= len(await connection.reader.read(min(left, MIB)))
            await asyncio.sleep(0.02)
        await connection.send(reply(b"fine"))

    side = await serve(script)

    told = await caller.ask(side.url, body=bytes(24 * MIB), limits=Limits(idle_s=0.3))

    assert told.text == b"fine"


async def test_a_clock_without_deadlines_lets_the_loop_sleep(caller: Caller, serve: Serve) -> None:
    async def script(connection: Connection) -> None:
        await connection.request()
        await connection.send(reply(b"fine", Connection="close"))

    side = await serve(script)
    await caller.ask(side.url, limits=Limits(connect_s=0.1, idle_s=0.1))
    await asyncio.sleep(0.2)

    assert caller.pool.clock._handle is None


class _Alarm:
    def __init__(self) -> None:
        self.rang = asyncio.Event()

    def on_deadline(self, now: float) -> None:
        self.rang.set()


async def test_the_clock_keeps_other_deadlines_too(opened: OpenPool, faults: list[str]) -> None:
    class Broken(_Alarm):
        def on_deadline(self, now: float) -> None:
            raise KeyError

    clock, now = opened().pool.clock, asyncio.get_running_loop().time()
    alarm, dropped, moved = _Alarm(), _Alarm(), _Alarm()
    clock.set(Broken(), now + 0.01)
    clock.set(alarm, now + 0.02)
    clock.set(dropped, now + 0.01)
    clock.drop(dropped)
    clock.set(moved, now + 0.01)
    clock.set(moved, float("inf"))

    await alarm.rang.wait()

    assert not dropped.rang.is_set()
    assert not moved.rang.is_set()


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
