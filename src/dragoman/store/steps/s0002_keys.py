"""The gateway's keys: their digests, and what each may."""

from sqlalchemy import BigInteger, Column, Connection, Double, MetaData, Table, Text

__all__ = ["up"]


def up(connection: Connection) -> None:
    """Make the tables."""
    tables = MetaData()
    Table(
        "keys",
        tables,
        Column("name", Text, primary_key=True),
        Column("digest", Text, nullable=False, unique=True),
        Column("created", Double, nullable=False),
        Column("last_used", Double),
        Column("revoked", Double),
        Column("models", Text, nullable=False),
        Column("requests_per_minute", BigInteger),
        Column("tokens_per_minute", BigInteger),
        Column("concurrency", BigInteger),
    )
    tables.create_all(connection)
