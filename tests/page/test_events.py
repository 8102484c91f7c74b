"""The events of an answer: shown as it comes, to every reader the same, and never without bound."""

import asyncio
import json
import socket
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import aiohttp
import pytest

from dragoman.page import feed
from dragoman.page.live import FRAME_S
from tests.cli.program import start
from tests.page.browser.speaker import Speaker, open_speaker
from tests.page.place import open_page
from tests.page.talk import Reading, Room, Talk, begin, open_room, provider_at, reading

SLOW = {"between_events_s": 0.05}


@pytest.fixture
async def room(tmp_path: Path) -> AsyncIterator[Room]:
    async with open_room(tmp_path) as room:
        yield room


class Held(NamedTuple):
    """A conversation with a model that says what a test lets it say."""

    talk: Talk
    far: Speaker


@pytest.fixture
async def held(tmp_path: Path) -> AsyncIterator[Held]:
    async with open_speaker() as far:
        tables = {"chat": provider_at(far.url.removesuffix("/v1"))}
        async with open_page(tmp_path, tables) as place:
            yield Held(await begin(place), far)


async def test_an_answer_is_shown_while_it_comes(held: Held) -> None:
    _, (answer,) = await held.talk.say()
    telling = await held.far.asked()

    async with reading(held.talk.place, answer["id"]) as read:
        await telling.say("one two")
        await read.until(lambda _: "one two" in read.html())
        await telling.say(" three\n\n* four\n")
        await read.until(lambda _: "four" in read.html())
        await telling.end("* five\n")
        turn = await read.end()

    assert read.seen[0].kind == "state"
    assert read.seen[0].data["turn"]["state"] == "running"
    assert {event.kind for event in read.seen[1:-1]} >= {"block"}
    assert "".join(turn["parts"][0]["html"]) == read.html()
    assert turn["parts"][0]["html"][0] == '<p dir="auto">one two three</p>\n'


async def _shown(read: Reading, words: str) -> None:
    await read.until(lambda _: words in read.html())


async def test_all_readers_see_the_same_and_a_late_one_sees_it_from_the_beginning(
    held: Held,
) -> None:
    _, (answer,) = await held.talk.say()
    telling = await held.far.asked()
    place = held.talk.place

    async with reading(place, answer["id"]) as early:
        await telling.say("word0 word1")
        await early.until(lambda _: "word1" in early.html())
        async with reading(place, answer["id"]) as late:
            first = await late.next()
            assert first is not None
            assert "word1" in late.html()
            assert first.data["turn"]["state"] == "running"
            for number in range(2, 8):
                await telling.say(f" word{number}")
                await _shown(late, f"word{number}")
            await telling.end()
            ends = await asyncio.gather(early.end(), late.end())

    assert ends[0] == ends[1]
    assert ends[0]["state"] == "whole"
    # Word for word, and not only at the end.
    shown = [event.data for event in late.seen if event.kind == "block"]
    assert len(shown) > 5
    assert shown == [event.data for event in early.seen if event.kind == "block"][-len(shown) :]


async def test_who_comes_back_goes_on_from_a_snapshot(held: Held) -> None:
    _, (answer,) = await held.talk.say()
    telling = await held.far.asked()
    place = held.talk.place
    async with reading(place, answer["id"]) as read:
        await telling.say("a b")
        await read.until(lambda _: "a b" in read.html())

    async with reading(place, answer["id"], {"last-event-id": "4"}) as again:
        first = await again.next()
        assert first is not None
        assert first.kind == "state"
        await telling.end(" c d")
        turn = await again.end()

    assert turn["parts"][0]["text"] == "a b c d"


async def test_who_comes_at_the_end_gets_all_in_one(room: Room) -> None:
    turn = await room.talk.whole()

    async with reading(room.place, turn["id"]) as read:
        (event,) = await read.rest()

    assert (event.kind, event.data["turn"]) == ("state", turn)


async def test_very_many_pieces_make_few_frames(room: Room) -> None:
    room.far.scenario(
        answer=[{"text": f"{number} "} for number in range(400)], slow={"between_events_s": 0.005}
    )
    _, (answer,) = await room.talk.say()
    began = time.monotonic()
    async with reading(room.place, answer["id"]) as read:
        turn = await read.end()
    took_s = time.monotonic() - began

    blocks = [event for event in read.seen if event.kind == "block"]
    assert turn["parts"][0]["text"].endswith("398 399 ")
    assert len(blocks) <= took_s / FRAME_S + 2


async def test_a_silent_answer_is_told_to_be_alive(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feed, "ALIVE_S", 0.1)
    room.far.scenario(stall={"headers": False})
    _, (answer,) = await room.talk.say()

    async with reading(room.place, answer["id"]) as read:
        await read.until(lambda event: event.kind == ":")
        await read.until(lambda event: event.kind == ":")
    await room.talk.stop(answer)


