"""What one gateway holds: its configuration and all that is made of it, exchanged as a whole.

A new configuration is read beside the old one and takes its place when it is whole; requests that
run go on with the old one, which is closed when the last of them has ended.
"""

import asyncio
import contextlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from dragoman.config import Config, load_config
from dragoman.door_client import DoorClient
from dragoman.gateway.access_log import write_line
from dragoman.gateway.fetching import Fetching
from dragoman.gateway.keeping import Keeping
from dragoman.gateway.metrics import Meter
from dragoman.gateway.record import Record
from dragoman.gateway_keys import NOBODYS, KeyRing, check_address, is_open_to_others
from dragoman.gateway_settings import GatewayKey, GatewaySettings
from dragoman.limits import Limiter, Limits
from dragoman.listing import Listing
from dragoman.prices import read_prices
from dragoman.providers.handshake import StepOutcome
from dragoman.routing.health import Health
from dragoman.routing.planning import own_words
from dragoman.routing.prober import PROBE_LIMIT_S, Prober

if TYPE_CHECKING:
    from dragoman.store.store import Store

__all__ = ["Gateway", "Held"]

# Reading the list of prices would take as much of the processor from the start as all the rest.
_SETTLE_S = 0.5


class Held:
    """One configuration at work: its client, keys and limits, and how many requests use it."""

    def __init__(self, config: Config, limits: Limits, health: Health) -> None:
        self.config = config
        self.settings: GatewaySettings = config.gateway
        self.health = health
        self.fetching = Fetching() if config.gateway.fetch_images else None
        says = self.fetching.says if self.fetching is not None else own_words
        self.client = DoorClient(config, health=health, says=says)
        self.reach = self.client.reach
        self.listing = Listing(self.client, config)
        # What was used up under the old configuration is used up under the new one.
        self.limits = limits
        self._users = 0
        self._idle: asyncio.Event | None = None
        """For who waits until nobody uses it."""

    def follow(self, stored: Sequence[GatewayKey]) -> None:
        """Have these keys beside those of the configuration."""
        keys = (*self.config.gateway.keys, *stored)
        self.settings = msgspec.structs.replace(self.config.gateway, keys=keys)
        self.keys = KeyRing(keys)

    def enter(self) -> None:
        """A request runs with it, until `leave`."""
        self._users += 1

    def leave(self) -> None:
        """A request that ran with it is over."""
        self._users -= 1
        if not self._users and self._idle is not None:
            self._idle.set()

    @contextlib.contextmanager
    def used(self) -> Iterator["Held"]:
        """For as long as a request runs."""
        self.enter()
        try:
            yield self
        finally:
            self.leave()

    async def close(self) -> None:
        """Close it when nobody uses it any more."""
        while self._users:
            self._idle = asyncio.Event()
            await self._idle.wait()
        await self.client.close()


