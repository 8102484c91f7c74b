"""The file: its owner's alone, its schema brought up to date once, and waited for."""

import asyncio
import contextlib
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from sqlalchemy import Column, Connection, Integer, MetaData, Table, Text, inspect, text

from dragoman.errors import MissingRequirementsError
from dragoman.store import loading
from dragoman.store.database import Database
from dragoman.store.faults import StoreError
from dragoman.store.loading import load_store, opened_store
from dragoman.store.steps.table import STEPS
from dragoman.store.store import Store
from dragoman.store.tables import METADATA
from tests.store.given import row, rows_of

_OPEN = """
import asyncio, sys
from pathlib import Path
from dragoman.store.loading import load_store, opened_store

async def main():
    async with opened_store(Path(sys.argv[1])) as store:
        print(len((await store.keys.every())))

load_store(Path(sys.argv[1]))
print("ready", flush=True)
sys.stdin.readline()
asyncio.run(main())
"""


async def test_a_new_file_is_its_owners_alone(path: Path, store: Store) -> None:
    await store.usage.add([row()])

    beside = sorted(path.parent.iterdir())
    assert [one.name for one in beside] == ["dragoman.db", "dragoman.db-shm", "dragoman.db-wal"]
    assert {one.stat().st_mode & 0o777 for one in beside} == {0o600}
    assert path.parent.stat().st_mode & 0o777 == 0o700


async def test_the_steps_lead_to_the_tables_that_the_queries_are_about(store: Store) -> None:
    def columns(connection: Connection) -> dict[str, dict[str, tuple[str, bool]]]:
        seen = inspect(connection)
        return {
            name: {one["name"]: (str(one["type"]), one["nullable"]) for one in found}
            for (_, name), found in seen.get_multi_columns().items()
            if name != "schema_version" and name is not None
        }

    def indexes(connection: Connection) -> set[str | None]:
        found = inspect(connection).get_multi_indexes().values()
        return {index["name"] for each in found for index in each}

    async with store.reading() as connection:
        dialect = store.dialect
        assert await connection.run_sync(columns) == {
            table.name: {
                column.name: (column.type.compile(dialect), bool(column.nullable))
                for column in table.columns
            }
            for table in METADATA.sorted_tables
        }
        assert await connection.run_sync(indexes) == {
            index.name for table in METADATA.sorted_tables for index in table.indexes
        }


def _add_colour(connection: Connection) -> None:
    connection.execute(text("ALTER TABLE usage ADD COLUMN colour TEXT"))


def _break_off(connection: Connection) -> None:
    Table("half", MetaData(), Column("id", Integer), Column("name", Text)).create(connection)
    raise ZeroDivisionError


async def test_an_older_file_is_brought_up_to_date_and_keeps_what_it_has(path: Path) -> None:
    async with opened_store(path) as store:
        await store.usage.add([row()])

    newer = await asyncio.to_thread(Database, path)
    await newer.open([*STEPS, _add_colour])
    await newer.close()

    assert rows_of(path, "SELECT key, colour FROM usage") == [("shop", None)]
    versions = rows_of(path, "SELECT version FROM schema_version ORDER BY version")
    assert versions == [(number,) for number in range(1, len(STEPS) + 2)]


async def test_a_step_is_done_whole_or_not_at_all(path: Path) -> None:
    broken = await asyncio.to_thread(Database, path)
    with pytest.raises(ZeroDivisionError):
        await broken.open([*STEPS, _break_off])
    await broken.close()

    assert rows_of(path, "SELECT max(version) FROM schema_version") == [(len(STEPS),)]
    assert rows_of(path, "SELECT * FROM sqlite_master WHERE name = 'half'") == []


async def test_a_file_of_a_later_version_is_left_alone(path: Path) -> None:
    newer = await asyncio.to_thread(Database, path)
    await newer.open([*STEPS, _add_colour])
    await newer.close()

    with pytest.raises(StoreError, match="a later version of dragoman wrote it") as caught:
        async with opened_store(path):
            pass

    assert caught.value.hint is not None
    assert "Update" in caught.value.hint


