"""How many chunks a second over 10 streams at once, beside a bare aiohttp client?

The server sends 2,000 events a stream, ten at a time, as fast as they are taken. Bare bytes are
read and thrown away; "by hand" splits lines and decodes each JSON with the standard library, which
is what a program without Dragoman would do. The provider is `chatgptfree`.
"""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable

import aiohttp
from measure import far_side, in_turn, report
from server import EVENTS

from dragoman import Client, Config, TextDelta

STREAMS = 10
ASK = [{"role": "user", "content": "Hello, world!"}]


async def _bare_stream(session: aiohttp.ClientSession, url: str) -> int:
    async with session.post(f"{url}/wp-admin/admin-ajax.php", data=b"x") as response:
        async for _ in response.content.iter_any():
            pass
    return EVENTS


async def _stream_by_hand(session: aiohttp.ClientSession, url: str) -> int:
    deltas = 0
    async with session.post(f"{url}/wp-admin/admin-ajax.php", data=b"x") as response:
        async for line in response.content:
            if line.startswith(b"data: {"):
                event = json.loads(line[6:])
                deltas += bool(event["choices"][0]["delta"].get("content"))
    return deltas


async def _our_stream(client: Client) -> int:
    deltas = 0
    async with client.stream("mine", ASK) as events:
        async for event in events:
            deltas += isinstance(event, TextDelta)
    return deltas


async def _rate(read: Callable[[], Awaitable[int]]) -> float:
    started = time.perf_counter()
    counts = await asyncio.gather(*(read() for _ in range(STREAMS)))
    if counts != [EVENTS] * STREAMS:
        raise SystemExit(f"events were lost: {counts}")
    return sum(counts) / (time.perf_counter() - started)


async def _main() -> None:
    async with far_side() as url:
        config = Config.of({"mine": {"service": "chatgptfree", "base_url": url}})
        async with aiohttp.ClientSession() as session, Client(config) as client:
            report(
                f"{STREAMS} streams at full speed (more is better)",
                await in_turn(
                    {
                        "bare aiohttp, bytes only": lambda: _rate(
                            lambda: _bare_stream(session, url)
                        ),
                        "bare aiohttp, decoded by hand": lambda: _rate(
                            lambda: _stream_by_hand(session, url)
                        ),
                        "dragoman, every event": lambda: _rate(lambda: _our_stream(client)),
                    }
                ),
                "chunks/s",
            )


if __name__ == "__main__":
    asyncio.run(_main())
