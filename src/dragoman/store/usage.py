"""Usage in the database: rows are added in batches and read as sums."""

from collections.abc import Sequence
from datetime import date
from functools import cached_property
from typing import Any

import msgspec
from sqlalchemy import (
    ColumnElement,
    Integer,
    RowMapping,
    Select,
    case,
    cast,
    func,
    insert,
    literal,
    select,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from dragoman.store.database import Database
from dragoman.store.forgetting import forget
from dragoman.store.rows import (
    By,
    UsagePoint,
    UsageQuestion,
    UsageReport,
    UsageRow,
    UsageSum,
)
from dragoman.store.tables import usage

__all__ = ["MOST_SERIES", "UsageTable"]

MOST_SERIES = 8
"""So many names have a series of their own; the others have one together."""

_NAMES = UsageRow.__struct_fields__
_EPOCH = date(1970, 1, 1).toordinal()
_DAY_S = 86400
_SHOWN = ("requests", "errors", "input_tokens", "output_tokens", "cost")


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
        async with self._database.reading() as connection:
            return await _rows(connection, UsageQuestion(by=by, since=since, until=until))

    async def report(self, question: UsageQuestion) -> UsageReport:
        """The sums by name, in the order of `sums`, that of all, and those of each bucket."""
        async with self._database.reading() as connection:
            rows = await _rows(connection, question)
            (total,) = await _found(connection, _asked(question, literal("").label("of")))
            series = await _found(connection, _series(question, rows))
        return UsageReport(
            rows=rows,
            total=_sum("model", total),
            series=[UsagePoint(**{**row, "rest": bool(row["rest"])}) for row in series],
        )

    async def forget(self, before: float) -> bool:
        """Forget a piece of what is older than this, Unix seconds; whether there may be more."""
        return await forget(self._database, usage, usage.c.time < before)

    @cached_property
    def _insert(self) -> str:
        values = dict.fromkeys(_NAMES)
        compiled = insert(usage).values(values).compile(dialect=self._database.dialect)
        assert tuple(compiled.positiontup or ()) == _NAMES  # noqa: S101 - the rows' own order
        return str(compiled)


async def _found(connection: AsyncConnection, query: Select[Any]) -> Sequence[RowMapping]:
    found: Sequence[RowMapping] = (await connection.execute(query)).mappings().all()
    return found


async def _rows(connection: AsyncConnection, question: UsageQuestion) -> list[UsageSum]:
    by = question.by
    column = _bucket(question.zone_s, _DAY_S) if by == "day" else usage.c[by]
    order = column if by == "day" else func.count().desc()
    query = _asked(question, column.label("of")).group_by(column).order_by(order, column)
    return [_sum(by, row) for row in await _found(connection, query)]


def _series(question: UsageQuestion, rows: Sequence[UsageSum]) -> Select[Any]:
    bucket = _bucket(question.zone_s, question.bucket_s)
    start = (bucket * question.bucket_s - question.zone_s).label("t")
    name, rest = _named(question.by, [row.of for row in rows[:MOST_SERIES]])
    query = _asked(question, start, name.label("of"), rest.label("rest"), names=_SHOWN)
    return query.group_by(start, name, rest).order_by(start, rest, name)


def _named(by: By, names: Sequence[str]) -> tuple[ColumnElement[Any], ColumnElement[Any]]:
    """Whose series a row belongs to, and whether it is one of the rest; days have one together."""
    if by == "day":
        return literal(""), literal(0)
    is_named = usage.c[by].in_(names)
    return case((is_named, usage.c[by]), else_=""), case((is_named, 0), else_=1)


def _asked(
    question: UsageQuestion, *columns: ColumnElement[Any], names: Sequence[str] = ()
) -> Select[Any]:
    """The sums of these names, or all, over the rows that are asked for."""
    sums = _sums()
    query = select(*columns, *(sums[name].label(name) for name in names or sums))
    if question.since is not None:
        query = query.where(usage.c.time >= question.since)
    if question.until is not None:
        query = query.where(usage.c.time < question.until)
    if question.key is not None:
        query = query.where(usage.c.key == question.key)
    return query


def _bucket(zone_s: int, bucket_s: int) -> ColumnElement[int]:
    """The number of a row's bucket. A cast leaves out what is behind the point."""
    return cast((usage.c.time + zone_s) / bucket_s, Integer)


def _sums() -> dict[str, ColumnElement[Any]]:
    columns = usage.c
    tokens = ("input_tokens", "output_tokens", "cached_tokens", "reasoning_tokens")
    sums = {
        "requests": func.count(),
        "errors": func.sum(case((columns.error != "", 1), else_=0)),
        "rescued": func.sum(case((columns.rescued != "", 1), else_=0)),
        **{name: func.sum(columns[name]) for name in tokens},
        "duration_s": func.avg(columns.duration_s),
    }
    return {name: func.coalesce(value, 0) for name, value in sums.items()} | {
        "cost": func.sum(columns.cost),
        "priced": func.count(columns.cost),
        "first_token_s": func.avg(columns.first_token_s),
    }


def _sum(by: By, row: RowMapping) -> UsageSum:
    return UsageSum(**{**row, "of": _told(by, row["of"])})


def _told(by: By, value: object) -> str:
    return date.fromordinal(_EPOCH + int(str(value))).isoformat() if by == "day" else str(value)
