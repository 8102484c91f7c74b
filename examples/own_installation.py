"""A WordPress site of one's own with the AI Power plugin; an emulator stands for the site."""

import asyncio
from contextlib import aclosing

from dragoman import ChatGptt, emulators


async def main() -> None:
    async with emulators.run("chatgptt", scenario={"dialect": "D4", "stream": True}) as shop:
        answer = ChatGptt.create_async_generator(
            "gpt-4o-mini",
            [{"role": "user", "content": "Do you have red shoes?"}],
            base_url=shop.url,
            page_path="/",
            timeout=10,
        )
        # Left early or not, `aclosing` closes the connection at once.
        async with aclosing(answer) as texts:
            async for text in texts:
                print(text, end="", flush=True)
        print()

        steps = [f"{entry['method']} {entry['path']}" for entry in shop.journal]
        print("what the site saw:", ", then ".join(steps))


asyncio.run(main())
