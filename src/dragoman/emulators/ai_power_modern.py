"""AI Power 2.3 and later (dialect D5): its own actions, and a stream in two requests.

Rule: the version played is 2.4.0, the last with a plain chat: every action of the generation is
there. A cache key lives 60 s and works once; the server keeps the talk by `conversation_uuid`,
which the answer does not show.
Source: AI Power plugin 2.3-2.4.71 behaviour, observed 2026-11-21.
"""

from collections.abc import Mapping

import msgspec

from dragoman.emulators.ai_power_form import Form
from dragoman.emulators.ai_power_nonces import Salt, SiteNonces
from dragoman.emulators.ai_power_page import Box, modern_page
from dragoman.emulators.ai_power_replies import AJAX_HEADERS, JSON_TYPE, php_json
from dragoman.emulators.ai_power_stream import STREAM_HEADERS, STREAM_TYPE
from dragoman.emulators.service import Json, Reply, Request, event_stream, pieces, sse
from dragoman.emulators.wordpress_knobs import WordPressKnobs
from dragoman.emulators.wordpress_text import php_trim

__all__ = ["BOT_ID", "CACHE_KEY_LIFE_S", "ModernPlugin"]

BOT_ID = "1137"
CACHE_KEY_LIFE_S = 60.0

_OPENING_COMMENT = b":" + b" " * 4096 + b"\n\n"


class ModernPlugin:
    """The plugin of one site: its nonces, and the messages waiting to be streamed."""

    # Action of the request to the step that the scenario counts and limits by.
    actions: Mapping[str, str] = {
        "aipkit_get_frontend_chat_nonce": "nonce",
        "aipkit_cache_sse_message": "cache",
        "aipkit_frontend_chat_message": "chat",
        "aipkit_frontend_chat_stream": "chat",
    }

    def __init__(self, salt: Salt, knobs: WordPressKnobs) -> None:
        self._nonces = SiteNonces(salt, "aipkit_frontend_chat_nonce", knobs)
        self._waiting: dict[str, tuple[float, str]] = {}
        self._made = 0

    def page(self, site_url: str, request: Request, knobs: WordPressKnobs) -> str:
        """The page with the chat box."""
        nonce = self._nonces.on_page(request, knobs)
        box = Box(site=site_url, nonce=nonce, bot_id=BOT_ID, language=knobs.locale)
        return modern_page(box, knobs.attributes)

    def answer(self, request: Request, form: Form, knobs: WordPressKnobs) -> Reply:
        """The reply to one of the plugin's actions."""
        action = form.request.get("action")
        if action == "aipkit_get_frontend_chat_nonce":
            # The action heals a page cache, so it is not cached itself.
            fresh = msgspec.structs.replace(knobs, nonce_stale_page=False)
            return _success({"nonce": self._nonces.on_page(request, fresh)})
        good = self._nonces.accept(form.request.get("_ajax_nonce", ""), request, knobs)
        match action:
            case "aipkit_frontend_chat_stream":
                return self._stream(request, form, knobs=knobs, nonce_good=good)
            case "aipkit_cache_sse_message":
                refusal = _refusal(form.post, knobs, None if good else "nonce_failure_cache_sse")
                return refusal or self._cache(request, form.post)
            case _:
                refusal = _refusal(form.post, knobs, None if good else "nonce_failure")
                return refusal or _plain(request, form.post, knobs)

    def _cache(self, request: Request, fields: Mapping[str, str]) -> Reply:
        self._made += 1
        key = f"aipkit_sse_{self._made:013x}"
        self._waiting[key] = (request.now + CACHE_KEY_LIFE_S, fields["message"])
        return _success({"cache_key": key})

    def _stream(
        self, request: Request, form: Form, *, knobs: WordPressKnobs, nonce_good: bool
    ) -> Reply:
        # Read from the query only: by POST there is no key.
        until, message = self._waiting.pop(form.get.get("cache_key", ""), (0.0, ""))
        if not nonce_good:
            return _events([*_error("Security check failed."), _done()])
        if until < request.now:
            return _events([*_error("Message not found or expired."), _done()])
        if knobs.error_as_content or knobs.site_fault == "upstream_error":
            return _events(_error("The model is overloaded."))
        request.note("model_got", {"message": php_trim(message)})
        deltas = [sse({"delta": word}) for word in pieces(knobs, php_trim(message))]
        first, *others = [*deltas, _done()]
        return _events(
            [sse({"message_id": "aipkit-msg-1"}, event="message_start") + first, *others]
        )


def _plain(request: Request, fields: Mapping[str, str], knobs: WordPressKnobs) -> Reply:
    if not fields.get("session_id") or not fields.get("conversation_uuid"):
        return _failure(400, "Session or conversation ID is missing.", code="missing_ids")
    if knobs.error_as_content or knobs.site_fault == "upstream_error":
        return _failure(502, "The model is overloaded.", code="upstream_error")
    message = php_trim(fields["message"])
    request.note("model_got", {"message": message})
    reply = "".join(pieces(knobs, message))
    return _success({"reply": reply, "message_id": "aipkit-msg-1"})


def _refusal(
    fields: Mapping[str, str], knobs: WordPressKnobs, nonce_failure: str | None
) -> Reply | None:
    """What stands before both ways of a chat: nonce, bot, message, quota."""
    if nonce_failure is not None:
        return _failure(403, "Security check failed.", code=nonce_failure)
    if fields.get("bot_id") != BOT_ID:
        return _failure(400, "Unknown bot.", code="invalid_bot_id")
    if fields.get("message", "") == "":
        return _failure(400, "Message cannot be empty.", code="empty_message")
    if knobs.quota:
        return _failure(429, "Token limit reached.", code="token_limit_exceeded_final_logic")
    return None


def _success(data: Json) -> Reply:
    return _object(200, {"success": True, "data": data})


def _failure(status: int, message: str, *, code: str) -> Reply:
    return _object(status, {"success": False, "data": {"message": message, "code": code}})


def _object(status: int, value: Json) -> Reply:
    headers = (("Content-Type", JSON_TYPE), *AJAX_HEADERS.items())
    return Reply(status=status, headers=headers, events=(php_json(value),), chunked=True)


def _events(events: list[bytes]) -> Reply:
    headers = tuple({**AJAX_HEADERS, **STREAM_HEADERS}.items())
    # The comment goes into the first event, so that a count of events is a count of events.
    first, *others = events
    return event_stream(
        [_OPENING_COMMENT + first, *others], headers=headers, content_type=STREAM_TYPE
    )


def _error(message: str) -> list[bytes]:
    return [b"id: 1\n" + sse({"error": message}, event="error")]


def _done() -> bytes:
    return sse({"finished": True}, event="done")
