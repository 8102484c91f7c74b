"""Conversations: each key's own, kept at once, and found again whatever happens to the writer."""

import subprocess
import sys
import time
from pathlib import Path

import pytest

from dragoman.errors import InputError
from dragoman.store.conversations import Conversations
from dragoman.store.loading import opened_store
from dragoman.store.rows import Piece
from dragoman.store.store import Store
from tests.store.given import rows_of

ASKED = [{"type": "text", "text": "Why is the sky blue?"}]

_RUNNING = """
import asyncio, sys
from pathlib import Path
from dragoman.store.loading import opened_store
from dragoman.store.rows import Piece

async def main():
    async with opened_store(Path(sys.argv[1])) as store:
        mine = store.conversations("shop")
        made = await mine.create("Sky")
        turn = await mine.add(made.id, "assistant", [], state="running")
        await mine.append(turn.id, [Piece("text", "Once "), Piece("text", "upon")])
        print(made.id, flush=True)
        await asyncio.sleep(3600)

asyncio.run(main())
"""


@pytest.fixture
def mine(store: Store) -> Conversations:
    return store.conversations("shop")


@pytest.fixture
def others(store: Store) -> Conversations:
    return store.conversations("alice")


def _text(text: str) -> list[dict[str, str]]:
    return [{"type": "text", "text": text}]


async def test_a_conversation_has_its_turns_in_order(mine: Conversations) -> None:
    made = await mine.create("Sky")
    asked = await mine.add(made.id, "user", ASKED)
    first = await mine.add(made.id, "assistant", _text("Air."), parent=asked.id, model="work/small")
    again = await mine.add(made.id, "assistant", _text("Light."), parent=asked.id)

    head, turns = await mine.get(made.id)

    assert turns == [asked, first, again]
    assert (head.id, head.title, head.created) == (made.id, "Sky", made.created)
    assert head.updated >= again.created > made.updated
    assert [turn.parent for turn in turns] == [None, asked.id, asked.id]


async def test_what_was_kept_is_on_the_disk_when_it_is_said(
    path: Path, mine: Conversations
) -> None:
    made = await mine.create("Sky")
    await mine.add(made.id, "user", ASKED)

    assert rows_of(path, "SELECT title, folded FROM conversations") == [("Sky", "sky")]
    assert rows_of(path, "SELECT folded FROM turns") == [("why is the sky blue?",)]


async def test_a_turn_that_runs_grows_by_pieces_and_ends_whole(
    path: Path, mine: Conversations
) -> None:
    made = await mine.create("Sky")
    turn = await mine.add(made.id, "assistant", [], state="running", model="smart")

    await mine.append(turn.id, [Piece("reasoning", "Hm."), Piece("text", "Once ")])
    await mine.append(turn.id, [])
    await mine.append(turn.id, [Piece("text", "upon")])
    _, (running,) = await mine.get(made.id)
    ended = await mine.finish(
        turn.id, "whole", provider="work", usage={"output_tokens": 2}, cost=0.5
    )

    said = [{"type": "reasoning", "text": "Hm."}, {"type": "text", "text": "Once upon"}]
    assert (running.state, running.content) == ("running", said)
    assert (ended.state, ended.content) == ("whole", said)
    assert (ended.provider, ended.model, ended.usage, ended.cost) == (
        *("work", "smart", {"output_tokens": 2}, 0.5),
    )
    assert (await mine.get(made.id))[1] == [ended]
    assert rows_of(path, "SELECT * FROM pieces") == []


async def test_an_end_may_say_better_what_was_said(mine: Conversations) -> None:
    made = await mine.create("Sky")
    turn = await mine.add(made.id, "assistant", [], state="running")
    await mine.append(turn.id, [Piece("text", "Onec")])

    ended = await mine.finish(turn.id, "whole", content=_text("Once"), model="work/small")

    assert (ended.content, ended.model) == (_text("Once"), "work/small")


async def test_a_turn_that_has_ended_stays_as_it_is(mine: Conversations) -> None:
    made = await mine.create("Sky")
    turn = await mine.add(made.id, "assistant", [], state="running")
    await mine.finish(turn.id, "stopped")

    for work in (mine.append(turn.id, [Piece("text", "more")]), mine.finish(turn.id, "whole")):
        with pytest.raises(InputError, match="no such turn that runs"):
            await work

    assert (await mine.get(made.id))[1][0].state == "stopped"