class Gateway:
    """A gateway; it belongs to one event loop from its first request on.

    Unless it `keeps` something it has neither keys nor usage in the store.
    """

    def __init__(self, config: Config | str | Path | None = None, *, keeps: bool = True) -> None:
        self._given = config
        self._keeping = Keeping(self._follow) if keeps else None
        self.in_force: Held | None = None
        """The configuration in force, if one has been read."""
        self._opening = asyncio.Lock()
        self._closing: set[asyncio.Task[None]] = set()
        self.host: str | None = None
        """Where it really listens, if a server says so; a new configuration must suit it."""
        self.ends_at: float | None = None
        """When the requests that run must be over, by the loop's clock, once it was told to end."""
        self.meter = Meter()
        self.health = Health()
        """What was measured; it outlives a configuration."""
        self.limits: Limits = Limiter()
        """What the keys have used; it outlives a configuration, too."""
        self._probing: asyncio.Task[None] | None = None
        self._settling: asyncio.TimerHandle | None = None
        self._reading: asyncio.Task[None] | None = None
        self._cuts: list[Callable[[], None]] = []

    async def held(self) -> Held:
        """The configuration in force; read at the first use."""
        if self.in_force is None:
            async with self._opening:
                if self.in_force is None:
                    config = await self._read()
                    if self._keeping is not None:
                        await self._keeping.open(config.gateway, self.health)
                    self.in_force = self._hold(config)
                    # Else the first answer that has a price would hold up all others.
                    loop = asyncio.get_running_loop()
                    self._settling = loop.call_later(_SETTLE_S, self._read_prices)
        return self.in_force

    async def reload(self) -> None:
        """Put the configuration's file, read anew, in force; if it is wrong the old one stays.

        Raises `InputError`, which names file and line.
        """
        fresh = await self._read()
        if self.host is not None:
            stored = self._keeping.keys if self._keeping is not None else ()
            check_address(msgspec.structs.replace(fresh.gateway, host=self.host), stored)
        if self._keeping is not None:
            self._keeping.settle(fresh.gateway)
        old, self.in_force = self.in_force, self._hold(fresh)
        if old is not None:
            task = asyncio.ensure_future(old.close())
            self._closing.add(task)
            task.add_done_callback(self._closing.discard)

    def on_close(self, cut: Callable[[], None]) -> None:
        """Have this called before requests that run are waited for: some are no tasks."""
        self._cuts.append(cut)

    async def close(self) -> None:
        """Close every connection; requests that run are waited for."""
        for cut in self._cuts:
            cut()
        probing, self._probing = self._probing, None
        if probing is not None:
            probing.cancel()
            await asyncio.wait([probing])
        if self._settling is not None:
            self._settling.cancel()
        reading, self._reading = self._reading, None
        if reading is not None:
            await reading
        held, self.in_force = self.in_force, None
        if held is not None:
            await held.close()
        await asyncio.gather(*self._closing)
        if self._keeping is not None:
            await self._keeping.close()

    async def store(self) -> "Store | None":
        """The store of this gateway, opened; None if it keeps nothing. Errors as `load_store`."""
        await self.held()
        return await self._keeping.store() if self._keeping is not None else None

    def settle(self, record: Record, held: Held) -> None:
        """Count and log a request that is over."""
        self.meter.end(record)
        if held.settings.log:
            write_line(record)
        if self._keeping is not None:
            self._keeping.note(record, usage=held.settings.usage)

    def _read_prices(self) -> None:
        self._reading = asyncio.create_task(asyncio.to_thread(read_prices))

    def _hold(self, config: Config) -> Held:
        self.limits.concurrency = config.gateway.concurrency
        self.health.settle(config.health)
        if config.health.active_s > 0 and self._probing is None:
            prober = Prober(self.health, self._probed, self._probe)
            self._probing = asyncio.create_task(prober.run())
        held = Held(config, self.limits, self.health)
        held.follow(self._stored(config.gateway))
        return held

    def _follow(self) -> None:
        """The stored keys are others."""
        if self.in_force is not None:
            self.in_force.follow(self._stored(self.in_force.config.gateway))

    def _stored(self, settings: GatewaySettings) -> tuple[GatewayKey, ...]:
        """The keys of the store; one of nobody's where it must not stand open without them."""
        if self._keeping is None or self._keeping.keys:
            return self._keeping.keys if self._keeping is not None else ()
        host = settings.host if self.host is None else self.host
        is_open = is_open_to_others(msgspec.structs.replace(settings, host=host))
        closes = not settings.keys and (self._keeping.had_keys or (self.host and is_open))
        return (NOBODYS,) if closes else ()

    async def _probed(self) -> list[str]:
        """The providers that routes name, and that can be asked."""
        config = (await self.held()).config
        named = {each.provider for route in config.routes.values() for each in route.candidates}
        return [
            name for name in config.providers if name in named and config.providers[name].is_usable
        ]

    async def _probe(self, provider: str) -> list[StepOutcome]:
        with (await self.held()).used() as held:
            return await held.client.probe(provider, timeout=PROBE_LIMIT_S)

    async def _read(self) -> Config:
        if isinstance(self._given, Config):
            return self._given
        return await asyncio.to_thread(load_config, self._given)
