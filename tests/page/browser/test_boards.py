"""What was measured of providers, and what was used, as it is shown."""

import csv
from pathlib import Path
from typing import Any

import aiohttp
from playwright.async_api import Browser, Locator, Page, expect

from tests.page.browser.browsing import until
from tests.page.browser.past import live_a_day
from tests.page.browser.place import CLAUDE, GPT, GPT_LARGE, SAFE, Place, open_place


async def _ask(place: Place, model: str, times: int = 1, key: str = "") -> list[int]:
    """Ask as a program does; the statuses."""
    chat = {"model": model, "messages": [{"role": "user", "content": "one two three"}]}
    headers = {"authorization": f"Bearer {key}"} if key else {}
    statuses = []
    async with aiohttp.ClientSession(place.url, headers=headers) as caller:
        for _ in range(times):
            async with caller.post("/v1/chat/completions", json=chat) as answer:
                await answer.read()
                statuses.append(answer.status)
    return statuses


async def _counted(place: Place, requests: int, key: str = "") -> None:
    """Wait until so many requests are on the disk: they are written behind."""
    headers = {"authorization": f"Bearer {key}"} if key else {}

    async def count() -> bool:
        async with (
            aiohttp.ClientSession(place.url, headers=headers) as caller,
            caller.get("/page/api/usage") as answer,
        ):
            told: Any = await answer.json()
            return bool(told["total"]["requests"] >= requests)

    await until(count)


def _card(page: Page, provider: str) -> Locator:
    return page.locator(f"article[data-provider='{provider}']")


async def test_a_provider_that_fails_shows_the_step_and_the_words(place: Place) -> None:
    await _ask(place, CLAUDE)
    place.far.gpt.scenario(status=503)
    await _ask(place, GPT, 3)

    page = await place.open("/#/providers")

    failing = _card(page, "openai")
    await expect(failing).to_have_attribute("data-state", "trouble")
    await expect(failing).to_contain_text("Last failure")
    await expect(failing).to_contain_text("127.0.0.1")
    await expect(failing).to_contain_text("the scenario says 503")
    works = _card(page, "anthropic")
    await expect(works).to_have_attribute("data-state", "works")
    await works.get_by_text("1 model").click()
    models = works.get_by_role("table", name="Models of anthropic")
    await expect(models.get_by_role("row")).to_have_count(2)


async def test_a_model_that_is_left_alone_says_until_when(browser: Browser, tmp_path: Path) -> None:
    async with open_place(browser, tmp_path, health={"breaker_failures": 2}) as place:
        place.far.gpt.scenario(status=503)
        await _ask(place, GPT, 3)

        page = await place.open("/#/providers")

        card = _card(page, "openai")
        await expect(card).to_have_attribute("data-state", "down")
        await expect(card).to_contain_text("is left alone")
        await expect(card.get_by_role("timer")).to_contain_text("Next try in")
        route = page.locator(f"article[data-route='{SAFE}']")
        await expect(route.locator("[data-skipped=true]")).to_contain_text(GPT)
        await expect(route.locator("[data-skipped=false]")).to_contain_text(CLAUDE)


async def test_a_probe_tells_each_step(place: Place) -> None:
    place.watch.bear("429")
    page = await place.open("/#/providers")
    card = _card(page, "anthropic")
    probe = card.get_by_role("button", name="Probe anthropic now")
    place.far.claude.scenario(status=401)
    await probe.click()
    await expect(card).to_contain_text("anthropic does not work")
    await expect(card.locator("[data-ok=false]")).to_contain_text("401")

    place.far.claude.scenario()

    async def works() -> bool:
        # Asked again too soon, it says so.
        await probe.click()
        await expect(card).to_contain_text("robe")
        return await card.locator(".probe-good").count() > 0

    await until(works)
    await expect(card).to_have_attribute("data-state", "works")


async def test_the_board_is_new_without_being_asked(place: Place) -> None:
    page = await place.open("/#/providers")
    await expect(_card(page, "openai")).to_have_attribute("data-state", "unknown")

    await _ask(place, GPT)

    await expect(_card(page, "openai")).to_have_attribute("data-state", "works")


async def test_the_last_day_is_plotted_and_can_be_read_as_a_table(
    place: Place, tmp_path: Path
) -> None:
    await live_a_day(tmp_path / "dragoman.db", failing="openai")
    page = await place.open("/#/providers")
    card = _card(page, "openai")
    plot = card.get_by_role("img", name="Requests")
    await expect(card.get_by_role("img", name="First token")).to_have_count(1)

    await plot.focus()
    await page.keyboard.press("End")
    await expect(card.locator(".plot-told").last).to_contain_text("request")
    await card.get_by_text("History as a table").click()

    history = card.get_by_role("table", name="History of openai")
    await expect(history.get_by_role("row").nth(40)).to_be_attached()


async def test_usage_is_summed_in_plots_and_in_a_table(place: Place, tmp_path: Path) -> None:
    await _ask(place, GPT, 3)
    await _ask(place, GPT_LARGE)
    place.far.claude.scenario(status=500)
    await _ask(place, CLAUDE)
    await _counted(place, 5)
    page = await place.open("/#/usage")

    table = page.get_by_role("table", name="Usage by: Model")
    rows = table.locator("tbody tr")
    await expect(rows).to_have_count(3)
    await expect(rows.first).to_contain_text("gpt-4o-mini")
    await expect(rows.first.get_by_role("cell").first).to_have_text("3")
    await expect(table.locator("tfoot")).to_contain_text("5")
    for name in ("Requests", "Tokens", "Price"):
        await expect(page.get_by_role("img", name=name)).to_have_count(1)
    await page.get_by_role("radio", name="Provider").check(force=True)
    await expect(
        page.get_by_role("table", name="Usage by: Provider").locator("tbody tr")
    ).to_have_count(2)
    await page.get_by_role("button", name="Tokens in").click()
    await expect(page.get_by_role("columnheader", name="Tokens in")).to_have_attribute(
        "aria-sort", "descending"
    )
    await page.reload()
    await expect(page.get_by_role("table", name="Usage by: Provider")).to_be_visible()

    async with page.expect_download() as download:
        await page.get_by_role("button", name="Download CSV").click()
    await (await download.value).save_as(tmp_path / "usage.csv")
    lines = list(csv.DictReader((tmp_path / "usage.csv").read_text("utf-8").splitlines()))
    assert {line["provider"]: line["requests"] for line in lines} == {
        "openai": "4",
        "anthropic": "1",
    }


async def test_keys_are_told_apart_for_an_operator(browser: Browser, tmp_path: Path) -> None:
    keys = [{"name": name, "key": f"{name}-key"} for name in ("ada", "bob")]
    async with open_place(browser, tmp_path, keys=keys) as place:
        place.watch.bear("401")
        await _ask(place, GPT, 2, key="ada-key")
        await _ask(place, GPT, 1, key="bob-key")
        await _counted(place, 3, key="ada-key")
        page = await place.open("/#/usage?by=key")
        await page.get_by_label("Key").fill("ada-key")
        await page.keyboard.press("Enter")

        rows = page.get_by_role("table", name="Usage by: Key").locator("tbody tr")

        await expect(rows).to_have_count(2)
        await expect(rows.first).to_contain_text("ada")
        await expect(rows.last).to_contain_text("bob")
