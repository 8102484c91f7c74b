"""How providers and their models did, minute by minute: added up by all who measured something."""

from collections.abc import Sequence
from typing import cast

import msgspec
from sqlalchemy import func, select, text

from dragoman.routing.breaker import State
from dragoman.store.database import Database
from dragoman.store.forgetting import forget
from dragoman.store.rows import HealthRow
from dragoman.store.tables import health

__all__ = ["HealthTable"]

_STATES: tuple[State, ...] = ("closed", "probe", "open")
"""From the best to the worst; the database has their places."""

_SUMS = ("requests", "failures", "first_tokens", "first_tokens_s", "wholes", "wholes_s")
# As SQLite and PostgreSQL both have it.
_ADD = text("""
INSERT INTO health (
    minute, provider, model, state,
    requests, failures, first_tokens, first_tokens_s, wholes, wholes_s
) VALUES (
    :minute, :provider, :model, :state,
    :requests, :failures, :first_tokens, :first_tokens_s, :wholes, :wholes_s
) ON CONFLICT (minute, provider, model) DO UPDATE SET
    state = CASE WHEN excluded.state > health.state THEN excluded.state ELSE health.state END,
    requests = health.requests + excluded.requests,
    failures = health.failures + excluded.failures,
    first_tokens = health.first_tokens + excluded.first_tokens,
    first_tokens_s = health.first_tokens_s + excluded.first_tokens_s,
    wholes = health.wholes + excluded.wholes,
    wholes_s = health.wholes_s + excluded.wholes_s
""")


class HealthTable:
    """The history of what gateways measured in passing; it says nothing of who asked what."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, rows: Sequence[HealthRow]) -> None:
        """Add these to what is kept of their minutes, all or none. `StoreError`."""
        if not rows:
            return
        values = [msgspec.structs.asdict(row) | {"state": _STATES.index(row.state)} for row in rows]
        async with self._database.writing() as connection:
            await connection.execute(_ADD, values)

    async def history(self, since: int, *, minutes: int = 1) -> list[HealthRow]:
        """What is kept from the minute `since` on, so many minutes together; in order of time.

        Each row's minute is the first of its bucket, which is a multiple of `minutes`.
        """
        columns = health.c
        start = (columns.minute - columns.minute % minutes).label("start")
        of = (start, columns.provider, columns.model)
        sums = (func.sum(columns[name]).label(name) for name in _SUMS)
        query = select(*of, func.max(columns.state).label("state"), *sums)
        query = query.where(columns.minute >= since).group_by(*of).order_by(*of)
        async with self._database.reading() as connection:
            found = (await connection.execute(query)).all()
        return [
            HealthRow(
                minute=minute,
                provider=provider,
                model=model,
                state=_STATES[cast(int, state)],
                **dict(zip(_SUMS, values, strict=True)),
            )
            for minute, provider, model, state, *values in found
        ]

    async def forget(self, before: float) -> bool:
        """Forget a piece of what is older than this, Unix seconds; whether there may be more."""
        return await forget(self._database, health, health.c.minute < int(before // 60))
