"""Answers outlast what happens to their gateway: its end, its death, and another worker's door."""

import asyncio
import contextlib
import http.client
import json
import re
import signal
import sqlite3
import urllib.request
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from dragoman import emulators
from dragoman.page import follow, runs
from tests.cli.program import start
from tests.gateway.served import Served, served
from tests.page.place import Place, open_page
from tests.page.talk import MODEL, Talk, begin, open_room, provider_at, reading
from tests.store.given import rows_of, wait_until

SLOW = {"between_events_s": 0.05}
WORDS = " ".join(f"word{number}" for number in range(400))
KEYS = [
    {"name": "few", "key": "sk-few", "requests_per_minute": 1},
    {"name": "narrow", "key": "sk-narrow", "models": ["other/*", "once"]},
]


class Two(NamedTuple):
    """Two workers with one store, and the emulator behind both."""

    one: Place
    two: Place
    far: Any


@pytest.fixture
async def workers(tmp_path: Path) -> AsyncIterator[Two]:
    async with emulators.run("openai") as far:
        tables = {"chat": provider_at(far.url)}
        async with open_page(tmp_path, tables) as one, open_page(tmp_path, tables) as two:
            yield Two(one, two, far)


async def test_an_answer_is_read_at_another_worker_while_it_comes(workers: Two) -> None:
    workers.far.scenario(answer=" ".join(WORDS.split()[:40]), slow=SLOW)
    here = await begin(workers.one)
    _, (answer,) = await here.say()

    async with reading(workers.two, answer["id"]) as read:
        await read.until(lambda _: "word3" in read.html())
        assert "word39" not in read.html()
        turn = await read.end()

    assert (turn["state"], turn["parts"][0]["text"]) == (
        "whole",
        " ".join(WORDS.split()[:40]),
    )
    assert turn == await here.turn(answer["id"])
    assert "".join(turn["parts"][0]["html"]) == read.html()


async def test_an_answer_is_stopped_at_another_worker(workers: Two) -> None:
    workers.far.scenario(answer="one two three", stall={"after_events": 2})
    here = await begin(workers.one)
    _, (answer,) = await here.say()
    there = Talk(workers.two, here.id, {})
    await workers.far.wait_until(lambda far: far.answers == 1)

    await there.stop(answer)

    await workers.far.wait_until(lambda far: far.answers == 0)
    ended = await there.ended(answer)
    assert ended["state"] == "stopped"


async def test_a_conversation_is_deleted_at_another_worker(workers: Two) -> None:
    workers.far.scenario(stall={"headers": False})
    here = await begin(workers.one)
    await here.say()
    await workers.far.wait_until(lambda far: far.answers == 1)

    status, _, _ = await workers.two.ask("DELETE", f"/conversations/{here.id}")

    assert status == 204
    await workers.far.wait_until(lambda far: far.answers == 0)


async def test_an_answer_whose_worker_is_gone_is_mended_when_it_is_looked_at(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_room(tmp_path) as room:
        mine = (await room.place.store()).conversations("")
        _, (looked, read) = await mine.say(
            room.talk.id,
            [{"type": "text", "text": "Hi"}],
            parent=None,
            models=[MODEL, MODEL],
        )
        assert {turn["state"] for turn in (await room.talk.turns())[1:]} == {"running"}
        monkeypatch.setattr(follow, "DEAD_S", 0.2)
        async with reading(room.place, read.id) as followed:
            turn = await followed.end()
        assert (turn["state"], turn["error"]["kind"]) == ("broken", "interrupted")

        monkeypatch.setattr(runs, "DEAD_S", 0.0)
        turn = await room.talk.turn(looked.id)

    assert (turn["state"], turn["error"]["kind"]) == ("broken", "interrupted")
    assert "whoever wrote it is gone" in turn["error"]["message"]


async def test_a_silent_answer_is_not_taken_for_a_dead_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runs, "ALIVE_S", 0.1)
    async with open_room(tmp_path) as room:
        room.far.scenario(stall={"headers": False})
        _, (answer,) = await room.talk.say()
        mine = (await room.place.store()).conversations("")
        begun = (await mine.turn(answer["id"])).updated
        async with asyncio.timeout(5):
            while (await mine.turn(answer["id"])).updated <= begun:  # noqa: ASYNC110 - on disk
                await asyncio.sleep(0.05)
        await room.talk.stop(answer)


