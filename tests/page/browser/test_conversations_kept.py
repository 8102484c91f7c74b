"""The list of conversations: found again, searched, renamed, deleted, taken away as a file."""

import json
from pathlib import Path

from playwright.async_api import expect

from tests.page.browser.chatting import Chat, open_chat
from tests.page.browser.place import Place


async def _begin(chat: Chat, *questions: str) -> None:
    """A conversation for each question."""
    for question in questions:
        await chat.page.goto("/#/chat")
        await expect(chat.turns).to_have_count(0)
        await chat.ask(question)


async def test_a_conversation_is_named_by_its_first_words_and_found_again(place: Place) -> None:
    chat = await open_chat(place)
    await _begin(chat, "Where do otters sleep", "How tall is a fjord")
    links = chat.list.get_by_role("link")
    await expect(links).to_have_text(["How tall is a fjord", "Where do otters sleep"])

    await links.nth(1).click()

    await expect(chat.question).to_contain_text("Where do otters sleep")
    await expect(chat.page.get_by_role("heading", level=1)).to_have_text("Where do otters sleep")
    await expect(links.nth(1)).to_have_attribute("aria-current", "page")


async def test_the_search_looks_into_what_was_said(place: Place) -> None:
    place.far.gpt.scenario(answers=["They hold hands afloat.", "It depends."])
    chat = await open_chat(place)
    await _begin(chat, "Where do otters sleep", "How tall is a fjord")

    await chat.page.keyboard.press("Control+k")
    await chat.page.keyboard.type("afloat")

    await expect(chat.list.get_by_role("link")).to_have_text(["Where do otters sleep"])
    await chat.page.keyboard.type(" nowhere")
    await expect(chat.list).to_contain_text("Nothing found")


async def test_a_conversation_is_renamed_in_its_place(place: Place) -> None:
    chat = await open_chat(place)
    await chat.ask("Where do otters sleep")
    await place.watch.settled()
    await chat.list.get_by_role("link").press("F2")

    field = chat.list.get_by_role("textbox", name="Title")
    await field.fill("Otters <b>at</b> night")
    await field.press("Enter")

    await expect(chat.list.get_by_role("link")).to_have_text("Otters <b>at</b> night")
    await chat.page.reload()
    await expect(chat.list.get_by_role("link")).to_have_text("Otters <b>at</b> night")


async def test_a_deletion_asks_first_and_is_for_good(place: Place) -> None:
    chat = await open_chat(place)
    await chat.ask("Where do otters sleep")
    await place.watch.settled()
    link = chat.list.get_by_role("link")
    dialog = chat.page.get_by_role("dialog")
    await link.press("Delete")
    await expect(dialog).to_be_visible()
    await chat.page.keyboard.press("Escape")
    await expect(dialog).to_have_count(0)
    await expect(link).to_have_count(1)
    await expect(link).to_be_focused()

    await link.press("Delete")
    await dialog.get_by_role("button", name="Delete").click()

    await expect(link).to_have_count(0)
    await expect(chat.turns).to_have_count(0)
    await chat.page.reload()
    await expect(chat.list).to_contain_text("Your conversations will be listed here")


async def test_a_conversation_can_be_taken_away_as_a_file(place: Place, tmp_path: Path) -> None:
    place.far.gpt.scenario(answer="In **rafts**.")
    chat = await open_chat(place)
    await chat.ask("Where do otters sleep?")
    files = {}

    for name in ("Markdown", "JSON"):
        await chat.page.get_by_role("button", name="Conversation actions").click()
        async with chat.page.expect_download() as download:
            await chat.page.get_by_role("menuitem", name=f"Export as {name}").click()
        file = await download.value
        await file.save_as(tmp_path / name)
        files[name] = (file.suggested_filename, (tmp_path / name).read_text("utf-8"))

    title, text = files["Markdown"]
    assert title == "Where do otters sleep.md"
    assert "Where do otters sleep?" in text
    assert "In **rafts**." in text
    title, text = files["JSON"]
    assert title == "Where do otters sleep.json"
    assert "In **rafts**." in json.dumps(json.loads(text))


async def test_what_is_not_there_is_said_to_be_missing(place: Place) -> None:
    place.watch.bear("404")
    page = await place.open(f"/#/chat/{'0' * 24}")

    await expect(page.get_by_role("alert")).to_contain_text("nothing here")
    await page.get_by_role("alert").get_by_role("link", name="New chat").click()
    await expect(page.get_by_role("textbox", name="Message")).to_be_editable()
