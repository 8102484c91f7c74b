"""Every test here runs on one loop with its worker's Chromium, and leaves nothing behind on it."""

import asyncio
import functools
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser

from tests.page.browser.browsing import find_chromium, open_browser
from tests.page.browser.place import Place, open_place

_HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if _HERE in item.path.parents:
            # A browser is slow to start; it belongs to a loop, so all of them have the same one.
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)
            item.add_marker(pytest.mark.timeout(90))
            if isinstance(item, pytest.Function):
                item.obj = _in_time(item.obj)


def _in_time(test: Callable[..., Awaitable[None]]) -> Callable[..., Awaitable[None]]:
    """The test, ended in order before pytest would break the loop that the next one needs."""

    @functools.wraps(test)
    async def run(**given: object) -> None:
        async with asyncio.timeout(75):
            await test(**given)

    return run


@pytest_asyncio.fixture(loop_scope="session", scope="session")
async def browser() -> AsyncIterator[Browser]:
    async with open_browser(find_chromium()) as opened:
        yield opened


@pytest_asyncio.fixture(loop_scope="session")
async def no_task_left_behind(browser: Browser) -> AsyncIterator[None]:
    """As everywhere, but on the loop of these tests."""
    before = asyncio.all_tasks()
    yield
    this = asyncio.current_task()
    left = {task for task in asyncio.all_tasks() - before if task is not this and not task.done()}
    assert not left, f"tasks left behind: {left}"


@pytest_asyncio.fixture(loop_scope="session")
async def place(browser: Browser, tmp_path: Path) -> AsyncIterator[Place]:
    """A gateway without keys, and nothing said yet."""
    async with open_place(browser, tmp_path) as opened:
        yield opened
