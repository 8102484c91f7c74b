"""Deadlines in every phase of an exchange, and the clock that keeps them."""

import asyncio

import pytest

from dragoman.errors import TimeoutError
from dragoman.transport.base import Limits
from tests.transport.conftest import Serve
from tests.transport.direct.conftest import Caller, OpenPool, Told, gone
from tests.transport.far_side import CHUNKED, Connection, Script, chunk, reply

MIB = 1024 * 1024


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
        (_silent, Limits(idle_s=1), "silence limit"),
        (_half, Limits(idle_s=1), "silence limit"),
        (_silent, Limits(first_token_s=1), "first byte limit"),
        (_head_only, Limits(first_token_s=1), "first byte limit"),
        (_half, Limits(first_token_s=1, idle_s=1.5), "silence limit"),
        (_silent, Limits(total_s=1), "total limit"),
        (_slow, Limits(first_token_s=1, idle_s=1.5, total_s=2), "total limit"),
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
    assert due <= took + 0.002 < due + 15
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


async def test_after_a_pause_silence_counts_again(caller: Caller, serve: Serve) -> None:
    side = await serve(_half)
    told = Told()
    exchange = caller.start(side.url, told, limits=Limits(idle_s=1))
    await told.began.wait()
    exchange.pause()
    await asyncio.sleep(1.3)
    assert told.error is None

    exchange.resume()
    async with asyncio.timeout(15):
        await told.over.wait()

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
            await asyncio.sleep(0.05)
        await connection.send(reply(b"fine"))

    side = await serve(script)

    told = await caller.ask(side.url, body=bytes(24 * MIB), limits=Limits(idle_s=1))

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
