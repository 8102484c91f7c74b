"""Turns that run, whoever they belong to: their text is kept in pieces as it comes.

So whoever is killed in the middle loses at most what came since the last one. When a turn ends its
pieces become its content. Whoever holds the id of a turn that runs began it.
"""

import asyncio
import time
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

import msgspec
from sqlalchemy import RowMapping, delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from dragoman.store.database import Database
from dragoman.store.parts import parts_of
from dragoman.store.rows import Piece, State, Turn
from dragoman.store.tables import pieces, turns
from dragoman.store.turn_rows import TURN, content_columns, encoded, missing, turn_of

__all__ = ["INTERRUPTED", "Ending", "News", "Running", "said"]

INTERRUPTED = "interrupted"
"""The error of a turn whose writer is gone."""

_Json = dict[str, Any]


class Ending(msgspec.Struct, frozen=True, kw_only=True):
    """How a turn ended; without `content` it says what its pieces say."""

    state: State
    content: list[_Json] | None = None
    provider: str = ""
    model: str = ""
    """Empty: the one that was asked for."""
    usage: dict[str, int] = {}
    cost: float | None = None
    error: str = ""
    story: _Json = {}


class News(msgspec.Struct, frozen=True):
    """What came of a turn since a piece: the turn without its content, and the pieces."""

    turn: Turn
    last: int
    """The number of the last piece."""
    pieces: list[Piece]


class Running:
    """The turns that run."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def append(self, new: Mapping[str, Sequence[Piece]]) -> None:
        """Keep what came of turns since the last time; those that have ended get nothing.

        Of one without news it is kept that it still runs.
        """
        async with self._database.writing() as connection:
            query = update(turns).where(turns.c.id.in_(new), turns.c.state == "running")
            await connection.execute(query.values(updated=time.time()))
            going = await _running(connection, new)
            for turn in going:
                await _append(connection, turn, new[turn])

    async def going(self, ids: Collection[str]) -> set[str]:
        """Those that run and that nobody asked to stop."""
        async with self._database.reading() as connection:
            return await _running(connection, ids, stopping=False)

    async def finish(self, turn: str, ending: Ending) -> Turn:
        """End a turn that runs; `UnknownError` if it does not."""
        content = ending.content
        # It may be megabytes.
        columns = None if content is None else await asyncio.to_thread(content_columns, content)
        async with self._database.writing() as connection:
            return await _finish(connection, turn, ending, columns)

    async def mend(self, ids: Collection[str], before: float) -> int:
        """End those that got nothing since: whoever wrote them is gone. How many."""
        query = select(turns.c.id).where(
            turns.c.id.in_(ids), turns.c.state == "running", turns.c.updated < before
        )
        async with self._database.writing() as connection:
            found = (await connection.scalars(query)).all()
            for turn in found:
                await _finish(connection, turn, Ending(state="broken", error=INTERRUPTED))
        return len(found)

    async def news(self, turn: str, after: int) -> News:
        """What came of a turn since a piece; `UnknownError` if there is no such turn."""
        async with self._database.reading() as connection:
            row = (await connection.execute(select(*TURN).where(turns.c.id == turn))).mappings()
            found = row.first()
            if found is None:
                raise missing("turn", turn)
            query = select(pieces.c.number, pieces.c.kind, pieces.c.text)
            query = query.where(pieces.c.turn == turn, pieces.c.number > after)
            new = (await connection.execute(query.order_by(pieces.c.number))).all()
        last = new[-1].number if new else after
        return News(turn_of(found), last, [Piece(one.kind, one.text) for one in new])


async def said(connection: AsyncConnection, turn: str) -> list[_Json]:
    """The parts that a turn's pieces make."""
    query = select(pieces.c.kind, pieces.c.text).where(pieces.c.turn == turn)
    found = (await connection.execute(query.order_by(pieces.c.number))).all()
    return parts_of([Piece(kind, text) for kind, text in found])


async def _append(connection: AsyncConnection, turn: str, new: Sequence[Piece]) -> None:
    if not new:
        return
    query = select(func.max(pieces.c.number)).where(pieces.c.turn == turn)
    last = await connection.scalar(query) or 0
    rows = [
        {"turn": turn, "number": number, "kind": piece.kind, "text": piece.text}
        for number, piece in enumerate(new, last + 1)
    ]
    await connection.execute(insert(pieces), rows)


async def _finish(
    connection: AsyncConnection,
    turn: str,
    ending: Ending,
    columns: dict[str, str] | None = None,
) -> Turn:
    query = select(*TURN).where(turns.c.id == turn, turns.c.state == "running")
    row: RowMapping | None = (await connection.execute(query)).mappings().first()
    if row is None:
        raise missing("turn that runs", turn)
    values = {
        **(columns or content_columns(await said(connection, turn))),
        "state": ending.state,
        "provider": ending.provider,
        "model": ending.model or row["model"],
        "usage": encoded(ending.usage),
        "cost": ending.cost,
        "error": ending.error,
        "story": encoded(ending.story),
        "updated": time.time(),
    }
    await connection.execute(update(turns).where(turns.c.id == turn).values(values))
    await connection.execute(delete(pieces).where(pieces.c.turn == turn))
    return turn_of({**row, **{name: values[name] for name in row if name in values}})


async def _running(
    connection: AsyncConnection, ids: Iterable[str], *, stopping: bool | None = None
) -> set[str]:
    query = select(turns.c.id).where(turns.c.id.in_(ids), turns.c.state == "running")
    if stopping is not None:
        query = query.where(turns.c.stopping == int(stopping))
    return set((await connection.scalars(query)).all())
