"""The matrix in the docs: what an official SDK can do with each provider, written by the test.

`WRITE_MATRIX=1 scripts/test tests/gateway/test_official_clients.py` writes the rows that have
changed; without it a row that differs from what is seen is a failure.
"""

import fcntl
import os
from collections.abc import Iterator, Sequence
from pathlib import Path

__all__ = ["PAGE", "check_row", "header", "rows"]

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "matrix.md"


def header(columns: Sequence[str]) -> str:
    """The first line of each table."""
    return _line(["provider", *columns])


def rows(page: str) -> Iterator[tuple[str, str, str]]:
    """The rows as face, provider and line."""
    face = ""
    for line in page.splitlines():
        if line.startswith("## "):
            face = line.removeprefix("## ").strip("`")
        elif line.startswith("| `"):
            yield face, line.split("`")[1], line


def check_row(face: str, provider: str, cells: Sequence[str]) -> None:
    """The row says what was seen; it is written if the environment says so."""
    seen = _line([f"`{provider}`", *cells])
    if os.environ.get("WRITE_MATRIX"):
        _write(face, provider, seen)
    known = {(f, p): line for f, p, line in rows(PAGE.read_text("utf-8"))}
    assert known.get((face, provider)) == seen, "see tests/gateway/matrix.py"


def _write(face: str, provider: str, seen: str) -> None:
    with PAGE.open("r+", encoding="utf-8") as file:
        # Other processes write other rows.
        fcntl.flock(file, fcntl.LOCK_EX)
        page = file.read()
        old = next(line for f, p, line in rows(page) if (f, p) == (face, provider))
        before, heading, after = page.partition(f"## `{face}`\n")
        file.seek(0)
        file.write(before + heading + after.replace(old, seen, 1))
        file.truncate()


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
