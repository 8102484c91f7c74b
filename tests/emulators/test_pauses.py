"""Pauses, stalls and leaving: the emulator's own clockwork, and what it sees of its clients."""

import asyncio
import time
from typing import Any

import pytest
from tests.emulators.wire import connected, conversation, drained, exchange, growth, request

from dragoman import emulators

LONG_S = 60.0


async def test_pauses_are_where_the_scenario_says() -> None:
    scenario = {"slow": {"before_headers_s": 0.1, "before_first_s": 0.1, "between_events_s": 0.02}}
    async with (
        emulators.run("fakegpt", scenario=scenario) as emulator,
        connected(emulator.url) as (reader, writer),
    ):
        start = time.perf_counter()
        writer.write(conversation())
        await reader.readuntil(b"\r\n\r\n")
        headers_s = time.perf_counter() - start
        await reader.readuntil(b"\n\n")
        first_s = time.perf_counter() - start
        await reader.readuntil(b"\r\n0\r\n\r\n")
        whole_s = time.perf_counter() - start

        assert headers_s >= 0.1
        assert first_s >= 0.2
        assert whole_s >= first_s + 7 * 0.02


async def test_pauses_are_for_the_chat_alone() -> None:
    async with emulators.run(
        "fakegpt", scenario={"slow": {"before_headers_s": LONG_S}}
    ) as emulator:
        reply = await exchange(emulator.url, request("GET", "/api/loads?t=1"))

        assert reply.status == 200


LEFT: list[dict[str, Any]] = [
    {"slow": {"before_headers_s": LONG_S}},
    {"slow": {"before_first_s": LONG_S}},
    {"slow": {"between_events_s": LONG_S}},
    {"stall": {}},
    {"stall": {"headers": False}},
    {"stall": {"after_events": 99}},
    {"long_line": 16_000_000},
]


@pytest.mark.parametrize("scenario", LEFT, ids=str)
async def test_a_client_that_leaves_is_seen_at_once(scenario: dict[str, Any]) -> None:
    async with emulators.run("fakegpt", scenario=scenario) as emulator:
        async with connected(emulator.url) as (_, writer):
            writer.write(conversation())
            await emulator.wait_until(lambda seen: seen.answers == 1)

        await emulator.wait_closed()
        await emulator.wait_idle()

        assert (emulator.abandoned, emulator.connections, emulator.answers) == (1, 0, 0)


async def test_an_answer_that_ended_was_not_abandoned() -> None:
    async with emulators.run("fakegpt") as emulator:
        await exchange(emulator.url, conversation())
        emulator.scenario(cut={"after_events": 1})
        await exchange(emulator.url, conversation())
        await emulator.wait_closed()

        assert (emulator.abandoned, emulator.answers) == (0, 0)


async def test_waiting_ends_with_a_timeout_while_a_client_is_there() -> None:
    async with emulators.run("fakegpt") as emulator, connected(emulator.url):
        await emulator.wait_until(lambda seen: seen.connections == 1)

        with pytest.raises(TimeoutError):
            await emulator.wait_closed(0.01)


@pytest.mark.parametrize("after", [0, 4, -1])
async def test_a_stall_keeps_the_connection_open_without_a_word(after: int) -> None:
    scenario = {"stall": {"after_events": after}}
    async with (
        emulators.run("fakegpt", scenario=scenario) as emulator,
        connected(emulator.url) as (reader, writer),
    ):
        writer.write(conversation())
        came = await reader.readuntil(b"\r\n\r\n")
        for _ in range(after if after >= 0 else 7):
            came += await reader.readuntil(b"\n\n\r\n")

        assert b"200 OK" in came
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(reader.read(1), 0.1)
        assert emulator.answers == 1


async def test_many_streams_run_at_once() -> None:
    scenario = {"slow": {"between_events_s": 0.02}}
    async with emulators.run("fakegpt", scenario=scenario) as emulator:
        sent = [conversation(f"word {number}", number=number) for number in range(300)]

        replies = await asyncio.gather(*(exchange(emulator.url, one) for one in sent))

        said = [growth(reply.text)[-1] for reply in replies]
        assert said == [f"word {number}" for number in range(300)]


async def test_the_clock_is_shifted_by_the_scenario() -> None:
    async with emulators.run("fakegpt", scenario={"clock_s": 86400}) as emulator:
        assert emulator.seconds() - time.time() > 86399


async def test_stopping_ends_stalled_answers_at_once() -> None:
    async with emulators.run("fakegpt", scenario={"stall": {}}) as emulator:
        reader, writer = await asyncio.open_connection(*emulator.url[7:].split(":"))
        writer.write(conversation())
        await reader.readuntil(b"\r\n\r\n")

    assert await asyncio.wait_for(drained(reader), 1.0) in [(b"", "fin"), (b"", "rst")]
    writer.close()


async def test_stopping_cuts_off_an_answer_that_nobody_reads() -> None:
    """Bytes that wait for a slow reader must not keep the socket open behind the emulator."""
    size = 16_000_000
    async with emulators.run("fakegpt", scenario={"long_line": size}) as emulator:
        reader, writer = await asyncio.open_connection(*emulator.url[7:].split(":"))
        writer.write(conversation())
        await reader.readuntil(b"\r\n\r\n")

    came, _ = await drained(reader)

    assert len(came) < size
    writer.close()
