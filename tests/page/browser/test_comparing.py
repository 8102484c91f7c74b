"""One prompt to several models, side by side."""

import asyncio

from playwright.async_api import Locator, expect

from tests.page.browser.chatting import Chat, open_chat
from tests.page.browser.place import CLAUDE, GPT, GPT_LARGE, HELD, Place


async def _choose(chat: Chat, *models: str) -> None:
    """These models, in this order."""
    for number, model in enumerate(models, 1):
        if number > 2:
            await chat.page.get_by_role("button", name="Add a model").click()
        field = chat.page.get_by_role("combobox", name=f"Model {number}")
        await field.click()
        await field.fill(model)
        await field.press("Enter")
        await expect(field).to_have_value(model)


def _column(chat: Chat, model: str) -> Locator:
    return chat.page.locator(f"section.column[data-model='{model}']")


async def test_two_models_stream_side_by_side(place: Place) -> None:
    chat = await open_chat(place, where="/#/compare")
    await _choose(chat, HELD, GPT)
    place.far.gpt.scenario(answer="All at once")
    await chat.say("Tell me a story")
    telling = await place.far.held.asked()

    await telling.say("Slowly ")
    await expect(_column(chat, GPT)).to_have_attribute("data-state", "whole")
    await expect(_column(chat, GPT).locator("[data-part=text]").last).to_have_text("All at once")
    slow = _column(chat, HELD)
    await expect(slow.locator("[data-part=text]").last).to_have_text("Slowly")
    await expect(slow).to_have_attribute("data-state", "running")
    await telling.end("but well")

    await expect(slow).to_have_attribute("data-state", "whole")
    await expect(_column(chat, GPT)).to_contain_text("$")


async def test_four_models_are_asked_at_once_and_all_can_be_stopped(place: Place) -> None:
    """Four streams, and the page is still free to ask: a browser has six lines to one host."""
    chat = await open_chat(place, where="/#/compare")
    await _choose(chat, HELD, HELD, HELD, HELD)
    await expect(chat.page.get_by_role("button", name="Add a model")).to_be_hidden()
    await chat.say("Think")
    tellings = [await place.far.held.asked() for _ in range(4)]
    for number, telling in enumerate(tellings):
        await telling.say(f"{number}")
    for number in range(4):
        await expect(chat.page.locator("[data-part=text]", has_text=f"{number}")).to_have_count(1)

    await chat.stop_button.click()

    await asyncio.gather(*(telling.was_left() for telling in tellings))
    for answer in await chat.answers.all():
        await expect(answer).to_have_attribute("data-state", "stopped")


async def test_one_of_several_can_be_stopped_alone(place: Place) -> None:
    chat = await open_chat(place, where="/#/compare")
    await _choose(chat, HELD, HELD)
    await chat.say("Think")
    first, second = await place.far.held.asked(), await place.far.held.asked()

    await chat.page.get_by_role("button", name=f"Stop {HELD}").first.click()

    done, waiting = await asyncio.wait(
        [asyncio.ensure_future(one.was_left()) for one in (first, second)],
        return_when=asyncio.FIRST_COMPLETED,
    )
    assert (len(done), len(waiting)) == (1, 1)
    kept = second if first.left.is_set() else first
    await kept.end("I go on")
    await expect(chat.page.locator("[data-part=text]", has_text="I go on")).to_have_count(1)
    for task in waiting:
        task.cancel()
    await asyncio.wait(waiting)


async def test_a_model_that_fails_leaves_the_others_alone(place: Place) -> None:
    place.far.claude.scenario(status=500)
    chat = await open_chat(place, where="/#/compare")
    await _choose(chat, GPT, CLAUDE)
    await chat.say("Hello")

    await expect(_column(chat, GPT)).to_have_attribute("data-state", "whole")
    failed = _column(chat, CLAUDE)
    await expect(failed).to_have_attribute("data-state", "broken")
    place.far.claude.scenario()
    await failed.get_by_role("button", name="Try again").click()
    await expect(failed).to_have_attribute("data-state", "whole")


async def test_a_comparison_goes_on_and_is_found_again(place: Place) -> None:
    chat = await open_chat(place, where="/#/compare")
    await _choose(chat, GPT, GPT_LARGE, CLAUDE)
    await chat.say("one")
    await expect(chat.answers).to_have_count(3)
    for answer in await chat.answers.all():
        await expect(answer).to_have_attribute("data-state", "whole")
    await chat.say("two")
    await expect(chat.answers).to_have_count(6)

    await chat.page.reload()

    for model in (GPT, GPT_LARGE, CLAUDE):
        answers = _column(chat, model).locator("article.assistant [data-part=text]")
        await expect(answers).to_have_text(["one", "two"])
    await _column(chat, CLAUDE).get_by_role("link", name="Continue").click()
    await expect(chat.page.locator("section.column")).to_have_count(0)
    await expect(chat.answers).to_have_count(2)
    await expect(chat.answer.locator("header")).to_contain_text(CLAUDE.partition("/")[2])
    await chat.ask("three")
    await expect(chat.answers).to_have_count(3)
