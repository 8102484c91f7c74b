"""A gateway that keeps what is said, two emulators and a speaker behind it, and who looks at it."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, Page

from dragoman import emulators
from dragoman.config import Config
from dragoman.emulators.emulator import Emulator
from dragoman.gateway.app import Application
from dragoman.prices import context_of
from tests.gateway.house import NO_BREAKER, open_gateway
from tests.page.browser.browsing import Watch, watched
from tests.page.browser.speaker import Speaker, open_speaker

__all__ = ["CLAUDE", "GPT", "GPT_LARGE", "HELD", "SAFE", "Far", "Place", "open_far", "open_place"]

GPT = "openai/gpt-4o-mini"
GPT_LARGE = "openai/gpt-4o"
CLAUDE = "anthropic/claude-sonnet-4-5"
HELD = "held/held"
SAFE = "safe"
"""A route: GPT, then CLAUDE, each asked once."""
_ROUTES = {SAFE: {"candidates": [GPT, CLAUDE], "retries": 0, "rescue": "replay"}}


class Far:
    """What stands behind the gateway: two emulators, and a model that the test speaks for."""

    def __init__(self, gpt: Emulator[Any], claude: Emulator[Any], held: Speaker) -> None:
        self.gpt = gpt
        self.claude = claude
        self.held = held

    def tables(self) -> dict[str, dict[str, object]]:
        """`[providers.NAME]` for each; the model of two has a price."""
        return {
            "openai": {
                "base_url": f"{self.gpt.url}/v1",
                "api_key": "any-key",
                "models": [GPT.partition("/")[2], GPT_LARGE.partition("/")[2]],
            },
            "anthropic": {
                "base_url": self.claude.url,
                "api_key": "any-key",
                "models": [CLAUDE.partition("/")[2]],
            },
            "held": {
                "dialect": "openai_chat",
                "base_url": self.held.url,
                "api_key": "any-key",
                "models": ["held"],
            },
        }


@asynccontextmanager
async def open_far() -> AsyncIterator[Far]:
    """All three, listening."""
    async with (
        emulators.run("openai") as gpt,
        emulators.run("anthropic") as claude,
        open_speaker() as held,
    ):
        yield Far(gpt, claude, held)


class Place:
    """The gateway's address, what is behind it, and pages in the browser that look at it."""

    def __init__(self, url: str, app: Application, far: Far, browser: Browser) -> None:
        self.url = url
        self.app = app
        self.far = far
        self.browser = browser
        self.watch = Watch(url)
        self.stack = AsyncExitStack()

    async def tab(self, **options: Any) -> Page:
        """A page in a profile of its own, not gone anywhere yet; closed with the place."""
        return await self.stack.enter_async_context(watched(self.browser, self.watch, **options))

    async def open(self, where: str = "/#/chat", **options: Any) -> Page:
        """A page in a profile of its own that shows this address."""
        page = await self.tab(**options)
        await page.goto(where)
        return page


@asynccontextmanager
async def open_place(
    browser: Browser,
    folder: Path,
    *,
    routes: Mapping[str, Any] = _ROUTES,
    health: Mapping[str, Any] = NO_BREAKER,
    without: str = "",
    **gateway: Any,
) -> AsyncIterator[Place]:
    """A place whose store is in this folder; the other keywords are fields of `[gateway]`.

    At its end everything that went wrong in its pages fails the test.
    """
    settings = {"log": False, "database_url": f"sqlite:///{folder}/dragoman.db", **gateway}
    async with AsyncExitStack() as stack:
        far = await stack.enter_async_context(open_far())
        tables = {name: table for name, table in far.tables().items() if name != without}
        config = Config.of(tables, model=GPT, gateway=settings, routes=routes, health=health)
        # The gateway reads it beside its requests; here none of them waits for it.
        await asyncio.to_thread(context_of, "openai", GPT.partition("/")[2])
        url, app = await stack.enter_async_context(open_gateway(config))
        place = Place(url, app, far, browser)
        async with place.stack:
            yield place
        place.watch.check()
