"""Cookies kept on disk after `dragoman login`: one file, for its owner only, never half-written.

It is written beside itself, flushed and renamed, under a lock; whenever the process is killed, the
file is the old one or the new one.
Source: XDG Base Directory Specification 0.8 (the data folder), read 2026-11-21.
"""

import contextlib
import os
from collections.abc import Iterable, Iterator
from pathlib import Path

import msgspec

from dragoman.errors import InputError
from dragoman.sessions.cookie_files import read_private_file
from dragoman.sessions.cookie_rules import Cookie, cookie_fault

try:
    import fcntl
except ImportError:  # Windows: two logins at the same moment may lose one of them there.
    fcntl = None  # type: ignore[assignment]  # no such module

__all__ = ["CookieStore", "data_folder"]


class _Stored(msgspec.Struct, frozen=True):
    accounts: dict[str, list[Cookie]]


def data_folder() -> Path:
    """Where this package keeps files: `$XDG_DATA_HOME/dragoman`, `~/.local/share/dragoman`."""
    base = os.environ.get("XDG_DATA_HOME", "")
    # The specification says to ignore a path that is not absolute.
    root = Path(base) if os.path.isabs(base) else Path.home() / ".local" / "share"
    return root / "dragoman"


class CookieStore:
    """The cookies of accounts, each under a name: a provider's, or a domain.

    `path` defaults to `cookies.json` in the data folder. `InputError` if the file is malformed or
    others may read it.
    """

    def __init__(self, path: Path | None = None) -> None:
        self.path = path or data_folder() / "cookies.json"

    def save(self, account: str, cookies: Iterable[Cookie]) -> None:
        """Keep these cookies in place of the account's earlier ones."""
        with self._locked():
            accounts = self._read()
            accounts[account] = list(cookies)
            self._write(accounts)

    def load(self, account: str | None = None) -> list[Cookie]:
        """The cookies of an account, or of all."""
        accounts = self._read()
        if account is not None:
            return accounts.get(account, [])
        return [cookie for cookies in accounts.values() for cookie in cookies]

    def remove(self, account: str) -> bool:
        """Forget an account; False if there was none of that name."""
        with self._locked():
            accounts = self._read()
            found = accounts.pop(account, None) is not None
            if found:
                self._write(accounts)
            return found

    def accounts(self) -> list[str]:
        """The names under which there are cookies."""
        return sorted(self._read())

    def _read(self) -> dict[str, list[Cookie]]:
        if not self.path.exists():
            return {}
        content = read_private_file(str(self.path))
        try:
            accounts = msgspec.json.decode(content, type=_Stored).accounts
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            raise self._malformed() from None
        every = (cookie for cookies in accounts.values() for cookie in cookies)
        if any(cookie_fault(cookie.name, cookie.value) for cookie in every):
            raise self._malformed()
        return accounts

    def _malformed(self) -> InputError:
        return InputError(f"cookie file {self.path}: malformed; remove it and log in again")

    def _write(self, accounts: dict[str, list[Cookie]]) -> None:
        beside = self.path.with_name(f"{self.path.name}.new")
        beside.unlink(missing_ok=True)
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
        with open(os.open(beside, flags, 0o600), "wb") as file:
            file.write(msgspec.json.encode(_Stored(accounts)))
            file.flush()
            os.fsync(file.fileno())
        beside.replace(self.path)
        if os.name == "posix":
            folder = os.open(self.path.parent, os.O_RDONLY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)

    @contextlib.contextmanager
    def _locked(self) -> Iterator[None]:
        folder = self.path.parent
        try:
            folder.parent.mkdir(parents=True, exist_ok=True)
            folder.mkdir(mode=0o700, exist_ok=True)
            # Not through a link that somebody else may have put there.
            flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0)
            lock = os.open(self.path.with_name(f"{self.path.name}.lock"), flags, 0o600)
        except OSError as exc:
            words = (exc.strerror or "cannot be written").lower()
            raise InputError(f"cookie folder {folder}: {words}; make it yours to write") from exc
        try:
            if fcntl is not None:
                fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        finally:
            os.close(lock)
