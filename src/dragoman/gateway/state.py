"""What one gateway holds: its configuration and all that is made of it, exchanged as a whole.

A new configuration is read beside the old one and takes its place when it is whole; requests that
run go on with the old one, which is closed when the last of them has ended.
"""

import asyncio
import contextlib
from collections.abc import Iterator
from pathlib import Path

import msgspec

from dragoman.config import Config, load_config
from dragoman.door_client import DoorClient
from dragoman.gateway.access_log import write_line
from dragoman.gateway.fetching import Fetching
from dragoman.gateway.metrics import Meter
from dragoman.gateway.record import Record
from dragoman.gateway_keys import KeyRing, check_address
from dragoman.gateway_settings import GatewaySettings
from dragoman.limits import Limiter
from dragoman.listing import Listing

__all__ = ["Gateway", "Held"]


class Held:
    """One configuration at work: its client, keys and limits, and how many requests use it."""

    def __init__(self, config: Config, limits: Limiter) -> None:
        self.config = config
        self.settings: GatewaySettings = config.gateway
        self.client = DoorClient(config)
        self.listing = Listing(self.client, config)
        self.keys = KeyRing(config.gateway.keys)
        # What was used up under the old configuration is used up under the new one.
        self.limits = limits
        self.fetching = Fetching() if config.gateway.fetch_images else None
        self._users = 0
        self._idle = asyncio.Event()
        self._idle.set()

    @contextlib.contextmanager
    def used(self) -> Iterator["Held"]:
        """For as long as a request runs."""
        self._users += 1
        self._idle.clear()
        try:
            yield self
        finally:
            self._users -= 1
            if not self._users:
                self._idle.set()

    async def close(self) -> None:
        """Close it when nobody uses it any more."""
        await self._idle.wait()
        await self.client.close()


class Gateway:
    """A gateway; it belongs to one event loop from its first request on."""

    def __init__(self, config: Config | str | Path | None = None) -> None:
        self._given = config
        self._held: Held | None = None
        self._opening = asyncio.Lock()
        self._closing: set[asyncio.Task[None]] = set()
        self._limits = Limiter()
        self.host: str | None = None
        """Where it really listens, if a server says so; a new configuration must suit it."""
        self.meter = Meter()

    async def held(self) -> Held:
        """The configuration in force; read at the first use."""
        if self._held is None:
            async with self._opening:
                if self._held is None:
                    self._held = self._hold(await self._read())
        return self._held

    async def reload(self) -> None:
        """Put the configuration's file, read anew, in force; if it is wrong the old one stays.

        Raises `InputError`, which names file and line.
        """
        fresh = await self._read()
        if self.host is not None:
            check_address(msgspec.structs.replace(fresh.gateway, host=self.host))
        old, self._held = self._held, self._hold(fresh)
        if old is not None:
            task = asyncio.ensure_future(old.close())
            self._closing.add(task)
            task.add_done_callback(self._closing.discard)

    async def close(self) -> None:
        """Close every connection; requests that run are waited for."""
        held, self._held = self._held, None
        if held is not None:
            await held.close()
        await asyncio.gather(*self._closing)

    def settle(self, record: Record, held: Held) -> None:
        """Count and log a request that is over."""
        self.meter.end(record)
        if held.settings.log:
            write_line(record)

    def _hold(self, config: Config) -> Held:
        self._limits.concurrency = config.gateway.concurrency
        return Held(config, self._limits)

    async def _read(self) -> Config:
        if isinstance(self._given, Config):
            return self._given
        return await asyncio.to_thread(load_config, self._given)
