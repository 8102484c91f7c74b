"""The gateway's keys in the database: their SHA-256 digests, never a key.

A key that is revoked is still known: its name is taken, and a gateway that had it asks for one.
"""

import secrets
import time
from collections.abc import Iterable

import msgspec
from sqlalchemy import Delete, RowMapping, Update, delete, insert, or_, select, update

from dragoman.errors import InputError
from dragoman.gateway_settings import GatewayKey, digest_of
from dragoman.store.database import Database
from dragoman.store.faults import StoreError
from dragoman.store.rows import StoredKey
from dragoman.store.tables import keys

__all__ = ["COARSE_S", "KeyTable"]

COARSE_S = 60.0
"""When a key was used last is known to so many seconds."""
_TOLD = [column for column in keys.c if column.name != "digest"]


class KeyTable:
    """The keys that were made on the command line."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def create(self, name: str, limits: GatewayKey) -> str:
        """Make a key of this name with these limits; the key, which is told this once.

        `InputError` if there is or was one of that name.
        """
        key = f"sk-{secrets.token_urlsafe(32)}"
        row = {
            "name": name,
            "digest": digest_of(key).hex(),
            "created": time.time(),
            "models": msgspec.json.encode(limits.models).decode(),
            "requests_per_minute": limits.requests_per_minute,
            "tokens_per_minute": limits.tokens_per_minute,
            "concurrency": limits.concurrency,
        }
        async with self._database.writing() as connection:
            if await connection.scalar(select(keys.c.name).where(keys.c.name == name)):
                raise InputError(f"there is or was a key of the name {name}: take another")
            await connection.execute(insert(keys).values(row))
        return key

    async def every(self) -> list[StoredKey]:
        """Every key, in the order in which they were made."""
        async with self._database.reading() as connection:
            query = select(*_TOLD).order_by(keys.c.created, keys.c.name)
            found = (await connection.execute(query)).mappings().all()
        return [StoredKey(**{**row, "models": _models(row)}) for row in found]

    async def active(self) -> tuple[tuple[GatewayKey, ...], bool]:
        """The keys that open a gateway; and whether there is any, be it a revoked one.

        `StoreError` if one of them is damaged: no limit of it is guessed.
        """
        async with self._database.reading() as connection:
            query = select(keys).order_by(keys.c.created, keys.c.name)
            found = (await connection.execute(query)).mappings().all()
        try:
            return tuple(_key(row) for row in found if row["revoked"] is None), bool(found)
        except (ValueError, msgspec.DecodeError) as exc:
            raise StoreError(f"{self._database.path}: a key in it is damaged") from exc

    async def revoke(self, name: str) -> None:
        """Have it open nothing any more. `InputError` if there is none that does."""
        is_it = (keys.c.name == name) & keys.c.revoked.is_(None)
        await self._change(name, update(keys).where(is_it).values(revoked=time.time()))

    async def forget(self, name: str) -> None:
        """Leave nothing of it. `InputError` if there is none."""
        await self._change(name, delete(keys).where(keys.c.name == name))

    async def used(self, names: Iterable[str], now: float) -> None:
        """Note that these were used."""
        is_old = or_(keys.c.last_used.is_(None), keys.c.last_used <= now - COARSE_S)
        query = update(keys).where(keys.c.name.in_(tuple(names)), is_old).values(last_used=now)
        async with self._database.writing() as connection:
            await connection.execute(query)

    async def _change(self, name: str, query: Update | Delete) -> None:
        async with self._database.writing() as connection:
            changed = (await connection.execute(query)).rowcount
        if not changed:
            raise InputError(f"there is no such key: {name}; `dragoman keys list` shows them")


def _key(row: RowMapping) -> GatewayKey:
    return GatewayKey(
        name=row["name"],
        digest=bytes.fromhex(row["digest"]),
        models=_models(row),
        requests_per_minute=row["requests_per_minute"],
        tokens_per_minute=row["tokens_per_minute"],
        concurrency=row["concurrency"],
    )


def _models(row: RowMapping) -> tuple[str, ...]:
    return msgspec.json.decode(row["models"], type=tuple[str, ...])
