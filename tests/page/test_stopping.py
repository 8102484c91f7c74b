"""Stops: a reader ends an answer at once, and what was said of it stays."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.page.talk import Room, open_room, reading, texts


@pytest.fixture
async def room(tmp_path: Path) -> AsyncIterator[Room]:
    async with open_room(tmp_path) as room:
        yield room


async def test_a_stop_before_the_first_word_closes_the_connection_at_once(room: Room) -> None:
    room.far.scenario(stall={"headers": False})
    _, (answer,) = await room.talk.say()
    await room.far.wait_until(lambda far: far.answers == 1)

    await room.talk.stop(answer)

    await room.far.wait_until(lambda far: far.answers == 0)
    turn = await room.talk.turn(answer["id"])
    assert (turn["state"], turn["parts"], turn["error"]) == ("stopped", [], None)


async def test_a_stop_in_the_middle_keeps_what_was_said(room: Room) -> None:
    room.far.scenario(answer="one two three four", stall={"after_events": 3})
    _, (answer,) = await room.talk.say()
    async with reading(room.place, answer["id"]) as read:
        await read.until(lambda _: "one" in read.html())

        await room.talk.stop(answer)

        await room.far.wait_until(lambda far: far.answers == 0)
        turn = await read.end()
    assert turn["state"] == "stopped"
    assert texts(turn).startswith("one")
    assert room.far.abandoned == 1
    assert await room.talk.turn(answer["id"]) == turn


async def test_a_stop_after_the_end_changes_nothing(room: Room) -> None:
    turn = await room.talk.whole()

    await room.talk.stop(turn)

    assert await room.talk.turn(turn["id"]) == turn