@pytest.mark.timeout(60)
def test_processes_that_begin_at_once_do_each_step_once(path: Path) -> None:
    command = [sys.executable, "-c", _OPEN, str(path)]
    with contextlib.ExitStack() as stack:
        started = [
            stack.enter_context(
                subprocess.Popen(
                    command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
                )
            )
            for _ in range(4)
        ]
        for process in started:
            assert process.stdout is not None
            assert process.stdout.readline() == b"ready\n"
        for process in started:
            assert process.stdin is not None
            process.stdin.write(b"\n")
            process.stdin.flush()
        ends = [process.communicate(timeout=30) for process in started]

    assert ends == [(b"0\n", b"")] * 4
    versions = rows_of(path, "SELECT version FROM schema_version ORDER BY version")
    assert versions == [(number,) for number in range(1, len(STEPS) + 1)]


async def test_a_locked_file_is_waited_for(path: Path, store: Store) -> None:
    other = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    writing = asyncio.create_task(store.usage.add([row()]))
    done, _ = await asyncio.wait({writing}, timeout=0.3)
    assert not done

    other.execute("COMMIT")
    other.close()
    await writing

    assert len(rows_of(path)) == 1


async def test_who_reads_waits_for_nobody(path: Path, store: Store) -> None:
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")

        async with asyncio.timeout(2):
            assert await store.usage.sums("model") == []


async def test_a_file_that_stays_locked_is_an_error_that_says_so(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dragoman.store.sqlite.BUSY_S", 0.1)
    async with opened_store(path) as store:
        with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")

            with pytest.raises(StoreError, match="another process holds it"):
                await store.usage.add([row()])


async def test_a_full_disk_is_an_error_that_says_so_and_nothing_is_half_written(
    path: Path, store: Store
) -> None:
    await store.usage.add([row()])
    async with store.writing() as connection:
        pages = await connection.scalar(text("PRAGMA page_count"))
        await connection.execute(text(f"PRAGMA max_page_count = {pages}"))

    with pytest.raises(StoreError, match="the disk is full"):
        await store.usage.add([row()] * 5000)

    assert len(rows_of(path)) == 1


@pytest.fixture
def damaged(path: Path) -> Path:
    path.parent.mkdir()
    path.write_bytes(b"this is no database, whatever its name is" * 99)
    return path


async def test_a_damaged_file_is_an_error_that_says_so(damaged: Path) -> None:
    with pytest.raises(StoreError, match=f"{damaged}: it is no database"):
        async with opened_store(damaged):
            pass


async def test_a_folder_that_cannot_be_made_is_an_error_that_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    path = tmp_path / "file" / "folder" / "dragoman.db"

    with pytest.raises(StoreError, match=f"{tmp_path / 'file'}.*: ") as caught:
        async with opened_store(path):
            pass

    assert caught.value.hint == "Make its folder yours to write"


async def test_a_cancelled_write_leaves_nothing_locked(path: Path, store: Store) -> None:
    async def write_slowly() -> None:
        async with store.writing():
            await asyncio.sleep(3600)

    writing = asyncio.create_task(write_slowly())
    await asyncio.sleep(0.05)
    writing.cancel()
    await asyncio.wait({writing})

    await store.usage.add([row()])

    assert len(rows_of(path)) == 1


async def test_the_thread_of_a_store_ends_with_it(path: Path) -> None:
    before = threading.active_count()

    async with opened_store(path) as store:
        await store.usage.add([row()])
        assert threading.active_count() > before

    await asyncio.to_thread(lambda: None)
    assert not [one for one in threading.enumerate() if "connection_worker" in one.name]


async def test_without_the_extra_the_error_names_it(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "aiosqlite", None)

    assert not loading.is_installed()
    with pytest.raises(MissingRequirementsError, match=r"dragoman\.db needs aiosqlite") as caught:
        load_store(path)
    assert caught.value.hint == "Install it: pip install 'dragoman[store]'"