async def test_thoughts_text_and_calls_are_parts_as_they_come(room: Room) -> None:
    call = {"tool_call": {"name": "weather", "arguments": {"city": "Oslo"}}}
    answer = [{"reasoning": "Let me see."}, {"text": "I look."}, call]
    room.far.scenario(answer=answer, slow={"before_first_s": 2.0, "between_events_s": 0.2})
    _, (answer,) = await room.talk.say()

    async with reading(room.place, answer["id"]) as read:
        turn = await read.end()

    assert [part["type"] for part in turn["parts"]] == ["reasoning", "text", "tool_call"]
    calls = [event.data for event in read.seen if event.kind == "tool"]
    assert calls[-1]["part"] == 2
    assert json.loads(calls[-1]["arguments"]) == {"city": "Oslo"}
    begun = {event.data["part"]: event.data for event in read.seen if event.kind == "part"}
    assert begun[2]["name"] == "weather"
    assert begun[1]["type"] == "text"


async def test_a_refusal_is_shown_as_one(room: Room) -> None:
    room.far.scenario(answer=[{"refusal": "I will "}, {"refusal": "not."}], slow=SLOW)

    turn = await room.talk.whole()

    assert turn["parts"] == [{"type": "refusal", "text": "I will not."}]


async def test_what_a_model_writes_is_no_html(room: Room) -> None:
    room.far.scenario(answer="<script>alert(1)</script> <img src=x onerror=alert(1)>")

    turn = await room.talk.whole()

    html = "".join(turn["parts"][0]["html"])
    assert "<script" not in html
    assert "<img" not in html


async def _longest_turn_s(until: asyncio.Task[Any]) -> float:
    """How long the loop worked between two looks at others, at most.

    It is the thread's own time: a machine that has more to do does not count.
    """
    longest = 0.0
    while not until.done():
        began = time.thread_time()
        await asyncio.sleep(0)
        longest = max(longest, time.thread_time() - began)
    return longest


PARAGRAPH = f"*so* {'many words and more of them ' * 70}\n\n"


@pytest.fixture
def far_away(tmp_path: Path) -> Iterator[str]:
    """The address of a model that says very much, in a process of its own."""
    scenario = tmp_path / "scenario.json"
    scenario.write_text(json.dumps({"answer": [{"text": PARAGRAPH}] * 2700}))
    with start("emulate", "openai", "--scenario", str(scenario)) as process:
        assert process.stdout is not None
        yield process.stdout.readline().decode().strip().rpartition(" ")[2]


@pytest.mark.timeout(120)
async def test_a_very_long_answer_keeps_nobody_waiting(tmp_path: Path, far_away: str) -> None:
    """Its reader here looks at bytes only, which takes no time."""
    async with open_page(tmp_path, {"chat": provider_at(far_away)}) as place:
        talk = await begin(place)
        _, (answer,) = await talk.say()

        reader = asyncio.create_task(_read_bytes(place.url, answer["id"]))
        longest_s = await _longest_turn_s(reader)

        count, tail = await reader
        kept = await (await place.store()).conversations("").turn(answer["id"])
    assert kept.content == [{"type": "text", "text": PARAGRAPH * 2700}]
    assert count > len(PARAGRAPH) * 2700 > 5_000_000
    assert b'"state":"whole"' in tail
    assert longest_s < 0.05


@pytest.mark.timeout(60)
async def test_a_slow_reader_is_skipped_ahead_and_gets_the_whole_at_the_end(room: Room) -> None:
    """What it did not take is not kept for it: it gets snapshots in between, and the end."""
    room.far.scenario(
        answer=[{"text": f"{'x' * 60_000} {number}\n\n"} for number in range(140)],
        slow={"between_events_s": 0.01},
    )
    _, (answer,) = await room.talk.say()
    async with aiohttp.ClientSession(connector=_narrow(), read_bufsize=1024) as session:
        url = f"{room.place.url}/page/api/turns/{answer['id']}/events"
        async with session.get(url) as reply:
            await reply.content.readany()
            await room.talk.ended(answer)
            said = await reply.content.read()

    events = [part for part in said.split(b"\n\n") if part]
    assert events[-1].split(b"\n")[1] == b"event: state"
    turn = json.loads(events[-1].split(b"data: ", 1)[1])["turn"]
    assert turn["state"] == "whole"
    assert turn["parts"][0]["text"].endswith(" 139\n\n")
    numbers = [int(event.split(b"\n")[0].removeprefix(b"id: ")) for event in events[1:]]
    assert numbers == sorted(numbers)
    # Some frames were left out.
    assert len(numbers) < numbers[-1] - numbers[0]


def _narrow() -> aiohttp.TCPConnector:
    """Takes little that is not read."""

    def make(row: Any) -> socket.socket:
        family, kind, proto, _, _ = row
        made = socket.socket(family, kind, proto)
        made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8192)
        return made

    return aiohttp.TCPConnector(socket_factory=make)


async def _read_bytes(url: str, turn: str) -> tuple[int, bytes]:
    count, tail = 0, b""
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"{url}/page/api/turns/{turn}/events") as reply,
    ):
        async for chunk in reply.content.iter_any():
            count += len(chunk)
            # The state stands before the parts in the last event.
            at = chunk.find(b'"state":"whole"')
            tail = chunk[at : at + 100] if at >= 0 else tail
    return count, tail
