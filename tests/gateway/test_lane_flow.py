"""What flows through the short way: at the reader's pace, to its end, and not a moment longer."""

import asyncio
import json
import re

import pytest

from dragoman.gateway import serving
from tests.gateway.house import open_house
from tests.gateway.odd_service import (
    CHAT,
    DONE,
    SOON_S,
    STREAM,
    chat_body,
    chunk,
    event,
    open_service,
)
from tests.gateway.raw import Raw, connect, head
from tests.gateway.test_lane_taken import relayed
from tests.gateway.wire import WIRES, Answer, post

# At the reader's pace.


async def test_a_slow_reader_slows_the_service_and_memory_does_not_grow() -> None:
    """Of what nobody reads, only so much is taken from the service as the buffers hold."""
    sent = 0
    piece = chunk(event("x" * 16_000) * 4)
    room = asyncio.Event()

    async def serve(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal sent
        writer.write(STREAM)
        while not room.is_set():
            writer.write(piece)
            try:
                async with asyncio.timeout(0.5):
                    await writer.drain()
            except TimeoutError:
                break
            sent += len(piece)
        stopped.set()
        await room.wait()
        writer.write(chunk(event("end", finish="stop") + DONE) + b"0\r\n\r\n")
        await writer.drain()

    stopped = asyncio.Event()
    async with (
        open_service(serve) as (url, app, _),
        post(url, CHAT, chat_body()) as answer,
    ):
        await answer.read_head()
        # Then it does not read.
        async with asyncio.timeout(10):
            await stopped.wait()
        held = sent
        room.set()
        said = await answer.body()

        assert answer.whole
        assert said.endswith(DONE)
        assert len(said) > held
        # Kernel buffers on both sides, and a little more.
        assert held < 24 * 2**20
        assert await relayed(app) == 1


async def test_an_end_behind_a_slow_reader_leaves_nothing_paused() -> None:
    """The service's connection is free again, though its reader was slow up to the end."""
    answer_text = event("x" * 60_000) * 60 + event("end", finish="stop") + DONE

    async def serve(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(STREAM + chunk(answer_text))
        await writer.drain()
        await asyncio.sleep(0.05)
        writer.write(b"0\r\n\r\n")
        await writer.drain()

    async with open_service(serve) as (url, app, service):
        for _ in range(3):
            async with post(url, CHAT, chat_body()) as answer:
                await answer.read_head()
                await asyncio.sleep(0.1)
                said = await answer.body()
                assert said.endswith(DONE)

        assert await relayed(app) == 3
        assert service.requests == 3


# To its end, and no longer.


async def test_a_service_that_never_ends_its_reply_is_left() -> None:
    """The answer has its end; whoever goes on sending behind it has nobody to hear it."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(STREAM + chunk(event("Hi", finish="stop") + DONE))
        await reader.read()

    async with open_service(serve) as (url, app, service):
        async with post(url, CHAT, chat_body()) as answer:
            await answer.read_head()
            said = await answer.body()

        assert said.endswith(DONE)
        await service.wait_closed(1)
        assert await relayed(app) == 1


@pytest.mark.parametrize("stream", [False, True])
async def test_connections_are_kept_on_both_sides(stream: bool) -> None:
    async with open_house("chat") as house:
        far = house.far["chat"]
        body = json.dumps(chat_body("chat/mock-model", stream=stream)).encode()
        async with connect(house.url) as raw:
            for _ in range(5):
                await raw.send(head(f"content-length: {len(body)}") + body)
                await raw.read_head()
                assert b"five" in await raw.body()
                assert far.connections == 1
        # The first ask took the one connection that there is.
        assert await relayed(house.app) == 5


async def _ask_again(raw: Raw, body: bytes) -> None:
    await raw.send(head(f"content-length: {len(body)}") + body)
    await raw.read_head()
    assert b"five" in await raw.body()


async def test_a_connection_that_rests_for_long_is_closed_and_no_other_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The timer is set once and not for each request: it must know the last one."""
    limit_s = 2
    monkeypatch.setattr(serving, "KEEP_ALIVE_S", limit_s)
    body = json.dumps(chat_body("chat/mock-model", stream=False)).encode()
    slow = json.dumps(chat_body("claude/mock-model")).encode()
    async with (
        open_house("chat", "claude") as house,
        connect(house.url) as used,
        connect(house.url) as busy,
    ):
        house.far["claude"].scenario(slow={"between_events_s": 0.4})
        path = "POST /v1/messages HTTP/1.1"
        asked = slow.replace(b'"stream"', b'"max_tokens":99,"stream"')
        # From its first answer on there is a timer.
        await _ask_again(busy, body)
        await busy.send(head(f"content-length: {len(asked)}", first=path) + asked)
        for _ in range(4):
            await _ask_again(used, body)
            await asyncio.sleep(limit_s * 0.4)
        await _ask_again(used, body)

        # The one is at rest from now on, the other was under way for longer than the limit.
        began = asyncio.get_running_loop().time()
        assert await used.is_closed_in(30)
        assert asyncio.get_running_loop().time() - began > limit_s * 0.5
        await busy.read_head()
        assert b"message_stop" in await busy.body()
        assert busy.whole
        assert await relayed(house.app) == 7


async def test_the_model_that_answers_is_told() -> None:
    async def serve(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        said = event("Hi", model="m-2026") + event("", model="m-2026", finish="stop") + DONE
        writer.write(STREAM + chunk(said) + b"0\r\n\r\n")

    async with (
        open_service(serve) as (url, app, _),
        post(url, CHAT, chat_body()) as answer,
    ):
        await answer.read_head()
        await answer.body()

        assert answer.headers["x-dragoman-model"] == "m-2026"
        assert await relayed(app) == 1


async def test_a_service_that_compresses_unasked_goes_the_ordinary_way() -> None:
    """There it is read, and from then on it is asked there at once."""
    async with open_house("chat") as house:
        far = house.far["chat"]
        far.scenario(encoding="gzip")
        attempts = []
        for _ in range(3):
            async with post(house.url, CHAT, chat_body("chat/mock-model")) as answer:
                await answer.read_head()
                assert b"five" in await answer.body()
                attempts.append(answer.headers["x-dragoman-attempts"])

        assert attempts == ["2", "1", "1"]
        assert await relayed(house.app) == 1


async def test_a_kept_connection_that_the_service_closed_is_not_used() -> None:
    async with open_house("chat") as house:
        far = house.far["chat"]
        far.scenario(connection="close_after_reply")
        for _ in range(3):
            async with post(house.url, CHAT, chat_body("once/chat")) as answer:
                await answer.read_head()
                assert answer.status == 200
                assert b"five" in await answer.body()
            await far.wait_closed(SOON_S)

        assert await relayed(house.app) == 3
        assert len(far.journal) == 3


async def _read(answer: Answer) -> bytes:
    await answer.read_head()
    return await answer.body()


async def test_many_at_once_are_each_answered_with_their_own() -> None:
    async with open_house("chat") as house:

        async def ask(number: int) -> None:
            text = f"number {number} of them"
            body = WIRES["chat"].body("chat/mock-model", text, bool(number % 2))
            async with post(house.url, CHAT, body) as answer:
                said = await _read(answer)
            words = re.findall(rb'"content":"([^"]*)"', said)
            assert b"".join(words) == text.encode()

        await asyncio.gather(*(ask(number) for number in range(100)))

        assert await relayed(house.app) == 100
