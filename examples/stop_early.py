"""An answer that is left early: its connection is closed at once, and nobody writes on."""

import asyncio
from contextlib import aclosing

from dragoman import FakeGpt, emulators


async def main() -> None:
    slowly = {"answer": "one two three four five", "slow": {"between_events_s": 0.05}}
    async with emulators.run("fakegpt", scenario=slowly) as site:
        messages = [{"role": "user", "content": "Count to five."}]
        answer = FakeGpt.create_async_generator("", messages, base_url=site.url)
        async with aclosing(answer) as texts:
            async for text in texts:
                print(text, flush=True)
                if "two" in text:
                    break
        await site.wait_closed()
        print("answers that the site was left alone with:", site.abandoned)


asyncio.run(main())
