"""From any earlier schema to the present one, step by step, each in a transaction of its own.

Whoever begins a transaction to write is alone: two processes that start at once do each step once.
A process that dies leaves whole steps behind.
"""

import time
from collections.abc import Callable, Sequence
from typing import TypeAlias

from sqlalchemy import Column, Connection, Double, Integer, MetaData, Table, func, insert, select

from dragoman.store.faults import StoreError

__all__ = ["Steps", "advance", "check_version", "version_of"]

Steps: TypeAlias = Sequence[Callable[[Connection], None]]

_VERSIONS = Table(
    "schema_version",
    MetaData(),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("applied", Double, nullable=False),
)


def version_of(connection: Connection) -> int:
    """The schema's version; 0 of an empty database."""
    if not connection.dialect.has_table(connection, _VERSIONS.name):
        return 0
    found: int | None = connection.scalar(select(func.max(_VERSIONS.c.version)))
    return found or 0


def check_version(version: int, steps: Steps, where: str) -> None:
    """Raise `StoreError` if a later version of this program was there before."""
    if version > len(steps):
        raise StoreError(
            f"{where}: a later version of dragoman wrote it (schema {version}, this one knows "
            f"{len(steps)})",
            "Update dragoman, or move the file away",
        )


def advance(connection: Connection, steps: Steps) -> int:
    """Do the next step, if there is one; the version that it is then.

    `connection` has begun a transaction to write.
    """
    version = version_of(connection)
    if version >= len(steps):
        return version
    _VERSIONS.create(connection, checkfirst=True)
    steps[version](connection)
    connection.execute(insert(_VERSIONS).values(version=version + 1, applied=time.time()))
    return version + 1
