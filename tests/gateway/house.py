"""A gateway on a real socket, in front of emulators of the five provider families."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import pytest

from dragoman import emulators
from dragoman.config import Config
from dragoman.emulators.emulator import Emulator
from dragoman.gateway.app import Application, create_app
from dragoman.gateway.serving import bind, serve

__all__ = [
    "NO_BREAKER",
    "ONCE",
    "PROVIDERS",
    "House",
    "each_way",
    "once",
    "open_gateway",
    "open_house",
]

PROVIDERS: Mapping[str, tuple[str, str, str]] = {
    "chat": ("openai", "openai_chat", "/v1"),
    "responses": ("openai", "openai_responses", "/v1"),
    "claude": ("anthropic", "anthropic_messages", ""),
    "gemini": ("gemini", "gemini", ""),
    "ollama": ("ollama", "ollama", ""),
}
"""Each provider's name here: its emulator, its dialect, and the path of its address."""

each_way = pytest.mark.parametrize("relay", ["on", "off"])
"""For tests of what goes the short way (`dragoman.gateway.lane`): it goes there, and around it."""

ONCE = {"retries": 0, "rescue": "off"}
"""A route for those who want to see a failure, and not what is done about it."""
NO_BREAKER = {"breaker_failures": 0, "breaker_error_rate": 0}


def once(provider: str) -> str:
    """The route that asks a provider's `mock-model` once."""
    return f"once/{provider}"


class House:
    """The gateway's address and the emulators behind it."""

    def __init__(self, url: str, app: Application, far: Mapping[str, Emulator[Any]]) -> None:
        self.url = url
        self.app = app
        self.far = far


@asynccontextmanager
async def open_gateway(config: Config) -> AsyncIterator[tuple[str, Application]]:
    """A gateway of this configuration; gives its address."""
    app = create_app(config)
    sock = bind("127.0.0.1", 0)
    ready, stop = asyncio.Event(), asyncio.Event()
    serving = asyncio.create_task(serve(app, sock, drain_s=1, on_ready=ready.set, stop=stop))
    waiting = asyncio.create_task(ready.wait())
    await asyncio.wait({serving, waiting}, return_when=asyncio.FIRST_COMPLETED)
    waiting.cancel()
    try:
        if serving.done():
            serving.result()
        yield f"http://127.0.0.1:{sock.getsockname()[1]}", app
    finally:
        stop.set()
        await serving


@asynccontextmanager
async def open_house(*only: str, **gateway: Any) -> AsyncIterator[House]:
    """A gateway in front of all five, or of some; the keywords are fields of `[gateway]`."""
    async with AsyncExitStack() as stack:
        kinds = {name: PROVIDERS[name] for name in only or PROVIDERS}
        far = {
            name: await stack.enter_async_context(emulators.run(emulator))
            for name, (emulator, _, _) in kinds.items()
        }
        tables = {
            name: {
                "dialect": dialect,
                "base_url": far[name].url + path,
                "api_key": "any-key",
                "models": ["mock-model"],
            }
            for name, (_, dialect, path) in kinds.items()
        }
        config = Config.of(
            tables,
            gateway={"log": False, **gateway},
            routes={once(name): ONCE | {"candidates": [f"{name}/mock-model"]} for name in tables},
            health=NO_BREAKER,
        )
        url, app = await stack.enter_async_context(open_gateway(config))
        yield House(url, app, far)
