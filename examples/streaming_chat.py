"""A streaming chat in ten lines: the answer is printed while it comes."""

import asyncio

from dragoman import Client


async def main() -> None:
    async with Client() as client, client.stream("local", "Why is the sky blue?") as events:
        async for text in events.text():
            print(text, end="", flush=True)
    print()


asyncio.run(main())
