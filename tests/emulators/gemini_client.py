"""The official SDK on an emulator, without a retry of its own."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
from google import genai
from google.genai import types
from google.genai.client import AsyncClient

KEY = "any-key"


@asynccontextmanager
async def sdk(url: str, key: str = KEY) -> AsyncIterator[AsyncClient]:
    """An asynchronous client, closed with all its connections."""
    # Over aiohttp the SDK makes a subclass of a session, at which aiohttp warns.
    async with httpx.AsyncClient() as over:
        options = types.HttpOptions(
            base_url=url,
            httpx_async_client=over,
            retry_options=types.HttpRetryOptions(attempts=1),
        )
        client = genai.Client(api_key=key, http_options=options)
        try:
            async with client.aio as asynchronous:
                yield asynchronous
        finally:
            client.close()
