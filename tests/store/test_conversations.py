"""Conversations: each key's own, kept at once, and found again whatever happens to the writer."""

import subprocess
import sys
import time
from pathlib import Path

import pytest

from dragoman.errors import InputError
from dragoman.store.conversations import Conversations
from dragoman.store.faults import UnknownError
from dragoman.store.loading import opened_store
from dragoman.store.rows import Piece
from dragoman.store.running import Ending, Running
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
        await store.running.append({turn.id: [Piece("text", "Once "), Piece("text", "upon")]})
        print(made.id, flush=True)
        await asyncio.sleep(3600)

asyncio.run(main())
"""


@pytest.fixture
def mine(store: Store) -> Conversations:
    return store.conversations("shop")


@pytest.fixture
def runs(store: Store) -> Running:
    return store.running


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
    path: Path, mine: Conversations, runs: Running
) -> None:
    made = await mine.create("Sky")
    turn = await mine.add(made.id, "assistant", [], state="running", model="smart")

    await runs.append({turn.id: [Piece("reasoning", "Hm."), Piece("text", "Once ")]})
    await runs.append({turn.id: []})
    await runs.append({turn.id: [Piece("text", "upon")]})
    _, (running,) = await mine.get(made.id)
    ended = await runs.finish(
        turn.id,
        Ending(
            state="whole",
            provider="work",
            usage={"output_tokens": 2},
            cost=0.5,
            story={"finish_reason": "stop"},
        ),
    )

    said = [{"type": "reasoning", "text": "Hm."}, {"type": "text", "text": "Once upon"}]
    assert (running.state, running.content) == ("running", said)
    assert (ended.state, ended.content) == ("whole", said)
    assert (ended.provider, ended.model, ended.usage, ended.cost) == (
        *("work", "smart", {"output_tokens": 2}, 0.5),
    )
    assert ended.story == {"finish_reason": "stop"}
    assert (await mine.get(made.id))[1] == [ended]
    assert await mine.turn(turn.id) == ended
    assert rows_of(path, "SELECT * FROM pieces") == []


async def test_an_end_may_say_better_what_was_said(mine: Conversations, runs: Running) -> None:
    made = await mine.create("Sky")
    turn = await mine.add(made.id, "assistant", [], state="running")
    await runs.append({turn.id: [Piece("text", "Onec")]})

    ending = Ending(state="whole", content=_text("Once"), model="work/small")
    ended = await runs.finish(turn.id, ending)

    assert (ended.content, ended.model) == (_text("Once"), "work/small")


async def test_a_turn_that_has_ended_stays_as_it_is(
    path: Path, mine: Conversations, runs: Running
) -> None:
    made = await mine.create("Sky")
    turn = await mine.add(made.id, "assistant", [], state="running")
    ended = await runs.finish(turn.id, Ending(state="stopped"))

    await runs.append({turn.id: [Piece("text", "more")]})
    with pytest.raises(UnknownError, match="no such turn that runs"):
        await runs.finish(turn.id, Ending(state="whole"))

    assert (await mine.get(made.id))[1] == [ended]
    assert rows_of(path, "SELECT * FROM pieces") == []


async def test_who_runs_a_turn_sees_that_it_is_to_stop_or_is_gone(
    mine: Conversations, others: Conversations, runs: Running
) -> None:
    made, gone = await mine.create("Sky"), await mine.create("Sea")
    goes, stops = [await mine.add(made.id, "assistant", [], state="running") for _ in range(2)]
    deleted = await mine.add(gone.id, "assistant", [], state="running")

    await mine.stop(stops.id)
    await mine.delete(gone.id)
    with pytest.raises(UnknownError):
        await others.stop(goes.id)

    assert await runs.going([goes.id, stops.id, deleted.id]) == {goes.id}


async def test_what_came_since_a_piece_is_news(mine: Conversations, runs: Running) -> None:
    made = await mine.create("Sky")
    turn = await mine.add(made.id, "assistant", [], state="running")
    await runs.append({turn.id: [Piece("text", "Once "), Piece("text", "upon ")]})
    first = await runs.news(turn.id, 0)
    await runs.append({turn.id: [Piece("text", "a time")]})

    second = await runs.news(turn.id, first.last)

    assert [piece.text for piece in first.pieces] == ["Once ", "upon "]
    assert [piece.text for piece in second.pieces] == ["a time"]
    assert (await runs.news(turn.id, second.last)).pieces == []
    assert second.turn.state == "running"


async def test_what_a_user_says_and_its_answers_are_kept_together(
    path: Path, mine: Conversations
) -> None:
    made = await mine.create("")
    picture = {"type": "image", "media_type": "image/png", "bytes": 2, "piece": 1}

    asked, answers = await mine.say(
        made.id,
        [*ASKED, picture],
        parent=None,
        models=["work/small", "smart"],
        pictures=["aGk="],
        title="Why is the sky blue?",
    )
    with pytest.raises(UnknownError):
        await mine.say(made.id, ASKED, parent="f" * 24, models=["smart"])

    head, turns = await mine.get(made.id)
    assert turns == [asked, *answers]
    assert [(turn.parent, turn.model, turn.state) for turn in answers] == [
        (asked.id, "work/small", "running"),
        (asked.id, "smart", "running"),
    ]
    assert head.title == "Why is the sky blue?"
    assert await mine.picture(asked.id, 1) == "aGk="
    assert await mine.pictures(made.id) == {(asked.id, 1): "aGk="}
    assert "aGk=" not in str(rows_of(path, "SELECT content, folded FROM turns"))


async def test_a_title_that_there_is_stays(mine: Conversations) -> None:
    made = await mine.create("Sky")

    await mine.say(made.id, ASKED, parent=None, models=[], title="another")

    assert (await mine.head(made.id)).title == "Sky"


async def test_a_branch_is_what_leads_to_a_turn(mine: Conversations) -> None:
    made = await mine.create("Sky")
    asked = await mine.add(made.id, "user", ASKED)
    first = await mine.add(made.id, "assistant", _text("Air."), parent=asked.id)
    second = await mine.add(made.id, "assistant", _text("Light."), parent=asked.id)
    last = await mine.add(made.id, "user", _text("Why?"), parent=first.id)

    assert await mine.branch(last.id) == [asked, first, last]
    assert await mine.branch(second.id) == [asked, second]
    assert await mine.branch(asked.id) == [asked]


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
        mine, runs = store.conversations("shop"), store.running
        _, (running,) = await mine.get(killed)
        assert await runs.mend([running.id], time.time() - 3600) == 0
        assert await runs.mend([], time.time()) == 0
        assert await runs.mend([running.id], time.time()) == 1
        _, (turn,) = await mine.get(killed)
        assert await runs.mend([running.id], time.time()) == 0

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

    await mine.change(made.id, title="Sea")

    assert [one.title for one in await mine.latest("SEA")] == ["Sea"]
    assert await mine.latest("sky") == []


async def test_settings_are_kept_beside_a_title(mine: Conversations) -> None:
    made = await mine.create("Sky", {"model": "work/small"})

    changed = await mine.change(made.id, settings={"model": "smart"})

    assert made.settings == {"model": "work/small"}
    assert (changed.title, changed.settings) == ("Sky", {"model": "smart"})
    assert await mine.latest() == [changed]
    assert await mine.change(made.id) == changed


async def test_a_deleted_one_leaves_nothing(path: Path, mine: Conversations, runs: Running) -> None:
    kept, gone = await mine.create("kept"), await mine.create("gone")
    for one in (kept, gone):
        turn = await mine.add(one.id, "assistant", [], state="running")
        await runs.append({turn.id: [Piece("text", "Once")]})

    await mine.delete(gone.id)

    assert [one.title for one in await mine.latest()] == ["kept"]
    assert rows_of(path, "SELECT conversation FROM turns") == [(kept.id,)]
    assert len(rows_of(path, "SELECT * FROM pieces")) == 1


async def test_nobody_reaches_what_is_anothers(mine: Conversations, others: Conversations) -> None:
    made = await mine.create("Sky")
    asked = await mine.add(made.id, "user", ASKED, pictures=["aGk="])
    turn = await mine.add(made.id, "assistant", [], state="running")

    for work in (
        others.get(made.id),
        others.head(made.id),
        others.turn(turn.id),
        others.branch(turn.id),
        others.change(made.id, title="Sea"),
        others.stop(turn.id),
        others.picture(asked.id, 1),
        others.say(made.id, ASKED, parent=None, models=["smart"]),
        others.delete(made.id),
        others.add(made.id, "user", ASKED),
    ):
        with pytest.raises(InputError, match="there is no such"):
            await work

    assert await others.latest() == []
    assert [one.title for one in await mine.latest()] == ["Sky"]
    assert (await mine.get(made.id))[1] == [asked, turn]
    assert await others.pictures(made.id) == {}


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
