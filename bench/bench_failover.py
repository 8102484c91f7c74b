"""What do routes cost while nothing fails, and what do they save when something does?

Added time: one call in sequence of a bare client, of a model by its own name, and of a route of
two. An outage: how often a dead primary is still asked, and how soon it is back. Hedging: the
slowest first tokens of a service with a long tail, and the calls that this takes more.
"""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import AsyncExitStack
from functools import partial
from statistics import median
from typing import Any

import aiohttp
from measure import far_side, in_turn, report

from dragoman import Client, Config, emulators
from dragoman.emulators.emulator import Emulator

CALLS = 400
ASK = [{"role": "user", "content": "SHORT"}]
OUTAGE_S = 5.0
PROBE_S = 1.0
HEDGED = 2000
AT_ONCE = 4
TAIL = {"share": 0.02, "before_first_s": 0.5}
HEDGE_RUNS = 3


_Sides = dict[str, Callable[[], Awaitable[float]]]


def _provider(url: str) -> dict[str, object]:
    fields = {"dialect": "openai_chat", "base_url": f"{url}/v1", "api_key": "any"}
    return {**fields, "models": ["mock-model"]}


def _config(a: str, b: str, **route: object) -> Config:
    both = {"candidates": ["a/mock-model", "b/mock-model"], **route}
    return Config.of(
        {"a": _provider(a), "b": _provider(b)},
        routes={"both": both, "alone": {"candidates": ["a/mock-model"]}},
        health={"probe_every_s": PROBE_S},
    )


# While nothing fails


async def _bare_call(session: aiohttp.ClientSession, url: str) -> None:
    body = {"model": "mock-model", "messages": ASK, "stream": True}
    async with session.post(f"{url}/v1/chat/completions", json=body) as answer:
        async for line in answer.content:
            if line.startswith(b"data: {"):
                json.loads(line[6:])


async def _our_call(client: Client, model: str) -> None:
    async with client.stream(model, ASK) as events:
        async for _ in events.batches():
            pass


async def _sequence(
    call: Callable[[], Awaitable[None]], clock: Callable[[], float] = time.perf_counter
) -> float:
    began = clock()
    for _ in range(CALLS):
        await call()
    return (clock() - began) / CALLS * 1e6


async def _added_time() -> None:
    async with AsyncExitStack() as stack:
        url = await stack.enter_async_context(far_side("gateway_far.py"))
        client = await stack.enter_async_context(Client(_config(url, url)))
        hedged = await stack.enter_async_context(Client(_config(url, url, hedge_after_s=5)))
        session = await stack.enter_async_context(aiohttp.ClientSession())
        calls: dict[str, Callable[[], Awaitable[None]]] = {
            "by its own name": lambda: _our_call(client, "a/mock-model"),
            "a route of one": lambda: _our_call(client, "alone"),
            "a route of two": lambda: _our_call(client, "both"),
            "a route of two that hedges": lambda: _our_call(hedged, "both"),
            "bare aiohttp": lambda: _bare_call(session, url),
        }
        by_clock: _Sides = {name: partial(_sequence, call) for name, call in calls.items()}
        title = "a short stream, in sequence (less is better)"
        report(title, await in_turn(by_clock), "us a call")
        # A busy machine spares the processor's time of this process.
        work: _Sides = {
            name: partial(_sequence, call, time.process_time) for name, call in calls.items()
        }
        report("  of it, our own work", await in_turn(work), "us a call")


# An outage


async def _call_on(client: Client, ends_at: float, answered: list[float]) -> None:
    """Ask until then; notes when an answer was whole."""
    while time.monotonic() < ends_at:
        await client.complete("both", "Hello")
        answered.append(time.monotonic())


async def _crowd(client: Client, seconds: float) -> list[float]:
    answered: list[float] = []
    ends_at = time.monotonic() + seconds
    await asyncio.gather(*(_call_on(client, ends_at, answered) for _ in range(8)))
    return answered


