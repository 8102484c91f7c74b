"""All of it without a mouse: this file never clicks."""

from playwright.async_api import expect

from tests.page.browser.chatting import Chat, open_chat
from tests.page.browser.place import CLAUDE, HELD, Place


async def _tab_to(chat: Chat, name: str, *, back: bool = False) -> None:
    """Go by Tab to the element of this name."""
    named = "document.activeElement.getAttribute('aria-label') ?? document.activeElement.innerText"
    for _ in range(60):
        if (await chat.page.evaluate(named) or "").strip() == name:
            return
        await chat.page.keyboard.press("Shift+Tab" if back else "Tab")
    raise AssertionError(f"{name!r} is not reached by Tab")


async def test_a_whole_chat_is_led_by_keys(place: Place) -> None:
    place.far.gpt.scenario(answers=["The first.", "The second.", "The third."])
    chat = await open_chat(place)
    keys = chat.page.keyboard
    await expect(chat.field).to_be_focused()

    await keys.type("Say something")
    await keys.press("Shift+Enter")
    await keys.type("on two lines")
    await keys.press("Enter")
    await expect(chat.said).to_have_text("The first.")
    await expect(chat.question).to_contain_text("Say something\non two lines")
    await _tab_to(chat, "Answer again", back=True)
    await keys.press("Enter")
    await expect(chat.said).to_have_text("The second.")
    await chat.is_("whole")
    await chat.answer.focus()
    await _tab_to(chat, "Previous version")
    await keys.press("Enter")
    await expect(chat.said).to_have_text("The first.")
    await keys.press("Escape")
    await chat.question.focus()
    await keys.press("e")
    await expect(chat.question.get_by_role("textbox")).to_be_focused()
    await keys.press("Control+a")
    await keys.type("Say it otherwise")
    await keys.press("Enter")

    await expect(chat.said).to_have_text("The third.")
    await expect(chat.question).to_contain_text("Say it otherwise")


async def test_an_answer_is_stopped_and_a_conversation_deleted_by_keys(place: Place) -> None:
    chat = await open_chat(place, HELD)
    keys = chat.page.keyboard
    await keys.type("Think")
    await keys.press("Enter")
    telling = await place.far.held.asked()
    await chat.is_("running")
    await keys.press("Escape")
    await telling.was_left()
    await chat.is_("stopped")

    await keys.press("Control+k")
    await keys.press("Tab")
    await expect(chat.list.get_by_role("link")).to_be_focused()
    # In one go: what asks is loaded with the first.
    twice = "(link) => ['', ''].forEach(() => link.dispatchEvent(new KeyboardEvent('keydown', "
    await chat.list.get_by_role("link").evaluate(twice + "{key: 'Delete'})))")
    await expect(chat.page.get_by_role("dialog")).to_have_count(1)
    await _tab_to(chat, "Delete")
    await keys.press("Enter")

    await expect(chat.list.get_by_role("link")).to_have_count(0)


async def test_views_menus_and_dialogs_open_and_close_by_keys(place: Place) -> None:
    chat = await open_chat(place)
    keys = chat.page.keyboard
    for name in ("Compare", "Providers", "Usage", "Chat"):
        await chat.page.get_by_role("link", name=name, exact=True).focus()
        await keys.press("Enter")
        await expect(chat.main).to_have_attribute("data-view", name.lower())
    await chat.is_ready()
    await chat.page.get_by_role("button", name="Theme").focus()
    await keys.press("Enter")
    await expect(chat.page.get_by_role("menuitemradio", checked=True)).to_be_focused()
    await keys.press("End")
    await keys.press("Enter")
    await expect(chat.page.locator("html")).to_have_attribute("data-theme", "dark")
    await expect(chat.page.get_by_role("button", name="Theme")).to_be_focused()
    await keys.press("?")
    help_ = chat.page.get_by_role("dialog", name="Keyboard shortcuts")
    await expect(help_).to_contain_text("Stop the answer")
    await keys.press("Escape")

    await expect(help_).to_have_count(0)
    await expect(chat.page.get_by_role("button", name="Theme")).to_be_focused()


async def test_the_skip_link_leads_past_the_list(place: Place) -> None:
    page = await place.open("/#/usage")
    skip = page.get_by_role("link", name="Skip to the content")
    await expect(page.get_by_role("heading", level=1)).to_be_visible()

    await page.keyboard.press("Tab")
    await expect(skip).to_be_focused()
    await expect(skip).to_be_in_viewport()
    await page.keyboard.press("Enter")

    await expect(page.locator("main")).to_be_focused()
    await expect(page.locator("main")).to_have_attribute("data-view", "usage")


async def test_two_models_are_chosen_and_compared_by_keys(place: Place) -> None:
    chat = await open_chat(place, where="/#/compare")
    keys = chat.page.keyboard
    for number, name in (("1", "gpt 4o mini"), ("2", "claude sonnet")):
        await chat.page.get_by_role("combobox", name=f"Model {number}").focus()
        await keys.press("Control+a")
        await keys.type(name)
        await keys.press("Enter")
    await chat.field.focus()
    await keys.type("Hello")
    await keys.press("Enter")

    await expect(chat.answers).to_have_count(2)
    for answer in await chat.answers.all():
        await expect(answer).to_have_attribute("data-state", "whole")
    assert place.far.claude.journal[-1]["body"]["model"] == CLAUDE.partition("/")[2]
