"""One who is late has a rival: the quicker is the answer, the other one is left."""

import asyncio
from typing import Any

import msgspec
import pytest

from tests.faults.places import TEXT, WAYS, Door, Place, open_place

SILENT = {"stall": {"headers": False}}
LATE = {"slow": {"before_first_s": 0.4}}
# Of a race there is nothing that could go the short way.
STREAMED: list[tuple[Door, bool]] = [
    (door, stream) for door, stream in WAYS if door != "around" and (stream or door != "relayed")
]


class Case(msgspec.Struct, frozen=True):
    """What both do; whom that asks, what the caller sees, and whose answers are left."""

    name: str
    a: dict[str, Any]
    b: dict[str, Any]
    asked: dict[str, int]
    left: dict[str, int]
    status: int = 200
    provider: str = "b"
    late_s: float = 0.15


CASES = [
    Case("who is in time has no rival", {}, {}, {"a": 1}, {"a": 0, "b": 0}, 200, "a", 10),
    Case("the rival is quicker", SILENT, {}, {"a": 1, "b": 1}, {"a": 1, "b": 0}),
    Case("the first comes yet", LATE, SILENT, {"a": 1, "b": 1}, {"a": 0, "b": 1}, provider="a"),
    Case(
        "the rival fails",
        LATE,
        {"status": 401},
        {"a": 1, "b": 1},
        {"a": 0, "b": 0},
        provider="a",
    ),
    Case(
        "the late one fails",
        {**LATE, "error_event": {}},
        {"slow": {"before_first_s": 0.8}},
        {"a": 1, "b": 1},
        {"a": 0, "b": 0},
    ),
    Case(
        "the late one refuses",
        {**LATE, "error_event": {"code": "content_filter"}},
        SILENT,
        {"a": 1, "b": 1},
        {"a": 0, "b": 1},
        status=400,
    ),
    Case(
        "the rival refuses",
        SILENT,
        {"status": 400},
        {"a": 1, "b": 1},
        {"a": 1, "b": 0},
        status=400,
    ),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
async def test_the_quicker_is_the_answer(case: Case) -> None:
    async with open_place(hedge_after_s=case.late_s, first_token_s=30) as place:
        for door, stream in STREAMED:
            before = {name: place.far[name].abandoned for name in "ab"}
            place.far["a"].scenario(case.a)
            place.far["b"].scenario(case.b)

            told = await place.ask(door, "ab", stream=stream)

            assert (told.status, place.asked) == (case.status, case.asked), (door, stream, told)
            assert told.text == (TEXT if case.status == 200 else "")
            if door != "client" and case.status == 200:
                assert told.headers["x-dragoman-provider"] == case.provider
                assert told.headers["x-dragoman-attempts"] == str(len(case.asked))
            for name, far in place.far.items():
                await far.wait_idle()
                if name in before:
                    assert far.abandoned - before[name] == case.left[name], (door, name)


async def test_only_the_first_word_is_waited_for() -> None:
    """A long answer is not a late one, also where all of it is wanted at once."""
    async with open_place(hedge_after_s=1.5, first_token_s=30) as place:
        place.far["a"].scenario(slow={"between_events_s": 0.15})

        asked = (place.ask(door, "ab", stream=stream) for door, stream in STREAMED)
        told = await asyncio.gather(*asked)

        assert [one.text for one in told] == [TEXT] * len(STREAMED)
        assert place.asked == {"a": len(STREAMED)}
        assert min(one.seconds for one in told) > 1.5


async def test_an_answer_in_one_piece_has_no_first_word_to_be_late_with() -> None:
    async with open_place(hedge_after_s=0.1) as place:
        place.far["a"].scenario(slow={"before_headers_s": 0.4})

        told = await place.ask("relayed", "ab", stream=False)

        assert (told.text, place.asked) == (TEXT, {"a": 1})


async def test_what_is_late_is_known_by_its_other_answers() -> None:
    """The 95th percentile; before there are twenty nobody is late."""
    async with open_place(hedge_after_s="p95", first_token_s=30) as place:
        await _unhedged(place)
        for _ in range(20):
            await place.ask("client", "ab", stream=True)
        place.far["a"].scenario(SILENT)
        place.far["b"].scenario()

        told = await place.ask("client", "ab", stream=True)

        assert (told.attempts, told.text) == (["first a", "hedge b"], TEXT)


async def _unhedged(place: Place) -> None:
    place.far["a"].scenario(LATE)
    told = await place.ask("client", "ab", stream=True)
    assert told.attempts == ["first a"]
    place.far["a"].scenario()
