"""Turns: what is said is kept first, is answered beside its readers, and tells how it ended."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from dragoman import emulators
from tests.page.browser.speaker import open_speaker
from tests.page.place import open_page
from tests.page.talk import MODEL, Event, Room, begin, open_room, provider_at, reading, texts
from tests.store.given import rows_of

SLOW = {"between_events_s": 0.05}
ONCE = {"candidates": [MODEL], "retries": 0, "rescue": "off"}
ROUTES = {"once": ONCE}


@pytest.fixture
async def room(tmp_path: Path) -> AsyncIterator[Room]:
    async with open_room(tmp_path, routes=ROUTES) as room:
        yield room


async def test_what_was_said_and_that_it_is_answered_is_on_the_disk_when_it_is_told(
    room: Room, tmp_path: Path
) -> None:
    room.far.scenario(stall={"headers": False})

    asked, (answer,) = await room.talk.say("Why is the **sky** blue?")

    kept = await asyncio.to_thread(
        rows_of, tmp_path / "page.db", "SELECT id, parent, role, state FROM turns ORDER BY number"
    )
    assert kept == [
        (asked["id"], None, "user", "whole"),
        (answer["id"], asked["id"], "assistant", "running"),
    ]
    assert asked["parts"] == [{"type": "text", "text": "Why is the **sky** blue?"}]
    assert (answer["model"], answer["state"], answer["parts"]) == (MODEL, "running", [])
    await room.talk.stop(answer)


async def test_an_answer_tells_how_it_came_about(room: Room, tmp_path: Path) -> None:
    answer = {"text": "Once *upon*"}, {"usage": {"input_tokens": 7, "output_tokens": 5}}
    room.far.scenario(answer=list(answer))

    turn = await room.talk.whole("Tell me")

    assert (turn["state"], turn["provider"], turn["model"]) == ("whole", "chat", MODEL)
    assert turn["parts"] == [
        {
            "type": "text",
            "text": "Once *upon*",
            "html": ['<p dir="auto">Once <em>upon</em></p>\n'],
        }
    ]
    assert (turn["usage"]["input_tokens"], turn["usage"]["output_tokens"]) == (7, 5)
    story = turn["story"]
    assert 0 < story["first_token_s"] <= story["duration_s"] < 15
    assert (story["finish_reason"], story["rescued"], story["dropped"]) == ("stop", "", [])
    assert [(one["provider"], one["model"], one["why"]) for one in story["attempts"]] == [
        ("chat", "mock-model", "first")
    ]
    assert await room.talk.turn(turn["id"]) == turn


async def test_an_answer_is_counted_like_any_other(tmp_path: Path) -> None:
    async with open_room(tmp_path) as room:
        await room.talk.whole("Tell me")
        page = await asyncio.to_thread(room.place.app.gateway.meter.render)
        assert b'face="page"' in page

    rows = await asyncio.to_thread(
        rows_of, tmp_path / "page.db", "SELECT face, provider, status, stream, error FROM usage"
    )
    assert rows == [("page", "chat", 200, 1, "")]


async def test_a_conversation_is_called_by_its_first_words(room: Room) -> None:
    words = "What  is the\nweather like in the north of Norway at this time of the year, and why?"

    await room.talk.whole(words)
    await room.talk.whole("Another")

    _, told, _ = await room.talk.ask("GET", f"/conversations/{room.talk.id}")
    assert told["conversation"]["title"] == (
        "What is the weather like in the north of Norway at this…"
    )


async def test_a_model_is_told_the_branch_and_no_other(room: Room) -> None:
    room.far.scenario(answers=["first answer", "second answer", "third answer"])
    first = await room.talk.whole("one", system="Be brief.", options={"temperature": 0.5})
    _, told, _ = await room.talk.ask("POST", f"/turns/{first['id']}/again", {})
    second = await room.talk.ended(told["answers"][0])

    await room.talk.whole("two", parent=second["id"], system="Be kind.")

    begun, again, last = (entry["body"] for entry in room.far.journal)
    assert begun["messages"] == [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "one"},
    ]
    assert begun["temperature"] == 0.5
    assert again["messages"] == [{"role": "user", "content": "one"}]
    assert last["messages"] == [
        {"role": "system", "content": "Be kind."},
        {"role": "user", "content": "one"},
        {"role": "assistant", "content": "second answer"},
        {"role": "user", "content": "two"},
    ]
    assert all(entry["complaints"] == [] for entry in room.far.journal)


async def test_versions_are_children_of_one_parent(room: Room) -> None:
    first = await room.talk.whole("one")
    _, told, _ = await room.talk.ask("POST", f"/turns/{first['id']}/again", {})
    again = await room.talk.ended(told["answers"][0])
    follows = await room.talk.whole("two", parent=first["id"])
    edited = await room.talk.whole("two, but better", parent=first["id"])

    turns = {turn["id"]: turn for turn in await room.talk.turns()}
    assert again["parent"] == first["parent"]
    assert again["model"] == MODEL
    asked = [turns[one["parent"]] for one in (follows, edited)]
    assert [turn["parent"] for turn in asked] == [first["id"]] * 2
    assert [texts(turn) for turn in asked] == ["two", "two, but better"]


async def test_settings_are_asked_with_where_nothing_else_is_said(room: Room) -> None:
    settings = {"system": "Be brief.", "options": {"max_tokens": 9}}
    await room.talk.ask("PATCH", f"/conversations/{room.talk.id}", {"settings": settings})

    await room.talk.whole("one")
    await room.talk.whole("two", system="", options={})

    one, two = (entry["body"] for entry in room.far.journal)
    assert one["messages"][0] == {"role": "system", "content": "Be brief."}
    assert 9 in (one.get("max_tokens"), one.get("max_completion_tokens"))
    assert [message["role"] for message in two["messages"]] == ["user"]
    assert not {"max_tokens", "max_completion_tokens"} & two.keys()


async def test_several_models_answer_at_the_same_time(tmp_path: Path) -> None:
    async with emulators.run("openai") as one, emulators.run("openai") as two:
        one.scenario(answer="from one", slow=SLOW)
        two.scenario(status=500)
        tables = {"one": provider_at(one.url), "two": provider_at(two.url)}
        routes = {"bad": ONCE | {"candidates": ["two/mock-model"]}}
        async with open_page(tmp_path, tables, routes=routes) as place:
            talk = await begin(place)

            models = ["one/mock-model", "bad", "one/mock-model"]
            asked, answers = await talk.say("which?", models=models)
            ended = [await talk.ended(answer) for answer in answers]

    assert [turn["model"] for turn in answers] == models
    assert {turn["parent"] for turn in answers} == {asked["id"]}
    assert [turn["state"] for turn in ended] == ["whole", "broken", "whole"]
    assert [texts(turn) for turn in ended] == ["from one", "", "from one"]


async def test_an_answer_goes_on_when_its_reader_has_left(room: Room) -> None:
    room.far.scenario(answer="one two three four five six", slow=SLOW)
    _, (answer,) = await room.talk.say()
    async with reading(room.place, answer["id"]) as read:
        await read.until(lambda _: bool(read.html()))

    ended = await room.talk.ended(answer)

    assert (ended["state"], texts(ended)) == ("whole", "one two three four five six")
    assert room.far.abandoned == 0


async def test_an_error_keeps_what_came_before_it_and_goes_on_from_there(room: Room) -> None:
    room.far.scenario(answer="one two three four", cut={"after_events": 3})
    turn = await room.talk.whole(models=["once"])

    assert (turn["state"], turn["error"]["kind"]) == ("broken", "StreamTruncatedError")
    assert turn["error"]["message"].startswith("chat at 127.0.0.1: ")
    begun = texts(turn)
    assert begun
    assert "four" not in begun
    room.far.scenario()
    room.far.clear_journal()

    await room.talk.whole("go on", parent=turn["id"])

    assert room.far.journal[0]["body"]["messages"] == [
        {"role": "user", "content": "Hello"},
        {"role": "assistant", "content": begun},
        {"role": "user", "content": "go on"},
    ]


async def test_an_answer_that_failed_with_nothing_is_left_out_of_the_next(room: Room) -> None:
    room.far.scenario(status=401)
    turn = await room.talk.whole("one", models=["once"])
    assert (turn["state"], turn["error"]["kind"], turn["parts"]) == ("broken", "AuthError", [])
    room.far.scenario()
    room.far.clear_journal()

    await room.talk.whole("two", parent=turn["id"])

    (entry,) = room.far.journal
    assert [message["role"] for message in entry["body"]["messages"]] == ["user"]
    assert entry["complaints"] == []


async def test_a_rescue_is_told_and_nothing_is_said_twice(tmp_path: Path) -> None:
    async with open_speaker() as one, open_speaker() as two:
        tables = {
            name: provider_at(speaker.url.removesuffix("/v1"))
            for name, speaker in (("one", one), ("two", two))
        }
        smart = {"candidates": ["one/mock-model", "two/mock-model"], "retries": 0}
        async with open_page(tmp_path, tables, routes={"smart": smart}) as place:
            talk = await begin(place)
            _, (answer,) = await talk.say(models=["smart"])
            telling = await one.asked()

            async with reading(place, answer["id"]) as read:
                await telling.say("Once upon")
                await read.until(lambda _: "Once upon" in read.html())
                telling.break_off()
                telling = await two.asked()
                await telling.say("Once upon a time")
                await read.until(lambda event: event.kind == "rescued")
                await telling.end(" there was a fox.")
                turn = await read.end()

    words = "Once upon a time there was a fox."
    assert (turn["state"], texts(turn), turn["provider"]) == ("whole", words, "two")
    assert turn["story"]["rescued"] == "replay"
    assert [one["why"] for one in turn["story"]["attempts"]] == ["first", "replay"]
    (rescued,) = (event.data for event in read.seen if event.kind == "rescued")
    assert rescued["how"] == "replay"
    assert rescued["text"].startswith("one/mock-model broke off: ")
    first = read.seen[0].data["turn"]["provider"]
    who = [event.data["provider"] for event in read.seen if event.kind == "model"]
    assert [name for name in (first, *who) if name] == ["one", "two"]


def _who(event: Event) -> tuple[str, ...]:
    """The provider and the model that answer, if an event tells."""
    if event.kind == "state":
        turn = event.data["turn"]
        return turn["provider"], turn["story"].get("model", "")
    return (event.data["provider"], event.data["model"]) if event.kind == "model" else ()


async def test_who_is_asked_is_told_before_a_word_is_said(tmp_path: Path) -> None:
    async with emulators.run("openai") as one, open_speaker() as two:
        one.scenario(status=500)
        tables = {
            "one": provider_at(one.url),
            "two": provider_at(two.url.removesuffix("/v1")),
        }
        smart = {"candidates": ["one/mock-model", "two/mock-model"], "retries": 0}
        async with open_page(tmp_path, tables, routes={"smart": smart}) as place:
            talk = await begin(place)
            _, (answer,) = await talk.say(models=["smart"])
            telling = await two.asked()

            async with reading(place, answer["id"]) as read:
                told = await read.until(lambda event: "two" in _who(event))
                assert read.html() == ""
                await telling.end("At last")
                turn = await read.end()

    assert _who(told) == ("two", "mock-model")
    assert (turn["state"], turn["provider"]) == ("whole", "two")
    assert "rescued" not in {event.kind for event in read.seen}


async def test_a_service_that_takes_its_words_back_is_believed(tmp_path: Path) -> None:
    """A page can take back what it showed, where a stream cannot."""
    async with emulators.run("fakegpt") as far:
        far.scenario(rewrite="final")
        tables = {"mine": {"service": "fakegpt", "base_url": far.url}}
        async with open_page(tmp_path, tables) as place:
            talk = await begin(place)

            turn = await talk.whole("Hello", models=["mine"])

    assert (turn["state"], turn["error"]) == ("whole", None)
    assert turn["parts"][0]["text"].startswith("Rather: ")
    assert len(turn["parts"]) == 1


async def test_a_tool_call_is_shown_and_not_sent_again(room: Room) -> None:
    call = {"tool_call": {"name": "weather", "arguments": {"city": "Oslo"}}}
    room.far.scenario(answer=[{"reasoning": "Hm."}, {"text": "Let me look."}, call])
    _, (answer,) = await room.talk.say("weather?")
    async with reading(room.place, answer["id"]) as read:
        turn = await read.end()

    thought, said, called = turn["parts"]
    assert (thought["type"], thought["text"]) == ("reasoning", "Hm.")
    assert thought["html"] == ['<p dir="auto">Hm.</p>\n']
    assert said["text"] == "Let me look."
    assert (called["type"], called["name"]) == ("tool_call", "weather")
    assert called["arguments"].replace(" ", "") == '{"city":"Oslo"}'
    assert turn["story"]["finish_reason"] == "tool_calls"

    room.far.scenario()
    room.far.clear_journal()
    after = await room.talk.whole("and?", parent=turn["id"])
    assert after["state"] == "whole"
    assert room.far.journal[0]["body"]["messages"][1] == {
        "role": "assistant",
        "content": "Let me look.",
    }


async def test_who_goes_on_from_an_answer_waits_for_its_end(room: Room) -> None:
    room.far.scenario(stall={"headers": False})
    _, (answer,) = await room.talk.say()

    status, told = await room.talk.try_say("more", parent=answer["id"])

    assert (status, told["error"]["message"]) == (
        409,
        "the answer before this one is still being written",
    )
    await room.talk.stop(answer)


WRONG: list[tuple[dict[str, Any], int, str]] = [
    ({"models": ["chat/mock-model", "nobody/nothing"]}, 404, "no model 'nobody/nothing'"),
    ({"models": []}, 400, "models"),
    ({"models": [MODEL] * 5}, 400, "models"),
    ({"options": {"temperature": 3}}, 400, "temperature"),
    ({"options": {"n": 2}}, 400, "options.n"),
    ({"options": {"temprature": 1}}, 400, "options.temprature"),
    ({"parts": []}, 400, "parts"),
    ({"parts": [{"type": "text", "text": " \n"}]}, 400, "parts"),
    ({"parts": [{"type": "sound", "data": "aGk="}]}, 400, "parts"),
    ({"parent": "f" * 24}, 404, "turn"),
    ({"system": 5}, 400, "system"),
]


@pytest.mark.parametrize(("fields", "status", "words"), WRONG, ids=[str(row[0]) for row in WRONG])
async def test_what_is_wrong_is_said_before_anything_is_kept(
    room: Room, fields: dict[str, Any], status: int, words: str
) -> None:
    found, told = await room.talk.try_say(**fields)

    assert found == status
    assert words in told["error"]["message"]
    assert await room.talk.turns() == []
    assert room.far.journal == []


async def test_a_user_does_not_answer_a_user(room: Room) -> None:
    asked, (answer,) = await room.talk.say()
    await room.talk.ended(answer)

    for parent in (asked["id"],):
        status, told = await room.talk.try_say(parent=parent)
        assert (status, told["error"]["message"]) == (
            400,
            "parent: is no answer of this conversation",
        )
    status, told, _ = await room.talk.ask("POST", f"/turns/{asked['id']}/again", {})
    assert (status, told["error"]["kind"]) == (400, "InputError")


async def test_an_answer_of_another_conversation_is_no_parent(room: Room) -> None:
    other = await begin(room.place)
    elsewhere = await other.whole()

    status, _ = await room.talk.try_say(parent=elsewhere["id"])

    assert status == 400
    assert await room.talk.turns() == []
