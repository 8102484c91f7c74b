"""A breaker: when a model that fails is left alone, and when one request may try it again.

    closed   every request is let through
    open     none is, until the time of the next probe
    probe    a probe is due: the one request that comes first is let through, and takes the turn

It opens on failures in a row, or on the share of failures within a window; it lets one probe
through per interval, and closes when one succeeds. Nothing waits for a probe's outcome, so a probe
that nobody hears of again costs one interval and blocks nothing.
Pure: values in, values out; times are seconds of one clock that never goes back.
Source: Michael Nygard, "Release It!", chapter "Stability Patterns", as Azure's "Circuit Breaker
pattern" page sums it up, read 2026-11-21.
"""

from typing import Literal, TypeAlias

import msgspec

from dragoman.routing.health_settings import HealthSettings

__all__ = ["CLOSED", "LEAST_REQUESTS", "Breaker", "State"]

State: TypeAlias = Literal["closed", "open", "probe"]

LEAST_REQUESTS = 10
"""So many requests make a share of failures."""


class Breaker(msgspec.Struct, frozen=True, kw_only=True):
    """What a breaker remembers."""

    in_row: int = 0
    """Failures since the last success."""
    is_open: bool = False
    opened_at: float = 0.0
    probe_at: float = 0.0
    """When the next probe is due; of an open one."""
    since: float = 0.0
    """When it closed last: what failed before says nothing of now."""
    openings: int = 0

    def state(self, now: float, settings: HealthSettings) -> State:
        """What it does with a request that comes now."""
        if not self.is_open or not settings.breaks:
            return "closed"
        return "open" if self.until_s(now, settings) > 0 else "probe"

    def until_s(self, now: float, settings: HealthSettings) -> float:
        """Seconds until the next probe; 0 if one is due, or all are let through."""
        if not self.is_open:
            return 0.0
        # Under new settings, no longer than they say.
        return min(max(0.0, self.probe_at - now), settings.probe_every_s)

    def admitted(self, now: float, settings: HealthSettings) -> "Breaker":
        """After a probe was let through: it has taken the turn."""
        return msgspec.structs.replace(self, probe_at=now + settings.probe_every_s)

    def due(self, now: float) -> "Breaker":
        """With the next probe due now."""
        return msgspec.structs.replace(self, probe_at=now) if self.is_open else self

    def failed(
        self, now: float, settings: HealthSettings, window: tuple[int, int] = (0, 0)
    ) -> "Breaker":
        """After a failure. `window` is the failures and the requests of the window, this one too.

        One that is open stays so, and its next probe comes no later for that.
        """
        in_row = self.in_row + 1
        if self.is_open or not _is_enough(in_row, window, settings):
            return msgspec.structs.replace(self, in_row=in_row)
        return msgspec.structs.replace(
            self,
            in_row=in_row,
            is_open=True,
            opened_at=now,
            probe_at=now + settings.probe_every_s,
            openings=self.openings + 1,
        )

    def succeeded(self, now: float, began_at: float) -> "Breaker":
        """After a success of a request that began at `began_at`.

        An answer that had begun before the breaker opened tells of the time before.
        """
        if not self.is_open:
            return msgspec.structs.replace(self, in_row=0) if self.in_row else self
        if began_at < self.opened_at:
            return self
        return Breaker(since=now, openings=self.openings)


CLOSED = Breaker()


def _is_enough(in_row: int, window: tuple[int, int], settings: HealthSettings) -> bool:
    if 0 < settings.breaker_failures <= in_row:
        return True
    failures, requests = window
    is_known = settings.breaker_error_rate > 0 and requests >= LEAST_REQUESTS
    return is_known and failures >= settings.breaker_error_rate * requests
