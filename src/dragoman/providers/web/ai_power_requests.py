"""AI Power's requests: the page, a form for the site's dispatcher, the chat up to plugin 1.9.18.

Pure. The prompt goes into `message` and the history field stays empty: the site uses that field
only if its owner says so, and garbles quotes and backslashes in it. Plugins before 1.8.96 make
one blank of each run of blanks and newlines in the message.
Source: AI Power plugin 1.8.79-1.9.18 behaviour, observed 2026-11-21.
"""

import secrets
from collections.abc import Mapping

from dragoman.providers.call import Call
from dragoman.providers.web.ai_power_facts import (
    SiteFacts,
    account_cookies,
    chat_label,
    client_id,
    page_address,
)
from dragoman.wire.http import HttpRequest, form

__all__ = ["chat_request", "form_request", "page_request", "site_cookies"]


def page_request(call: Call, *, past_caches: bool = False) -> HttpRequest:
    """The page with the chat box; `past_caches` asks for it as no cache can have it."""
    headers = {"Accept": "text/html,*/*;q=0.5"}
    address = page_address(call)
    if past_caches:
        headers["Cache-Control"] = "no-cache"
        address = page_address(call, cache_buster=secrets.token_hex(4))
    return HttpRequest("GET", address, headers, cookies=call.account.cookie_values())


def form_request(call: Call, facts: SiteFacts, fields: Mapping[str, str]) -> HttpRequest:
    """A form for the dispatcher, which picks the handler by the field `action`."""
    headers = {
        "Content-Type": "application/x-www-form-urlencoded",
        "Accept": "text/event-stream, application/json",
    }
    cookies = site_cookies(call, facts)
    return HttpRequest("POST", facts.ajax_url, headers, form(fields), cookies)


def site_cookies(call: Call, facts: SiteFacts) -> dict[str, str]:
    """The cookies that the page set and the account's own, which win."""
    mine = account_cookies(call, facts.ajax_url)
    return {name: value.reveal() for name, value in facts.cookies} | mine


def chat_request(call: Call, facts: SiteFacts) -> HttpRequest:
    """The chat, for plugins up to 1.9.18."""
    widget = facts.kind == "widget"
    fields = {
        "action": "wpaicg_chatbox_message" if widget else "wpaicg_chat_shortcode_message",
        "_wpnonce": facts.nonce.reveal(),
        "post_id": facts.post_id,
        "url": facts.site_url,
        "message": call.prompt,
        "bot_id": facts.bot_id,
        "chatbot_identity": call.setting("chatbot_identity") or _identity(facts),
        "wpaicg_chat_client_id": client_id(call),
        "wpaicg_chat_history": "[]",
        "chat_id": chat_label(call),
    }
    return form_request(call, facts, fields)


def _identity(facts: SiteFacts) -> str:
    """What picks the site's model provider if the bot is the default one."""
    if facts.kind == "widget":
        return "widget"
    return "shortcode" if facts.bot_id == "0" else f"custom_bot_{facts.bot_id}"
