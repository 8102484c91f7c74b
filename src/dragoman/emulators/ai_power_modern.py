"""AI Power 2.3 and later (dialects D5): its own actions, and a stream in two requests.

Rule: a cache key lives 60 s and works once; the server keeps the talk by `conversation_uuid`,
which the answer does not show. Up to 2.3.41 no action gives a nonce and a plain chat looks at no
guest's; 2.4.1 took the plain chat away.
Source: AI Power plugin 2.3-2.4.71 behaviour, observed 2026-11-21.
"""

from collections.abc import Mapping

import msgspec

from dragoman.emulators import ai_power_modern_replies as replies
from dragoman.emulators.ai_power_chat import bans_of, fragment
from dragoman.emulators.ai_power_form import Form, address
from dragoman.emulators.ai_power_modern_watch import ModernWatch
from dragoman.emulators.ai_power_nonces import Salt, SiteNonces
from dragoman.emulators.ai_power_page import Box, modern_page
from dragoman.emulators.ai_power_prompt import Dialect
from dragoman.emulators.ai_power_replies import critical_error
from dragoman.emulators.ai_power_stream import refusal_text
from dragoman.emulators.ai_power_texts import texts
from dragoman.emulators.service import Reply, Request, pieces
from dragoman.emulators.wordpress_knobs import WordPressKnobs
from dragoman.emulators.wordpress_nonces import GUEST, visitor_of
from dragoman.emulators.wordpress_text import php_trim

__all__ = ["BOT_ID", "CACHE_KEY_LIFE_S", "ModernPlugin"]

BOT_ID = "1137"
CACHE_KEY_LIFE_S = 60.0

_NONCE = "aipkit_get_frontend_chat_nonce"
_CACHE = "aipkit_cache_sse_message"
_PLAIN = "aipkit_frontend_chat_message"
_STREAM = "aipkit_frontend_chat_stream"
# Action of the request to the step that the scenario counts and limits by.
_STEPS = {_NONCE: "nonce", _CACHE: "cache", _PLAIN: "chat", _STREAM: "chat"}
_MISSING = {Dialect.D5_FIRST: _NONCE, Dialect.D5_LATEST: _PLAIN}
_UPSTREAM_ERROR = "The model is overloaded."
_UPSTREAM_FAULTS = {"upstream_error", "upstream_unreachable", "upstream_html", "no_api_key"}


