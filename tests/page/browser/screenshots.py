"""The pictures of the documentation: each view of the page, light and dark, as a reader sees it.

    .venv/bin/python -m tests.page.browser.screenshots docs/pictures

What is said and measured in them is made up by emulators and `past.py`.
"""

import asyncio
import struct
import sys
import tempfile
import zlib
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Literal

from playwright.async_api import expect

from tests.page.browser.browsing import find_chromium, open_browser
from tests.page.browser.chatting import Chat, open_chat
from tests.page.browser.past import live_a_day, live_a_week
from tests.page.browser.place import CLAUDE, GPT, SAFE, Place, open_place

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_SIZE = {"width": 1280, "height": 800}
_MARK = {"light": "", "dark": "-dark"}

_THOUGHT = "The reader wants a small program. A set remembers what was seen; order must stay."
_PROGRAM = """\
A `set` remembers what was seen, and a list keeps the order:

```python
def unique(words: list[str]) -> list[str]:
    seen: set[str] = set()
    return [word for word in words if not (word in seen or seen.add(word))]
```

| words | time |
| ---: | ---: |
| 1,000 | 0.06 ms |
| 1,000,000 | 71 ms |

Since Python 3.7 `list(dict.fromkeys(words))` does the same, and says it in one line.
"""
_SEA = (
    "Salt comes from rock. Rain takes it out of the land, rivers carry it down, and **hot springs "
    "in the sea floor** add their own. Water leaves the sea as vapour; the salt stays.\n\n"
    "After some 500 million years the sea is full: as much salt sinks into the mud as comes in."
)
_SHORT = (
    "Rivers wash minerals out of the land, and vents in the sea floor add more. "
    "The sun takes the water away again and leaves the salt, about **35 g in each litre**."
)


async def _chat(place: Place, chat: Chat) -> None:
    usage = {"usage": {"input_tokens": 412, "output_tokens": 168, "reasoning_tokens": 22}}
    place.far.gpt.scenario(answers=["1,340 m, the deepest part of it.", "Since 1862."])
    first, *others = ("How deep is the Sognefjord?", "When was the metre cube on sale in Oslo?")
    await chat.ask(first)
    for question in others:
        await chat.go("#/chat")
        await chat.ask(question)
    place.far.gpt.scenario(answer=[{"reasoning": _THOUGHT}, {"text": _PROGRAM}, usage])
    await chat.go("#/chat")
    await chat.ask("Remove doubles from a list of words, and keep their order.")
    await chat.page.mouse.move(0, 0)


async def _compare(place: Place, chat: Chat) -> None:
    place.far.gpt.scenario(answer=_SHORT)
    place.far.claude.scenario(answer=_SEA)
    kept = f"localStorage['dragoman.compare'] = JSON.stringify(['{GPT}', '{CLAUDE}', '{SAFE}'])"
    await chat.page.evaluate(kept)
    await chat.go("#/compare")
    await chat.say("Why is the sea salty?")
    await expect(chat.answers).to_have_count(3)
    for answer in await chat.answers.all():
        await expect(answer).to_have_attribute("data-state", "whole")


async def _providers(place: Place, chat: Chat) -> None:
    place.far.gpt.scenario(status=503)
    await chat.go("#/chat")
    await chat.say("Are you there?")
    await chat.is_("broken")
    await chat.go("#/providers")
    await expect(chat.main.locator("article[data-provider=openai]")).to_be_visible()
    await chat.page.get_by_role("button", name="Probe anthropic now").click()
    await expect(chat.main.get_by_text("anthropic works")).to_be_visible()
    await chat.main.locator(".board").evaluate("(board) => board.scrollTo(0, 0)")


async def _usage(_: Place, chat: Chat) -> None:
    await chat.go("#/usage")
    await expect(chat.page.get_by_role("table")).to_be_visible()


_VIEWS: Mapping[str, Callable[[Place, Chat], Awaitable[None]]] = {
    "chat": _chat,
    "compare": _compare,
    "providers": _providers,
    "usage": _usage,
}


def _packed(picture: bytes) -> bytes:
    """The same picture in fewer bytes: a browser packs in haste."""
    found, image, at = [], b"", len(_SIGNATURE)
    while at < len(picture):
        size, kind = struct.unpack_from(">I4s", picture, at)
        body = picture[at + 8 : at + 8 + size]
        at += 12 + size
        if kind == b"IDAT":
            image += body
        else:
            found.append((kind, body))
    found.insert(-1, (b"IDAT", zlib.compress(zlib.decompress(image), 9)))
    return _SIGNATURE + b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        for kind, body in found
    )


async def _take(folder: Path, scheme: Literal["light", "dark"]) -> None:
    async with open_browser(find_chromium()) as browser:
        with tempfile.TemporaryDirectory() as kept:
            async with open_place(browser, Path(kept), without="held") as place:
                place.watch.bear("")
                # The gateway makes the store when it is first asked.
                chat = await open_chat(
                    place, GPT, viewport=_SIZE, color_scheme=scheme, reduced_motion="reduce"
                )
                await live_a_day(Path(kept) / "dragoman.db", failing="openai")
                await live_a_week(Path(kept) / "dragoman.db")
                for name, show in _VIEWS.items():
                    await show(place, chat)
                    await chat.page.evaluate("document.activeElement.blur()")
                    await place.watch.settled()
                    picture = _packed(await chat.page.screenshot())
                    (folder / f"{name}{_MARK[scheme]}.png").write_bytes(picture)


def main() -> None:
    """Take them all."""
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for scheme in ("light", "dark"):
        asyncio.run(_take(folder, scheme))


if __name__ == "__main__":
    main()
