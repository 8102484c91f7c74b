"""Reloads, lost connections, restarts and a second tab: nothing that was said is lost."""

import asyncio
import contextlib
import re
import signal
import sqlite3
from pathlib import Path
from urllib.parse import urlsplit

from playwright.async_api import Browser, expect

from tests.gateway.served import served
from tests.page.browser.browsing import Watch, until, watched
from tests.page.browser.cable import lay_cable
from tests.page.browser.chatting import Chat, choose, open_chat
from tests.page.browser.place import HELD, Place, open_far
from tests.page.browser.speaker import Telling
from tests.store.given import rows_of

_PIECES = "SELECT group_concat(text, '') FROM pieces"
_LOST = r"net::ERR_|Failed to load resource"


async def _begun(place: Place, chat: Chat) -> Telling:
    """An answer of which the first word is seen."""
    await chat.say("Tell me a story")
    telling = await place.far.held.asked()
    await telling.say("Once ")
    await expect(chat.said).to_have_text("Once")
    return telling


async def test_a_reload_in_the_middle_of_an_answer_goes_on(place: Place) -> None:
    chat = await open_chat(place, HELD)
    telling = await _begun(place, chat)

    await chat.page.reload()
    await expect(chat.said).to_have_text("Once")
    await chat.is_("running")
    await telling.say("upon ")

    await expect(chat.said).to_have_text("Once upon")
    await telling.end("a time")
    await chat.is_("whole")
    await expect(chat.said).to_have_text("Once upon a time")
    assert place.far.held.is_unasked


async def test_an_answer_goes_on_while_nobody_looks(place: Place) -> None:
    chat = await open_chat(place, HELD)
    telling = await _begun(place, chat)
    where = chat.page.url

    await chat.page.goto("about:blank")
    await telling.say("upon ")
    await telling.end("a time")
    await chat.page.goto(where)

    await chat.is_("whole")
    await expect(chat.said).to_have_text("Once upon a time")


async def test_a_connection_that_was_lost_in_the_middle_goes_on(place: Place) -> None:
    place.watch.bear(_LOST)
    async with lay_cable(urlsplit(place.url).port or 0) as cable:
        place.watch.origin = cable.url
        chat = await open_chat(place, HELD)
        telling = await _begun(place, chat)

        await cable.pull()
        await telling.say("upon ")
        await expect(chat.main.get_by_text("Connection lost")).to_be_visible()
        await expect(chat.said).to_have_text("Once")
        cable.plug()

        await expect(chat.said).to_have_text("Once upon")
        await expect(chat.main.get_by_text("Connection lost")).to_be_hidden()
        await telling.end("a time")
        await chat.is_("whole")
        await place.stack.aclose()


async def test_what_cannot_be_sent_stays_where_it_was_typed(place: Place) -> None:
    place.watch.bear(_LOST)
    async with lay_cable(urlsplit(place.url).port or 0) as cable:
        place.watch.origin = cable.url
        chat = await open_chat(place)
        await chat.ask("one")
        await cable.pull()

        await chat.say("two")

        await expect(chat.page.get_by_role("alert")).to_contain_text("Not sent")
        await expect(chat.field).to_have_value("two")
        cable.plug()
        await chat.field.press("Enter")
        await expect(chat.answers).to_have_count(2)
        await chat.is_("whole")
        await expect(chat.said).to_have_text("two")
        await expect(chat.questions).to_have_count(2)
        await place.stack.aclose()


async def test_what_was_typed_survives_a_reload(place: Place) -> None:
    chat = await open_chat(place)
    await chat.field.fill("half a thou")
    await until(lambda: chat.page.evaluate("/half a thou/.test(Object.values(localStorage))"))

    await chat.page.reload()

    await expect(chat.field).to_have_value("half a thou")


