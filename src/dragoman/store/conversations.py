"""Conversations of one key in the database, and their turns.

A turn is on the disk when the call that keeps it returns. The text of one that runs is kept in
pieces as it comes, so whoever is killed in the middle loses at most what came since the last one;
when it ends its pieces become its content.
"""

import secrets
import time
from typing import Any

import msgspec
from sqlalchemy import (
    ColumnElement,
    RowMapping,
    delete,
    exists,
    func,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from dragoman.errors import InputError
from dragoman.store.database import Database
from dragoman.store.parts import parts_of, words_of
from dragoman.store.rows import Conversation, Piece, State, Turn
from dragoman.store.tables import conversations, pieces, turns

__all__ = ["Conversations"]

_Json = dict[str, Any]
_CONVERSATION = [conversations.c[name] for name in Conversation.__struct_fields__]
_TURN = [turns.c[name] for name in Turn.__struct_fields__]


class Conversations:
    """The conversations of `owner`, a key's name. `InputError` for one that it does not have."""

    def __init__(self, database: Database, owner: str) -> None:
        self._database = database
        self._owner = owner

    async def create(self, title: str) -> Conversation:
        """Begin one."""
        now = time.time()
        made = Conversation(id=secrets.token_hex(12), title=title, created=now, updated=now)
        row = msgspec.structs.asdict(made) | {"owner": self._owner, "folded": title.casefold()}
        async with self._database.writing() as connection:
            await connection.execute(insert(conversations).values(row))
        return made

    async def latest(
        self, search: str = "", *, before: float | None = None, most: int = 50
    ) -> list[Conversation]:
        """The latest ones, of those updated before a time, with these words in title or turns."""
        query = select(*_CONVERSATION).where(conversations.c.owner == self._owner)
        if search.strip():
            query = query.where(_has(search.strip().casefold()))
        if before is not None:
            query = query.where(conversations.c.updated < before)
        query = query.order_by(conversations.c.updated.desc(), conversations.c.id).limit(most)
        async with self._database.reading() as connection:
            found = (await connection.execute(query)).mappings().all()
        return [Conversation(**row) for row in found]

    async def get(self, conversation: str) -> tuple[Conversation, list[Turn]]:
        """One with its turns, in the order in which they were added."""
        async with self._database.reading() as connection:
            query = select(*_CONVERSATION).where(self._is(conversation))
            head = (await connection.execute(query)).mappings().first()
            if head is None:
                raise _missing(conversation)
            said = select(*_TURN).where(turns.c.conversation == conversation)
            rows = (await connection.execute(said.order_by(turns.c.number))).mappings().all()
            told = [await _told(connection, row) for row in rows]
        return Conversation(**head), told

    async def rename(self, conversation: str, title: str) -> None:
        """Give it another title."""
        values = {"title": title, "folded": title.casefold()}
        async with self._database.writing() as connection:
            query = update(conversations).where(self._is(conversation)).values(values)
            if not (await connection.execute(query)).rowcount:
                raise _missing(conversation)

    async def delete(self, conversation: str) -> None:
        """Leave nothing of it."""
        async with self._database.writing() as connection:
            await self._touch(connection, conversation)
            ids = select(turns.c.id).where(turns.c.conversation == conversation)
            await connection.execute(delete(pieces).where(pieces.c.turn.in_(ids)))
            await connection.execute(delete(turns).where(turns.c.conversation == conversation))
            await connection.execute(delete(conversations).where(self._is(conversation)))

    async def add(
        self,
        conversation: str,
        role: str,
        content: list[_Json],
        *,
        parent: str | None = None,
        model: str = "",
        state: State = "whole",
    ) -> Turn:
        """Keep a turn; one that runs gets its content later."""
        now = time.time()
        turn = Turn(
            id=secrets.token_hex(12),
            conversation=conversation,
            parent=parent,
            role=role,
            content=content,
            created=now,
            updated=now,
            model=model,
            state=state,
        )
        async with self._database.writing() as connection:
            await self._touch(connection, conversation)
            ours = turns.c.conversation == conversation
            if parent is not None:
                found = select(turns.c.id).where(turns.c.id == parent, ours)
                if await connection.scalar(found) is None:
                    raise InputError(f"there is no such turn: {parent}")
            last = await connection.scalar(select(func.max(turns.c.number)).where(ours))
            row = msgspec.structs.asdict(turn) | _content(content)
            row |= {"number": (last or 0) + 1, "usage": "{}"}
            await connection.execute(insert(turns).values(row))
        return turn

    async def append(self, turn: str, new: list[Piece]) -> None:
        """Keep what came of a turn that runs since the last time."""
        async with self._database.writing() as connection:
            await self._running(connection, turn)
            await connection.execute(
                update(turns).where(turns.c.id == turn).values(updated=time.time())
            )
            query = select(func.max(pieces.c.number)).where(pieces.c.turn == turn)
            last = await connection.scalar(query) or 0
            rows = [
                {"turn": turn, "number": number, "kind": piece.kind, "text": piece.text}
                for number, piece in enumerate(new, last + 1)
            ]
            if rows:
                await connection.execute(insert(pieces), rows)

    async def finish(
        self,
        turn: str,
        state: State,
        *,
        content: list[_Json] | None = None,
        provider: str = "",
        model: str = "",
        usage: dict[str, int] | None = None,
        cost: float | None = None,
        error: str = "",
    ) -> Turn:
        """End a turn that runs; without `content` it is what its pieces say."""
        async with self._database.writing() as connection:
            row = await self._running(connection, turn)
            said = await _said(connection, turn) if content is None else content
            values = {
                **_content(said),
                "state": state,
                "provider": provider,
                "model": model or row["model"],
                "usage": msgspec.json.encode(usage or {}).decode(),
                "cost": cost,
                "error": error,
                "updated": time.time(),
            }
            await connection.execute(update(turns).where(turns.c.id == turn).values(values))
            await connection.execute(delete(pieces).where(pieces.c.turn == turn))
            await self._touch(connection, row["conversation"])
        return _turn({**row, **{name: values[name] for name in row if name in values}})

    async def mend(self, before: float) -> int:
        """End the turns that run and got nothing since: whoever wrote them is gone. How many."""
        ours = select(conversations.c.id).where(conversations.c.owner == self._owner)
        query = select(turns.c.id).where(
            turns.c.state == "running", turns.c.updated < before, turns.c.conversation.in_(ours)
        )
        async with self._database.reading() as connection:
            found = (await connection.scalars(query)).all()
        for turn in found:
            await self.finish(turn, "broken", error="interrupted")
        return len(found)

    def _is(self, conversation: str) -> ColumnElement[bool]:
        return (conversations.c.id == conversation) & (conversations.c.owner == self._owner)

    async def _touch(self, connection: AsyncConnection, conversation: str) -> None:
        query = update(conversations).where(self._is(conversation)).values(updated=time.time())
        if not (await connection.execute(query)).rowcount:
            raise _missing(conversation)

    async def _running(self, connection: AsyncConnection, turn: str) -> RowMapping:
        query = select(*_TURN).join(conversations).where(turns.c.id == turn)
        query = query.where(conversations.c.owner == self._owner, turns.c.state == "running")
        row = (await connection.execute(query)).mappings().first()
        if row is None:
            raise InputError(f"there is no such turn that runs: {turn}")
        return row


def _missing(conversation: str) -> InputError:
    return InputError(f"there is no such conversation: {conversation}")


def _has(words: str) -> ColumnElement[bool]:
    said = exists().where(
        turns.c.conversation == conversations.c.id,
        turns.c.folded.contains(words, autoescape=True),
    )
    return or_(conversations.c.folded.contains(words, autoescape=True), said)


def _content(content: list[_Json]) -> dict[str, str]:
    encoded = msgspec.json.encode(content).decode()
    return {"content": encoded, "folded": words_of(content).casefold()}


async def _said(connection: AsyncConnection, turn: str) -> list[_Json]:
    query = select(pieces.c.kind, pieces.c.text).where(pieces.c.turn == turn)
    found = (await connection.execute(query.order_by(pieces.c.number))).all()
    return parts_of([Piece(kind, text) for kind, text in found])


async def _told(connection: AsyncConnection, row: RowMapping) -> Turn:
    turn = _turn(row)
    if turn.state != "running":
        return turn
    return msgspec.structs.replace(turn, content=await _said(connection, turn.id))


def _turn(row: RowMapping | dict[str, Any]) -> Turn:
    content = msgspec.json.decode(row["content"], type=list[_Json])
    usage = msgspec.json.decode(row["usage"], type=dict[str, int])
    return Turn(**{**row, "content": content, "usage": usage})
