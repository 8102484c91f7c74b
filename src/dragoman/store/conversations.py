"""Conversations of one key in the database, and their turns.

A turn is on the disk when the call that keeps it returns. What is said while an answer runs is
`running.py`'s. Pictures are kept as pieces of the turn that shows them, so that who lists turns
does not read megabytes of them.
"""

import time
from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, delete, exists, func, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from dragoman.store.database import Database
from dragoman.store.rows import Conversation, State, Turn
from dragoman.store.running import said
from dragoman.store.tables import conversations, pieces, turns
from dragoman.store.turn_rows import (
    CONVERSATION,
    TURN,
    conversation_of,
    encoded,
    missing,
    new_id,
    turn_columns,
    turn_of,
)

__all__ = ["Conversations"]

_Json = dict[str, Any]


class Conversations:
    """The conversations of `owner`, a key's name. `UnknownError` for one that it does not have."""

    def __init__(self, database: Database, owner: str) -> None:
        self._database = database
        self._owner = owner

    async def create(self, title: str, settings: _Json | None = None) -> Conversation:
        """Begin one."""
        now = time.time()
        made = Conversation(
            id=new_id(), title=title, created=now, updated=now, settings=settings or {}
        )
        row = msgspec.structs.asdict(made) | {
            "owner": self._owner,
            "folded": title.casefold(),
            "settings": encoded(made.settings),
        }
        async with self._database.writing() as connection:
            await connection.execute(insert(conversations).values(row))
        return made

    async def latest(
        self, search: str = "", *, before: float | None = None, most: int = 50
    ) -> list[Conversation]:
        """The latest ones, of those updated before a time, with these words in title or turns."""
        query = select(*CONVERSATION).where(conversations.c.owner == self._owner)
        if search.strip():
            query = query.where(_has(search.strip().casefold()))
        if before is not None:
            query = query.where(conversations.c.updated < before)
        query = query.order_by(conversations.c.updated.desc(), conversations.c.id).limit(most)
        async with self._database.reading() as connection:
            found = (await connection.execute(query)).mappings().all()
        return [conversation_of(row) for row in found]

    async def head(self, conversation: str) -> Conversation:
        """One without its turns."""
        async with self._database.reading() as connection:
            return await self._head(connection, conversation)

    async def get(self, conversation: str) -> tuple[Conversation, list[Turn]]:
        """One with its turns, in the order in which they were added."""
        async with self._database.reading() as connection:
            head = await self._head(connection, conversation)
            query = select(*TURN).where(turns.c.conversation == conversation)
            rows = (await connection.execute(query.order_by(turns.c.number))).mappings().all()
            told = [await _told(connection, turn_of(row)) for row in rows]
        return head, told

    async def turn(self, turn: str) -> Turn:
        """One turn."""
        query = select(*TURN).join(conversations).where(turns.c.id == turn)
        async with self._database.reading() as connection:
            row = (await connection.execute(query.where(self._mine()))).mappings().first()
            if row is None:
                raise missing("turn", turn)
            return await _told(connection, turn_of(row))

    async def branch(self, turn: str) -> list[Turn]:
        """A turn and those that it follows, the first one first."""
        async with self._database.reading() as connection:
            query = select(turns.c.conversation).join(conversations)
            home = await connection.scalar(query.where(turns.c.id == turn, self._mine()))
            if home is None:
                raise missing("turn", turn)
            links = select(turns.c.id, turns.c.parent).where(turns.c.conversation == home)
            parents = {row.id: row.parent for row in await connection.execute(links)}
            trail: list[str] = []
            at: str | None = turn
            while at is not None and at in parents:
                trail.append(at)
                at = parents.pop(at)
            return [await _one(connection, each) for each in reversed(trail)]

    async def picture(self, turn: str, number: int) -> str:
        """A picture of a turn, in base64; `number` is what its part calls `piece`."""
        query = select(pieces.c.text).join(turns, turns.c.id == pieces.c.turn).join(conversations)
        query = query.where(
            pieces.c.turn == turn, pieces.c.number == number, pieces.c.kind == "image"
        )
        async with self._database.reading() as connection:
            found = await connection.scalar(query.where(self._mine()))
        if found is None:
            raise missing("picture", f"{turn}/{number}")
        return str(found)

    async def pictures(self, conversation: str) -> dict[tuple[str, int], str]:
        """The pictures of a conversation in base64, by turn and piece."""
        query = select(pieces.c.turn, pieces.c.number, pieces.c.text)
        query = query.join(turns, turns.c.id == pieces.c.turn).join(conversations)
        query = query.where(conversations.c.id == conversation, pieces.c.kind == "image")
        async with self._database.reading() as connection:
            found = (await connection.execute(query.where(self._mine()))).all()
        return {(row.turn, row.number): row.text for row in found}

    async def change(
        self, conversation: str, *, title: str | None = None, settings: _Json | None = None
    ) -> Conversation:
        """Give it another title, or other settings; what it is then."""
        values: _Json = {} if title is None else {"title": title, "folded": title.casefold()}
        if settings is not None:
            values["settings"] = encoded(settings)
        async with self._database.writing() as connection:
            if values:
                query = update(conversations).where(self._is(conversation)).values(values)
                await connection.execute(query)
            return await self._head(connection, conversation)

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
        pictures: Sequence[str] = (),
    ) -> Turn:
        """Keep a turn; one that runs gets its content later.

        `pictures` are in base64, and the parts name them from 1 on.
        """
        turn = _made(conversation, role, content, parent=parent, model=model, state=state)
        async with self._database.writing() as connection:
            await self._add(connection, turn)
            await _keep_pictures(connection, turn.id, pictures)
        return turn

    async def say(
        self,
        conversation: str,
        content: list[_Json],
        *,
        parent: str | None,
        models: Sequence[str],
        pictures: Sequence[str] = (),
        title: str = "",
    ) -> tuple[Turn, list[Turn]]:
        """Keep what a user says and an answer that runs for each model: all, or nothing.

        The conversation gets the title if it has none.
        """
        asked = _made(conversation, "user", content, parent=parent)
        answers = [
            _made(conversation, "assistant", [], parent=asked.id, model=model, state="running")
            for model in models
        ]
        async with self._database.writing() as connection:
            for turn in (asked, *answers):
                await self._add(connection, turn)
            await _keep_pictures(connection, asked.id, pictures)
            if title:
                named = {"title": title, "folded": title.casefold()}
                query = update(conversations).where(self._is(conversation))
                query = query.where(conversations.c.title == "")
                await connection.execute(query.values(named))
        return asked, answers

    async def stop(self, turn: str) -> None:
        """Ask whoever runs a turn to stop it; it makes no difference to one that has ended."""
        ours = select(conversations.c.id).where(self._mine())
        query = update(turns).where(turns.c.id == turn, turns.c.conversation.in_(ours))
        async with self._database.writing() as connection:
            if not (await connection.execute(query.values(stopping=1))).rowcount:
                raise missing("turn", turn)

    async def _add(self, connection: AsyncConnection, turn: Turn) -> None:
        await self._touch(connection, turn.conversation)
        ours = turns.c.conversation == turn.conversation
        if turn.parent is not None:
            found = select(turns.c.id).where(turns.c.id == turn.parent, ours)
            if await connection.scalar(found) is None:
                raise missing("turn", turn.parent)
        last = await connection.scalar(select(func.max(turns.c.number)).where(ours))
        await connection.execute(insert(turns).values(turn_columns(turn, (last or 0) + 1)))

    async def _head(self, connection: AsyncConnection, conversation: str) -> Conversation:
        query = select(*CONVERSATION).where(self._is(conversation))
        row = (await connection.execute(query)).mappings().first()
        if row is None:
            raise missing("conversation", conversation)
        return conversation_of(row)

    async def _touch(self, connection: AsyncConnection, conversation: str) -> None:
        query = update(conversations).where(self._is(conversation)).values(updated=time.time())
        if not (await connection.execute(query)).rowcount:
            raise missing("conversation", conversation)

    def _mine(self) -> ColumnElement[bool]:
        return conversations.c.owner == self._owner

    def _is(self, conversation: str) -> ColumnElement[bool]:
        return (conversations.c.id == conversation) & self._mine()


