"""The tables as they are now, for queries; `steps/` says how they came to be.

Every column is a number or a text, JSON a text: any SQL database has these.
"""

from sqlalchemy import (
    BigInteger,
    Column,
    Double,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
)

__all__ = ["METADATA", "conversations", "health", "keys", "pieces", "sessions", "turns", "usage"]

METADATA = MetaData()

usage = Table(
    "usage",
    METADATA,
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

keys = Table(
    "keys",
    METADATA,
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

conversations = Table(
    "conversations",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("owner", Text, nullable=False),
    Column("title", Text, nullable=False),
    # For a search that knows no capitals, in any script: `lower` of SQLite knows English only.
    Column("folded", Text, nullable=False),
    Column("created", Double, nullable=False),
    Column("updated", Double, nullable=False),
    Column("settings", Text, nullable=False, server_default="{}"),
    Index("conversations_owner", "owner", "updated"),
)

turns = Table(
    "turns",
    METADATA,
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
    Column("story", Text, nullable=False, server_default="{}"),
    # Asked for by a reader, and done by the worker that the answer runs in.
    Column("stopping", Integer, nullable=False, server_default="0"),
    Index("turns_conversation", "conversation", "number", unique=True),
)

pieces = Table(
    "pieces",
    METADATA,
    Column("turn", Text, ForeignKey("turns.id"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("text", Text, nullable=False),
)

sessions = Table(
    "sessions",
    METADATA,
    Column("digest", Text, primary_key=True),
    Column("key", Text, nullable=False),
    Column("created", Double, nullable=False),
    Column("used", Double, nullable=False),
)

health = Table(
    "health",
    METADATA,
    # Counted from 1970-01-01, UTC. Whoever measured something in it adds to its row.
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
