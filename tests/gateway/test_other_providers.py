"""Services that speak no dialect, and the one that needs nothing, behind every face."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import pytest

from dragoman import emulators
from dragoman.config import Config
from dragoman.emulators.emulator import Emulator
from tests.gateway.clients import FACES
from tests.gateway.house import open_gateway
from tests.gateway.wire import WIRES, post

TEXT = "Größe und 大きさ: one two three"
SERVICES = ("fakegpt", "chatgptfree", "chatgptt", "aichat")
# What the emulators take as cookies of a browser session; the others pass over it.
COOKIES = {"cf_clearance": "let-me-in"}


@asynccontextmanager
async def open_services(*names: str) -> AsyncIterator[tuple[str, dict[str, Emulator[Any]]]]:
    async with AsyncExitStack() as stack:
        far = {name: await stack.enter_async_context(emulators.run(name)) for name in names}
        tables = {
            name: {"service": name, "base_url": emulator.url, "cookies": COOKIES}
            for name, emulator in far.items()
        }
        config = Config.of(tables | {"echo": {}}, gateway={"log": False})
        url, _ = await stack.enter_async_context(open_gateway(config))
        yield url, far


@pytest.mark.parametrize("face", FACES)
async def test_they_answer_whole_and_streamed(face: str) -> None:
    async with open_services(*SERVICES) as (url, _), FACES[face](url) as talker:
        for name in (*SERVICES, "echo"):
            deltas = await talker.stream(name, TEXT)
            assert "".join(deltas).strip() == TEXT, name
            async with post(
                url, WIRES[face].path(name, False), WIRES[face].body(name, TEXT, False)
            ) as answer:
                await answer.read_head()
                assert answer.status == 200, await answer.body()
                assert TEXT in str(await answer.json()), name
                assert answer.headers["x-dragoman-provider"] == name


@pytest.mark.parametrize("face", FACES)
async def test_their_errors_are_the_faces(face: str) -> None:
    async with open_services(*SERVICES) as (url, far):
        for name in SERVICES:
            far[name].scenario(status=429, retry_after=30)
            wire = WIRES[face]
            for stream in (False, True):
                async with post(
                    url, wire.path(name, stream), wire.body(name, TEXT, stream)
                ) as answer:
                    await answer.read_head()
                    assert (answer.status, answer.headers.get("retry-after")) == (429, "30"), name
                    assert "error" in await answer.json()


@pytest.mark.parametrize("name", SERVICES)
async def test_when_the_caller_goes_they_are_left(name: str) -> None:
    async with open_services(name) as (url, far):
        far[name].scenario(stall={"headers": False})
        wire = WIRES["chat"]
        async with post(url, wire.path(name, True), wire.body(name, TEXT, True)) as answer:
            await far[name].wait_until(lambda far: far.answers == 1)
            answer.leave()
            await far[name].wait_until(lambda far: far.abandoned == 1)
