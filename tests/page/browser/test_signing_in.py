"""With keys: who may come in, what the browser is given, and what is left when it ends."""

import hashlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from tests.page.browser.chatting import Chat
from tests.page.browser.place import Place, open_place

_KEYS = [{"name": "ada", "key": "ada-key"}, {"name": "bob", "key": "bob-key"}]
_401 = "401"


@pytest_asyncio.fixture(loop_scope="session")
async def locked(browser: Browser, tmp_path: Path) -> AsyncIterator[Place]:
    """A gateway that asks for a key."""
    async with open_place(browser, tmp_path, keys=_KEYS) as opened:
        yield opened


async def _sign_in(page: Page, key: str) -> Chat:
    dialog = page.get_by_role("dialog", name="Sign in")
    await dialog.get_by_label("Key").fill(key)
    await dialog.get_by_role("button", name="Sign in").click()
    await expect(dialog).to_have_count(0)
    chat = Chat(page)
    await chat.is_ready()
    return chat


async def test_a_key_opens_the_page_and_a_wrong_one_does_not(locked: Place) -> None:
    locked.watch.bear(_401)
    page = await locked.open()
    dialog = page.get_by_role("dialog", name="Sign in")
    await expect(dialog.get_by_label("Key")).to_be_focused()
    await page.keyboard.press("Escape")
    await expect(dialog).to_be_visible()

    await page.keyboard.type("no-key")
    await page.keyboard.press("Enter")
    await expect(dialog.get_by_role("alert")).to_have_text("This key does not fit.")
    chat = await _sign_in(page, "ada-key")

    await chat.ask("Hello")
    await page.reload()
    await expect(chat.answers).to_have_count(1)


async def test_no_script_can_read_the_session_and_no_other_site_can_use_it(locked: Place) -> None:
    page = await locked.open()
    await _sign_in(page, "ada-key")

    (cookie,) = await page.context.cookies([f"{locked.url}/page/api/me"])

    assert cookie["name"] == "dragoman_session"
    assert cookie["httpOnly"]
    assert cookie["sameSite"] == "Strict"
    assert cookie["path"] == "/page"
    assert await page.evaluate("document.cookie") == ""
    stored = await page.evaluate("JSON.stringify({...localStorage, ...sessionStorage})")
    assert "ada-key" not in stored
    digest = hashlib.sha256(b"ada-key").hexdigest()
    assert digest not in stored


async def test_whoever_signs_out_is_out(locked: Place) -> None:
    locked.watch.bear(_401)
    page = await locked.open()
    chat = await _sign_in(page, "ada-key")
    await chat.ask("Hello")
    cookies = await page.context.cookies([f"{locked.url}/page/api/me"])

    await page.get_by_role("button", name="Sign out").click()

    await expect(page.get_by_role("dialog", name="Sign in")).to_be_visible()
    await expect(chat.turns).to_have_count(0)
    await page.context.add_cookies([{**cookies[0], "value": cookies[0]["value"]}])  # type: ignore[typeddict-item]  # what was read is written back
    await page.reload()
    await expect(page.get_by_role("dialog", name="Sign in")).to_be_visible()


async def test_everybody_has_conversations_of_their_own(locked: Place) -> None:
    locked.watch.bear("40[14]")
    ada = await _sign_in(await locked.open(), "ada-key")
    await ada.ask("A secret of mine")
    bob = await _sign_in(await locked.open(), "bob-key")
    await expect(bob.list).to_contain_text("Your conversations will be listed here")

    await bob.page.goto(ada.page.url)

    await expect(bob.page.get_by_role("alert")).to_contain_text("nothing here")
    await expect(bob.turns).to_have_count(0)


async def _with_a_session_that_ended(locked: Place) -> Chat:
    locked.watch.bear(_401)
    chat = await _sign_in(await locked.open(), "ada-key")
    await chat.ask("one")
    await locked.watch.settled()
    await chat.page.context.clear_cookies()
    return chat


async def test_a_session_that_ended_takes_nothing_of_what_was_typed(locked: Place) -> None:
    chat = await _with_a_session_that_ended(locked)
    page = chat.page

    await chat.say("two, a long thought")
    dialog = page.get_by_role("dialog", name="Sign in")
    await expect(dialog).to_contain_text("Your session has ended")
    await expect(chat.field).to_have_value("two, a long thought")
    await _sign_in(page, "ada-key")

    await expect(chat.answers).to_have_count(2)
    await chat.is_("whole")
    await expect(chat.said).to_have_text("two, a long thought")
    await expect(chat.field).to_have_value("")


async def test_whoever_types_keeps_the_focus_when_the_session_ends(locked: Place) -> None:
    chat = await _with_a_session_that_ended(locked)
    page = chat.page
    await chat.field.focus()
    await page.keyboard.type("two, ")

    # The list is read again when a tab is seen again.
    await page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    notice = page.get_by_role("complementary", name="Sign in")
    await expect(notice).to_contain_text("Your session has ended")
    await page.keyboard.type("a long thought")
    await expect(page.get_by_role("dialog")).to_have_count(0)
    await expect(chat.field).to_have_value("two, a long thought")
    await notice.get_by_role("button", name="Sign in").click()
    await _sign_in(page, "ada-key")

    await expect(notice).to_have_count(0)
    await expect(chat.field).to_be_focused()
    await chat.field.press("Enter")
    await expect(chat.answers).to_have_count(2)


async def test_without_keys_nobody_is_asked(place: Place) -> None:
    page = await place.open()

    await expect(Chat(page).field).to_be_editable()
    await expect(page.get_by_role("button", name="Sign out")).to_have_count(0)
    assert await page.context.cookies() == []
