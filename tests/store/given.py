"""Stores, rows and questions to a file, for the tests here."""

import contextlib
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from dragoman.store.rows import UsageRow

__all__ = ["NOON", "row", "rows_of", "wait_until"]

NOON = 1_795_262_400.0
_DAY_S = 86400
_ROW = UsageRow(
    time=NOON,
    day=int(NOON // _DAY_S),
    key="shop",
    face="chat",
    provider="work",
    model="small",
    status=200,
    error="",
    attempts=1,
    rescued="",
    stream=True,
    input_tokens=10,
    output_tokens=5,
    cached_tokens=None,
    reasoning_tokens=None,
    cost=0.5,
    first_token_s=0.25,
    duration_s=1.0,
)


def row(*, at: float = NOON, **fields: Any) -> UsageRow:
    """A row of usage like any other, but for these fields."""
    return msgspec.structs.replace(_ROW, time=at, day=int(at // _DAY_S), **fields)


def rows_of(path: Path, query: str = "SELECT * FROM usage ORDER BY id") -> list[tuple[Any, ...]]:
    """What the file has, to one who opens it now."""
    with contextlib.closing(sqlite3.connect(path, timeout=5)) as connection:
        return connection.execute(query).fetchall()


def wait_until(holds: Callable[[], bool], patience_s: float = 30.0) -> None:
    """Look again until it holds."""
    deadline = time.monotonic() + patience_s
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.02)
