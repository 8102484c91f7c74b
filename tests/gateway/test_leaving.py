"""When the caller goes, the provider's connection goes, in every phase."""

import asyncio
from typing import Any

import msgspec
import pytest

from dragoman.emulators.emulator import Emulator
from tests.gateway.house import open_house
from tests.gateway.wire import SAME, WIRES, post

# A promise of 100 ms is measured alone; here only what hangs takes as long.
SOON_S = 10.0
TEXT = "one two three four five"


class Phase(msgspec.Struct, frozen=True):
    """When the caller goes."""

    scenario: dict[str, Any]
    stream: bool
    reads: bool = False


PHASES = {
    "before the provider's headers": Phase({"stall": {"headers": False}}, stream=True),
    "before the first token": Phase({"stall": {"after_events": 0}}, stream=True),
    "in mid-stream": Phase({"slow": {"between_events_s": 0.05}}, stream=True, reads=True),
    "in a silence": Phase({"stall": {"after_events": 5}}, stream=True, reads=True),
    "on a whole answer": Phase({"slow": {"before_headers_s": 30}}, stream=False),
}

PAIRS = [
    *SAME.items(),
    *((face, "claude" if face != "messages" else "chat") for face in SAME),
]


def _is_asked(far: Emulator[Any]) -> bool:
    return far.answers == 1


@pytest.mark.parametrize("phase", PHASES)
@pytest.mark.parametrize(("face", "provider"), PAIRS, ids=str)
async def test_the_caller_goes_and_so_do_we(face: str, provider: str, phase: str) -> None:
    wire, how = WIRES[face], PHASES[phase]
    model = f"{provider}/mock-model"
    async with open_house(provider) as house:
        far = house.far[provider]
        far.scenario(answer=" ".join([TEXT] * 50), **how.scenario)

        path, body = wire.path(model, how.stream), wire.body(model, TEXT, how.stream)
        async with post(house.url, path, body) as answer:
            await far.wait_until(_is_asked)
            if how.reads:
                await answer.read_head()
                await anext(answer.chunks())
            answer.leave()

            await far.wait_closed(SOON_S)

        assert (far.answers, far.abandoned) == (0, 1)


@pytest.mark.parametrize("stream", [False, True])
async def test_who_only_stops_sending_is_not_gone(stream: bool) -> None:
    """A half-closed connection still reads; many simple programs send and shut that side."""
    async with open_house("chat") as house:
        far = house.far["chat"]
        far.scenario(slow={"before_headers_s": 0.3, "between_events_s": 0.1})
        body = WIRES["chat"].body("chat/mock-model", TEXT, stream)

        async with post(house.url, "/v1/chat/completions", body) as answer:
            await far.wait_until(_is_asked)
            answer.stop_sending()
            await answer.read_head()
            said = await answer.body()

    assert answer.whole
    assert far.abandoned == 0
    assert b"five" in said


@pytest.mark.parametrize("reads", [False, True])
async def test_who_stops_sending_and_then_goes_is_gone(reads: bool) -> None:
    """Of the second there is no sign but that nobody takes what is sent: signs of life are."""
    async with open_house("chat", ping_s=0.1) as house:
        far = house.far["chat"]
        far.scenario(stall={"after_events": 3 if reads else 0})
        body = WIRES["chat"].body("chat/mock-model", TEXT, True)

        async with post(house.url, "/v1/chat/completions", body) as answer:
            await far.wait_until(_is_asked)
            if reads:
                await answer.read_head()
            answer.stop_sending()
            await asyncio.sleep(0.2)
            still = far.answers
            answer.leave()

            await far.wait_closed(SOON_S)

        assert still == 1
        assert (far.answers, far.abandoned) == (0, 1)


async def test_one_who_goes_takes_no_other_along() -> None:
    async with open_house("chat") as house:
        far = house.far["chat"]
        far.scenario(stall={"after_events": 2}, on=[1])
        body = WIRES["chat"].body("chat/mock-model", TEXT, True)
        async with post(house.url, "/v1/chat/completions", body) as leaving:
            await leaving.read_head()
            async with post(house.url, "/v1/chat/completions", body) as staying:
                await far.wait_until(lambda far: far.chats == 2)
                leaving.leave()

                await staying.read_head()
                await asyncio.wait_for(staying.body(), SOON_S)

            assert staying.whole
            await far.wait_until(lambda far: far.abandoned == 1, SOON_S)
