"""The short way when somebody goes, time is up or the service breaks: as on the ordinary one."""

import asyncio
import json
import re
import time
from contextlib import AsyncExitStack
from typing import Any

import pytest

from dragoman import emulators
from dragoman.config import Config
from dragoman.emulators.emulator import Emulator
from dragoman.gateway.app import Application
from tests.gateway.house import NO_BREAKER, ONCE, open_gateway, open_house
from tests.gateway.odd_service import (
    CHAT,
    DONE,
    SOON_S,
    STREAM,
    TEXT,
    chat_body,
    chunk,
    event,
    open_service,
)
from tests.gateway.test_lane_taken import relayed
from tests.gateway.wire import SAME, WIRES, post

PASSAGE = "dragoman.gateway.lane.passage"
TIMES = re.compile("dragoman_(first_token|duration|overhead|relayed)").match


def _is_asked(far: Emulator[Any]) -> bool:
    return far.answers == 1


# Whoever goes.

PHASES: dict[str, tuple[dict[str, Any], bool, bool]] = {
    "before the headers": ({"stall": {"headers": False}}, True, False),
    "before the first word": ({"stall": {"after_events": 1}}, True, False),
    "in mid-stream": ({"slow": {"between_events_s": 0.05}}, True, True),
    "in a silence": ({"stall": {"after_events": 5}}, True, True),
    "on a whole answer": ({"slow": {"before_headers_s": 30}}, False, False),
}


@pytest.mark.parametrize("phase", PHASES)
async def test_whoever_goes_takes_the_service_along_and_is_counted(phase: str) -> None:
    """What was used of the key, the tokens and the time is the same on both ways."""
    on, off = [await _gone(*PHASES[phase], relay=relay) for relay in ("on", "off")]

    assert on == off
    assert any('error="gone"' in line for line in on)


async def _gone(scenario: dict[str, Any], stream: bool, reads: bool, *, relay: str) -> list[str]:
    """What is counted of a caller that goes, and of one that comes after it."""
    key = {"name": "shop", "key": "the-key", "concurrency": 1, "tokens_per_minute": 9_999}
    async with open_house("claude", keys=[key], relay=relay) as house:
        far = house.far["claude"]
        far.scenario(answer=" ".join([TEXT] * 50), **scenario)
        wire, model, bearer = WIRES["messages"], "claude/mock-model", {"x-api-key": "the-key"}
        path = wire.path(model, stream)

        async with post(house.url, path, wire.body(model, TEXT, stream), bearer) as answer:
            await far.wait_until(_is_asked)
            if reads:
                await answer.read_head()
                await anext(answer.chunks())
            answer.leave()
            await far.wait_closed(SOON_S)
        assert (far.answers, far.abandoned) == (0, 1)
        gone = await _counted(house.app)
        gone.append(f"{house.app.gateway.health.view('claude', 'mock-model').totals}")

        # Its place is free again.
        far.scenario()
        async with post(house.url, path, wire.body(model, TEXT, False), bearer) as answer:
            await answer.read_head()
            await answer.body()
        assert answer.status == 200
        left = answer.headers["x-ratelimit-remaining-tokens"]
        return [*gone, left, *await _counted(house.app)]


async def _counted(app: Application) -> list[str]:
    """What is counted when nothing is under way any more, without times."""
    async with asyncio.timeout(SOON_S):
        while True:
            page = (await asyncio.to_thread(app.gateway.meter.page().text)).decode()
            if "dragoman_open_requests{" not in page:
                break
    return [line for line in page.splitlines() if line.startswith("dragoman_") and not TIMES(line)]


@pytest.mark.parametrize("reads", [False, True])
async def test_who_stops_sending_is_answered_to_the_end(reads: bool) -> None:
    async with open_house("chat") as house:
        far = house.far["chat"]
        far.scenario(slow={"before_headers_s": 0.2, "between_events_s": 0.1})
        async with post(house.url, CHAT, chat_body("chat/mock-model")) as answer:
            await far.wait_until(_is_asked)
            if reads:
                await answer.read_head()
            answer.stop_sending()
            if not reads:
                await answer.read_head()
            said = await answer.body()

        assert answer.whole
        assert said.endswith(DONE)
        assert await relayed(house.app) == 1


# Time.


@pytest.mark.parametrize(("face", "provider"), SAME.items(), ids=str)
async def test_silence_before_the_first_word_is_filled(face: str, provider: str) -> None:
    """Also where the face has no sign of life: then the status is one. And it costs no time."""
    wire, model = WIRES[face], f"{provider}/mock-model"
    async with open_house(provider, ping_s=0.05) as house:
        house.far[provider].scenario(slow={"before_first_s": 1.5})
        async with post(house.url, wire.path(model, True), wire.body(model, TEXT, True)) as answer:
            begun, used = time.monotonic(), time.process_time()
            await answer.read_head()
            assert time.monotonic() - begun < 1.5
            said = await answer.body()
            used = time.process_time() - used

        assert answer.whole
        assert b"five" in said
        assert used < 0.5
        assert await relayed(house.app) == 1


LIMITS: dict[str, tuple[dict[str, Any], dict[str, Any], bool, int]] = {
    "no first word": ({"first_token_s": 0.2}, {"stall": {"after_events": 1}}, True, 504),
    "no headers": ({"first_token_s": 0.2}, {"stall": {"headers": False}}, True, 504),
    "silence": ({"idle_s": 1}, {"stall": {"after_events": 5}}, True, 200),
    "all of it": ({"total_s": 1.5}, {"slow": {"between_events_s": 0.2}}, True, 200),
    "a whole answer": ({"total_s": 0.2}, {"slow": {"before_headers_s": 30}}, False, 504),
}


