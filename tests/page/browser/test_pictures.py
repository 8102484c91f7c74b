"""Pictures: three ways in, what is done about large ones, and none from elsewhere unasked."""

import base64
import os
import struct
import zlib
from pathlib import Path
from typing import Any

from playwright.async_api import FilePayload, expect

from tests.page.browser.chatting import Chat, open_chat
from tests.page.browser.place import Place


def png(width: int, height: int, row: bytes = b"") -> bytes:
    """A picture in the colour of nothing; with `row` every line is that."""
    line = b"\0" + (row or b"\x20\x80\xc0" * width)
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    pieces = ((b"IHDR", header), (b"IDAT", zlib.compress(line * height, 1)), (b"IEND", b""))
    body = b"".join(
        struct.pack(">I", len(said)) + kind + said + struct.pack(">I", zlib.crc32(kind + said))
        for kind, said in pieces
    )
    return b"\x89PNG\r\n\x1a\n" + body


SMALL = png(8, 8)
DOT = FilePayload(name="dot.png", mimeType="image/png", buffer=SMALL)
# What a page does to hand files to itself: there is no hand in these tests.
_FILES = """
({field, kind, data}) => {
  const bytes = Uint8Array.from(atob(data), (one) => one.charCodeAt(0));
  const transfer = new DataTransfer();
  transfer.items.add(new File([bytes], 'dot.png', {type: 'image/png'}));
  const target = document.querySelector(field);
  const named = kind === 'paste' ? {clipboardData: transfer} : {dataTransfer: transfer};
  const made = kind === 'paste' ? ClipboardEvent : DragEvent;
  target.dispatchEvent(new made(kind, {...named, bubbles: true, cancelable: true}));
}
"""


def _images(place: Place) -> list[bytes]:
    """The pictures of the last request to the model."""
    body: Any = place.far.gpt.journal[-1]["body"]
    parts = [part for message in body["messages"] for part in _parts(message["content"])]
    urls = [part["image_url"]["url"] for part in parts if part["type"] == "image_url"]
    return [base64.b64decode(url.partition("base64,")[2]) for url in urls]


def _parts(content: Any) -> list[Any]:
    return content if isinstance(content, list) else []


async def _attached(chat: Chat, count: int) -> None:
    thumbnails = chat.page.get_by_role("list", name="Attached images").get_by_role("img")
    await expect(thumbnails).to_have_count(count)


async def test_pictures_come_by_file_by_paste_and_by_drop(place: Place) -> None:
    chat = await open_chat(place)
    data = base64.b64encode(SMALL).decode()

    async with chat.page.expect_file_chooser() as choosing:
        await chat.page.get_by_role("button", name="Add images").click()
    await (await choosing.value).set_files(DOT)
    await _attached(chat, 1)
    await chat.page.evaluate(_FILES, {"field": ".composer textarea", "kind": "paste", "data": data})
    await _attached(chat, 2)
    await chat.page.evaluate(_FILES, {"field": "main", "kind": "drop", "data": data})
    await _attached(chat, 3)
    await chat.ask("What is this?")

    assert _images(place) == [SMALL, SMALL, SMALL]
    await expect(chat.question.locator("[data-part=image] img")).to_have_count(3)
    shown = chat.question.locator("[data-part=image] img").first
    await expect(shown).to_have_js_property("naturalWidth", 8)
    await chat.page.reload()
    await expect(shown).to_have_js_property("naturalWidth", 8)


async def test_a_picture_can_be_taken_out_again(place: Place) -> None:
    chat = await open_chat(place)
    await chat.page.locator("input[type=file]").set_input_files(DOT)
    await _attached(chat, 1)

    await chat.page.get_by_role("button", name="Remove dot.png").click()

    await _attached(chat, 0)
    await expect(chat.send_button).to_be_disabled()


async def test_a_picture_of_30_mb_is_made_smaller_before_it_is_sent(
    place: Place, tmp_path: Path
) -> None:
    """Nobody has to know what a model or the gateway takes."""
    large = tmp_path / "large.png"
    width = 3300
    # Chance does not compress.
    large.write_bytes(png(width, 3100, os.urandom(3 * width)))
    noise = tmp_path / "noise.png"
    header, rest = large.read_bytes()[:8], large.read_bytes()[8:]
    # A chunk that every reader passes over makes it as large as it has to be.
    filler = os.urandom(30_000_000)
    chunk = struct.pack(">I", len(filler)) + b"duMy" + filler
    chunk += struct.pack(">I", zlib.crc32(b"duMy" + filler))
    noise.write_bytes(header + rest[:25] + chunk + rest[25:])
    assert noise.stat().st_size > 30_000_000
    chat = await open_chat(place)

    await chat.page.locator("input[type=file]").set_input_files(noise)
    await _attached(chat, 1)
    await chat.ask("What is this?")

    (sent,) = _images(place)
    assert len(sent) < 5_000_000


async def test_what_is_no_picture_is_refused_in_words(place: Place) -> None:
    chat = await open_chat(place)
    await chat.field.fill("Look at this")

    await chat.page.locator("input[type=file]").set_input_files(
        {"name": "notes.txt", "mimeType": "text/plain", "buffer": b"no picture"}
    )

    await expect(chat.page.get_by_role("alert").filter(has_text="notes.txt")).to_be_visible()
    await expect(chat.field).to_have_value("Look at this")


async def test_a_picture_from_elsewhere_is_fetched_after_a_click_only(place: Place) -> None:
    """By the gateway, which looks at nothing on this machine; so here the click gets a refusal."""
    url = "http://127.0.0.1:9/picture.png"
    place.far.gpt.scenario(answer=f"Look: ![a cat]({url}) it sleeps")
    place.watch.bear("Failed to load resource.*picture")
    chat = await open_chat(place)
    await chat.ask("Show me")
    load = chat.answer.get_by_role("button", name="a cat")
    await expect(load).to_be_visible()
    assert not place.watch.asked("/page/api/picture")
    assert await chat.answer.locator("img").count() == 0

    await load.click()

    await expect(chat.answer.get_by_role("alert")).to_be_visible()
    assert len(place.watch.asked("/page/api/picture")) == 1
