"""Usage in the database: rows are added in batches and read as sums."""

from collections.abc import Sequence
from datetime import date
from functools import cached_property
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, case, func, insert, select

from dragoman.store.database import Database
from dragoman.store.rows import By, UsageRow, UsageSum
from dragoman.store.tables import usage

__all__ = ["UsageTable"]

_NAMES = UsageRow.__struct_fields__
_EPOCH = date(1970, 1, 1).toordinal()


class UsageTable:
    """The usage of every request that a gateway has answered."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, rows: Sequence[UsageRow]) -> None:
        """Keep these, all or none. `StoreError`."""
        if not rows:
            return
        async with self._database.writing() as connection:
            # Made into SQL once: a statement for each batch would take three times as long.
            await connection.exec_driver_sql(
                self._insert, [msgspec.structs.astuple(row) for row in rows]
            )

    async def sums(
        self, by: By, *, since: float | None = None, until: float | None = None
    ) -> list[UsageSum]:
        """What was used from `since` on and before `until`; days in order, others by requests."""
        column = usage.c[by]
        count = func.count().label("requests")
        query = select(column.label("of"), count, *_sums()).group_by(column)
        if since is not None:
            query = query.where(usage.c.time >= since)
        if until is not None:
            query = query.where(usage.c.time < until)
        query = query.order_by(column if by == "day" else count.desc(), column)
        async with self._database.reading() as connection:
            found = (await connection.execute(query)).mappings().all()
        return [UsageSum(**{**row, "of": _told(by, row["of"])}) for row in found]

    @cached_property
    def _insert(self) -> str:
        values = dict.fromkeys(_NAMES)
        compiled = insert(usage).values(values).compile(dialect=self._database.dialect)
        assert tuple(compiled.positiontup or ()) == _NAMES  # noqa: S101 - the rows' own order
        return str(compiled)


def _sums() -> list[ColumnElement[Any]]:
    columns = usage.c
    tokens = ("input_tokens", "output_tokens", "cached_tokens", "reasoning_tokens")
    return [
        func.sum(case((columns.error != "", 1), else_=0)).label("errors"),
        func.sum(case((columns.rescued != "", 1), else_=0)).label("rescued"),
        *(func.coalesce(func.sum(columns[name]), 0).label(name) for name in tokens),
        func.sum(columns.cost).label("cost"),
        func.count(columns.cost).label("priced"),
        func.avg(columns.first_token_s).label("first_token_s"),
        func.avg(columns.duration_s).label("duration_s"),
    ]


def _told(by: By, value: object) -> str:
    return date.fromordinal(_EPOCH + int(str(value))).isoformat() if by == "day" else str(value)