async def test_a_gateway_that_ends_ends_its_answers_and_says_so(tmp_path: Path) -> None:
    async with open_room(tmp_path) as room:
        room.far.scenario(answer=WORDS, slow=SLOW)
        _, (answer,) = await room.talk.say()
        async with reading(room.place, answer["id"]) as read:
            await read.until(lambda _: "word2" in read.html())
    ((state, error, content),) = await asyncio.to_thread(
        rows_of,
        tmp_path / "page.db",
        "SELECT state, error, content FROM turns WHERE role = 'assistant'",
    )
    assert (state, error) == ("broken", "the gateway was stopped")
    assert json.loads(content)[0]["text"].startswith("word0 word1 word2")


async def test_a_short_answer_is_whole_before_its_gateway_ends(tmp_path: Path) -> None:
    async with open_room(tmp_path) as room:
        room.far.scenario(answer="one two three four", slow=SLOW)
        await room.talk.say()

    rows = await asyncio.to_thread(
        rows_of, tmp_path / "page.db", "SELECT state FROM turns WHERE role = 'assistant'"
    )
    assert rows == [("whole",)]


async def test_a_limit_of_a_key_is_an_error_of_the_answer_with_a_wait(tmp_path: Path) -> None:
    async with open_room(tmp_path, keys=KEYS) as room:
        talk = await begin(room.place, headers={"x-api-key": "sk-few"})
        assert (await talk.whole())["state"] == "whole"

        turn = await talk.whole("again")

    assert (turn["state"], turn["error"]["kind"]) == ("broken", "UsedUpError")
    assert 0 < turn["error"]["retry_after"] <= 61
    assert len(room.far.journal) == 1


async def test_a_model_that_a_key_may_not_ask_is_refused_before_anything_is_kept(
    tmp_path: Path,
) -> None:
    routes = {"once": {"candidates": [MODEL]}}
    async with open_room(tmp_path, routes=routes, keys=KEYS) as room:
        talk = await begin(room.place, headers={"x-api-key": "sk-narrow"})
        status, told = await talk.try_say(models=["once", MODEL])
        assert (status, told["error"]["message"]) == (
            403,
            "the key narrow may not ask chat/mock-model",
        )
        assert await talk.turns() == []

        turn = await talk.whole(models=["once"])

    assert turn["state"] == "whole"


