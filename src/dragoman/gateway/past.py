"""What a gateway keeps of the past, and for how long: how providers did, minute by minute.

Each worker adds what it has measured itself to the minute's rows, so those of several, and of
several gateways with one store, tell of all. What is older than the settings say is forgotten a
piece at a time.
"""

import time
from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING

import msgspec

from dragoman.errors import excerpt
from dragoman.gateway_settings import GatewaySettings
from dragoman.routing.health import Health
from dragoman.routing.history import History
from dragoman.store.rows import HealthRow

if TYPE_CHECKING:
    from dragoman.store.store import Store

__all__ = ["FORGET_EVERY_S", "Past"]

FORGET_EVERY_S = 3600.0
"""So often it is looked for what is old."""

_MINUTE_S = 60
_DAY_S = 86400
# While they cannot be written: a few minutes of a busy gateway.
_MOST_WAITING = 2_000


class Past:
    """The past of one worker. `clock` gives Unix seconds."""

    def __init__(
        self, health: Health, settings: GatewaySettings, clock: Callable[[], float] = time.time
    ) -> None:
        self._history = History(health)
        self._clock = clock
        self._minute = self._now_minute()
        self._waiting: deque[HealthRow] = deque(maxlen=_MOST_WAITING)
        self.settle(settings)

    def settle(self, settings: GatewaySettings) -> None:
        """Go on under new settings."""
        self._settings = settings
        self._forget_at = 0.0

    async def tend(self, store: "Store") -> None:
        """Write the minute that is over and forget a piece of what is old, as far as is due.

        To be called once a second or so. `StoreError`; nothing is lost by it.
        """
        minute = self._now_minute()
        if minute != self._minute:
            self._take()
            self._minute = minute
        await self._write(store)
        if self._clock() >= self._forget_at:
            await self._forget(store)

    async def end(self, store: "Store") -> None:
        """Write what there is of the minute that is not over. `StoreError`."""
        self._take()
        await self._write(store)

    def _now_minute(self) -> int:
        return int(self._clock() // _MINUTE_S)

    def _take(self) -> None:
        for span in self._history.take():
            told = msgspec.structs.asdict(span)
            # A caller may write anything there, a key by mistake.
            told["model"] = excerpt(span.model)
            self._waiting.append(HealthRow(minute=self._minute, **told))

    async def _write(self, store: "Store") -> None:
        await store.health.add(self._waiting)
        self._waiting.clear()

    async def _forget(self, store: "Store") -> None:
        now, settings = self._clock(), self._settings
        # First: new settings that come meanwhile have it looked at once.
        self._forget_at = now + FORGET_EVERY_S
        kept = ((store.usage, settings.usage_days), (store.health, settings.health_days))
        left = [await table.forget(now - days * _DAY_S) for table, days in kept if days]
        if any(left):
            self._forget_at = now
