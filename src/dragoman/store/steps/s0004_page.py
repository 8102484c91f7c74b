"""What the page needs: its sessions, how a conversation and an answer came about, and history."""

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Double,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    text,
)

__all__ = ["up"]

_COLUMNS = (
    "ALTER TABLE conversations ADD COLUMN settings TEXT NOT NULL DEFAULT '{}'",
    "ALTER TABLE turns ADD COLUMN story TEXT NOT NULL DEFAULT '{}'",
    "ALTER TABLE turns ADD COLUMN stopping INTEGER NOT NULL DEFAULT 0",
)


def up(connection: Connection) -> None:
    """Make the tables, and add the columns."""
    for column in _COLUMNS:
        connection.execute(text(column))
    tables = MetaData()
    Table(
        "sessions",
        tables,
        Column("digest", Text, primary_key=True),
        Column("key", Text, nullable=False),
        Column("created", Double, nullable=False),
        Column("used", Double, nullable=False),
    )
    Table(
        "health",
        tables,
        # SQLite numbers rows by itself in a column of this one type only.
        Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
        Column("time", Double, nullable=False),
        Column("provider", Text, nullable=False),
        Column("model", Text, nullable=False),
        Column("state", Text, nullable=False),
        Column("requests", Integer, nullable=False),
        Column("failures", Integer, nullable=False),
        Column("first_token_s", Double),
        Column("latency_s", Double),
        Index("health_time", "time"),
    )
    tables.create_all(connection)
