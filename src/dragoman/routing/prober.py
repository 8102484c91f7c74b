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

import msgspec

from dragoman.errors import ChatError
from dragoman.providers.handshake import StepOutcome
from dragoman.routing.board import Failure
from dragoman.routing.health import Health

__all__ = ["PROBE_LIMIT_S", "Probe", "Prober", "Trial", "try_out"]

PROBE_LIMIT_S = 10.0
"""A probe takes no longer, whatever the service does."""

_MOST_AT_ONCE = 8

Probe = Callable[[str], Awaitable[Sequence[StepOutcome]]]
"""How a provider is measured: its name in, the steps out; a `ChatError` before there is one."""


class Trial(msgspec.Struct, frozen=True, kw_only=True):
    """What came of one probe: its steps as far as it came, and what went wrong."""

    seconds: float
    steps: Sequence[StepOutcome] = ()
    failure: Failure | None = None


async def try_out(probe: Probe, provider: str, *, limit_s: float = PROBE_LIMIT_S) -> Trial:
    """Probe a provider, no longer than `limit_s`."""
    started = time.perf_counter()
    steps: Sequence[StepOutcome] = ()
    failure = None
    try:
        async with asyncio.timeout(limit_s):
            steps = await probe(provider)
    except TimeoutError:
        failure = Failure(error="TimeoutError", text=f"no answer within {limit_s:g} s")
    except ChatError as error:
        failure = Failure(
            error=type(error).__name__, text=error.message, step=error.step, host=error.host
        )
    for step in steps:
        if step.error is not None:
            failure = Failure(error="HandshakeError", text=step.error, step=step.name)
            break
    return Trial(seconds=time.perf_counter() - started, steps=steps, failure=failure)


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
        async with self._room:
            trial = await try_out(self._probe, provider, limit_s=self._limit_s)
        self._health.probed(provider, trial.seconds, trial.failure)

    async def _begin_due(self) -> None:
        with contextlib.suppress(ChatError):
            for provider in await self._providers():
                if provider not in self._running and self._health.take_turn(provider):
                    task = asyncio.create_task(self.measure(provider))
                    self._running[provider] = task
                    task.add_done_callback(partial(self._over, provider))

    def _over(self, provider: str, _: object) -> None:
        del self._running[provider]