def _made(
    conversation: str,
    role: str,
    content: list[_Json],
    *,
    parent: str | None,
    model: str = "",
    state: State = "whole",
) -> Turn:
    now = time.time()
    return Turn(
        id=new_id(),
        conversation=conversation,
        parent=parent,
        role=role,
        content=content,
        created=now,
        updated=now,
        model=model,
        state=state,
    )


def _has(words: str) -> ColumnElement[bool]:
    said = exists().where(
        turns.c.conversation == conversations.c.id,
        turns.c.folded.contains(words, autoescape=True),
    )
    return or_(conversations.c.folded.contains(words, autoescape=True), said)


async def _one(connection: AsyncConnection, turn: str) -> Turn:
    row = (await connection.execute(select(*TURN).where(turns.c.id == turn))).mappings().one()
    return await _told(connection, turn_of(row))


async def _told(connection: AsyncConnection, turn: Turn) -> Turn:
    if turn.state != "running":
        return turn
    return msgspec.structs.replace(turn, content=await said(connection, turn.id))


async def _keep_pictures(connection: AsyncConnection, turn: str, pictures: Sequence[str]) -> None:
    rows = [
        {"turn": turn, "number": number, "kind": "image", "text": picture}
        for number, picture in enumerate(pictures, 1)
    ]
    if rows:
        await connection.execute(insert(pieces), rows)
