"""The chat view in a test's hands: what a reader does, and what is seen."""

from typing import Any

from playwright.async_api import Locator, Page, expect

from tests.page.browser.place import Place

__all__ = ["Chat", "choose", "open_chat"]


class Chat:
    """One page that shows the chat; `answer` and `question` are the last ones."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.main = page.locator("main")
        self.field = page.get_by_role("textbox", name="Message", exact=True)
        self.send_button = page.get_by_role("button", name="Send", exact=True)
        self.stop_button = page.get_by_role("button", name="Stop", exact=True)
        self.model = page.get_by_role("combobox", name="Model", exact=True)
        self.turns = self.main.locator("article[data-turn]")
        self.questions = self.main.locator("article.user")
        self.answers = self.main.locator("article.assistant")
        self.list = page.get_by_role("region", name="Conversations")

    @property
    def answer(self) -> Locator:
        return self.answers.last

    @property
    def question(self) -> Locator:
        return self.questions.last

    @property
    def said(self) -> Locator:
        """The text of the last answer."""
        return self.answer.locator("[data-part=text]")

    async def go(self, where: str) -> None:
        """Go to another view, and wait until the old one is gone."""
        mark = "(main) => [...main.children].forEach((one) => one.setAttribute('data-old', ''))"
        await self.main.evaluate(mark)
        await self.page.evaluate(f"location.hash = '{where}'")
        await expect(self.main.locator("[data-old]")).to_have_count(0)

    async def say(self, text: str) -> None:
        """Type it and press Enter."""
        await self.field.fill(text)
        await self.field.press("Enter")

    async def is_(self, state: str) -> None:
        """Wait until the last answer is in this state."""
        await expect(self.answer).to_have_attribute("data-state", state)

    async def ask(self, text: str) -> None:
        """Say something and wait for the whole answer."""
        await self.say(text)
        # What was typed is gone when it is kept, and not before.
        await expect(self.field).to_have_value("")
        await self.is_("whole")

    def tool(self, name: str, turn: Locator | None = None) -> Locator:
        """A button below a turn, by default the last answer."""
        return (turn or self.answer).get_by_role("button", name=name, exact=True)

    async def is_ready(self) -> None:
        """Wait until it can be typed into."""
        await expect(self.field).to_be_editable()


async def choose(page: Page, model: str) -> None:
    """Let this be the model that was chosen last, unless there is one."""
    script = f"localStorage['dragoman.model'] ??= '{model}'"
    await page.add_init_script(f"if (location.protocol === 'http:') {script}")


async def open_chat(
    place: Place, model: str = "", *, where: str = "/#/chat", **options: Any
) -> Chat:
    """A new page in a profile of its own; `model` is what was chosen there last."""
    page = await place.tab(**options)
    if model:
        await choose(page, model)
    await page.goto(where)
    chat = Chat(page)
    await chat.is_ready()
    return chat
