"""A row for each request that is over."""

from sqlalchemy import BigInteger, Column, Connection, Double, Index, Integer, MetaData, Table, Text

__all__ = ["up"]


def up(connection: Connection) -> None:
    """Make the tables."""
    tables = MetaData()
    Table(
        "usage",
        tables,
        # SQLite numbers rows by itself in a column of this one type only.
        Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
        Column("time", Double, nullable=False),
        Column("day", Integer, nullable=False),
        Column("key", Text, nullable=False),
        Column("face", Text, nullable=False),
        Column("provider", Text, nullable=False),
        Column("model", Text, nullable=False),
        Column("status", Integer, nullable=False),
        Column("error", Text, nullable=False),
        Column("attempts", Integer, nullable=False),
        Column("rescued", Text, nullable=False),
        Column("stream", Integer, nullable=False),
        Column("input_tokens", BigInteger),
        Column("output_tokens", BigInteger),
        Column("cached_tokens", BigInteger),
        Column("reasoning_tokens", BigInteger),
        Column("cost", Double),
        Column("first_token_s", Double),
        Column("duration_s", Double, nullable=False),
        Index("usage_time", "time"),
    )
    tables.create_all(connection)
