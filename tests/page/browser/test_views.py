"""Which view is shown when a reader goes on before the last one was there."""

import asyncio

import pytest
from playwright.async_api import Route, expect

from tests.page.browser.chatting import Chat
from tests.page.browser.place import Place


@pytest.mark.parametrize(
    ("view", "needs"),
    [
        ("compare", "**/static/compare.css"),
        ("compare", "**/api/models"),
        ("providers", "**/api/board*"),
        ("usage", "**/static/board.css"),
    ],
)
async def test_a_view_that_comes_too_late_is_not_shown(place: Place, view: str, needs: str) -> None:
    goes_on = asyncio.Event()

    async def hold(route: Route) -> None:
        await goes_on.wait()
        await route.continue_()

    page = await place.tab()
    await page.route(needs, hold)
    await page.goto("/#/chat")
    chat = Chat(page)
    await chat.is_ready()
    await page.evaluate(f"location.hash = '#/{view}'")
    link = page.get_by_role("navigation").get_by_role("link", name=view.capitalize())
    await expect(link).to_have_attribute("aria-current", "page")
    await chat.go("#/chat")
    await chat.field.fill("Still here")

    goes_on.set()
    await place.watch.settled()

    await expect(chat.field).to_have_value("Still here")
    await expect(chat.field).to_be_focused()
    await expect(chat.main).to_have_attribute("data-view", "chat")
    await expect(page).to_have_title("New chat · Dragoman")
    assert page.url.endswith("/#/chat")
