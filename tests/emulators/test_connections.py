"""Faults of the connection, and connections without a fault."""

import pytest
from tests.emulators.wire import connected, conversation, drained, exchange, growth, parsed, request

from dragoman import emulators

LOADS = request("GET", "/api/loads?t=1")
WHOLE = ["", "one", "one two", "one two three", "one two three"]


@pytest.mark.parametrize(("connection", "end"), [("reset", "rst"), ("close", "fin")])
async def test_a_connection_dies_before_the_reply(connection: str, end: str) -> None:
    async with emulators.run("fakegpt", scenario={"connection": connection}) as emulator:
        reply = await exchange(emulator.url, LOADS)

        assert (reply.status, reply.end) == (0, end)


async def test_a_kept_connection_dies_under_its_second_request() -> None:
    async with (
        emulators.run("fakegpt", scenario={"connection": "drop_reused"}) as emulator,
        connected(emulator.url) as (reader, writer),
    ):
        writer.write(LOADS)
        assert b" 200 OK" in await reader.readuntil(b"]}")
        writer.write(LOADS)

        assert await drained(reader) == (b"", "fin")


async def test_a_connection_closes_behind_a_reply_without_notice() -> None:
    async with (
        emulators.run("fakegpt", scenario={"connection": "close_after_reply"}) as emulator,
        connected(emulator.url) as (reader, writer),
    ):
        writer.write(LOADS)

        reply = parsed(*await drained(reader))

        assert (reply.status, reply.end) == (200, "fin")
        assert "connection" not in reply.headers


async def test_without_faults_a_connection_is_kept() -> None:
    async with (
        emulators.run("fakegpt") as emulator,
        connected(emulator.url) as (reader, writer),
    ):
        for _ in range(3):
            writer.write(conversation())
            assert (await reader.readuntil(b"\r\n0\r\n\r\n")).startswith(b"HTTP/1.1 200")


async def test_http_1_0_gets_no_chunks() -> None:
    async with emulators.run("fakegpt") as emulator:
        reply = await exchange(emulator.url, conversation().replace(b"HTTP/1.1", b"HTTP/1.0", 1))

        assert "transfer-encoding" not in reply.headers
        assert growth(reply.text) == WHOLE
