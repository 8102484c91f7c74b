"""The way to the store from outside: where it is, whether it can be opened, and opening it.

Nothing of the extra `store` is imported before somebody opens one.
"""

import asyncio
import importlib
import importlib.util
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from dragoman.errors import MissingRequirementsError
from dragoman.gateway_settings import GatewayKey
from dragoman.sessions.cookie_store import data_folder

if TYPE_CHECKING:
    from dragoman.store.store import Store

__all__ = [
    "SQLITE",
    "is_installed",
    "is_there",
    "load_store",
    "opened_store",
    "store_path",
    "stored_keys",
]

SQLITE = "sqlite:///"
"""How the address of a file of SQLite begins; the file's absolute path follows."""
_NEEDED = ("sqlalchemy", "aiosqlite")


def store_path(database_url: str) -> Path:
    """The file of a store; an empty address is `dragoman.db` in the data folder."""
    if not database_url:
        return data_folder() / "dragoman.db"
    return Path(database_url.removeprefix(SQLITE))


def is_installed() -> bool:
    """Whether the extra is here; looks in the file system."""
    return all(importlib.util.find_spec(name) for name in _NEEDED)


def load_store(path: Path) -> "Store":
    """A store in this file, not yet opened; imports the library, which takes a while.

    `MissingRequirementsError` without the extra `store`.
    """
    try:
        importlib.import_module("aiosqlite")
        from dragoman.store.store import Store
    except ImportError as exc:
        if (exc.name or "").startswith("dragoman"):
            raise
        missing = MissingRequirementsError(
            f"what is kept in {path} needs {exc.name}, which is not installed"
        )
        missing.hint = "Install it: pip install 'dragoman[store]'"
        raise missing from exc
    return Store(path)


@asynccontextmanager
async def opened_store(path: Path) -> AsyncIterator["Store"]:
    """A store for a moment, its schema the present one. `StoreError` if it cannot be opened."""
    # It imports the library.
    store = await asyncio.to_thread(load_store, path)
    try:
        await store.open()
        yield store
    finally:
        await store.close()


async def stored_keys(path: Path) -> tuple[GatewayKey, ...]:
    """The keys in a store that open a gateway; none where there is no store.

    `StoreError` or `MissingRequirementsError` if there is one that cannot be read.
    """
    if not await asyncio.to_thread(is_there, path):
        return ()
    async with opened_store(path) as store:
        keys, _ = await store.keys.active()
    return keys


def is_there(path: Path) -> bool:
    """Whether there is a file, or it cannot be known; looks in the file system."""
    try:
        os.stat(path)
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError:
        return True
    return True
