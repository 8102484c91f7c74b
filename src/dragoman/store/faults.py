"""What can go wrong with the store, in words; told by the database's own codes.

Source: SQLite, "Result and Error Codes", read 2026-11-21.
"""

import sqlite3
from collections.abc import Mapping

from dragoman.errors import ChatError, InputError

__all__ = ["StoreError", "UnknownError", "sqlite_fault"]


class StoreError(ChatError):
    """What is kept on disk cannot be read or written now."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint or None


class UnknownError(InputError):
    """There is no such conversation or turn, or it is another's."""


_FAULTS: Mapping[int, tuple[str, str]] = {
    sqlite3.SQLITE_BUSY: ("another process holds it", "End that process, or wait for it"),
    sqlite3.SQLITE_READONLY: ("it cannot be written", "Make it yours to write"),
    sqlite3.SQLITE_IOERR: ("the disk fails, or has no room", "Make room there"),
    sqlite3.SQLITE_CORRUPT: ("it is damaged", "Put a copy in its place, or move it away"),
    sqlite3.SQLITE_FULL: ("the disk is full", "Make room there"),
    sqlite3.SQLITE_CANTOPEN: ("it cannot be opened", "Make its folder yours to write"),
    sqlite3.SQLITE_NOTADB: ("it is no database", "Move it away"),
}


def sqlite_fault(where: str, error: BaseException | None) -> StoreError:
    """The error for what SQLite raised about the file `where`."""
    # The low byte is the kind; the rest says which of its calls failed.
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    words, hint = _FAULTS.get(code, (f"{type(error).__name__} {code}".strip(), ""))
    return StoreError(f"{where}: {words}", hint)
