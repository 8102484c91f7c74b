"""An answer while it comes: seen as it grows, stopped when the reader has enough."""

import asyncio

import pytest
from playwright.async_api import Route, expect

from tests.page.browser.chatting import open_chat
from tests.page.browser.place import CLAUDE, HELD, SAFE, Place


async def test_what_was_said_is_seen_while_the_model_still_speaks(place: Place) -> None:
    chat = await open_chat(place, HELD)
    await chat.say("Tell me a story")
    telling = await place.far.held.asked()

    for part, so_far in (("Once ", "Once"), ("upon ", "Once upon"), ("a time", "Once upon a time")):
        await telling.say(part)
        await expect(chat.said).to_have_text(so_far)
        await chat.is_("running")
    await telling.end(".")

    await chat.is_("whole")
    await expect(chat.said).to_have_text("Once upon a time.")


async def test_an_answer_that_comes_is_not_read_out_token_by_token(place: Place) -> None:
    chat = await open_chat(place, HELD)
    log = chat.page.get_by_role("log")
    await chat.say("Tell me a story")
    telling = await place.far.held.asked()
    await telling.say("Once upon")

    await expect(log).to_have_attribute("aria-busy", "true")
    await telling.end()
    await expect(log).to_have_attribute("aria-busy", "false")


async def test_a_stop_before_the_first_word_reaches_the_model_at_once(place: Place) -> None:
    chat = await open_chat(place, HELD)
    await chat.say("Think long")
    telling = await place.far.held.asked()

    await chat.stop_button.click()

    await telling.was_left()
    await chat.is_("stopped")
    await expect(chat.send_button).to_be_visible()


@pytest.mark.parametrize("by", ["the key", "the button"])
async def test_a_stop_before_the_question_has_arrived_is_not_forgotten(
    place: Place, by: str
) -> None:
    chat = await open_chat(place, HELD)
    is_told = asyncio.Event()

    async def tell_late(route: Route) -> None:
        response = await route.fetch()
        await is_told.wait()
        await route.fulfill(response=response)

    await chat.page.route("**/turns", tell_late)
    await chat.say("Think long")
    telling = await place.far.held.asked()
    if by == "the key":
        await chat.page.keyboard.press("Escape")
    else:
        await chat.stop_button.click()
    is_told.set()

    await telling.was_left()
    await chat.is_("stopped")
    await expect(chat.field).to_have_value("")
    await expect(chat.send_button).to_be_visible()


async def test_a_stop_in_the_middle_keeps_what_was_said(place: Place) -> None:
    chat = await open_chat(place, HELD)
    await chat.say("Count")
    telling = await place.far.held.asked()
    await telling.say("One, two")
    await expect(chat.said).to_have_text("One, two")

    await chat.page.keyboard.press("Escape")

    await telling.was_left()
    await chat.is_("stopped")
    await chat.page.reload()
    await chat.is_("stopped")
    await expect(chat.said).to_have_text("One, two")


async def test_an_emulator_sees_that_it_was_left(place: Place) -> None:
    place.far.gpt.scenario(answer="one two three four", stall={"after_events": 3})
    chat = await open_chat(place)
    await chat.say("Count")
    await expect(chat.said).to_have_text("one two")

    await chat.stop_button.click()

    await place.far.gpt.wait_until(lambda gpt: gpt.abandoned == 1, 15)
    await chat.is_("stopped")


async def test_reasoning_is_folded_away_and_can_be_read(place: Place) -> None:
    place.far.gpt.scenario(answer=[{"reasoning": "I should be brief."}, {"text": "Forty-two."}])
    chat = await open_chat(place)
    await chat.ask("What is the answer?")
    thought = chat.answer.locator("[data-part=reasoning]")

    await expect(chat.said).to_have_text("Forty-two.")
    await expect(thought.get_by_text("I should be brief.")).to_be_hidden()
    await thought.locator("summary").click()
    await expect(thought.get_by_text("I should be brief.")).to_be_visible()


async def test_a_tool_call_is_shown_with_its_arguments(place: Place) -> None:
    call = {"tool_call": {"name": "weather", "arguments": {"city": "Oslo"}}}
    place.far.gpt.scenario(answer=[call])
    chat = await open_chat(place)
    await chat.ask("How is the weather in Oslo?")
    shown = chat.answer.locator("[data-part=tool_call]")

    await expect(shown.locator("summary")).to_contain_text("weather")
    await shown.locator("summary").click()
    await expect(shown.locator("code")).to_contain_text('"city": "Oslo"')


async def test_tokens_price_time_and_the_provider_are_told(place: Place) -> None:
    usage = {"input_tokens": 1000, "output_tokens": 2000}
    place.far.gpt.scenario(answer=[{"text": "Yes."}, {"usage": usage}])
    chat = await open_chat(place)
    await chat.ask("Is it dear?")
    line = chat.answer.locator("button.story")

    # 1000 tokens of $0.15 a million, and 2000 of $0.60.
    await expect(line).to_contain_text("$0.0014")
    await expect(line).to_contain_text("2,000 tokens")
    await line.click()
    panel = chat.answer.locator(".story-panel")
    await expect(panel).to_contain_text("openai")
    await expect(panel).to_contain_text("gpt-4o-mini")
    await expect(panel).to_contain_text("1,000")


async def test_an_answer_that_broke_is_rescued_and_says_so(place: Place) -> None:
    text = "All good things come in threes, and then they end."
    place.far.gpt.scenario(answer=text, cut={"after_events": 4})
    place.far.claude.scenario(answer=text)
    chat = await open_chat(place, SAFE)
    await chat.ask("Say it")

    await expect(chat.said).to_have_text(text)
    line = chat.answer.locator("button.story")
    await expect(line).to_contain_text("rescued")
    await line.click()
    await expect(chat.answer.locator(".story-panel")).to_contain_text(CLAUDE.partition("/")[2])


async def test_an_answer_that_broke_for_good_says_why_and_can_be_asked_again(
    place: Place,
) -> None:
    place.far.gpt.scenario(answer="one two three four", cut={"after_events": 3})
    chat = await open_chat(place)
    await chat.say("Count")
    await chat.is_("broken")
    await expect(chat.said).to_have_text("one two")

    place.far.gpt.scenario(answer="one two three four")
    await chat.answer.get_by_role("button", name="Try again").click()

    await chat.is_("whole")
    await expect(chat.said).to_have_text("one two three four")
