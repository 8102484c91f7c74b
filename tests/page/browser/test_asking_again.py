"""Versions of questions and answers, and what a conversation is asked with."""

from playwright.async_api import expect

from tests.page.browser.chatting import open_chat
from tests.page.browser.place import CLAUDE, GPT_LARGE, Place


async def test_an_answer_can_be_asked_for_again_and_both_are_kept(place: Place) -> None:
    place.far.gpt.scenario(answers=["the first answer", "the second answer"])
    chat = await open_chat(place)
    await chat.ask("Say something")

    await chat.tool("Answer again").click()

    await expect(chat.said).to_have_text("the second answer")
    await chat.is_("whole")
    await expect(chat.answers).to_have_count(1)
    await chat.tool("Previous version").click()
    await expect(chat.said).to_have_text("the first answer")
    await chat.tool("Next version").click()
    await expect(chat.said).to_have_text("the second answer")


async def test_another_model_can_give_the_other_version(place: Place) -> None:
    chat = await open_chat(place)
    await chat.ask("Say something")

    await chat.tool("Answer again with another model").click()
    dialog = chat.page.get_by_role("dialog")
    model = dialog.get_by_role("combobox")
    await model.fill("claude-sonnet-4-5")
    await model.press("Enter")
    await dialog.get_by_role("button", name="Answer again").click()

    await expect(chat.answer.locator("header")).to_contain_text("claude-sonnet-4-5")
    await chat.is_("whole")
    assert place.far.claude.journal[-1]["body"]["model"] == "claude-sonnet-4-5"


async def test_an_edited_question_begins_another_branch(place: Place) -> None:
    chat = await open_chat(place)
    await chat.ask("one")
    await chat.ask("two")

    await chat.tool("Edit", chat.questions.first).click()
    editor = chat.questions.first.get_by_role("textbox")
    await expect(editor).to_have_value("one")
    await editor.fill("uno")
    await editor.press("Enter")

    await expect(chat.turns).to_have_count(2)
    await chat.is_("whole")
    await expect(chat.said).to_have_text("uno")
    asked = place.far.gpt.journal[-1]["body"]["messages"]
    assert [message["role"] for message in asked] == ["user"]
    await chat.tool("Previous version", chat.questions.first).click()
    await expect(chat.turns).to_have_count(4)
    await expect(chat.said).to_have_text("two")


async def test_what_came_before_is_sent_along(place: Place) -> None:
    chat = await open_chat(place)
    await chat.ask("one")
    await chat.ask("two")

    asked = place.far.gpt.journal[-1]["body"]["messages"]

    assert [message["role"] for message in asked] == ["user", "assistant", "user"]


async def test_the_system_prompt_and_the_options_reach_the_model(place: Place) -> None:
    chat = await open_chat(place)
    await chat.page.get_by_role("button", name="Chat settings").click()
    sheet = chat.page.get_by_role("dialog")
    await sheet.get_by_label("System prompt").fill("You are a dragoman.")
    await sheet.get_by_label("Temperature").fill("0.3")
    await sheet.get_by_label("Max tokens").fill("77")
    await sheet.get_by_role("button", name="Done").click()
    await expect(sheet).to_have_count(0)

    await chat.ask("Hello")

    body = place.far.gpt.journal[-1]["body"]
    assert "You are a dragoman." in str(body["messages"][0])
    assert body["temperature"] == 0.3
    assert 77 in (body.get("max_tokens"), body.get("max_completion_tokens"))


async def test_settings_stay_with_the_conversation(place: Place) -> None:
    chat = await open_chat(place)
    await chat.ask("Hello")
    await chat.page.get_by_role("button", name="Chat settings").click()
    await chat.page.get_by_role("dialog").get_by_label("System prompt").fill("Rhyme.")
    async with chat.page.expect_response(lambda r: r.request.method == "PATCH"):
        await chat.page.get_by_role("dialog").get_by_role("button", name="Done").click()

    await chat.page.reload()
    await chat.ask("Once more")

    assert "Rhyme." in str(place.far.gpt.journal[-1]["body"]["messages"][0])


async def test_a_model_is_found_and_chosen_by_keys_alone(place: Place) -> None:
    chat = await open_chat(place)
    await chat.model.focus()

    await chat.page.keyboard.type("gpt 4o")
    options = chat.page.get_by_role("listbox", name="Model").get_by_role("option")
    await expect(options).to_have_count(2)
    await chat.page.keyboard.press("ArrowDown")
    await chat.page.keyboard.press("Enter")

    await expect(chat.model).to_have_value(GPT_LARGE)
    await expect(options.first).to_be_hidden()
    await chat.ask("Hello")
    assert place.far.gpt.journal[-1]["body"]["model"] == GPT_LARGE.partition("/")[2]


async def test_models_are_grouped_and_marked_with_what_works(place: Place) -> None:
    chat = await open_chat(place)
    await chat.ask("Hello")
    await chat.model.click()
    models = chat.page.get_by_role("listbox", name="Model")

    groups = models.get_by_role("group")
    await expect(groups.first).to_contain_text("safe")
    await expect(models.get_by_role("group", name="anthropic")).to_contain_text("claude-sonnet-4-5")
    asked = models.get_by_role("option", selected=True)
    await expect(asked).to_have_attribute("data-mark", "works")
    other = models.locator(f"[data-name='{CLAUDE}']")
    await expect(other).to_have_attribute("data-mark", "unknown")
    await chat.page.keyboard.press("Escape")
    await expect(models).to_be_hidden()
