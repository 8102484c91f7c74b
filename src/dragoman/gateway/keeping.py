"""What a gateway has in the store: usage, written behind its requests, and keys beside its own.

What it measures of its providers is written, too, once a minute; see `past.py`.

Its keys are read again each second, so one that is made or revoked holds without a restart. While
they cannot be read those that are known stay in force. A store that is there and cannot be read at
the start is an error: it may hold the keys that somebody counts on.
"""

import asyncio
import contextlib
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from dragoman.errors import ChatError
from dragoman.gateway.past import Past
from dragoman.gateway.record import Record
from dragoman.gateway.told import say
from dragoman.gateway.usage_rows import usage_row
from dragoman.gateway_settings import GatewayKey, GatewaySettings
from dragoman.routing.health import Health
from dragoman.store.behind import FLUSH_S, Behind
from dragoman.store.faults import StoreError
from dragoman.store.loading import is_installed, is_there, load_store, store_path
from dragoman.store.rows import UsageRow

if TYPE_CHECKING:
    from dragoman.store.store import Store

__all__ = ["LOOK_S", "Keeping"]

LOOK_S = 1.0
"""So often the keys are read."""
_COARSE_S = 60.0


class Keeping:
    """The store of one gateway; `follow` is called when its keys are others."""

    def __init__(self, follow: Callable[[], None]) -> None:
        self._follow = follow
        self.keys: tuple[GatewayKey, ...] = ()
        self.had_keys = False
        """Whether a key was ever made there: then one is asked for, even if none is left."""
        self._path = Path()
        self._writes = False
        self._store: Store | None = None
        self._opening = asyncio.Lock()
        self._behind: Behind[Record, UsageRow] | None = None
        self._past: Past | None = None
        self._looking: asyncio.Task[None] | None = None
        self._ending = asyncio.Event()
        self._used: set[str] = set()
        self._told_of: dict[str, float] = {}
        """When the use of a key was written last."""

    async def open(self, settings: GatewaySettings, health: Health) -> None:
        """Open the store, if there is one or one is wanted, and read its keys.

        What `health` measures from now on is kept. `StoreError` or `MissingRequirementsError` if
        there is a store that cannot be read.
        """
        self._path, self._writes = store_path(settings.database_url), settings.usage
        found = await asyncio.to_thread(is_there, self._path)
        if not found and not await asyncio.to_thread(is_installed):
            return
        if found:
            await self._look()
        self._behind = Behind(usage_row, self._write, say=say)
        self._past = Past(health, settings)
        if self._writes and not found:
            try:
                await self._look()
            except StoreError as error:
                say(f"usage and keys cannot be kept, and are tried again: {error}")
        self._ending.clear()
        self._looking = asyncio.create_task(self._keep_looking())

    def settle(self, settings: GatewaySettings) -> None:
        """Keep what is kept for as long as new settings say."""
        if self._past is not None:
            self._past.settle(settings)

    def note(self, record: Record, *, usage: bool) -> None:
        """A request is over; what is to be written of it is written soon."""
        if record.key_name:
            self._used.add(record.key_name)
        if usage and self._behind is not None:
            self._behind.note(record)

    async def close(self) -> None:
        """Write what waits, and close the store."""
        looking, self._looking = self._looking, None
        if looking is not None:
            # In the middle of a question the database's thread would answer to nobody.
            self._ending.set()
            await asyncio.wait([looking], timeout=FLUSH_S)
            looking.cancel()
        behind, self._behind = self._behind, None
        if behind is not None:
            await behind.close()
        if self._store is not None:
            with contextlib.suppress(StoreError):
                await self._tell_used(self._store, 0.0)
            if self._past is not None:
                with contextlib.suppress(StoreError):
                    await self._past.end(self._store)
            store, self._store = self._store, None
            await store.close()

    async def store(self) -> "Store":
        """The store, opened. `StoreError`, or `MissingRequirementsError` without the extra."""
        async with self._opening:
            if self._store is None:
                # It imports the library.
                store = await asyncio.to_thread(load_store, self._path)
                try:
                    await store.open()
                except BaseException:
                    await store.close()
                    raise
                self._store = store
        return self._store

    async def _write(self, rows: Sequence[UsageRow]) -> None:
        await (await self.store()).usage.add(rows)

    async def _keep_looking(self) -> None:
        """Look once a second, whatever happens; trouble is said once."""
        trouble = ""
        while True:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._ending.wait(), LOOK_S)
                return
            if self._store is None and not (
                self._writes or await asyncio.to_thread(is_there, self._path)
            ):
                continue
            try:
                await self._look()
            except ChatError as error:
                # While there has been no store there are no keys; the rest is said by who writes.
                if self._store is not None and not trouble:
                    trouble = str(error)
                    say(f"the stored keys cannot be read, those known stay in force: {error}")
            else:
                trouble = ""
            # If it fails it is tried again, and whoever writes usage says why.
            with contextlib.suppress(StoreError):
                await self._tend()

    async def _tend(self) -> None:
        if self._past is not None and self._store is not None:
            await self._past.tend(self._store)

    async def _look(self) -> None:
        store = await self.store()
        keys, had_keys = await store.keys.active()
        if (keys, had_keys) != (self.keys, self.had_keys):
            self.keys, self.had_keys = keys, had_keys
            self._follow()
        await self._tell_used(store, _COARSE_S)

    async def _tell_used(self, store: "Store", least_s: float) -> None:
        # The rest are keys of the configuration; who was told of just now is told of again later.
        self._used &= {key.name for key in self.keys}
        now = time.time()
        due = {name for name in self._used if now - self._told_of.get(name, 0.0) >= least_s}
        if due:
            await store.keys.used(due, now)
            self._used -= due
            self._told_of |= dict.fromkeys(due, now)
