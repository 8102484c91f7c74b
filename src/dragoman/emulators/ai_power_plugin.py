"""AI Power of dialects D0-D4 on one site: its page, its chat action, and what it remembers.

Rule: the checks come in the plugin's own order: nonce, the site's health, quota, empty message,
history. A counter or a nonce changes here and nowhere else.
Source: AI Power plugin 1.8.79-1.9.18 behaviour, observed 2026-11-21.
"""

from collections.abc import Mapping
from typing import assert_never
from urllib.parse import urlsplit

import msgspec

from dragoman.emulators import ai_power_chat as chats
from dragoman.emulators import ai_power_replies as replies
from dragoman.emulators.ai_power_form import Form, address
from dragoman.emulators.ai_power_nonces import Salt, SiteNonces
from dragoman.emulators.ai_power_page import CUSTOM_BOT, Box, page
from dragoman.emulators.ai_power_prompt import (
    Dialect,
    HistoryFatalError,
    Prompt,
    Turn,
    is_empty,
    read_history,
    read_message,
)
from dragoman.emulators.ai_power_texts import texts
from dragoman.emulators.ai_power_watch import Watch
from dragoman.emulators.service import Json, Pairs, Reply, Request
from dragoman.emulators.wordpress_knobs import SiteFault, WordPressKnobs

__all__ = ["Plugin"]

_POST_ID = "2"
# Posts of the site that are no bots: the plugin dies of them.
_NO_BOTS = {_POST_ID, CUSTOM_BOT[1]}
_COOKIES_D0: Pairs = (
    ("Set-Cookie", "PHPSESSID=emulated; path=/"),
    ("Set-Cookie", "wpaicg_conversation_url_shortcode=%5B%5D; Max-Age=86400; path=/"),
)


class Plugin:
    """The plugin of one site, from one scenario to the next; its `salt` stays."""

    actions: Mapping[str, str] = {
        "wpaicg_chat_shortcode_message": "chat",
        "wpaicg_chatbox_message": "chat",
    }

    def __init__(
        self, salt: Salt, dialect: Dialect, *, streams: bool, knobs: WordPressKnobs
    ) -> None:
        self._dialect = dialect
        # The first version always answered in JSON.
        self._streams = streams and dialect is not Dialect.D0
        self._nonces = SiteNonces(salt, "wpaicg-chatbox", knobs)
        self._watch = Watch()
        self._answers: dict[str, int] = {}

    def page(self, site_url: str, request: Request, knobs: WordPressKnobs) -> str:
        """The page with the chat box."""
        box = Box(
            site=site_url,
            nonce=self._nonces.on_page(request, knobs),
            post_id=_POST_ID,
            streams=self._streams,
            assistant=bool(knobs.assistant_mode),
            language=knobs.locale,
        )
        return page(box, knobs.attributes)

    def answer(self, request: Request, form: Form, knobs: WordPressKnobs) -> Reply:
        """The reply to a chat request."""
        self._watch.look(request, form, self._dialect)
        if not self._nonces.accept(form.request.get("_wpnonce", ""), request, knobs):
            self._watch.refused(form)
            return self._wrong_nonce(request, knobs)
        reply = self._sick(form, knobs) or self._chat(request, form, knobs)
        if self._dialect is Dialect.D0:
            reply = msgspec.structs.replace(reply, headers=(*reply.headers, *_COOKIES_D0))
        events = self._watch.watched(form, self._nonces.dying(reply.events, knobs))
        return msgspec.structs.replace(reply, events=events)

    def _wrong_nonce(self, request: Request, knobs: WordPressKnobs) -> Reply:
        words = texts(knobs.locale)
        shape = knobs.nonce_expire_after.shape if knobs.nonce_expire_after else None
        if shape is None:
            shape = "D4" if self._dialect in {Dialect.D4_OLD, Dialect.D4} else "D1"
        match shape:
            case "D1":
                first = self._dialect is Dialect.D0
                reason = words.security_check if first else words.nonce_failed
                return chats.json_reply(knobs, replies.refused(reason))
            case "D4":
                return chats.fragment(403, replies.expired_link(words, _own_referer(request)))
            case "-1":
                return chats.fragment(403, b"-1")
            case _:
                assert_never(shape)

    def _sick(self, form: Form, knobs: WordPressKnobs) -> Reply | None:
        """The end of a request whose handler dies or finds no API key."""
        words = texts(knobs.locale)
        fault: SiteFault | None = knobs.site_fault
        if form.chat(self._dialect).get("bot_id") in _NO_BOTS:
            fault = "critical_error"
        match fault:
            case "critical_error":
                return chats.fragment(500, replies.critical_error(words))
            case "died":
                return chats.fragment(200, b"")
            case "zero":
                return chats.fragment(200, b"0")
            case "no_api_key":
                first = self._dialect is Dialect.D0
                reason = words.missing_api if first else words.no_api_key
                return chats.json_reply(knobs, replies.refused(reason))
            case _:
                return None

    def _chat(self, request: Request, form: Form, knobs: WordPressKnobs) -> Reply:
        fields = form.chat(self._dialect)
        message = fields.get("message", "")
        words = texts(knobs.locale)
        if self._limited(fields, knobs):
            self._watch.limited(form)
            return chats.limit_reply(knobs, words, streams=self._streams)
        if is_empty(message, self._dialect):
            return chats.json_reply(knobs, replies.refused(words.nothing_inputted))
        try:
            history = self._history(fields, knobs)
        except HistoryFatalError:
            return chats.fragment(500, replies.critical_error(words))
        prompt = Prompt(read_message(message, self._dialect), history)
        request.note("model_got", _shown(prompt))
        self._count(fields)
        chat = chats.Chat(
            knobs=knobs, dialect=self._dialect, texts=words, streams=self._streams, prompt=prompt
        )
        return chats.answer(chat, chats.bans_of(knobs, address(request), prompt.message or ""))

    def _history(self, fields: Mapping[str, str], knobs: WordPressKnobs) -> tuple[Turn, ...]:
        """The turns that the model gets; a site that remembers nothing does not read the field."""
        if not knobs.remember:
            return ()
        field = fields.get("wpaicg_chat_history", "")
        return read_history(field, self._dialect, logged=knobs.chat_logs)

    def _limited(self, fields: Mapping[str, str], knobs: WordPressKnobs) -> bool:
        """Whether the quota of this client id is used up; no quota is kept without an id."""
        if isinstance(knobs.quota, bool):
            return knobs.quota
        client_id = fields.get("wpaicg_chat_client_id", "")
        return client_id != "" and self._answers.get(client_id, 0) >= knobs.quota

    def _count(self, fields: Mapping[str, str]) -> None:
        client_id = fields.get("wpaicg_chat_client_id", "")
        self._answers[client_id] = self._answers.get(client_id, 0) + 1


def _own_referer(request: Request) -> str | None:
    """The `Referer`, if it is a page of this host."""
    referer = request.headers.get("referer", "")
    return referer if referer and urlsplit(referer).netloc == request.headers.get("host") else None


def _shown(prompt: Prompt) -> Json:
    return {
        "message": prompt.message,
        "turns": [{"role": turn.role, "content": turn.content} for turn in prompt.turns()],
    }
