"""What does a call over the direct transport cost, beside the same call over the aiohttp one?

Small JSON answers with 64 requests in flight, and 100 streams as fast as they come; the server is
`gateway_far.py`, a process of its own. Both sides run in one uvloop; a figure is a ratio to the
aiohttp transport in the same run. Where cores are shared the CPU time says more than the rate.
"""

import asyncio
import functools
import time
from collections.abc import Awaitable, Callable

import uvloop
from gateway_far import EVENTS
from measure import far_side, in_turn, report

from dragoman.errors import ChatError
from dragoman.transport.base import Limits
from dragoman.transport.direct import DirectPool, Origin, request_head
from dragoman.transport.plain import PlainTransport
from dragoman.wire.http import HttpRequest

CALLS = 8_000
AT_ONCE = 64
STREAMS = 100
TURNS = 10
LIMITS = Limits(connect_s=5, first_token_s=10, idle_s=10, total_s=300)
ASK = b'{"model":"m","messages":[{"role":"user","content":"WHOLE"}]}'
ASK_STREAM = b'{"model":"m","stream":true,"messages":[{"role":"user","content":"FAST"}]}'
HEADERS = {"authorization": "Bearer key", "content-type": "application/json"}
PATH = "/v1/chat/completions"


class _Direct:
    """Keeps a number of requests in flight until enough were answered."""

    def __init__(self, pool: DirectPool, url: str, body: bytes) -> None:
        self.pool = pool
        self.origin = Origin.of(url)
        self.request_head = request_head("POST", PATH, self.origin, HEADERS)
        self.request_body = body
        self.left = self.running = 0
        self.bytes = 0

    async def run(self, calls: int, at_once: int) -> None:
        """Make so many calls, so many of them at once."""
        self.over = asyncio.get_running_loop().create_future()
        self.left, self.running = calls - at_once, at_once
        for _ in range(at_once):
            self._ask()
        await self.over

    def _ask(self) -> None:
        self.pool.ask(
            self.origin, self.request_head, self.request_body, receiver=self, limits=LIMITS
        )

    def head(self, status: int, headers: list[tuple[bytes, bytes]]) -> None:
        if status != 200:
            raise SystemExit(f"status {status}")

    def body(self, chunk: bytes) -> None:
        self.bytes += len(chunk)

    def done(self) -> None:
        if self.left:
            self.left -= 1
            self._ask()
            return
        self.running -= 1
        if not self.running:
            self.over.set_result(None)

    def failed(self, error: ChatError) -> None:
        self.over.set_exception(error)


async def _plain(transport: PlainTransport, url: str, body: bytes, calls: int) -> None:
    for _ in range(calls):
        request = HttpRequest("POST", url + PATH, HEADERS, body)
        async with transport.send(request, LIMITS) as reply:
            while await reply.read():
                pass


async def _plain_all(
    transport: PlainTransport, url: str, body: bytes, calls: int, at_once: int
) -> None:
    await asyncio.gather(*(_plain(transport, url, body, calls) for _ in range(at_once)))


Measure = Callable[[], Awaitable[None]]


async def _per_second(work: Measure, count: int) -> float:
    started = time.perf_counter()
    await work()
    return count / (time.perf_counter() - started)


async def _cpu_us(work: Measure, count: int) -> float:
    started = time.process_time()
    await work()
    return (time.process_time() - started) / count * 1e6


async def _compare(title: str, sides: dict[str, Measure], count: int, one: str) -> None:
    rates: dict[str, Callable[[], Awaitable[float]]]
    rates = {name: functools.partial(_per_second, work, count) for name, work in sides.items()}
    report(f"{title} (more is better)", await in_turn(rates), f"{one}s/s")
    rates = {name: functools.partial(_cpu_us, work, count) for name, work in sides.items()}
    report(f"{title}, CPU of this side (less is better)", await in_turn(rates), f"us a {one}")


async def _main() -> None:
    async with far_side("gateway_far.py", on_uvloop=True) as url:
        pool, plain = DirectPool(), PlainTransport()
        calls, streams = _Direct(pool, url, ASK), _Direct(pool, url, ASK_STREAM)
        await _compare(
            f"small JSON calls, {AT_ONCE} in flight",
            {
                "aiohttp transport": lambda: _plain_all(plain, url, ASK, CALLS // AT_ONCE, AT_ONCE),
                "direct": lambda: calls.run(CALLS, AT_ONCE),
            },
            CALLS,
            "call",
        )
        await _compare(
            f"{STREAMS} streams at full speed",
            {
                "aiohttp transport": lambda: _plain_all(plain, url, ASK_STREAM, TURNS, STREAMS),
                "direct": lambda: streams.run(TURNS * STREAMS, STREAMS),
            },
            EVENTS * STREAMS * TURNS,
            "chunk",
        )
        await pool.close()
        await plain.close()


if __name__ == "__main__":
    uvloop.run(_main())
