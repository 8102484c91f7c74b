"""ChatGptt's deltas as they come, directly or by a proxy.

To try it without the site: `dragoman emulate chatgptt`, then set DRAGOMAN_CHATGPTT_BASE_URL to the
address that it prints. An argument is the proxy, such as "http://your-proxy:8080".
"""

import asyncio
import sys

from dragoman import ChatGptt, Messages

model = "gpt-4"
messages: Messages = [{"role": "user", "content": "Hello, how are you?"}]
proxy = sys.argv[1] if len(sys.argv) > 1 else None


async def example() -> None:
    async for response in ChatGptt.create_async_generator(
        model=model, messages=messages, proxy=proxy
    ):
        print(response)


asyncio.run(example())
