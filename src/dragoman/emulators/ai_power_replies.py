"""What AI Power answers in one piece: JSON objects and WordPress' short HTML fragments.

Rule: pure, values in, bytes out, one function a row of the plugin's replies.
Source: AI Power plugin 1.8.79-1.9.18 on WordPress 6.1.9, replies observed 2026-11-21.
"""

import html
import json
from typing import Any

from dragoman.emulators.ai_power_prompt import GREETING
from dragoman.emulators.ai_power_texts import Texts

__all__ = [
    "AJAX_HEADERS",
    "HTML_TYPE",
    "JSON_TYPE",
    "critical_error",
    "embedding_answer",
    "expired_link",
    "limit_reached",
    "php_json",
    "php_notice",
    "refused",
    "success",
    "upstream_error",
]

JSON_TYPE = "application/json; charset=UTF-8"
HTML_TYPE = "text/html; charset=UTF-8"

# WordPress sends these with everything that goes through admin-ajax.php.
AJAX_HEADERS = {
    "X-Robots-Tag": "noindex",
    "X-Content-Type-Options": "nosniff",
    "Expires": "Wed, 11 Jan 1984 05:00:00 GMT",
    "Cache-Control": "no-cache, must-revalidate, max-age=0",
}

_LOG_ENTRY = 4711


def php_json(value: object) -> bytes:
    """JSON as PHP writes it: no blanks, slashes and non-ASCII escaped."""
    return json.dumps(value, separators=(",", ":")).replace("/", "\\/").encode()


def success(
    texts: Texts, text: str | None, *, thread_id: str | None = None, logged: bool = False
) -> bytes:
    """An answer; `msg` keeps its start value. `text` None or "" is a lost answer."""
    reply: dict[str, Any] = {
        "status": "success",
        "msg": texts.went_wrong,
        "greeting_message": GREETING,
        "data": text,
        "log": _LOG_ENTRY if logged else False,
    }
    if thread_id is not None:
        reply["thread_id"] = thread_id
    return php_json(reply)


def refused(message: str) -> bytes:
    """A plain refusal, of exactly two keys: wrong nonce (D0-D3), nothing inputted, banned."""
    return php_json({"status": "error", "msg": message})


def upstream_error(message: str) -> bytes:
    """An error of the model's API, HTML-escaped; "" where it gave no reason."""
    return php_json(
        {
            "status": "error",
            "msg": html.escape(message),
            "greeting_message": GREETING,
            "log": _LOG_ENTRY,
        }
    )


def limit_reached(texts: Texts) -> bytes:
    """The token quota is used up; there is no `status`."""
    return php_json({"msg": texts.limit_reached, "tokenLimitReached": True})


def embedding_answer(text: str) -> bytes:
    """An answer found in the site's own documents, without a model."""
    return php_json({"status": "success", "data": text, "msg": text})


def expired_link(texts: Texts, referer: str | None) -> bytes:
    """The 403 fragment of a wrong nonce in D4; `referer` only if it is of the same host."""
    link = ""
    if referer is not None:
        link = f'</p><p><a href="{html.escape(referer)}">{texts.try_again}</a>'
    return f"{texts.link_expired}{link}".encode()


def critical_error(texts: Texts) -> bytes:
    """The 500 fragment of a handler that died."""
    return (
        f"<p>{texts.critical_error}</p>"
        '<p><a href="https://wordpress.org/documentation/article/faq-troubleshooting/">'
        "WordPress</a></p>"
    ).encode()


def php_notice() -> bytes:
    """What PHP prints into the body where `display_errors` is on."""
    return (
        b"\nDeprecated: Optional parameter $namespace declared before required parameter "
        b"$embeddings is implicitly treated as required in "
        b"/var/www/html/wp-content/plugins/gpt3-ai-content-generator/classes/wpaicg_chat.php "
        b"on line 1206\n"
    )
