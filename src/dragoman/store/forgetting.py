"""Forgetting what is old: a piece at a time, so that who writes meanwhile never waits long."""

from sqlalchemy import ColumnElement, Table, delete, select, tuple_

from dragoman.store.database import Database

__all__ = ["PIECE_ROWS", "forget"]

PIECE_ROWS = 5_000
"""So many rows are forgotten at once: a few hundredths of a second."""


async def forget(database: Database, table: Table, is_old: ColumnElement[bool]) -> bool:
    """Forget a piece of what is old; whether there may be more. `StoreError`."""
    row = table.primary_key.columns
    old = select(*row).where(is_old).limit(PIECE_ROWS)
    async with database.writing() as connection:
        gone = await connection.execute(delete(table).where(tuple_(*row).in_(old)))
    return gone.rowcount == PIECE_ROWS
