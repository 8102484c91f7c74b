"""The caller has gone: nobody is asked any more, and who is being asked is left."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import msgspec
import pytest

from tests.faults.places import DOORS, TEXT, Door, Place, open_place
from tests.gateway.wire import WIRES, post


class Moment(msgspec.Struct, frozen=True):
    """What `a` and `b` do, who is asked when the caller goes, and whose answers are left then."""

    a: dict[str, Any]
    b: dict[str, Any]
    asked: dict[str, int]
    left: dict[str, int]
    route: dict[str, Any] = {}


SILENT = {"stall": {"headers": False}}
MOMENTS = {
    "in the wait before a retry": Moment(
        {"status": 503, "retry_after": 1.5}, {}, {"a": 1}, {"a": 0, "b": 0}
    ),
    "before the first word": Moment(SILENT, {}, {"a": 1}, {"a": 1, "b": 0}),
    "before the next one's": Moment({"status": 401}, SILENT, {"a": 1, "b": 1}, {"a": 0, "b": 1}),
    "in a rescue": Moment(
        {"cut": {"after_events": 5, "how": "rst"}},
        SILENT,
        {"a": 1, "b": 1},
        {"a": 0, "b": 1},
        {"retries": 0},
    ),
    "in a race": Moment(SILENT, SILENT, {"a": 1, "b": 1}, {"a": 1, "b": 1}, {"hedge_after_s": 0.1}),
    "in a shared answer": Moment(SILENT, {}, {"a": 1}, {"a": 1, "b": 0}, {"share": True}),
}


@asynccontextmanager
async def _asking(place: Place, door: Door, *, stream: bool) -> AsyncIterator[None]:
    """Ask, and go at the end of the block, whatever has come."""
    if door == "client":
        asking = asyncio.ensure_future(place.ask("client", "ab", stream=stream, temperature=0.0))
        yield
        asking.cancel()
        await asyncio.wait({asking})
        return
    wire = WIRES[DOORS[door]]
    body = wire.body("ab", TEXT, stream) | {"temperature": 0}
    async with post(await place.url_of(door), wire.path("ab", stream), body) as answer:
        yield
        answer.leave()


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("moment", MOMENTS)
async def test_nobody_is_asked_for_one_who_has_gone(moment: str, door: Door) -> None:
    case = MOMENTS[moment]
    async with open_place(**case.route) as place:
        a, b = place.far["a"], place.far["b"]
        a.scenario(case.a)
        b.scenario(case.b)

        async with _asking(place, door, stream=True):
            for name, chats in case.asked.items():
                await place.far[name].wait_until(_asked_of(chats))
            if case.a.get("status") == 503:
                await a.wait_idle()

        await a.wait_until(_left_of(case.left["a"]))
        await b.wait_until(_left_of(case.left["b"]))
        # Longer than the wait that was broken off.
        await asyncio.sleep(2 if case.a.get("status") == 503 else 0)
        assert (place.asked, a.answers, b.answers) == (case.asked, 0, 0)


def _asked_of(chats: int) -> Any:
    return lambda far: far.chats == chats


def _left_of(count: int) -> Any:
    return lambda far: (far.abandoned, far.answers) == (count, 0)
