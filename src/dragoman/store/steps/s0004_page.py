"""What the page needs: its sessions, how a conversation and an answer came about, and history."""

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Double,
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
        Column("minute", BigInteger, primary_key=True),
        Column("provider", Text, primary_key=True),
        Column("model", Text, primary_key=True),
        Column("state", Integer, nullable=False),
        Column("requests", BigInteger, nullable=False),
        Column("failures", BigInteger, nullable=False),
        Column("first_tokens", BigInteger, nullable=False),
        Column("first_tokens_s", Double, nullable=False),
        Column("wholes", BigInteger, nullable=False),
        Column("wholes_s", Double, nullable=False),
    )
    tables.create_all(connection)