class ModernPlugin:
    """The plugin of one site: its nonces, and the messages waiting to be streamed."""

    def __init__(self, salt: Salt, knobs: WordPressKnobs, dialect: Dialect = Dialect.D5) -> None:
        missing = _MISSING.get(dialect)
        self.actions = {action: step for action, step in _STEPS.items() if action != missing}
        self._first = dialect is Dialect.D5_FIRST
        self._nonces = SiteNonces(salt, "aipkit_frontend_chat_nonce", knobs)
        self._watch = ModernWatch()
        self._waiting: dict[str, tuple[float, str]] = {}
        self._made = 0
        self._answers = 0

    def page(self, site_url: str, request: Request, knobs: WordPressKnobs) -> str:
        """The page with the chat box."""
        nonce = self._nonces.on_page(request, knobs)
        box = Box(site=site_url, nonce=nonce, bot_id=BOT_ID, language=knobs.locale)
        return modern_page(box, knobs.attributes)

    def answer(self, request: Request, form: Form, knobs: WordPressKnobs) -> Reply:
        """The reply to one of the plugin's actions."""
        action = form.request["action"]
        self._watch.look(request, form, action)
        dying = _dying(knobs)
        if dying is not None:
            return dying
        if action == _NONCE:
            # The action heals a page cache, so it is not cached itself.
            fresh = msgspec.structs.replace(knobs, nonce_stale_page=False)
            return replies.success({"nonce": self._nonces.on_page(request, fresh)}, knobs)
        good = self._nonces.accept(form.request.get("_ajax_nonce", ""), request, knobs)
        # The first version lets any guest have a plain chat.
        good = good or (action == _PLAIN and self._first and visitor_of(request.cookies) == GUEST)
        if not good:
            self._watch.refused(form)
        if action == _STREAM:
            return self._stream(request, form, knobs=knobs, nonce_good=good)
        refusal = self._refusal(request, form.post, knobs, nonce_good=good)
        if refusal is not None:
            return refusal
        return (self._cache if action == _CACHE else self._plain)(request, form, knobs)

    def _refusal(
        self,
        request: Request,
        fields: Mapping[str, str],
        knobs: WordPressKnobs,
        *,
        nonce_good: bool,
    ) -> Reply | None:
        """What stands before both ways of a chat: nonce, bot, message, quota, bans."""
        words = texts(knobs.locale)
        plain = fields.get("action") == _PLAIN
        if not nonce_good:
            code = "nonce_failure" if plain else "nonce_failure_cache_sse"
            return replies.failure(403, words.nonce_failed, knobs, code=code)
        if fields.get("bot_id") != BOT_ID:
            if self._first and plain:
                return fragment(500, critical_error(words))
            return replies.failure(400, words.unknown_bot, knobs, code="invalid_bot_id")
        message = fields.get("message", "")
        if message == "":
            return replies.failure(400, words.nothing_inputted, knobs, code="empty_message")
        if self._is_limited(knobs):
            code = "token_limit_exceeded_final_logic"
            return replies.failure(429, words.limit_reached, knobs, code=code)
        bans = bans_of(knobs, address(request), message)
        if bans:
            return replies.failure(400, refusal_text(bans[0], words), knobs, code="refused")
        return None

    def _is_limited(self, knobs: WordPressKnobs) -> bool:
        return knobs.quota if isinstance(knobs.quota, bool) else self._answers >= knobs.quota

    def _cache(self, request: Request, form: Form, knobs: WordPressKnobs) -> Reply:
        self._made += 1
        key = f"aipkit_sse_{self._made:013x}"
        self._waiting[key] = (request.now + CACHE_KEY_LIFE_S, form.post["message"])
        self._watch.left(form, key)
        return replies.success({"cache_key": key}, knobs)

    def _stream(
        self, request: Request, form: Form, *, knobs: WordPressKnobs, nonce_good: bool
    ) -> Reply:
        words = texts(knobs.locale)
        # Read from the query only: by POST there is no key.
        until, message = self._waiting.pop(form.get.get("cache_key", ""), (0.0, ""))
        if not nonce_good:
            return self._events(replies.refused_events(words.nonce_failed), knobs)
        if until < request.now:
            return self._events(replies.refused_events(words.key_expired), knobs)
        if _upstream_fails(knobs):
            return self._events(replies.error_events(_UPSTREAM_ERROR), knobs)
        said = self._said(request, message, knobs)
        reply = self._events(replies.answer_events(said, knobs.side_events), knobs)
        events = self._watch.watched(form, self._nonces.dying(reply.events, knobs))
        return msgspec.structs.replace(reply, events=events)

    def _events(self, events: list[bytes], knobs: WordPressKnobs) -> Reply:
        return replies.stream(events, knobs, commented=not self._first)

    def _plain(self, request: Request, form: Form, knobs: WordPressKnobs) -> Reply:
        words, fields = texts(knobs.locale), form.post
        if not fields.get("session_id") or not fields.get("conversation_uuid"):
            return replies.failure(400, words.missing_ids, knobs, code="missing_ids")
        if _upstream_fails(knobs):
            if self._first:
                return fragment(500, critical_error(words))
            return replies.failure(502, _UPSTREAM_ERROR, knobs, code="upstream_error")
        said = "".join(self._said(request, fields["message"], knobs))
        reply = replies.success({"reply": said, "message_id": "aipkit-msg-1"}, knobs)
        events = self._watch.watched(form, self._nonces.dying(reply.events, knobs))
        return msgspec.structs.replace(reply, events=events)

    def _said(self, request: Request, message: str, knobs: WordPressKnobs) -> list[str]:
        """The words of the answer; the site has counted it."""
        self._answers += 1
        message = php_trim(message)
        request.note("model_got", {"message": message})
        if knobs.site_fault in ("data_null", "data_empty"):
            return []
        if knobs.captcha_text:
            captcha = (
                texts(knobs.locale).captcha if knobs.captcha_text is True else knobs.captcha_text
            )
            knobs = msgspec.structs.replace(knobs, answer=captcha)
        return pieces(knobs, message)


def _upstream_fails(knobs: WordPressKnobs) -> bool:
    return bool(knobs.error_as_content) or knobs.site_fault in _UPSTREAM_FAULTS


def _dying(knobs: WordPressKnobs) -> Reply | None:
    """The end of a request whose handler dies."""
    match knobs.site_fault:
        case "critical_error":
            return fragment(500, critical_error(texts(knobs.locale)))
        case "died":
            return fragment(200, b"")
        case "zero":
            return fragment(200, b"0")
        case _:
            return None
