"""Sessions of the page in the database: whose token it is, by its digest."""

import hashlib
import time

from sqlalchemy import delete, insert, select, update

from dragoman.store.database import Database
from dragoman.store.tables import sessions

__all__ = ["SessionTable"]

_COARSE_S = 3600.0


class SessionTable:
    """Who is signed in at the page."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def begin(self, token: str, key: str, kept_s: float) -> None:
        """Keep a new session of a key; those that have ended are forgotten."""
        now = time.time()
        row = {"digest": _digest(token), "key": key, "created": now, "used": now}
        async with self._database.writing() as connection:
            await connection.execute(delete(sessions).where(sessions.c.used < now - kept_s))
            await connection.execute(insert(sessions).values(row))

    async def used(self, token: str, kept_s: float) -> str | None:
        """The key's name of a session that was used within `kept_s`; None of any other."""
        query = select(sessions.c.key, sessions.c.used).where(sessions.c.digest == _digest(token))
        async with self._database.reading() as connection:
            found = (await connection.execute(query)).first()
        now = time.time()
        if found is None or found.used < now - kept_s:
            return None
        if found.used < now - _COARSE_S:
            change = update(sessions).where(sessions.c.digest == _digest(token)).values(used=now)
            async with self._database.writing() as connection:
                await connection.execute(change)
        return str(found.key)

    async def end(self, token: str) -> None:
        """Forget a session."""
        async with self._database.writing() as connection:
            await connection.execute(delete(sessions).where(sessions.c.digest == _digest(token)))


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
