"""One database: its engine, and transactions on it whose errors are ours.

It belongs to the event loop that it is opened in; what it does is done in a thread of its driver.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from sqlalchemy import Dialect
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from dragoman.store.faults import sqlite_fault
from dragoman.store.migrate import Steps, advance, check_version, version_of
from dragoman.store.sqlite import READS, make_engine, prepare_file
from dragoman.store.steps.table import STEPS

__all__ = ["Database"]


class Database:
    """A database. Opened once, and closed by whoever opened it.

    It is made in a thread: the library looks in the file system.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._engine: AsyncEngine = make_engine(path)

    @property
    def dialect(self) -> Dialect:
        """The database's own way to say things."""
        return self._engine.dialect

    async def open(self, steps: Steps = STEPS) -> None:
        """Make the file if need be, and bring its schema up to date. `StoreError`."""
        await asyncio.to_thread(prepare_file, self.path)
        async with self.reading() as connection:
            version = await connection.run_sync(version_of)
        check_version(version, steps, str(self.path))
        while version < len(steps):
            async with self.writing() as connection:
                version = await connection.run_sync(advance, steps)

    async def close(self) -> None:
        """Close every connection to it."""
        await self._engine.dispose()

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncConnection]:
        """A transaction that sees one state of everything, and writes nothing. `StoreError`."""
        async with self._translated(), self._engine.connect() as connection:
            await connection.execution_options(**{READS: True})
            yield connection

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[AsyncConnection]:
        """A transaction that is on the disk when this ends, or was never. `StoreError`."""
        async with self._translated(), self._engine.begin() as connection:
            yield connection

    @asynccontextmanager
    async def _translated(self) -> AsyncIterator[None]:
        try:
            yield
        except DBAPIError as exc:
            raise sqlite_fault(str(self.path), exc.orig) from exc
        except SQLAlchemyError as exc:
            raise sqlite_fault(str(self.path), exc) from exc
