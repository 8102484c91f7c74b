"""What the page costs a browser: its weight, its first paint, and 10,000 streamed chunks.

Chromium (`$CHROMIUM`, else `/usr/bin/chromium`) opens the page of a gateway on loopback. A long
task is one of over 50 ms, as browsers report them; the page is silent for longer than that while
one runs. The same is measured of a page with one line of text, for what the browser itself takes.
Source: W3C, "Paint Timing" and "Long Tasks API", read 2026-11-21.
"""

import asyncio
import os
import platform
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from statistics import median
from typing import Any

from playwright.async_api import Browser, Page, async_playwright, expect

from dragoman import emulators
from dragoman.config import Config
from dragoman.gateway.app import create_app
from dragoman.gateway.serving import bind, serve

RUNS = 9
CHUNKS = 10_000
WORDS = " ".join(f"word{number}" for number in range(CHUNKS))
_ARGS = ["--no-sandbox", "--disable-background-networking", "--disable-component-update"]
_WATCH = """
window.longTasks = [];
new PerformanceObserver((list) => longTasks.push(...list.getEntries().map((e) => e.duration)))
  .observe({ type: "longtask", buffered: true });
"""
_PAINT = """
() => new Promise((resolve) => new PerformanceObserver(() => {
  const found = performance.getEntriesByType("paint").map((e) => [e.name, e.startTime]);
  if (found.some(([name]) => name === "first-contentful-paint")) resolve(Object.fromEntries(found));
}).observe({ type: "paint", buffered: true }))
"""
_WEIGHT = """
() => ["navigation", "resource"].flatMap((kind) => performance.getEntriesByType(kind))
  .filter((e) => !e.name.includes("/page/api/"))
  .reduce((sum, e) => [sum[0] + e.encodedBodySize, sum[1] + e.decodedBodySize, sum[2] + 1],
    [0, 0, 0])
"""


@asynccontextmanager
async def gateway(far_url: str, folder: str) -> AsyncIterator[str]:
    """A gateway with a page before one model, in a loop of this process."""
    config = Config.of(
        {
            "far": {
                "dialect": "openai_chat",
                "base_url": f"{far_url}/v1",
                "api_key": "any",
                "models": ["mock-model"],
            }
        },
        gateway={"log": False, "database_url": f"sqlite:///{folder}/page.db"},
        model="far/mock-model",
    )
    sock = bind("127.0.0.1", 0)
    ready, stop = asyncio.Event(), asyncio.Event()
    app = create_app(config)
    serving = asyncio.create_task(serve(app, sock, drain_s=1, on_ready=ready.set, stop=stop))
    await ready.wait()
    try:
        yield f"http://127.0.0.1:{sock.getsockname()[1]}"
    finally:
        stop.set()
        await serving


async def _opened(browser: Browser, url: str) -> Page:
    page = await (await browser.new_context(locale="en")).new_page()
    await page.add_init_script(_WATCH)
    await page.goto(url)
    return page


async def paints(browser: Browser, url: str) -> list[dict[str, float]]:
    """First paint and first contentful paint of a new visitor, in ms, several times."""
    found = []
    for _ in range(RUNS + 1):
        page = await _opened(browser, url)
        found.append(await page.evaluate(_PAINT))
        await page.context.close()
    # The first one started what the others found running.
    return found[1:]


async def weight(browser: Browser, url: str) -> tuple[int, int, int]:
    """Bytes of a new chat on the wire and unpacked, and files."""
    page = await _opened(browser, url)
    await expect(page.get_by_role("textbox", name="Message", exact=True)).to_be_visible()
    await page.wait_for_load_state("networkidle")
    packed, whole, files = await page.evaluate(_WEIGHT)
    await page.context.close()
    return packed, whole, files


async def chunks(browser: Browser, url: str) -> list[float]:
    """The long tasks while an answer of 10,000 chunks comes, in ms."""
    page = await _opened(browser, url)
    field = page.get_by_role("textbox", name="Message", exact=True)
    await field.fill("Tell me")
    await page.evaluate("longTasks.length = 0")
    await field.press("Enter")
    answer = page.locator("[data-state=whole]", has_text=f"word{CHUNKS - 1}")
    await expect(answer).to_be_visible(timeout=120_000)
    found: list[float] = await page.evaluate("longTasks")
    await page.context.close()
    return found


def _line(name: str, values: list[float], unit: str = "ms") -> None:
    told = f"{median(values):>9,.0f} {unit}   [{min(values):,.0f} .. {max(values):,.0f}]"
    print(f"  {name:<44} {told}")


async def main() -> None:
    """Measure, and print a table."""
    program = os.environ.get("CHROMIUM", "/usr/bin/chromium")
    options: dict[str, Any] = {"executable_path": program, "args": _ARGS}
    with tempfile.TemporaryDirectory() as folder:
        plain = Path(folder) / "plain.html"
        plain.write_text("<!doctype html><title>Plain</title><p>One line of text.")
        async with (
            emulators.run("openai") as far,
            gateway(far.url, folder) as url,
            async_playwright() as playwright,
        ):
            browser = await playwright.chromium.launch(**options)
            print(f"{platform.machine()}, {os.cpu_count()} cores, Chromium {browser.version}")
            packed, whole, files = await weight(browser, url)
            print(f"\nA new chat: {files} files, {packed / 1000:.1f} kB sent, ", end="")
            print(f"{whole / 1000:.1f} kB unpacked")
            print(f"\nPaint, median of {RUNS} new visitors [least .. most]")
            for name, address in (("one line of text", plain.as_uri()), ("the page", url)):
                told = await paints(browser, address)
                _line(f"{name}: first paint", [one["first-paint"] for one in told])
                _line(f"{name}: with content", [one["first-contentful-paint"] for one in told])
            far.scenario(answer=WORDS)
            print(f"\n{CHUNKS:,} chunks, as fast as they come, 5 times")
            runs = [await chunks(browser, url) for _ in range(5)]
            _line("long tasks (over 50 ms)", [float(len(run)) for run in runs], "  ")
            _line("the longest task", [max(run, default=0.0) for run in runs])
            await browser.close()


if __name__ == "__main__":
    asyncio.run(main())
