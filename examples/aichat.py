"""Aichat's whole answer, with the cookies that the user keeps for the site, directly or by a proxy.

To try it without the site: `dragoman emulate aichat`, set DRAGOMAN_AICHAT_BASE_URL to the address
that it prints, and DRAGOMAN_COOKIES to a cookie file for chat-gpt.org. An argument is the proxy.
"""

import asyncio
import sys

from dragoman import Aichat, Messages, get_cookies

messages: Messages = [{"role": "user", "content": "Hello, world!"}]
cookies = get_cookies("chat-gpt.org")


async def main() -> None:
    try:
        response = await Aichat.create_async(
            model="gpt-3.5-turbo", messages=messages, temperature=0.7, cookies=cookies
        )
        print(response)
    except Exception as ex:
        print(f"Error: {ex}")


async def main_with_proxy(proxy: str) -> None:
    try:
        response = await Aichat.create_async(
            model="gpt-3.5-turbo", messages=messages, proxy=proxy, temperature=0.7, cookies=cookies
        )
        print(response)
    except Exception as ex:
        print(f"Error: {ex}")


asyncio.run(main_with_proxy(sys.argv[1]) if len(sys.argv) > 1 else main())