async def test_a_gateway_that_was_killed_in_the_middle_has_what_was_said(
    browser: Browser, tmp_path: Path
) -> None:
    """`kill -9`: what the page has seen half a second ago is on the disk."""
    config = tmp_path / "dragoman.toml"
    async with open_far() as far:
        config.write_text(
            f'[gateway]\nlog = false\ndatabase_url = "sqlite:///{tmp_path}/kept.db"\n'
            f'[providers.held]\ndialect = "openai_chat"\nbase_url = "{far.held.url}"\n'
            'api_key = "any-key"\nmodels = ["held"]\n'
        )
        async with lay_cable(0) as cable:
            watch = Watch(cable.url)
            watch.bear(_LOST)
            async with watched(browser, watch) as page:
                await choose(page, HELD)
                with served(config) as gateway:
                    cable.plug(int(gateway.address.rpartition(":")[2]))
                    await page.goto("/#/chat")
                    chat = Chat(page)
                    await chat.say("Tell me a story")
                    telling = await far.held.asked()
                    await telling.say("Once upon")
                    await expect(chat.said).to_have_text("Once upon")
                    await chat.field.fill("What I type meanwhile")
                    await until(lambda: _is_kept(tmp_path / "kept.db", "Once upon"))
                    gateway.process.send_signal(signal.SIGKILL)
                    gateway.end()
                    await telling.was_left()
                _long_ago(tmp_path / "kept.db")
                with served(config) as gateway:
                    cable.plug(int(gateway.address.rpartition(":")[2]))

                    await chat.is_("broken")
                    await expect(chat.said).to_have_text("Once upon")
                    await expect(chat.answer).to_contain_text("The answer broke off")
                    await expect(chat.field).to_have_value("What I type meanwhile")
                    await chat.answer.get_by_role("button", name="Try again").click()
                    await (await far.held.asked()).end("The end")
                    await chat.is_("whole")
                    await expect(chat.said).to_have_text("The end")
            watch.check()


async def _is_kept(path: Path, text: str) -> bool:
    """Whether this is on the disk."""
    return any(text in (said or "") for (said,) in rows_of(path, _PIECES))


def _long_ago(path: Path) -> None:
    """Let the gateway have been gone for a while."""
    with contextlib.closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE turns SET updated = updated - 60")


async def test_two_tabs_of_one_conversation_show_the_same(place: Place) -> None:
    first = await open_chat(place, HELD)
    telling = await _begun(place, first)
    second = Chat(await first.page.context.new_page())
    await second.page.goto(first.page.url)
    await expect(second.said).to_have_text("Once")

    await telling.say("upon ")
    await expect(first.said).to_have_text("Once upon")
    await expect(second.said).to_have_text("Once upon")
    await telling.end()
    await second.is_("whole")
    await second.say("Go on")
    telling = await place.far.held.asked()
    await telling.end("And then")

    await expect(first.answers).to_have_count(2)
    await first.is_("whole")
    await expect(first.said).to_have_text("And then")


async def test_two_tabs_that_ask_at_once_lose_nothing(place: Place) -> None:
    """Both questions follow the same answer: they are two versions, and each can be read."""
    first = await open_chat(place)
    await first.ask("one")
    second = Chat(await first.page.context.new_page())
    await second.page.goto(first.page.url)
    await expect(second.answers).to_have_count(1)

    await asyncio.gather(first.say("two"), second.say("three"))

    # Whichever of them a tab has before it: its own, or the newest.
    either = re.compile("[12]/2")
    for chat in (first, second):
        await expect(chat.question.get_by_role("group", name="Versions")).to_contain_text(either)
    await first.page.reload()
    await first.is_("whole")
    await expect(first.said).to_have_text(re.compile("two|three"))
    newest = await first.said.inner_text()
    other = {"two": "three", "three": "two"}[newest.strip()]
    await first.tool("Previous version", first.question).click()
    await expect(first.said).to_have_text(other)
    await expect(first.question).to_contain_text(other)


async def test_an_answer_that_another_tab_stopped_is_stopped_here(place: Place) -> None:
    first = await open_chat(place, HELD)
    telling = await _begun(place, first)
    second = Chat(await first.page.context.new_page())
    await second.page.goto(first.page.url)

    await second.stop_button.click()

    await telling.was_left()
    await first.is_("stopped")
