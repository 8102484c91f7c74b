"""The pages of a site with AI Power: where the chat box is, and what it says of itself.

Pure. Attributes may have double, single or no quotes, blanks around `=`, and entities, so an HTML
parser reads them. One box is taken whole; facts of two boxes are never mixed.
Source: AI Power plugin 1.8.79-2.4.71 (WordPress 6.1), pages observed 2026-11-21.
"""

import json
import re
from collections.abc import Mapping
from html.parser import HTMLParser
from typing import Literal

import msgspec

from dragoman.account import Secret

__all__ = ["Box", "Kind", "Page", "choose_box", "read_page"]

MAX_PAGE_BYTES = 2 * 1024 * 1024
MAX_NONCE_CHARS = 64

Kind = Literal["shortcode", "widget", "modern"]

_CLASSES: dict[str, Kind] = {
    "wpaicg-chat-shortcode": "shortcode",
    "wpaicg-chatbox": "widget",
}
_PARAMS = re.compile(r"\bwpaicgParams\s*=\s*(?=\{)")
_NOT_DIGITS = re.compile(r"[^0-9]")


class Box(msgspec.Struct, frozen=True, kw_only=True):
    """One chat box. `modern` is that of plugin 2.3 and later, which has other actions."""

    kind: Kind = "shortcode"
    nonce: Secret | None = None
    post_id: str = ""
    bot_id: str = "0"
    site_url: str = ""
    ajax_url: str = ""


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """The boxes in the order of the page, and what its script says, box or not."""

    boxes: tuple[Box, ...] = ()
    nonce: Secret | None = None
    ajax_url: str = ""


class _Config(msgspec.Struct, rename="camel"):
    """`data-config` of a modern box, as far as it is needed."""

    bot_id: int | str
    nonce: str | None = None
    post_id: int | str | None = None
    ajax_url: str | None = None


def read_page(body: bytes) -> Page:
    """What a page says; a page that is none of the plugin's has no boxes and no nonce."""
    reader = _PageReader()
    reader.feed(body[:MAX_PAGE_BYTES].decode("utf-8", "replace"))
    # No close(): it would read what an unclosed comment swallowed, as no browser does.
    return Page(
        boxes=tuple(reader.boxes),
        nonce=_nonce(reader.params.get("search_nonce")),
        ajax_url=_text(reader.params.get("ajax_url")),
    )


def choose_box(page: Page, bot_id: str | None) -> Box | None:
    """The box to talk through: the one of bot `bot_id` if there is one, else the first.

    A shortcode box comes before a widget, a box that lacks its nonce gets the script's, and the
    script's nonce alone is a box of the default bot. None if the page has nothing of it.
    """
    usable = [
        box if box.nonce else msgspec.structs.replace(box, nonce=page.nonce)
        for box in page.boxes
        if box.nonce or page.nonce or box.kind == "modern"
    ]
    if usable:
        return min(usable, key=lambda box: _distance(box, bot_id))
    return Box(nonce=page.nonce) if page.nonce else None


def _distance(box: Box, bot_id: str | None) -> tuple[bool, bool, bool]:
    return (
        box.kind == "modern",
        bot_id is not None and box.bot_id != bot_id,
        box.kind == "widget",
    )


class _PageReader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.boxes: list[Box] = []
        self.params: Mapping[str, object] = {}
        self._script: list[str] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "script":
            self._script = []
        # Of two attributes with one name the first counts.
        values = {name: value or "" for name, value in reversed(attrs)}
        kinds = [_CLASSES[name] for name in values.get("class", "").split() if name in _CLASSES]
        if kinds:
            self.boxes.append(_classic_box(kinds[0], values))
        elif "data-config" in values:
            self.boxes.extend(_modern_boxes(values["data-config"]))

    def handle_data(self, data: str) -> None:
        if self._script is not None:
            self._script.append(data)

    def handle_endtag(self, tag: str) -> None:
        if tag == "script" and self._script is not None:
            self.params = self.params or _params("".join(self._script))
            self._script = None

    def parse_marked_section(self, i: int, report: bool = True) -> int:
        # The base class gives up on `<![` with a word that it does not know.
        try:
            return super().parse_marked_section(i, report)
        except AssertionError:
            return self.parse_bogus_comment(i)


def _classic_box(kind: Kind, values: dict[str, str]) -> Box:
    return Box(
        kind=kind,
        nonce=_nonce(values.get("data-nonce", "")),
        # The widget of 1.9.18 writes a stray "<" before it.
        post_id=_NOT_DIGITS.sub("", values.get("data-post-id", "")),
        bot_id=values.get("data-bot-id", "").strip() or "0",
        site_url=values.get("data-url", "").strip(),
    )


def _modern_boxes(config: str) -> list[Box]:
    try:
        known = msgspec.json.decode(config, type=_Config)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        # Any plugin may have an attribute of that name.
        return []
    return [
        Box(
            kind="modern",
            nonce=_nonce(known.nonce),
            post_id=_NOT_DIGITS.sub("", str(known.post_id or "")),
            bot_id=str(known.bot_id),
            ajax_url=known.ajax_url or "",
        )
    ]


def _params(script: str) -> Mapping[str, object]:
    """The object that follows the name `wpaicgParams` in a script; empty if there is none."""
    found = _PARAMS.search(script)
    if found is None:
        return {}
    try:
        params, _ = json.JSONDecoder().raw_decode(script, found.end())
    except (ValueError, RecursionError):
        return {}
    return params if isinstance(params, dict) else {}


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _nonce(value: object) -> Secret | None:
    text = _text(value).strip()
    usable = text.isascii() and text.isprintable() and 0 < len(text) <= MAX_NONCE_CHARS
    return Secret(text) if usable else None