async def test_an_answer_that_cannot_be_kept_now_is_kept_a_little_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is said to be whole before it is on the disk."""
    monkeypatch.setattr("dragoman.store.sqlite.BUSY_S", 0.05)
    async with open_room(tmp_path) as room:
        room.far.scenario(answer="one two three four", slow=SLOW)
        _, (answer,) = await room.talk.say()
        with contextlib.closing(
            sqlite3.connect(tmp_path / "page.db", isolation_level=None)
        ) as other:
            other.execute("BEGIN IMMEDIATE")
            async with reading(room.place, answer["id"]) as read:
                await read.until(lambda _: "four" in read.html())
                # The answer is whole, and was tried to be kept more than once.
                await room.far.wait_idle()
                await asyncio.sleep(0.6)
                assert all(
                    event.data["turn"]["state"] == "running"
                    for event in read.seen
                    if event.kind == "state"
                )
                other.execute("COMMIT")
                turn = await read.end()

        assert turn["state"] == "whole"
        assert await room.talk.turn(answer["id"]) == turn


class Killable:
    """A served gateway, spoken to without a loop."""

    def __init__(self, gateway: Served) -> None:
        self._gateway = gateway

    def ask(self, method: str, path: str, body: object = None) -> Any:
        line = http.client.HTTPConnection(self._gateway.address, timeout=15)
        with contextlib.closing(line):
            said = None if body is None else json.dumps(body)
            line.request(method, f"/page/api{path}", said, {"content-type": "application/json"})
            return json.loads(line.getresponse().read() or b"null")

    def begin(self) -> str:
        """Ask; the conversation."""
        made = self.ask("POST", "/conversations", {})
        parts = [{"type": "text", "text": "Tell me"}]
        said = {"parts": parts, "models": [MODEL]}
        self.ask("POST", f"/conversations/{made['id']}/turns", said)
        return str(made["id"])


@pytest.fixture
def config(tmp_path: Path) -> Iterator[Path]:
    """Of a gateway before a model that says a word each 50 ms, in a process of its own."""
    scenario = json.dumps({"answer": WORDS, "slow": SLOW})
    with start("emulate", "openai", "--scenario", scenario) as process:
        assert process.stdout is not None
        url = process.stdout.readline().decode().strip().rpartition(" ")[2]
        path = tmp_path / "dragoman.toml"
        path.write_text(
            '[gateway]\nlog = false\ndrain_s = 1\ndatabase_url = "sqlite:///kept/dragoman.db"\n'
            '[providers.chat]\ndialect = "openai_chat"\napi_key = "any"\n'
            f'base_url = "{url}/v1"\nmodels = ["mock-model"]\n'
        )
        yield path


def _kept(config: Path) -> str:
    """What is on the disk of the answer, to one who opens it now."""
    try:
        rows = rows_of(
            config.parent / "kept" / "dragoman.db",
            "SELECT text FROM pieces WHERE kind = 'text' ORDER BY number",
        )
    except sqlite3.OperationalError:
        return ""
    return "".join(row[0] for row in rows)


@pytest.mark.timeout(60)
def test_who_is_killed_keeps_what_came_and_the_next_one_shows_it(config: Path) -> None:
    with served(config) as gateway:
        conversation = Killable(gateway).begin()
        wait_until(lambda: "word8" in _kept(config))
        gateway.process.send_signal(signal.SIGKILL)
        gateway.end()
    before = _kept(config)

    assert before.startswith("word0 word1 word2")
    assert WORDS.startswith(before)
    with served(config) as gateway:
        turns = Killable(gateway).ask("GET", f"/conversations/{conversation}")["turns"]
    assert [turn["role"] for turn in turns] == ["user", "assistant"]
    assert turns[1]["parts"][0]["text"] == before


@pytest.mark.timeout(60)
@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_signal_ends_answers_in_order(config: Path, workers: str) -> None:
    with served(config, "--workers", workers) as gateway:
        Killable(gateway).begin()
        wait_until(lambda: "word4" in _kept(config))
        gateway.process.send_signal(signal.SIGTERM)
        code, said = gateway.end()

    assert (code, said) == (0, "")
    rows = rows_of(
        config.parent / "kept" / "dragoman.db",
        "SELECT state, error FROM turns WHERE role = 'assistant'",
    )
    assert rows == [("broken", "the gateway was stopped")]


@pytest.mark.timeout(60)
def test_what_nobody_reads_is_whole_before_the_end_if_there_is_time(config: Path) -> None:
    """It takes longer than answers are given where no time is left."""
    answer = " ".join(WORDS.split()[:70])
    _set_scenario(config, {"answer": answer, "slow": SLOW})
    config.write_text(config.read_text().replace("drain_s = 1\n", "drain_s = 40\n"))
    with served(config) as gateway:
        Killable(gateway).begin()
        wait_until(lambda: "word4" in _kept(config))
        gateway.process.send_signal(signal.SIGTERM)
        code, said = gateway.end()

    assert (code, said) == (0, "")
    ((state, content),) = rows_of(
        config.parent / "kept" / "dragoman.db",
        "SELECT state, content FROM turns WHERE role = 'assistant'",
    )
    assert (state, json.loads(content)[0]["text"]) == ("whole", answer)


def _set_scenario(config: Path, scenario: dict[str, Any]) -> None:
    (url,) = re.findall(r'base_url = "(.*)/v1"', config.read_text())
    body = json.dumps(scenario).encode()
    asked = urllib.request.Request(f"{url}/_emulator/scenario", body, method="PUT")  # noqa: S310 - the emulator's
    with urllib.request.urlopen(asked) as reply:  # noqa: S310 - the emulator's
        assert reply.status < 300
