"""What does a JSON call through Dragoman cost, beside the same call on bare aiohttp?

In sequence: time of one call. With 64 at once: calls a second. The provider is `aichat`, one POST
and one JSON answer of about 430 bytes.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable

import aiohttp
from measure import far_side, in_turn, report

from dragoman import Client, Config

CALLS = 1000
AT_ONCE = 64
ASK = [{"role": "user", "content": "Hello, world!"}]
BODY = {"message": "Hello, world!", "temperature": 0.5, "top_p": 1, "presence_penalty": 0}


async def _bare_call(session: aiohttp.ClientSession, url: str) -> None:
    async with session.post(f"{url}/api/text", json=BODY) as response:
        answer = await response.json()
        if not answer["message"]:
            raise SystemExit("no answer")


async def _our_call(client: Client) -> None:
    reply = await client.complete("mine", ASK)
    if not reply.text:
        raise SystemExit("no answer")


async def _sequence(call: Callable[[], Awaitable[None]]) -> float:
    started = time.perf_counter()
    for _ in range(CALLS):
        await call()
    return (time.perf_counter() - started) / CALLS * 1e6


async def _at_once(call: Callable[[], Awaitable[None]]) -> float:
    async def worker() -> None:
        for _ in range(CALLS * 4 // AT_ONCE):
            await call()

    started = time.perf_counter()
    await asyncio.gather(*(worker() for _ in range(AT_ONCE)))
    return CALLS * 4 // AT_ONCE * AT_ONCE / (time.perf_counter() - started)


async def _main() -> None:
    async with far_side() as url:
        account = {"service": "aichat", "base_url": url, "cookies": {"cf_clearance": "x"}}
        config = Config.of({"mine": account})
        connector = aiohttp.TCPConnector(limit=0)
        async with aiohttp.ClientSession(connector=connector) as session, Client(config) as client:
            report(
                "one JSON call, in sequence (less is better)",
                await in_turn(
                    {
                        "bare aiohttp": lambda: _sequence(lambda: _bare_call(session, url)),
                        "dragoman": lambda: _sequence(lambda: _our_call(client)),
                    }
                ),
                "us a call",
            )
            report(
                "64 JSON calls at once (more is better)",
                await in_turn(
                    {
                        "bare aiohttp": lambda: _at_once(lambda: _bare_call(session, url)),
                        "dragoman": lambda: _at_once(lambda: _our_call(client)),
                    }
                ),
                "calls/s",
            )


if __name__ == "__main__":
    asyncio.run(_main())
