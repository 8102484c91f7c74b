"""One Chromium a worker, a fresh profile a test, and what a page of ours never does.

In no test may the page write an error to the console (a broken Content-Security-Policy is one),
let a script fail, have a request fail, or ask anything but its own gateway; a test that makes one
of these happen on purpose says so with `Watch.bear`.
"""

import asyncio
import os
import re
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from playwright.async_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Error,
    Page,
    Request,
    async_playwright,
    expect,
)

__all__ = ["PATIENCE_MS", "Watch", "find_chromium", "open_browser", "until", "watched"]

# For two busy cores: nothing here waits so long unless it fails.
PATIENCE_MS = 15_000
_SWITCHES = (
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--disable-quic",
    # Names are for nobody: what is not on this machine is not there.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)
# Longer than the page puts off a request of its own accord.
_WHILE_S = 0.3
# A page that is left or reloaded lets go of what it was loading.
_LET_GO = "net::ERR_ABORTED"

expect.set_options(timeout=PATIENCE_MS)


def find_chromium() -> str:
    """Debian's Chromium, or what $CHROMIUM names; skips the test where there is none."""
    found = shutil.which(os.environ.get("CHROMIUM") or "chromium")
    if found is None:
        reason = "no chromium here: apt-get install chromium, or name one in $CHROMIUM"
        # There it was to be installed, and a page that nobody looked at is not tested.
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(reason)
    return found


@asynccontextmanager
async def open_browser(executable: str) -> AsyncIterator[Browser]:
    """A Chromium without a window."""
    switches = [*_SWITCHES, *(["--no-sandbox"] if os.geteuid() == 0 else [])]
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=executable, args=switches)
        try:
            yield browser
        finally:
            await browser.close()


class Watch:
    """What went wrong in the pages of a test, and where they went."""

    def __init__(self, origin: str) -> None:
        self.origin = origin
        self.requests: list[Request] = []
        self._open: set[Request] = set()
        self._wrong: list[str] = []
        self._borne: list[re.Pattern[str]] = []

    def bear(self, pattern: str) -> None:
        """What this matches is meant to happen in this test."""
        self._borne.append(re.compile(pattern))

    def follow(self, context: BrowserContext) -> None:
        """Look at every page of a context."""
        context.on("console", self._console)
        context.on("weberror", lambda error: self._note(f"error: {error.error}"))
        context.on("dialog", lambda dialog: asyncio.ensure_future(self._dialog(dialog)))
        context.on("request", self._request)
        context.on("requestfinished", lambda request: self._open.discard(request))
        context.on("requestfailed", self._failed)

    def asked(self, path: str, method: str = "GET") -> list[Request]:
        """The requests so far whose path begins like this."""
        begin = self.origin + path
        return [r for r in self.requests if r.url.startswith(begin) and r.method == method]

    async def settled(self) -> None:
        """Wait until no request is under way, and none has begun for a while."""
        count = -1
        async with asyncio.timeout(PATIENCE_MS / 1000):
            while self._open or count != len(self.requests):
                count = len(self.requests)
                await asyncio.sleep(_WHILE_S)

    def check(self) -> None:
        """Fails if something went wrong."""
        wrong = [said for said in self._wrong if not any(b.search(said) for b in self._borne)]
        assert not wrong, "\n".join(wrong)

    def _note(self, said: str) -> None:
        self._wrong.append(said)

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self._note(f"console: {message.text} {message.location}")

    async def _dialog(self, dialog: Any) -> None:
        self._note(f"dialog: {dialog.type} {dialog.message}")
        await dialog.dismiss()

    def _request(self, request: Request) -> None:
        self.requests.append(request)
        self._open.add(request)
        if not request.url.startswith((self.origin + "/", "blob:", "data:", "about:")):
            self._note(f"asked elsewhere: {request.method} {request.url}")

    def _failed(self, request: Request) -> None:
        self._open.discard(request)
        if request.failure != _LET_GO:
            self._note(f"failed: {request.method} {request.url}: {request.failure}")


@asynccontextmanager
async def watched(browser: Browser, watch: Watch, **options: Any) -> AsyncIterator[Page]:
    """A page in a fresh profile, which goes by itself to nowhere yet."""
    context = await browser.new_context(base_url=watch.origin, **options)
    context.set_default_timeout(PATIENCE_MS)
    watch.follow(context)
    try:
        yield await context.new_page()
    finally:
        # A browser that is gone has nothing left to close.
        try:
            await context.close()
        except Error:
            if browser.is_connected():
                raise


async def until(holds: Callable[[], Awaitable[object]]) -> None:
    """Look again until it holds; `TimeoutError` if it does not.

    The browser's own `wait_for_function` is no way: the page forbids scripts made of text.
    """
    async with asyncio.timeout(PATIENCE_MS / 1000):
        while not await holds():  # noqa: ASYNC110 - neither a page nor a file sets an event
            await asyncio.sleep(0.05)
