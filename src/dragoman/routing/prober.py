"""Active probes: a provider's handshake, or its list of models, asked for now and then.

Never a chat: a probe costs the service next to nothing, and us no token. Where workers share what
they measure, one of them probes for all. What is learned is told by `Health.probe_of`; see there
for what it changes.
"""

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable, Iterable, Sequence
from functools import partial

from dragoman.errors import ChatError
from dragoman.providers.handshake import StepOutcome
from dragoman.routing.board import Failure
from dragoman.routing.health import Health

__all__ = ["PROBE_LIMIT_S", "Prober"]

PROBE_LIMIT_S = 10.0
"""A probe takes no longer, whatever the service does."""

_MOST_AT_ONCE = 8

Probe = Callable[[str], Awaitable[Sequence[StepOutcome]]]


class Prober:
    """Measures providers for as long as `run` runs.

    `providers` names those to probe, anew each time; `probe` is how, and gives the steps.
    """

    def __init__(
        self,
        health: Health,
        providers: Callable[[], Awaitable[Iterable[str]]],
        probe: Probe,
        *,
        limit_s: float = PROBE_LIMIT_S,
    ) -> None:
        self._health = health
        self._providers = providers
        self._probe = probe
        self._limit_s = limit_s
        self._room = asyncio.Semaphore(_MOST_AT_ONCE)
        self._running: dict[str, asyncio.Task[None]] = {}

    async def run(self) -> None:
        """Probe until it is cancelled; without `active_s` it only looks whether there is one."""
        try:
            while True:
                every_s = self._health.settings.active_s
                if every_s > 0:
                    await self._begin_due()
                # New settings may come at any time; so it looks more often than it probes.
                await asyncio.sleep(min(every_s, 1.0) or 1.0)
        finally:
            tasks = list(self._running.values())
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def measure(self, provider: str) -> None:
        """Probe one provider now."""
        started = time.perf_counter()
        try:
            async with self._room, asyncio.timeout(self._limit_s):
                steps = await self._probe(provider)
        except TimeoutError:
            failure = Failure(error="TimeoutError", text=f"no answer within {self._limit_s:g} s")
        except ChatError as error:
            failure = Failure(
                error=type(error).__name__, text=error.message, step=error.step, host=error.host
            )
        else:
            failed = next((step for step in steps if step.error is not None), None)
            if failed is None:
                self._health.probed(provider, time.perf_counter() - started)
                return
            failure = Failure(error="HandshakeError", text=failed.error or "", step=failed.name)
        self._health.probed(provider, time.perf_counter() - started, failure)

    async def _begin_due(self) -> None:
        with contextlib.suppress(ChatError):
            for provider in await self._providers():
                if provider not in self._running and self._health.take_turn(provider):
                    task = asyncio.create_task(self.measure(provider))
                    self._running[provider] = task
                    task.add_done_callback(partial(self._over, provider))

    def _over(self, provider: str, _: object) -> None:
        del self._running[provider]
