"""Faults that a seed draws: the same seed and the same requests, the same faults."""

import asyncio
from collections import Counter
from typing import Any, get_args

import pytest
from tests.emulators.wire import aichat, exchange

from dragoman import emulators
from dragoman.emulators.drawing import Dice
from dragoman.emulators.fault_shapes import FaultKind, RandomFaults, Slow, Tail
from dragoman.emulators.knob import CommonKnobs

BODIES = [f"request {number}".encode() for number in range(400)]


def drawn(knobs: CommonKnobs, bodies: list[bytes]) -> tuple[dict[bytes, CommonKnobs], list[str]]:
    """What each body met, and what was noted."""
    dice, notes = Dice(), list[str]()
    return {body: dice.drawn(knobs, body, lambda _, kind: notes.append(kind)) for body in bodies}, (
        notes
    )


def random_faults(**fields: Any) -> CommonKnobs:
    return CommonKnobs(random_faults=RandomFaults(**fields))


def test_the_same_seed_gives_the_same_faults_in_any_order() -> None:
    knobs = random_faults(seed=7)

    assert drawn(knobs, BODIES)[0] == drawn(knobs, BODIES[::-1])[0]
    assert drawn(knobs, BODIES)[0] != drawn(random_faults(seed=8), BODIES)[0]


def test_as_many_meet_a_fault_as_was_said_and_of_every_kind() -> None:
    _, notes = drawn(random_faults(share=0.3), BODIES)

    assert 0.2 < len(notes) / len(BODIES) < 0.4
    assert set(notes) == set(get_args(FaultKind))


@pytest.mark.parametrize("kind", get_args(FaultKind))
def test_kinds_can_be_chosen(kind: FaultKind) -> None:
    calm = random_faults(share=1, kinds=(kind,))
    found, notes = drawn(calm, BODIES[:20])

    assert set(notes) == {kind}
    assert all(knobs != calm for knobs in found.values())


def test_a_request_that_comes_again_draws_again() -> None:
    dice, notes = Dice(), list[str]()
    for _ in range(100):
        dice.drawn(random_faults(share=0.5), b"the same", lambda _, kind: notes.append(kind))

    assert 30 < len(notes) < 70


def test_some_answers_come_late_by_the_seed() -> None:
    """And keep the pauses that they had."""
    knobs = CommonKnobs(slow=Slow(between_events_s=0.5), tail=Tail(share=0.1, before_first_s=3))

    found, notes = drawn(knobs, BODIES)

    late = Counter(each.slow for each in found.values())
    assert late[Slow(before_first_s=3, between_events_s=0.5)] == len(notes)
    assert 0.05 < len(notes) / len(BODIES) < 0.15


async def test_the_journal_names_what_was_drawn_whatever_comes_first() -> None:
    scenario = {"random_faults": {"seed": 3, "share": 0.5, "kinds": ["status", "html"]}}

    async def met() -> dict[str, str]:
        async with emulators.run("aichat", scenario=scenario) as emulator:
            asked = (exchange(emulator.url, aichat(f"question {n}")) for n in range(20))
            await asyncio.gather(*asked)
            return {
                entry["body"]["message"]: entry["notes"].get("drawn", "")
                for entry in emulator.journal
            }

    first = await met()

    assert set(first.values()) == {"", "status", "html"}
    assert await met() == first


async def test_they_are_faults_that_on_can_limit() -> None:
    scenario = {"random_faults": {"share": 1, "kinds": ["status"]}, "on": [2]}
    async with emulators.run("aichat", scenario=scenario) as emulator:
        statuses = [(await exchange(emulator.url, aichat())).status for _ in range(3)]

    assert statuses[0] == statuses[2] == 200
    assert statuses[1] >= 500


@pytest.mark.parametrize(
    "scenario",
    [
        {"random_faults": {"share": 2}},
        {"random_faults": {"kinds": ["flood"]}},
        {"tail": {"share": -1}},
    ],
)
async def test_a_wrong_draw_is_refused(scenario: dict[str, Any]) -> None:
    async with emulators.run("aichat") as emulator:
        with pytest.raises(ValueError, match=next(iter(scenario))):
            emulator.scenario(scenario)
