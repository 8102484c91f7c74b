"""FakeGpt's deltas as they come.

To try it without a station: `dragoman emulate fakegpt`, then set DRAGOMAN_FAKEGPT_BASE_URL to the
address that it prints.
"""

import asyncio

from dragoman import FakeGpt, Messages


async def main() -> None:
    messages: Messages = [{"role": "user", "content": "Hello, world!"}]
    async for message in FakeGpt.create_async_generator(model="gpt-3.5-turbo", messages=messages):
        print(message, end="")


asyncio.run(main())