async def _one_outage(how: Mapping[str, Any]) -> tuple[float, float, float]:
    """Attempts on the dead one a request, in the first second and then; and how soon it is back.

    The last is in probe intervals.
    """
    async with AsyncExitStack() as stack:
        a = await stack.enter_async_context(emulators.run("openai"))
        b = await stack.enter_async_context(emulators.run("openai"))
        async with Client(_config(a.url, b.url, first_token_s=0.5)) as client:
            await _crowd(client, 0.3)
            a.scenario(how)
            early = await _crowd(client, 1.0)
            attempts = a.chats
            late = await _crowd(client, OUTAGE_S)
            later = a.chats - attempts
            a.scenario()
            back_at = time.monotonic()
            asking = asyncio.create_task(_crowd(client, 2 * PROBE_S))
            await a.wait_until(_is_asked, 10 * PROBE_S)
            back_s = time.monotonic() - back_at
            await asking
    return attempts / len(early), later / len(late), back_s / PROBE_S


def _is_asked(far: Emulator[Any]) -> bool:
    return far.chats > 0


async def _outages() -> None:
    print("\na primary that is dead: attempts on it a request, and time until it is back")
    hows: dict[str, Mapping[str, Any]] = {
        "answers 500": {"status": 500},
        "resets every connection": {"connection": "reset"},
        "is silent": {"stall": {"headers": False}},
    }
    for name, how in hows.items():
        early, later, back = await _one_outage(how)
        print(
            f"  {name:<34} {early:>6.3f} in the 1st second {later:>8.4f} then"
            f" {back:>8.2f} probe intervals"
        )


# Hedging


async def _first_token_s(client: Client, number: int) -> float:
    began = time.perf_counter()
    async with client.stream("both", f"question {number}") as events:
        async for _ in events.text():
            first = time.perf_counter() - began
            break
        async for _ in events.batches():
            pass
    return first


async def _firsts(client: Client, numbers: Iterator[int]) -> list[float]:
    return [await _first_token_s(client, number) for number in numbers]


async def _tail_heavy(hedge: object, seed: int) -> tuple[float, float, float]:
    """Seconds to the first token, median and 99th percentile; and the share of calls more."""
    tail, other = ({"tail": {**TAIL, "seed": seed + more}} for more in (0, 1000))
    async with (
        emulators.run("openai", scenario=tail) as a,
        emulators.run("openai", scenario=other) as b,
        Client(_config(a.url, b.url, hedge_after_s=hedge)) as client,
    ):
        numbers = iter(range(HEDGED))
        found = await asyncio.gather(*(_firsts(client, numbers) for _ in range(AT_ONCE)))
        firsts = sorted(first for each in found for first in each)
        more = (a.chats + b.chats) / HEDGED - 1
    return median(firsts), firsts[len(firsts) * 99 // 100], more


async def _hedging() -> None:
    print(f"\nfirst token where {TAIL['share']:.0%} come {TAIL['before_first_s']} s late")
    sides: dict[str, object] = {"without": 0, "after its own p95": "p95", "after 0.1 s": 0.1}
    base: list[float] = []
    for name, hedge in sides.items():
        runs = [await _tail_heavy(hedge, seed) for seed in range(HEDGE_RUNS)]
        p50, p99, more = (median(column) for column in zip(*runs, strict=True))
        shares = [run[1] for run in runs]
        base = base or shares
        ratios = sorted(share / first for share, first in zip(shares, base, strict=True))
        print(
            f"  {name:<20} median {p50 * 1e3:>7.1f} ms   99th {p99 * 1e3:>7.1f} ms"
            f"  {median(ratios):>5.2f} x  [{ratios[0]:.2f} .. {ratios[-1]:.2f}]"
            f"   {more:>6.1%} calls more"
        )


async def _main() -> None:
    await _added_time()
    await _outages()
    await _hedging()


if __name__ == "__main__":
    asyncio.run(_main())
