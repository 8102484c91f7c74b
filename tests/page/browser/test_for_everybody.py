"""Light and dark, large and small, English and Russian, and who does not see the screen."""

from typing import Any

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Page, Response, expect

from tests.page.browser.chatting import Chat, open_chat
from tests.page.browser.place import Place

_RICH = """
# A heading

Some *text* with `code`, a [link](https://example.com) and a picture ![of a cat](https://a.test/b.png).

| model | price |
| --- | ---: |
| small | 1 |

```python
def answer() -> int:
    return 42  # the answer
```

> quoted

- [x] done
- [ ] not done
"""
_PHONE: Any = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
_VIEWS = ("chat", "compare", "providers", "usage")


async def _fill(place: Place) -> Chat:
    """A conversation, a comparison and some trouble, so that each view has much to show."""
    reasoning = [{"reasoning": "Let me think."}, {"text": _RICH}]
    call = {"tool_call": {"name": "weather", "arguments": {"city": "Oslo"}}}
    place.far.gpt.scenario(answers=[[*reasoning, call], "short"])
    chat = await open_chat(place)
    await chat.ask("Show me everything")
    place.far.gpt.scenario(status=500)
    await chat.say("Now fail")
    await chat.is_("broken")
    place.far.gpt.scenario(answer=_RICH)
    return chat


async def _see(chat: Chat, view: str) -> None:
    page = chat.page
    if view == "chat":
        await chat.list.get_by_role("link").first.click()
        await expect(chat.answer).to_be_visible()
    elif view == "compare":
        await chat.go("#/compare")
        await chat.field.fill("Compare")
        await chat.send_button.click()
        await expect(chat.answers).to_have_count(2)
        for answer in await chat.answers.all():
            await expect(answer).not_to_have_attribute("data-state", "running")
    else:
        await chat.go(f"#/{view}")
        await expect(
            page.locator("article.card" if view == "providers" else "table").first
        ).to_be_visible()
    await expect(chat.main).to_have_attribute("data-view", view)


async def _complaints(page: Page) -> list[str]:
    """What axe-core finds, in words."""
    found = await Axe().run(page)
    return [
        f"{one['id']}: {node['html'][:160]} {node['failureSummary']}"
        for one in found.response["violations"]
        for node in one["nodes"]
    ]


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_axe_finds_nothing_in_any_view(place: Place, scheme: Any) -> None:
    chat = await _fill(place)
    await chat.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    complaints = {}

    for view in _VIEWS:
        await _see(chat, view)
        complaints[view] = await _complaints(chat.page)

    assert complaints == {view: [] for view in _VIEWS}


async def test_axe_finds_nothing_where_something_is_open(place: Place) -> None:
    chat = await open_chat(place, reduced_motion="reduce")
    await chat.model.click()
    complaints = await _complaints(chat.page)
    await chat.page.keyboard.press("Escape")
    await chat.page.get_by_role("button", name="Chat settings").click()
    complaints += await _complaints(chat.page)
    await chat.page.keyboard.press("Escape")
    await chat.page.get_by_role("button", name="Language").click()
    complaints += await _complaints(chat.page)
    await chat.page.keyboard.press("Escape")
    await chat.page.get_by_role("button", name="Keyboard shortcuts").click()
    complaints += await _complaints(chat.page)

    assert complaints == []


async def test_a_phone_shows_each_view_without_scrolling_sideways(place: Place) -> None:
    await _fill(place)
    chat = await open_chat(place, **_PHONE)
    wide = {}
    for view in _VIEWS:
        if view == "chat":
            await chat.page.get_by_role("button", name="Open menu").click()
        await _see(chat, view)
        wide[view] = await chat.page.evaluate(
            "[document.documentElement.scrollWidth, ...["
            "...document.querySelectorAll('main, .bar, .desk, .composer')"
            "].map((one) => Math.ceil(one.getBoundingClientRect().right))]"
        )

    assert {view: max(widths) for view, widths in wide.items()} == dict.fromkeys(_VIEWS, 390)


async def test_on_a_phone_a_chat_is_led_by_touch(place: Place) -> None:
    chat = await open_chat(place, **_PHONE)
    await chat.field.fill("Hello")
    await chat.send_button.tap()
    await chat.is_("whole")
    await chat.page.get_by_role("button", name="Open menu").tap()
    await expect(chat.list.get_by_role("link")).to_be_in_viewport()
    await chat.page.get_by_role("button", name="Close menu").tap()

    await expect(chat.list.get_by_role("link")).not_to_be_in_viewport()


@pytest.mark.parametrize(("scheme", "is_dark"), [("light", False), ("dark", True)])
async def test_the_page_is_as_light_as_the_system(place: Place, scheme: Any, is_dark: bool) -> None:
    chat = await open_chat(place, color_scheme=scheme)

    assert (await _brightness(chat.page) < 128) is is_dark


async def test_a_theme_that_was_chosen_stays(place: Place) -> None:
    chat = await open_chat(place, color_scheme="light")
    await chat.page.get_by_role("button", name="Theme").click()
    await chat.page.get_by_role("menuitemradio", name="Dark").click()
    assert await _brightness(chat.page) < 128

    await chat.page.reload()

    assert await _brightness(chat.page) < 128


async def _brightness(page: Page) -> float:
    """0 is black, 255 white: what is behind the text."""
    colour = await page.evaluate(
        "(() => {const context = document.createElement('canvas').getContext('2d');"
        "context.fillStyle = getComputedStyle(document.body).backgroundColor;"
        "context.fillRect(0, 0, 1, 1); return [...context.getImageData(0, 0, 1, 1).data]})()"
    )
    return float(sum(colour[:3]) / 3)


async def test_the_page_speaks_the_readers_language(place: Place) -> None:
    page = await place.open(locale="ru-RU")

    await expect(page.locator("html")).to_have_attribute("lang", "ru")
    field = page.get_by_role("textbox", name="Сообщение")
    await field.fill("Привет")
    await field.press("Enter")
    await expect(page.locator("article.assistant")).to_have_attribute("data-state", "whole")
    for view in ("compare", "providers", "usage"):
        await page.goto(f"/#/{view}")
        await expect(page.locator("main")).to_have_attribute("data-view", view)
        await expect(page.get_by_role("heading", level=1)).to_have_text(_RUSSIAN[view])


_RUSSIAN = {"compare": "Сравнение", "providers": "Провайдеры", "usage": "Расход"}


async def test_another_language_can_be_chosen_and_stays(place: Place) -> None:
    chat = await open_chat(place)
    await chat.page.get_by_role("button", name="Language").click()
    await chat.page.get_by_role("menuitemradio", name="Русский").click()
    await expect(chat.page.get_by_role("textbox", name="Сообщение")).to_be_visible()

    await chat.page.reload()

    await expect(chat.page.get_by_role("textbox", name="Сообщение")).to_be_visible()


async def test_the_chat_weighs_less_than_120_kb(place: Place) -> None:
    """All that is loaded to chat, without pictures and before anything is compressed."""
    page = await place.tab()
    answered: list[Response] = []
    page.on("response", lambda answer: answered.append(answer))
    await page.goto("/")
    await expect(page.get_by_role("textbox", name="Message")).to_be_editable()
    await place.watch.settled()
    sizes = {
        answer.url.removeprefix(place.url): len(await answer.body())
        for answer in answered
        if "/page/api/" not in answer.url
    }

    assert sum(sizes.values()) < 120_000, sizes
    assert sizes["/"] < 4_000
    assert not [path for path in sizes if "/usage/" in path or "/providers/" in path]
