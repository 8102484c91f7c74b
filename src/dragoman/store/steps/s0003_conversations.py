"""Conversations, their turns, and the pieces of turns that run."""

from sqlalchemy import Column, Connection, Double, ForeignKey, Index, Integer, MetaData, Table, Text

__all__ = ["up"]


def up(connection: Connection) -> None:
    """Make the tables."""
    tables = MetaData()
    Table(
        "conversations",
        tables,
        Column("id", Text, primary_key=True),
        Column("owner", Text, nullable=False),
        Column("title", Text, nullable=False),
        # For a search that knows no capitals, in any script: `lower` of SQLite knows English only.
        Column("folded", Text, nullable=False),
        Column("created", Double, nullable=False),
        Column("updated", Double, nullable=False),
        Index("conversations_owner", "owner", "updated"),
    )
    Table(
        "turns",
        tables,
        Column("id", Text, primary_key=True),
        Column("conversation", Text, ForeignKey("conversations.id"), nullable=False),
        Column("number", Integer, nullable=False),
        Column("parent", Text),
        Column("role", Text, nullable=False),
        Column("content", Text, nullable=False),
        Column("folded", Text, nullable=False),
        Column("created", Double, nullable=False),
        Column("updated", Double, nullable=False),
        Column("model", Text, nullable=False),
        Column("provider", Text, nullable=False),
        Column("state", Text, nullable=False),
        Column("usage", Text, nullable=False),
        Column("cost", Double),
        Column("error", Text, nullable=False),
        Index("turns_conversation", "conversation", "number", unique=True),
    )
    Table(
        "pieces",
        tables,
        Column("turn", Text, ForeignKey("turns.id"), primary_key=True),
        Column("number", Integer, primary_key=True),
        Column("kind", Text, nullable=False),
        Column("text", Text, nullable=False),
    )
    tables.create_all(connection)
