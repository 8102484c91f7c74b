"""A gateway's usage in a real file: killed, ended in order, by several workers, without room."""

import asyncio
import json
import resource
import signal
import sqlite3
import sys
from pathlib import Path
from typing import NamedTuple

import aiohttp
import pytest

from dragoman.store.behind import WAIT_S
from tests.cli.program import run
from tests.gateway.house import once, open_house
from tests.gateway.served import Served, served
from tests.store.given import rows_of, wait_until

pytestmark = pytest.mark.timeout(60)
ECHO = {"model": "echo", "messages": [{"role": "user", "content": "one two three"}]}


class Place(NamedTuple):
    """A configuration and the file that it names."""

    config: Path
    store: Path

    def write(self, more: str = "") -> None:
        self.config.write_text(
            f'[gateway]\nlog = false\ndatabase_url = "sqlite:///kept/dragoman.db"\n{more}\n'
        )

    def kept(self) -> int:
        """How many requests are on the disk."""
        try:
            return len(rows_of(self.store))
        except sqlite3.OperationalError:
            return 0


@pytest.fixture
def place(tmp_path: Path) -> Place:
    made = Place(tmp_path / "dragoman.toml", tmp_path / "kept" / "dragoman.db")
    made.write()
    return made


def _ask(gateway: Served, times: int = 1) -> None:
    for _ in range(times):
        assert gateway.ask("echo") == (200, "one two three")


def test_what_is_older_than_a_batch_survives_a_kill(place: Place) -> None:
    with served(place.config) as gateway:
        _ask(gateway, 20)
        wait_until(lambda: place.kept() == 20, patience_s=WAIT_S + 5)
        _ask(gateway, 5)
        gateway.process.send_signal(signal.SIGKILL)
        gateway.end()

    assert 20 <= place.kept() <= 25
    assert rows_of(place.store, "PRAGMA integrity_check") == [("ok",)]
    before = place.kept()
    with served(place.config) as gateway:
        _ask(gateway)
        wait_until(lambda: place.kept() == before + 1)


@pytest.mark.parametrize("workers", ["1", "2"])
def test_an_end_in_order_loses_nothing(place: Place, workers: str) -> None:
    with served(place.config, "--workers", workers) as gateway:
        _ask(gateway, 30)
        gateway.process.send_signal(signal.SIGTERM)
        code, said = gateway.end()

    assert (code, said) == (0, "")
    assert place.kept() == 30


def test_a_row_tells_what_was_asked_and_how_it_went(place: Place) -> None:
    place.write('keys = [{name = "shop", key = "sk-shop"}]')
    with served(place.config) as gateway:
        assert gateway.ask("echo")[0] == 401
        gateway.process.send_signal(signal.SIGTERM)
        gateway.end()
    assert place.kept() == 0

    place.write()
    with served(place.config) as gateway:
        _ask(gateway)
        assert gateway.ask("nobody/nothing")[0] == 404
        gateway.process.send_signal(signal.SIGTERM)
        gateway.end()

    assert rows_of(
        place.store,
        "SELECT face, provider, model, status, error, attempts, stream, input_tokens, output_tokens"
        " FROM usage ORDER BY id",
    ) == [
        ("chat", "echo", "echo", 200, "", 1, 0, 3, 3),
        ("chat", "", "", 404, "ModelNotSupportedError", 0, 0, None, None),
    ]
    ((first_s, duration_s),) = rows_of(
        place.store, "SELECT first_token_s, duration_s FROM usage WHERE status = 200"
    )
    assert 0 < first_s <= duration_s < 15


async def test_the_short_way_is_kept_like_the_ordinary_one(tmp_path: Path) -> None:
    kept = tmp_path / "dragoman.db"
    async with (
        open_house("chat", database_url=f"sqlite:///{kept}") as house,
        aiohttp.ClientSession() as session,
    ):
        for model in ("chat/mock-model", once("chat"), "chat/mock-model"):
            url = f"{house.url}/v1/chat/completions"
            async with session.post(url, json={**ECHO, "model": model}) as reply:
                assert reply.status == 200

    found = await asyncio.to_thread(
        rows_of, kept, "SELECT provider, model, input_tokens > 0, output_tokens > 0 FROM usage"
    )
    assert found == [("chat", "mock-model", 1, 1)] * 3


