"""All that is SQLite's own: the file, its settings, and how a transaction begins.

The file is its owner's alone, and so are those that SQLite keeps beside it. Readers and one writer
work at the same time; a second writer waits. What is committed is on the disk.
Sources: SQLite, "Write-Ahead Logging" and "PRAGMA Statements"; SQLAlchemy 2.1, "SQLite:
Transactions", read 2026-11-21.
"""

import contextlib
import os
import sqlite3
import time
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, event
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from dragoman.store.faults import StoreError, sqlite_fault

__all__ = ["BUSY_S", "READS", "make_engine", "prepare_file"]

BUSY_S = 5.0
"""For so long whoever finds it locked waits."""
READS = "dragoman_reads"
"""The option of a connection that writes nothing: it waits for no writer."""
_POLL_S = 0.05


def prepare_file(path: Path) -> None:
    """Make the file and its folder where they are not there yet; blocks. `StoreError`."""
    try:
        path.parent.parent.mkdir(parents=True, exist_ok=True)
        path.parent.mkdir(mode=0o700, exist_ok=True)
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    except OSError as exc:
        words = (exc.strerror or "cannot be made").lower()
        raise StoreError(
            f"{exc.filename or path}: {words}", "Make its folder yours to write"
        ) from exc
    try:
        with contextlib.closing(sqlite3.connect(path, timeout=BUSY_S)) as connection:
            _write_ahead(connection)
    except sqlite3.Error as exc:
        raise sqlite_fault(str(path), exc) from exc


def _write_ahead(connection: sqlite3.Connection) -> None:
    """The file keeps this setting. SQLite waits for nobody with it: so it is done here."""
    deadline = time.monotonic() + BUSY_S
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as exc:
            if exc.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
        time.sleep(_POLL_S)


def make_engine(path: Path) -> AsyncEngine:
    """The engine of a file that is prepared."""
    engine = create_async_engine(
        f"sqlite+aiosqlite:///{path}", connect_args={"timeout": BUSY_S}, hide_parameters=True
    )
    event.listen(engine.sync_engine, "connect", _settle)
    event.listen(engine.sync_engine, "begin", _begin)
    return engine


def _settle(connection: Any, _record: object) -> None:
    cursor = connection.cursor()
    cursor.execute("PRAGMA synchronous = FULL")
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.close()


def _begin(connection: Connection) -> None:
    # One who reads first and writes then would not wait for another writer, but fail.
    reads = connection.get_execution_options().get(READS)
    connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")
