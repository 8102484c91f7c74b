"""ChatgptFree's deltas as they come.

To try it without the site: `dragoman emulate chatgptfree`, then set DRAGOMAN_CHATGPTFREE_BASE_URL
to the address that it prints.
"""

import asyncio

from dragoman import ChatgptFree, Messages


async def main() -> None:
    model = "gpt-4o-mini-2024-07-18"
    messages: Messages = [{"role": "user", "content": "Hello, how are you?"}]
    proxy = None
    timeout = 120
    cookies = None

    generator = ChatgptFree.create_async_generator(
        model=model, messages=messages, proxy=proxy, timeout=timeout, cookies=cookies
    )

    async for message in generator:
        print(message)


asyncio.run(main())