@pytest.mark.parametrize("relay", ["on", "off"])
@pytest.mark.parametrize("name", LIMITS)
async def test_limits_hold(name: str, relay: str) -> None:
    limits, scenario, stream, status = LIMITS[name]
    async with AsyncExitStack() as stack:
        far = await stack.enter_async_context(emulators.run("openai"))
        table: dict[str, Any] = {"dialect": "openai_chat", "base_url": f"{far.url}/v1"}
        table |= {"api_key": "any-key", "models": ["mock-model"]}
        config = Config.of(
            {"far": table},
            gateway={"log": False, "relay": relay},
            routes={"once": {**ONCE, **limits, "candidates": ["far/mock-model"]}},
            health=NO_BREAKER,
        )
        url, app = await stack.enter_async_context(open_gateway(config))
        far.scenario(answer=" ".join([TEXT] * 9), **scenario)
        async with post(url, CHAT, chat_body(stream=stream)) as answer:
            await answer.read_head()
            said = await answer.said() if status == 200 else [await answer.json()]

        assert answer.status == status
        assert answer.whole == (status != 200)
        error = said[-1]["error"]
        assert "limit" in error["message"]
        if status == 200:
            deltas = [one["choices"][0]["delta"].get("content", "") for one in said[:-1]]
            assert said[-1]["dragoman"]["text"] == "".join(deltas) != ""
        await far.wait_closed(SOON_S)
        assert await relayed(app) == (relay == "on")


# What breaks while others do.


async def test_a_stream_that_breaks_behind_an_open_breaker_is_no_other_answer() -> None:
    """Others have failed meanwhile, and the model is left alone: this one was asked before."""
    broken = asyncio.Event()

    async def serve(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if service.requests > 1:
            writer.write(b"HTTP/1.1 500 Oh\r\ncontent-length: 0\r\n\r\n")
            return
        writer.write(STREAM + chunk(event("Once upon")))
        await writer.drain()
        await broken.wait()
        writer.transport.abort()

    strict = {"breaker_failures": 1, "probe_every_s": 600}
    async with (
        open_service(serve, health=strict, rescue="replay") as (url, app, service),
        post(url, CHAT, chat_body()) as answer,
    ):
        await answer.read_head()
        async with post(url, CHAT, chat_body()) as other:
            await other.read_head()
            assert other.status == 500
            await other.body()
        broken.set()
        said = await answer.said()

        assert not answer.whole
        assert [one["choices"][0]["delta"]["content"] for one in said[:-1]] == ["Once upon"]
        assert said[-1]["dragoman"]["text"] == "Once upon"
        assert await relayed(app) == 2


async def test_an_answer_too_long_to_be_kept_is_not_said_twice() -> None:
    """What is not known cannot be said again, and the beginning of it is no other answer's.

    So nobody is asked again, and of the text so far nothing is promised.
    """
    piece = chunk(event("long " * 10_000))
    heard = asyncio.Event()

    async def serve(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(STREAM)
        for _number in range(120):
            writer.write(piece)
            await writer.drain()
        await heard.wait()
        writer.transport.abort()

    async with (
        open_service(serve, rescue="replay", retries=2) as (url, app, service),
        post(url, CHAT, chat_body()) as answer,
    ):
        await answer.read_head()
        chunks, said = answer.chunks(), b""
        while said.count(b"\n\n") < 120:
            said += await anext(chunks)
        heard.set()
        rest = b"".join([piece async for piece in chunks])

        assert not answer.whole
        assert said.count(b"long long") == 120 * 5_000
        failed = json.loads(rest.partition(b"data: ")[2])
        assert failed["error"]["message"]
        assert failed["dragoman"]["text"] == ""
        assert [one["why"] for one in failed["dragoman"]["attempts"]] == ["first"]
        assert service.requests == 1
        assert await relayed(app) == 1


# A fault of ours.

FAULTS = {
    "in the head": (f"{PASSAGE}.media_type", False),
    "in a whole answer": (f"{PASSAGE}.look_at", False),
    "before the first word": (f"{PASSAGE}.Scanner.feed", True),
    "at the end of a stream": (f"{PASSAGE}.reckon", True),
    "when its health is told": (f"{PASSAGE}.succeed", False),
    "when it is counted": ("dragoman.gateway.state.Gateway.settle", False),
}


@pytest.mark.parametrize("name", FAULTS)
async def test_a_fault_of_ours_leaves_nobody_waiting(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The connection is closed, its place is free again, and the fault is told to the loop."""
    where, stream = FAULTS[name]
    told: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, said: told.append(said["exception"]))

    def fail(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    key = {"name": "shop", "key": "the-key", "concurrency": 1}
    bearer, asked = {"x-api-key": "the-key"}, chat_body("chat/mock-model", stream=stream)
    async with open_house("chat", keys=[key]) as house:
        with monkeypatch.context() as broken:
            broken.setattr(where, fail)
            async with post(house.url, CHAT, asked, bearer) as answer:
                # Ends where the connection does.
                await answer.reader.read()

        async with post(house.url, CHAT, asked, bearer) as answer:
            await answer.read_head()
            await answer.body()
        assert answer.status == 200

    assert [type(fault) for fault in told] == [ZeroDivisionError]
