"""Probes that somebody asks for at the page: one at a time of each provider, and not too often.

Pure but for the clock. Each worker counts its own: a probe costs a service next to nothing.
"""

import contextlib
import time
from collections.abc import Callable, Iterator

from dragoman.errors import ResponseStatusError

__all__ = ["SPACE_S", "Probing"]

SPACE_S = 2.0
"""Seconds between the beginnings of two probes of one provider."""


class Probing:
    """Who is being probed, and when that began last."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._running: set[str] = set()
        self._begun: dict[str, float] = {}

    @contextlib.contextmanager
    def turn(self, provider: str) -> Iterator[None]:
        """For as long as a probe runs; `ResponseStatusError` with status 429 if it must wait."""
        now, begun = self._clock(), self._begun.get(provider)
        wait_s = 0.0 if begun is None else begun + SPACE_S - now
        if wait_s > 0 or provider in self._running:
            raise ResponseStatusError(
                f"{provider} was probed just now: wait a moment",
                status=429,
                retry_after=max(wait_s, 1.0),
            )
        self._running.add(provider)
        self._begun[provider] = now
        try:
            yield
        finally:
            self._running.discard(provider)
