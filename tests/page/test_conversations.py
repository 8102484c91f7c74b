"""Conversations on the page: found again, renamed, taken along, deleted, and nobody else's."""

import time
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest

from dragoman.page import runs
from tests.page.place import Place
from tests.page.talk import Room, begin, open_room, reading

ALICE = {"x-api-key": "sk-alice"}
BOB = {"x-api-key": "sk-bob"}
KEYS = [{"name": "alice", "key": "sk-alice"}, {"name": "bob", "key": "sk-bob"}]


@pytest.fixture
async def room(tmp_path: Path) -> AsyncIterator[Room]:
    async with open_room(tmp_path) as room:
        yield room


async def titles(place: Place, query: str = "", headers: Mapping[str, str] = {}) -> list[str]:
    """Those that are listed."""
    status, told, _ = await place.ask("GET", f"/conversations{query}", headers=headers)
    assert status == 200
    return [each["title"] for each in told["conversations"]]


async def test_a_new_one_has_what_it_was_begun_with(room: Room) -> None:
    settings = {"model": "chat/mock-model", "options": {"temperature": 0.5, "stop": []}}

    before = time.time()
    status, made, _ = await room.place.ask(
        "POST", "/conversations", {"title": " Sky  blue ", "settings": settings}
    )

    assert status == 200
    assert made["title"] == "Sky blue"
    assert before <= made["created"] == made["updated"] <= time.time()
    assert made["settings"] == {
        "model": "chat/mock-model",
        "system": "",
        "options": {"temperature": 0.5},
        "kind": "chat",
        "models": [],
    }
    _, told, _ = await room.place.ask("GET", f"/conversations/{made['id']}")
    assert told == {"conversation": made, "turns": []}


async def test_what_is_changed_is_changed_and_the_rest_stays(room: Room) -> None:
    talk = await begin(room.place, title="Sky", settings={"system": "Be brief.", "model": "m"})
    path = f"/conversations/{talk.id}"

    await talk.ask("PATCH", path, {"title": "Sea"})
    _, changed, _ = await talk.ask("PATCH", path, {"settings": {"model": "other"}})

    assert changed["title"] == "Sea"
    assert (changed["settings"]["system"], changed["settings"]["model"]) == ("Be brief.", "other")
    _, told, _ = await talk.ask("GET", path)
    assert told["conversation"] == changed


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"settings": {"options": {"temperature": "hot"}}}, "temperature"),
        ({"settings": {"options": {"colour": "red"}}}, "options.colour"),
        ({"settings": {"kind": "shout"}}, "kind"),
        ({"settings": {"models": ["m"] * 5}}, "models"),
        ({"title": "x" * 201}, "title"),
        ({"title": 5}, "title"),
        ([], "object"),
    ],
    ids=str,
)
async def test_what_is_wrong_with_a_change_is_named(room: Room, body: Any, words: str) -> None:
    status, told, _ = await room.talk.ask("PATCH", f"/conversations/{room.talk.id}", body)

    assert status == 400
    assert words in told["error"]["message"]


async def test_words_are_found_in_titles_questions_and_answers(room: Room) -> None:
    room.far.scenario(answer="Light is SCATTERED by the air.")
    sky = await begin(room.place, title="Небо")
    await sky.whole("Why is it so blue?")
    await begin(room.place, title="Sea")

    found = {
        words: await titles(room.place, f"?search={words}")
        for words in ("небо", "BLUE", "scattered", "green")
    }

    assert found == {"небо": ["Небо"], "BLUE": ["Небо"], "scattered": ["Небо"], "green": []}


async def test_a_list_goes_on_behind_its_last(room: Room) -> None:
    store = (await room.place.store()).conversations("")
    for number in range(60):
        await store.create(f"number {number}")

    _, first, _ = await room.place.ask("GET", "/conversations")
    last = first["conversations"][-1]["updated"]
    _, rest, _ = await room.place.ask("GET", f"/conversations?before={last!r}")

    assert first["more"]
    assert not rest["more"]
    told = [each["title"] for page in (first, rest) for each in page["conversations"]]
    assert told == [*(f"number {number}" for number in reversed(range(60))), ""]


async def test_a_time_that_is_none_is_refused(room: Room) -> None:
    for text in ("soon", "nan"):
        status, told, _ = await room.place.ask("GET", f"/conversations?before={text}")
        assert (status, told["error"]["message"]) == (400, "before: expected Unix seconds")


