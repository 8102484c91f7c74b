"""Active probes: who is measured, how often, and what is told of it."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress

from dragoman.errors import HandshakeError, InputError
from dragoman.providers.handshake import StepOutcome
from dragoman.routing.health import Failure, Health
from dragoman.routing.health_settings import HealthSettings
from dragoman.routing.prober import Prober

OFTEN = HealthSettings(active_s=0.05)


class _Far:
    """Providers that are measured: it counts how often, and how many at a time."""

    def __init__(self, *names: str) -> None:
        self.names = names
        self.asked: list[str] = []
        self.running: set[str] = set()
        self.most = 0
        self.hold = asyncio.Event()
        self.hold.set()
        self.error: str | None = None

    async def providers(self) -> Sequence[str]:
        return self.names

    async def probe(self, provider: str) -> list[StepOutcome]:
        assert provider not in self.running
        self.asked.append(provider)
        self.running.add(provider)
        self.most = max(self.most, len(self.running))
        try:
            await self.hold.wait()
        finally:
            self.running.discard(provider)
        return [StepOutcome("page", 0.01, 200), StepOutcome("nonce", 0.02, 200, self.error)]


@asynccontextmanager
async def _running(prober: Prober) -> AsyncIterator[None]:
    task = asyncio.create_task(prober.run())
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def _until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not holds():  # noqa: ASYNC110 - what it waits for happens in several places
            await asyncio.sleep(0.005)


async def test_each_provider_is_probed_again_and_again() -> None:
    health, far = Health(OFTEN), _Far("work", "play")

    async with _running(Prober(health, far.providers, far.probe)):
        await _until(lambda: far.asked.count("work") > 2 and far.asked.count("play") > 2)

    found = health.probe_of("work")
    assert found is not None
    assert found.works
    assert found.seconds is not None


async def test_without_active_s_nobody_is_until_new_settings_say_so() -> None:
    health, far = Health(), _Far("work")

    async with _running(Prober(health, far.providers, far.probe)):
        await asyncio.sleep(0.1)
        assert far.asked == []
        health.settle(OFTEN)
        await _until(lambda: far.asked != [])


async def test_one_that_takes_its_time_is_probed_once_at_a_time_and_left_at_the_end() -> None:
    health, far = Health(OFTEN), _Far("work", "play")
    far.hold.clear()

    async with _running(Prober(health, far.providers, far.probe)):
        await _until(lambda: len(far.asked) == 2)
        await asyncio.sleep(0.2)
        assert sorted(far.asked) == ["play", "work"]

    assert far.running == set()


async def test_of_many_providers_only_some_are_probed_at_once() -> None:
    health, far = Health(OFTEN), _Far(*(f"p{number}" for number in range(30)))
    far.hold.clear()

    async with _running(Prober(health, far.providers, far.probe)):
        await _until(lambda: len(far.running) == 8)
        far.hold.set()
        await _until(lambda: set(far.asked) == set(far.names))

    assert far.most == 8


async def test_those_who_share_what_they_measure_take_turns() -> None:
    health, far = Health(HealthSettings(active_s=3600)), _Far("work")
    probers = [Prober(health, far.providers, far.probe) for _ in range(2)]

    async with _running(probers[0]), _running(probers[1]):
        await _until(lambda: health.probe_of("work") is not None)
        await asyncio.sleep(0.05)

    assert far.asked == ["work"]


async def test_the_step_that_failed_is_told() -> None:
    health, far = Health(), _Far("work")
    far.error = "no nonce on the page"

    await Prober(health, far.providers, far.probe).measure("work")

    found = health.probe_of("work")
    assert found is not None
    assert found.failure == Failure(
        error="HandshakeError", text="no nonce on the page", step="nonce"
    )


async def test_what_is_silent_and_what_cannot_be_asked_have_failed() -> None:
    async def refuse(provider: str) -> list[StepOutcome]:
        raise HandshakeError("no account").located(provider=provider, host="far", step="login")

    health, far = Health(), _Far("work")
    far.hold.clear()

    await Prober(health, far.providers, far.probe, limit_s=0.01).measure("silent")
    await Prober(health, far.providers, refuse).measure("closed")

    silent, closed = health.probe_of("silent"), health.probe_of("closed")
    assert silent is not None
    assert closed is not None
    assert str(silent.failure) == "TimeoutError: no answer within 0.01 s"
    assert str(closed.failure) == "HandshakeError: login at far: no account"


async def test_a_configuration_that_cannot_be_read_stops_no_prober() -> None:
    async def providers() -> Sequence[str]:
        reads.append(1)
        raise InputError("dragoman.toml:1: wrong")

    reads: list[int] = []
    async with _running(Prober(Health(OFTEN), providers, _Far().probe)):
        await _until(lambda: len(reads) > 1)


async def test_it_ends_at_once_when_it_is_told_to() -> None:
    far = _Far("work")
    loop = asyncio.get_running_loop()

    async with _running(Prober(Health(HealthSettings(active_s=1)), far.providers, far.probe)):
        await _until(lambda: far.asked != [])
        began_at = loop.time()

    assert loop.time() - began_at < 0.9