def test_usage_that_is_not_wanted_is_not_kept(place: Place) -> None:
    place.write("usage = false")
    with served(place.config) as gateway:
        _ask(gateway)
        gateway.process.send_signal(signal.SIGTERM)
        assert gateway.end() == (0, "")

    assert not place.store.exists()


def test_a_new_configuration_turns_usage_off_and_on(place: Place) -> None:
    with served(place.config) as gateway:
        _ask(gateway)
        for more, times in (("usage = false", 2), ("usage = true", 4)):
            place.write(more)
            gateway.process.send_signal(signal.SIGHUP)
            gateway.wait_for("the new configuration is in force")
            _ask(gateway, times)
        gateway.process.send_signal(signal.SIGTERM)
        gateway.end()

    assert place.kept() == 5


def test_a_folder_that_cannot_be_made_is_said_once_and_the_gateway_answers(place: Place) -> None:
    in_the_way = place.store.parent
    in_the_way.write_text("not a folder")
    with served(place.config) as gateway:
        said = gateway.wait_for("cannot be kept")
        _ask(gateway, 3)
        assert f"{in_the_way}: " in said
        assert "Traceback" not in said

        # Somebody mends it: what waited is written.
        in_the_way.unlink()
        wait_until(lambda: place.kept() == 3)
        gateway.process.send_signal(signal.SIGTERM)
        assert gateway.end()[0] == 0


@pytest.mark.skipif(sys.platform != "linux", reason="the limit of another process is Linux's")
def test_a_full_disk_is_said_once_and_the_gateway_answers(place: Place) -> None:
    """No file of the gateway may grow: to SQLite that is a disk that fails, or is full."""
    with served(place.config) as gateway:
        _ask(gateway)
        wait_until(lambda: place.kept() == 1)
        ends = resource.prlimit(gateway.process.pid, resource.RLIMIT_FSIZE, (1, -1))

        _ask(gateway, 3)
        said = gateway.wait_for("usage cannot be written, and waits")
        _ask(gateway, 3)
        assert "Traceback" not in said

        resource.prlimit(gateway.process.pid, resource.RLIMIT_FSIZE, ends)
        gateway.wait_for("usage is written again")
        wait_until(lambda: place.kept() == 7)
        gateway.process.send_signal(signal.SIGTERM)
        assert gateway.end()[0] == 0


def test_a_locked_file_is_waited_for_and_the_gateway_answers(place: Place) -> None:
    with served(place.config) as gateway:
        _ask(gateway)
        wait_until(lambda: place.kept() == 1)
        other = sqlite3.connect(place.store, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")

        _ask(gateway, 3)
        gateway.process.send_signal(signal.SIGTERM)
        other.execute("COMMIT")
        other.close()

        assert gateway.end() == (0, "")
    assert place.kept() == 4


def test_a_damaged_file_is_an_error_at_the_start(place: Place) -> None:
    """It may hold keys: to go on without it would let in whoever comes."""
    place.store.parent.mkdir()
    place.store.write_bytes(b"this is no database, whatever its name is" * 99)

    result = run("serve", "--config", str(place.config), "--port", "0")

    assert (result.code, result.out) == (1, "")
    assert f"{place.store}: it is no database. Move it away." in result.err


@pytest.mark.parametrize("is_there", [False, True])
def test_without_the_extra_nothing_is_kept_and_no_key_is_passed_over(
    place: Place, is_there: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Quietly, unless there is a file that somebody may count on."""
    (tmp_path / "sitecustomize.py").write_text("import sys\nsys.modules['aiosqlite'] = None\n")
    if is_there:
        assert run("keys", "create", "shop", "--config", str(place.config)).code == 0
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))

    if is_there:
        result = run("serve", "--config", str(place.config), "--port", "0")
        assert result.code == 2
        assert "pip install 'dragoman[store]'" in result.err
        return
    with served(place.config) as gateway:
        _ask(gateway)
        gateway.process.send_signal(signal.SIGTERM)
        assert gateway.end() == (0, "")
    assert not place.store.exists()


def test_the_command_says_what_was_used(place: Place) -> None:
    with served(place.config) as gateway:
        _ask(gateway, 2)
        gateway.process.send_signal(signal.SIGTERM)
        gateway.end()

    result = run("usage", "--config", str(place.config), "--by", "provider", "--json")

    (told,) = json.loads(result.out)
    assert (told["provider"], told["requests"], told["output_tokens"]) == ("echo", 2, 6)
