"""One answer and its readers: frames for who keeps up, snapshots for who does not."""

import asyncio
from typing import Any

import msgspec
import pytest

from dragoman.page import live as module
from dragoman.page.live import Live
from dragoman.store.parts import arguments_piece, call_piece
from dragoman.store.rows import Piece, Turn

TURN = Turn(
    id="t1",
    conversation="c1",
    parent="u1",
    role="assistant",
    content=[],
    created=1.0,
    updated=1.0,
    state="running",
)


def ended(live: Live) -> Turn:
    return msgspec.structs.replace(TURN, state="whole", content=live.parts.content())


def events(frames: list[bytes]) -> list[tuple[str, Any]]:
    told = [part.split(b"\n", 2) for part in b"".join(frames).split(b"\n\n") if part]
    return [
        (kind.removeprefix(b"event: ").decode(), msgspec.json.decode(data.removeprefix(b"data: ")))
        for _, kind, data in told
    ]


async def test_a_reader_gets_a_snapshot_then_what_comes_then_the_end() -> None:
    live = Live(TURN)
    live.add([Piece("text", "*one*")])
    reader = live.join()

    first = events(await reader.next())
    live.add([Piece("text", " two")])
    second = events(await reader.next())
    await live.end(ended(live))
    last = events(await reader.next())

    assert [kind for kind, _ in first] == ["state"]
    assert first[0][1]["turn"]["parts"][0]["html"] == ['<p dir="auto"><em>one</em></p>\n']
    assert second == [
        ("block", {"part": 0, "n": 0, "html": '<p dir="auto"><em>one</em> two</p>\n'})
    ]
    assert [(kind, data["turn"]["state"]) for kind, data in last] == [("state", "whole")]
    assert await reader.next() == []
    assert live.html == [['<p dir="auto"><em>one</em> two</p>\n']]


async def test_parts_calls_and_news_are_told_in_their_order() -> None:
    live = Live(TURN)
    reader = live.join()
    await reader.next()

    live.tell("model", {"provider": "work"})
    live.add([Piece("reasoning", "Hm."), call_piece("c1", "look"), arguments_piece(0, "{")])
    first = events(await reader.next())
    live.add([arguments_piece(0, "}"), Piece("refusal", "No")])
    second = events(await reader.next())
    live.add([Piece("refusal", ".")])
    third = events(await reader.next())
    await live.end(ended(live))

    call = {"part": 1, "name": "look", "arguments": "{"}
    assert first == [
        ("model", {"provider": "work"}),
        ("part", {"part": 0, "type": "reasoning"}),
        ("part", call | {"type": "tool_call", "id": "c1"}),
        ("tool", call),
        ("block", {"part": 0, "n": 0, "html": '<p dir="auto">Hm.</p>\n'}),
    ]
    assert second == [
        ("tool", call | {"arguments": "{}"}),
        ("part", {"part": 2, "type": "refusal", "text": "No"}),
    ]
    assert third == [("part", {"part": 2, "type": "refusal", "text": "No."})]


async def test_nothing_is_made_into_html_while_nobody_reads(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "Blocks", None)
    live = Live(TURN)

    live.add([Piece("text", "one")])
    live.tell("model", {})
    await live.end(ended(live))

    assert live.html is None


async def test_who_has_left_gets_nothing_and_another_goes_on() -> None:
    live = Live(TURN)
    gone, stays = live.join(), live.join()
    await asyncio.gather(gone.next(), stays.next())
    live.leave(gone)

    live.add([Piece("text", "one")])

    assert events(await stays.next())
    assert gone.is_idle
    live.leave(stays)
    assert not live.is_read
    later = live.join()
    ((_, data),) = events(await later.next())
    assert data["turn"]["parts"][0]["text"] == "one"
    await live.end(ended(live))
    await asyncio.sleep(0)


async def test_an_end_that_differs_from_what_was_shown_is_what_holds() -> None:
    live = Live(TURN)
    live.add([Piece("text", "Onec")])
    reader = live.join()
    await reader.next()

    await live.end(
        msgspec.structs.replace(
            TURN, state="whole", content=[{"type": "text", "text": "Once"}, {"type": "x"}]
        )
    )

    ((_, data),) = events(await reader.next())
    assert data["turn"]["parts"][0]["html"] == ['<p dir="auto">Once</p>\n']


@pytest.mark.parametrize("chars", [100, 10_000])
async def test_a_reader_of_much_gets_it_from_a_thread(chars: int) -> None:
    live = Live(TURN)
    live.add([Piece("text", "word " * chars)])
    reader = live.join()

    ((_, data),) = events(await reader.next())
    await live.end(ended(live))

    assert data["turn"]["parts"][0]["text"] == "word " * chars


@pytest.mark.parametrize("has_ended", [False, True])
async def test_of_very_much_at_once_the_beginning_is_shown_first(
    monkeypatch: pytest.MonkeyPatch, has_ended: bool
) -> None:
    monkeypatch.setattr(module, "_FRAME_CHARS", 100)
    words = "".join(f"some words {number}\n\n" for number in range(100))
    live = Live(TURN)
    reader = live.join()
    await reader.next()

    live.add([Piece("reasoning", words), Piece("text", words)])
    ending = asyncio.create_task(live.end(ended(live))) if has_ended else None
    frames: list[bytes] = []
    while b"event: state" not in b"".join(frames):
        frames += await reader.next()
        if ending is None and b"some words 9</p>" in b"".join(frames):
            ending = asyncio.create_task(live.end(ended(live)))
    assert ending is not None
    await ending

    (state,) = [data for kind, data in events(frames) if kind == "state"]
    html = [f'<p dir="auto">some words {number}</p>\n' for number in range(100)]
    assert [part["html"] for part in state["turn"]["parts"]] == [html, html]
    assert live.html == [html, html]
    # In many frames, each of little, and of both parts in their order.
    shown = [[data for kind, data in events([frame]) if kind == "block"] for frame in frames]
    assert len(frames) > 20
    assert max(len(blocks) for blocks in shown) < 10
    told = [(data["part"], data["n"]) for blocks in shown for data in blocks]
    assert told == sorted(told)
    assert {part for part, _ in told} == {0, 1}


async def test_a_large_snapshot_is_the_same_as_a_small_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    said = []
    for most in (10**6, 1):
        monkeypatch.setattr(module, "LARGE_CHARS", most)
        live = Live(TURN)
        live.add([Piece("text", "one *two*")])
        reader = live.join()
        said.append(await reader.next())
        await live.end(ended(live))

    assert said[0] == said[1]
