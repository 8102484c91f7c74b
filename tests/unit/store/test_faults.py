"""What SQLite says, in words that tell what to do."""

import sqlite3
from pathlib import Path

import pytest

from dragoman.store.faults import StoreError, sqlite_fault


def test_a_fault_names_the_file_and_what_to_do(tmp_path: Path) -> None:
    path = tmp_path / "some.db"
    path.write_bytes(b"this is no database, whatever its name is" * 99)

    with pytest.raises(sqlite3.Error) as caught:
        sqlite3.connect(path).execute("SELECT * FROM usage")
    error = sqlite_fault(str(path), caught.value)

    assert str(error) == f"{path}: it is no database"
    assert error.hint == "Move it away"


def test_a_fault_of_a_kind_has_the_words_of_its_kind() -> None:
    error = sqlite3.OperationalError()
    error.sqlite_errorcode = sqlite3.SQLITE_IOERR_FSYNC

    assert "no room" in sqlite_fault("a.db", error).message


@pytest.mark.parametrize("error", [None, sqlite3.ProgrammingError("with 'a secret'"), OSError()])
def test_any_other_is_named_by_its_class(error: Exception | None) -> None:
    found = sqlite_fault("a.db", error)

    assert found.message == f"a.db: {type(error).__name__} 0"
    assert found.hint is None


def test_a_hint_is_left_out_where_there_is_none() -> None:
    assert StoreError("no").hint is None