@pytest.fixture
def killed(path: Path) -> str:
    """The conversation of a process that was killed in the middle of an answer."""
    command = [sys.executable, "-c", _RUNNING, str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        try:
            assert process.stdout is not None
            return process.stdout.readline().decode().strip()
        finally:
            process.kill()


@pytest.mark.timeout(60)
async def test_a_turn_of_a_killed_process_keeps_its_pieces_and_is_mended(
    path: Path, killed: str
) -> None:
    async with opened_store(path) as store:
        mine = store.conversations("shop")
        assert await mine.mend(time.time() - 3600) == 0
        assert await store.conversations("alice").mend(time.time()) == 0
        assert await mine.mend(time.time()) == 1
        _, (turn,) = await mine.get(killed)
        assert await mine.mend(time.time()) == 0

    assert (turn.state, turn.content) == ("broken", _text("Once upon"))
    assert turn.error == "interrupted"


async def test_the_latest_come_first_and_page_by_page(mine: Conversations) -> None:
    made = [await mine.create(f"number {number}") for number in range(5)]
    await mine.add(made[0].id, "user", ASKED)

    page = await mine.latest(most=2)
    rest = await mine.latest(before=page[-1].updated)

    assert [one.title for one in page] == ["number 0", "number 4"]
    assert [one.title for one in rest] == ["number 3", "number 2", "number 1"]


@pytest.mark.parametrize(
    ("words", "titles"),
    [
        ("небо", {"Синее НЕБО"}),
        ("  The SKY ", {"Синее НЕБО"}),
        ("100%", {"100% sure"}),
        ("%", {"100% sure"}),
        ("_", set()),
        ("straße", {"Die STRASSE"}),
        ("", {"Синее НЕБО", "100% sure", "Die STRASSE"}),
        ("aGk", set()),
    ],
)
async def test_a_search_is_in_titles_and_words_and_knows_no_capitals(
    mine: Conversations, words: str, titles: set[str]
) -> None:
    made = await mine.create("Синее НЕБО")
    await mine.add(made.id, "user", [*ASKED, {"type": "image", "data": "aGk="}])
    await mine.create("100% sure")
    await mine.create("Die STRASSE")

    assert {one.title for one in await mine.latest(words)} == titles


async def test_a_new_title_is_found(mine: Conversations) -> None:
    made = await mine.create("Sky")

    await mine.rename(made.id, "Sea")

    assert [one.title for one in await mine.latest("SEA")] == ["Sea"]
    assert await mine.latest("sky") == []


async def test_a_deleted_one_leaves_nothing(path: Path, mine: Conversations) -> None:
    kept, gone = await mine.create("kept"), await mine.create("gone")
    for one in (kept, gone):
        turn = await mine.add(one.id, "assistant", [], state="running")
        await mine.append(turn.id, [Piece("text", "Once")])

    await mine.delete(gone.id)

    assert [one.title for one in await mine.latest()] == ["kept"]
    assert rows_of(path, "SELECT conversation FROM turns") == [(kept.id,)]
    assert len(rows_of(path, "SELECT * FROM pieces")) == 1


async def test_nobody_reaches_what_is_anothers(mine: Conversations, others: Conversations) -> None:
    made = await mine.create("Sky")
    turn = await mine.add(made.id, "assistant", [], state="running")

    for work in (
        others.get(made.id),
        others.rename(made.id, "Sea"),
        others.delete(made.id),
        others.add(made.id, "user", ASKED),
        others.append(turn.id, [Piece("text", "!")]),
        others.finish(turn.id, "whole"),
    ):
        with pytest.raises(InputError, match="there is no such"):
            await work

    assert await others.latest() == []
    assert [one.title for one in await mine.latest()] == ["Sky"]
    assert (await mine.get(made.id))[1] == [turn]


async def test_a_turn_answers_one_of_its_own_conversation(mine: Conversations) -> None:
    one, two = await mine.create("one"), await mine.create("two")
    asked = await mine.add(one.id, "user", ASKED)

    with pytest.raises(InputError, match="no such turn"):
        await mine.add(two.id, "assistant", [], parent=asked.id)

    assert (await mine.get(two.id))[1] == []


async def test_two_tabs_in_one_conversation_lose_nothing(path: Path, mine: Conversations) -> None:
    made = await mine.create("Sky")
    async with opened_store(path) as other:
        theirs = other.conversations("shop")
        for number in range(10):
            await (mine if number % 2 else theirs).add(made.id, "user", _text(str(number)))

    _, turns = await mine.get(made.id)

    assert [turn.content for turn in turns] == [_text(str(number)) for number in range(10)]
