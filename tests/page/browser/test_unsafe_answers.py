"""What a model writes is shown and never run; what it names is not loaded."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from playwright.async_api import expect

from tests.page.browser.chatting import Chat, open_chat
from tests.page.browser.place import Place

# Each would set `window.stolen`, open a dialog or ask TRAP, if anything of it were to run or load.
# Kinds after: OWASP "XSS Filter Evasion Cheat Sheet", read 2026-11-21; the texts are ours.
CORPUS = (
    "<script>window.stolen = 1; alert(1)</script>",
    "<script src=TRAP/s.js></script>",
    "<SCRipt>window.stolen = 1</SCRipt>",
    "<scr<script>ipt>window.stolen = 1</scr</script>ipt>",
    "<img src=x onerror='window.stolen = 1'>",
    "<img src=TRAP/i.png>",
    "<img srcset='TRAP/set.png 2x' src='data:,'>",
    "<svg onload='window.stolen = 1'><use href='TRAP/u.svg#a'/></svg>",
    "<svg><script>window.stolen = 1</script></svg>",
    "<svg><a href='javascript:window.stolen=1'><text y=20>press</text></a></svg>",
    "<math><mtext></mtext><mglyph><style><img src onerror=window.stolen=1></style></math>",
    "<iframe src='javascript:window.stolen=1'></iframe><iframe src=TRAP/f></iframe>",
    "<iframe srcdoc='<script>parent.stolen = 1</script>'></iframe>",
    "<object data=TRAP/o></object><embed src=TRAP/e>",
    "<link rel=stylesheet href=TRAP/l.css><style>@import 'TRAP/c.css'; * {color: red}</style>",
    "<div style='background: url(TRAP/b.png); position: fixed; inset: 0'>over all</div>",
    "<meta http-equiv=refresh content='0;url=TRAP/m'><base href=TRAP/>",
    "<form action=TRAP/form><button autofocus onfocus='window.stolen = 1'>go</button></form>",
    "<details open ontoggle='window.stolen = 1'><summary>a</summary></details>",
    "<video autoplay src=TRAP/v.mp4 onerror='window.stolen = 1'></video>",
    "<audio src=TRAP/a.mp3 autoplay></audio><input type=image src=TRAP/in.png>",
    "<a id=body name=body></a><img name=querySelector><form id=location></form>",
    "![x](TRAP/pic.png) ![y](javascript:window.stolen=1) ![z](data:image/svg+xml,<svg/>)",
    "[press](javascript:window.stolen=1) [press](JaVaScRiPt:window.stolen=1)",
    "[press](java&#10;script:window.stolen=1) [press](&#106;avascript:window.stolen=1)",
    "[press](data:text/html,<script>window.stolen=1</script>) [press](vbscript:window.stolen=1)",
    "<javascript:window.stolen=1> <a href=' javascript:window.stolen=1'>press</a>",
    "[ref]: javascript:window.stolen=1\n\n[press][ref]",
    "[a](https://example.invalid/\"onmouseover='window.stolen=1')",
    '```html"><img/src/onerror=window.stolen=1>\n</code></pre><script>window.stolen=1</script>\n```',
    "`<img src=x onerror=window.stolen=1>`",
    "| <img src=x onerror=stolen=1> | b |\n|--|--|\n| <script>window.stolen=1</script> | c |",
    "$<img src=x onerror=window.stolen=1>$ and $$\\href{javascript:window.stolen=1}{x}$$",
    "{{constructor.constructor('window.stolen=1')()}} ${window.stolen=1}",
    "<noscript><p title='</noscript><img src=x onerror=window.stolen=1>'></noscript>",
    "<template><img src=x onerror=window.stolen=1></template><plaintext>",
)
_NEVER = (
    ":is(script, iframe, object, embed, style, link, form, input, video, audio, base, meta, use),"
    "[style], [onerror], [onload], [onfocus], [ontoggle], [srcset], img[src*='//']"
)


@asynccontextmanager
async def _trap() -> AsyncIterator[tuple[str, list[bytes]]]:
    """An address, and what was asked there."""
    asked: list[bytes] = []

    async def note(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append(await reader.read(200))
        writer.close()

    server = await asyncio.start_server(note, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", asked


async def _press_all(chat: Chat) -> None:
    """Press every link that an answer has, and come near to everything."""
    for element in await chat.answer.locator("[data-part=text] :is(a, p, div, td)").all():
        await element.dispatch_event("mouseover")
    links = chat.answer.locator("[data-part=text] a[href]")
    for link in await links.all():
        href = await link.get_attribute("href") or ""
        assert href.startswith(("http://", "https://", "mailto:", "#")), href
        rel = await link.get_attribute("rel") or ""
        assert {"noopener", "noreferrer"} <= set(rel.split())


@pytest.mark.parametrize("how", ["streamed", "kept"])
async def test_nothing_that_a_model_writes_runs_or_is_loaded(place: Place, how: str) -> None:
    async with _trap() as (trap, asked):
        answer = "\n\n".join(CORPUS).replace("TRAP", trap)
        place.far.gpt.scenario(
            answer=[{"text": answer[at : at + 97]} for at in range(0, len(answer), 97)]
        )
        chat = await open_chat(place)
        await chat.ask("Attack me")
        if how == "kept":
            await chat.page.reload()
            await chat.is_("whole")
        await expect(chat.said).to_contain_text("window.stolen")

        await _press_all(chat)

        assert await chat.page.evaluate("window.stolen === undefined")
        assert await chat.answer.locator(_NEVER).count() == 0
        assert chat.page.url.startswith(place.url)
        assert len(chat.page.context.pages) == 1
        assert asked == []
        await place.stack.aclose()


async def test_a_name_that_a_reader_did_not_give_is_text_too(place: Place) -> None:
    """Titles, tool names, errors and reasoning come from models as well."""
    evil = "<img src=x onerror=window.stolen=1>"
    call = {"tool_call": {"name": f"a{evil}", "arguments": {"b": evil}}}
    place.far.gpt.scenario(answers=[[{"reasoning": evil}, call], [{"refusal": evil}], evil])
    chat = await open_chat(place)
    await chat.ask(evil)
    await chat.answer.locator("[data-part=reasoning] summary").click()
    await chat.answer.locator("[data-part=tool_call] summary").click()
    await chat.ask(evil)
    place.far.gpt.scenario(error_event={"after_events": 1, "message": evil})
    await chat.say(evil)
    await chat.is_("broken")
    await chat.page.reload()
    await chat.is_("broken")

    await expect(chat.page.get_by_role("heading", level=1)).to_contain_text("<img")
    assert await chat.page.evaluate("window.stolen === undefined")
    assert await chat.main.locator("img[src=x]").count() == 0


async def test_right_to_left_and_unseen_characters_stay_where_they_are(place: Place) -> None:
    override = "user\u202egnp.exe"
    hebrew = "שלום עולם, זה טקסט מימין לשמאל."
    unseen = "zero\u200bwidth\u200d \u2066isolated\u2069 \ufeff\u0000end"
    place.far.gpt.scenario(answer=f"{hebrew}\n\nleft to right\n\n{override}\n\n{unseen}")
    chat = await open_chat(place)
    await chat.ask("Write in Hebrew \u202eevil")

    blocks = chat.said.locator("p")
    direction = "(element) => getComputedStyle(element).direction"
    assert await blocks.nth(0).evaluate(direction) == "rtl"
    assert await blocks.nth(1).evaluate(direction) == "ltr"
    # An override ends with its block, and the page's own words are not turned around.
    bidi = "(element) => getComputedStyle(element).unicodeBidi"
    assert await blocks.nth(2).evaluate(bidi) in ("isolate", "plaintext")
    await expect(chat.said).to_contain_text("left to right")
    await expect(chat.said).to_contain_text("end")
    left = await chat.page.get_by_role("heading", level=1).evaluate(
        "(e) => getComputedStyle(e).unicodeBidi"
    )
    assert left in ("isolate", "plaintext")


async def test_broken_markdown_is_shown_as_far_as_it_goes(place: Place) -> None:
    broken = (
        "**never closed\n\n- one\n  - two\n      - ten\n\n| a | b\n|--\n| 1 | 2 | 3\n\n"
        "> > > deep\n\n[link](no-end\n\n$$\\frac{1}{2\n\n~~gone\n\n1. x\n7. y\n\n"
        "```python\ndef f(:\n"
    )
    place.far.gpt.scenario(answer=broken)
    chat = await open_chat(place)
    await chat.ask("Write badly")

    for part in ("never closed", "ten", "deep", "no-end", "\\frac{1}{2", "gone", "def f(:"):
        await expect(chat.said).to_contain_text(part)
    await chat.page.reload()
    await expect(chat.said).to_contain_text("def f(:")


async def test_an_answer_of_5_mb_leaves_the_page_at_hand(place: Place) -> None:
    paragraph = "All work and no play makes a long answer longer. " * 20
    text = "\n\n".join(f"{number} {paragraph}" for number in range(5_300))
    assert len(text) > 5_000_000
    place.far.gpt.scenario(
        answer=[{"text": text[at : at + 50_000]} for at in range(0, len(text), 50_000)]
    )
    chat = await open_chat(place)
    await chat.say("Write a book")
    await expect(chat.said).to_contain_text("0 All work", timeout=60_000)

    # It can be typed into while the answer comes, and when it is there.
    await chat.field.fill("While you write")
    await expect(chat.answer).to_have_attribute("data-state", "whole", timeout=60_000)
    await chat.field.fill("Thank you")
    await expect(chat.field).to_have_value("Thank you")
    last = chat.said.locator(".block").last
    await expect(last).to_contain_text("5299 All work")


async def test_the_browser_is_told_to_run_nothing_else(place: Place) -> None:
    page = await place.tab()
    answer = await page.goto("/")

    assert answer is not None
    policy = answer.headers["content-security-policy"]
    for rule in (
        "default-src 'none'", "script-src 'self'", "style-src 'self'", "connect-src 'self'",
        "img-src 'self' data: blob:", "base-uri 'none'", "form-action 'none'",
        "frame-ancestors 'none'", "require-trusted-types-for 'script'", "trusted-types dragoman",
    ):  # fmt: skip
        assert rule in policy.split("; ")
    assert "unsafe" not in policy
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["cross-origin-opener-policy"] == "same-origin"


async def test_html_of_ones_own_making_is_refused_by_the_browser(place: Place) -> None:
    """So a mistake in the page's scripts is a mistake, and no way in."""
    place.watch.bear("TrustedHTML|Trusted Type|Content Security Policy")
    page = await place.open()

    tried = "try { document.body.innerHTML = '<b>x</b>'; 'taken' } catch (error) { error.name }"

    assert await page.evaluate(tried) == "TypeError"