async def test_a_deleted_one_is_gone_and_what_runs_in_it_is_stopped(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Here, and not when it is looked next which answers are to stop."""
    monkeypatch.setattr(runs, "SAVE_S", 60.0)
    room.far.scenario(answer="one two three four", stall={"after_events": 3})
    _, (answer,) = await room.talk.say()
    async with reading(room.place, answer["id"]) as read:
        await read.until(lambda _: "one" in read.html())

        status, _, _ = await room.talk.ask("DELETE", f"/conversations/{room.talk.id}")
        assert status == 204
        await room.far.wait_until(lambda far: far.answers == 0)
        turn = await read.end()

    assert turn["state"] == "stopped"
    status, told, _ = await room.talk.ask("GET", f"/conversations/{room.talk.id}")
    assert (status, told["error"]["kind"]) == (404, "MissingError")
    for table in ("conversations", "turns", "pieces"):
        async with (await room.place.store()).reading() as connection:
            found = await connection.exec_driver_sql(f"SELECT * FROM {table}")  # noqa: S608 - ours
            assert found.all() == []


async def test_one_can_be_taken_along_as_markdown(room: Room) -> None:
    room.far.scenario(answer="Because **light**.")
    talk = await begin(room.place, title='Why: "blue"? Небо')
    await talk.whole("Why is the sky blue?")

    status, said, headers = await talk.ask("GET", f"/conversations/{talk.id}/export")

    assert status == 200
    assert headers["content-type"] == "text/markdown; charset=utf-8"
    disposition = headers["content-disposition"]
    assert disposition.startswith('attachment; filename="Why blue.md"; ')
    assert unquote(disposition.partition("''")[2]) == "Why blue Небо.md"
    assert said.startswith('# Why: "blue"? Небо\n\n## user, ')
    assert "Why is the sky blue?" in said
    assert said.endswith("Because **light**.\n")


async def test_one_can_be_taken_along_as_json_with_all_that_it_has(room: Room) -> None:
    talk = await begin(room.place)
    png = "iVBORw0KGgo="
    parts = [{"type": "image", "data": png}, {"type": "text", "text": "What is this?"}]
    await talk.whole(parts=parts)

    status, told, headers = await talk.ask("GET", f"/conversations/{talk.id}/export?as=json")

    assert status == 200
    assert 'filename="What is this.json"' in headers["content-disposition"]
    asked, answer = told["turns"]
    assert asked["content"][0]["data"] == png
    assert asked["content"][1] == {"type": "text", "text": "What is this?"}
    assert (answer["parent"], answer["state"]) == (asked["id"], "whole")
    assert told["title"] == "What is this?"


async def test_there_is_no_other_way_to_take_one_along(room: Room) -> None:
    status, told, _ = await room.talk.ask("GET", f"/conversations/{room.talk.id}/export?as=pdf")

    assert (status, told["error"]["message"]) == (400, "as: markdown or json, not 'pdf'")


async def test_nobody_sees_what_is_anothers(tmp_path: Path) -> None:
    async with open_room(tmp_path, keys=KEYS) as room:
        talk = await begin(room.place, headers=ALICE, title="mine")
        png = {"type": "image", "data": "iVBORw0KGgo="}
        asked, (answer,) = await talk.say(parts=[png])
        await talk.ended(answer)

        seen = {}
        for method, path, body in (
            ("GET", f"/conversations/{talk.id}", None),
            ("PATCH", f"/conversations/{talk.id}", {"title": "his"}),
            ("DELETE", f"/conversations/{talk.id}", None),
            ("GET", f"/conversations/{talk.id}/export", None),
            ("GET", f"/conversations/{talk.id}/export?as=json", None),
            (
                *("POST", f"/conversations/{talk.id}/turns"),
                {"parts": [{"type": "text", "text": "Hi"}], "models": ["chat/mock-model"]},
            ),
            ("POST", f"/turns/{answer['id']}/again", {}),
            ("POST", f"/turns/{answer['id']}/stop", None),
            ("GET", f"/turns/{answer['id']}/events", None),
            ("GET", f"/turns/{asked['id']}/pictures/1", None),
        ):
            status, _, _ = await room.place.ask(method, path, body, headers=BOB)
            seen[f"{method} {path}"] = status

        assert set(seen.values()) == {404}, seen
        assert await titles(room.place, headers=BOB) == []
        assert await titles(room.place, "?search=mine", headers=BOB) == []
        assert await titles(room.place, headers=ALICE) == ["mine"]
        assert len(await talk.turns()) == 2
        his = await begin(room.place, headers=BOB)
        status, _ = await his.try_say(parent=answer["id"])
        assert status == 404


async def test_who_is_signed_out_sees_nothing(tmp_path: Path) -> None:
    async with open_room(tmp_path, keys=KEYS) as room:
        talk = await begin(room.place, headers=ALICE)
        for method, path in (
            ("GET", "/conversations"),
            ("GET", f"/conversations/{talk.id}"),
            ("DELETE", f"/conversations/{talk.id}"),
        ):
            status, told, _ = await room.place.ask(method, path)
            assert (status, told["error"]["kind"]) == (401, "SignedOutError")
