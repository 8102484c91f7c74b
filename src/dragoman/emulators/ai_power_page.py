"""The pages of a WordPress site that holds AI Power's chat box, in every shape seen of them.

Rule: pure; the same facts in another `shape` are the same page to a browser. The nonce stands in
the box and again in the script of the page, but for the shapes that leave it out.
Source: AI Power plugin 1.8.79-1.9.18 and 2.3, pages observed 2026-11-21.
"""

import html
import json
from collections.abc import Mapping
from typing import Literal

import msgspec

__all__ = ["CUSTOM_BOT", "Box", "PageShape", "modern_page", "page"]

PageShape = Literal[
    "double",
    "single",
    "none",
    "spaces",
    "entities",
    "order",
    "second_box",
    "missing_nonce",
    "search_nonce",
    "missing_post_id",
    "empty_post_id",
    "widget",
    "no_box",
]

# The bot and the post of the second box.
CUSTOM_BOT = ("10420", "261")

_LAYOUT = """<!DOCTYPE html>
<html lang="{language}">
<head><meta charset="UTF-8"><title>Chat</title>
<script id="wpaicg-init-js-extra">
var wpaicgParams = {params};
</script>
</head>
<body>
<main>
{boxes}
</main>
</body>
</html>
"""


class Box(msgspec.Struct, frozen=True, kw_only=True):
    """The facts a page tells a visitor: `site` is the site's origin, without a last slash."""

    site: str
    nonce: str
    post_id: str = "2"
    bot_id: str = "0"
    streams: bool = True
    assistant: bool = False
    language: str = "en"


def page(box: Box, shape: PageShape = "double") -> str:
    """The HTML of a page of dialects D0-D4."""
    shown = "" if shape == "missing_nonce" else box.nonce
    params = {"ajax_url": f"{box.site}/wp-admin/admin-ajax.php", "search_nonce": shown}
    if not shown:
        del params["search_nonce"]
    return _LAYOUT.format(
        language=box.language,
        # As PHP writes JSON: slashes escaped.
        params=json.dumps(params).replace("/", "\\/"),
        boxes="\n".join(_boxes(box, shape)),
    )


def modern_page(box: Box, shape: PageShape = "double") -> str:
    """The HTML of a page of dialect D5, whose box carries one JSON object."""
    config = {
        "botId": int(box.bot_id),
        "ajaxUrl": f"{box.site}/wp-admin/admin-ajax.php",
        "nonce": box.nonce,
        "postId": int(box.post_id or "0"),
        "text": {"sendMessage": "Send"},
    }
    if shape == "missing_nonce":
        del config["nonce"]
    attributes = {
        "class": "aipkit_chat_container",
        "id": f"aipkit_chat_container_{box.bot_id}",
        "data-config": json.dumps(config).replace("/", "\\/"),
    }
    # A JSON object cannot stand without quotes.
    style = "single" if shape == "none" else shape
    return _LAYOUT.format(
        language=box.language,
        params="{}",
        boxes="" if shape == "no_box" else _element(attributes, style),
    )


def _boxes(box: Box, shape: PageShape) -> list[str]:
    match shape:
        case "no_box":
            return ["<p>This page has no chat.</p>"]
        case "widget":
            return [_element(_widget(box), "double")]
        case "second_box":
            bot_id, post_id = CUSTOM_BOT
            custom = msgspec.structs.replace(box, bot_id=bot_id, post_id=post_id)
            return [
                _element(_widget(custom), "double"),
                _element(_attributes(box), "double"),
                _element(_attributes(custom), "double"),
            ]
        case _:
            return [_element(_less(_attributes(box), shape), shape)]


def _attributes(box: Box) -> dict[str, str]:
    return {
        "class": "wpaicg-chat-shortcode",
        "data-user-bg-color": "#444654",
        "data-nonce": box.nonce,
        "data-post-id": box.post_id,
        "data-bot-id": box.bot_id,
        "data-url": f"{box.site}/",
        "data-openai_stream_nav": "1" if box.streams else "0",
        "data-assistant-enabled": "true" if box.assistant else "false",
        "data-memory-limit": "100",
        "data-type": "shortcode",
    }


def _widget(box: Box) -> dict[str, str]:
    # The widget of 1.9.18 writes a stray "<" before the post.
    return _attributes(box) | {
        "class": "wpaicg-chatbox",
        "data-post-id": f"<{box.post_id}",
        "data-type": "widget",
    }


def _less(attributes: dict[str, str], shape: PageShape) -> dict[str, str]:
    match shape:
        case "missing_nonce" | "search_nonce":
            del attributes["data-nonce"]
        case "missing_post_id":
            del attributes["data-post-id"]
        case "empty_post_id":
            attributes["data-post-id"] = ""
        case "order":
            return dict(reversed(attributes.items()))
        case _:
            pass
    return attributes


def _element(attributes: Mapping[str, str], shape: PageShape) -> str:
    written = " ".join(_attribute(name, value, shape) for name, value in attributes.items())
    return f"<div {written}><div class=wpaicg-chat-message>Hi!</div></div>"


def _attribute(name: str, value: str, shape: PageShape) -> str:
    match shape:
        case "single":
            return f"{name}='{html.escape(value)}'"
        case "none":
            return f"{name}={html.escape(value)}" if value else name
        case "spaces":
            return f'{name} = "{html.escape(value)}"'
        case "entities":
            return f'{name}="{"".join(f"&#{ord(character)};" for character in value)}"'
        case _:
            return f'{name}="{html.escape(value)}"'
