"""AI Power 2.3 and later: its nonce, its chat in two requests, and its events.

Pure. A message is left with the site first, which gives a key for it; the key is good for one
stream, within 60 s. The site keeps the talk of a conversation, so each call is one of its own.
An error event that is followed by `done` was raised before the model was asked: for a dead nonce
or a used key. An upstream error ends the stream without `done`.
Source: AI Power plugin 2.3-2.4.71 behaviour, observed 2026-11-21.
"""

import uuid
from collections.abc import Generator, Mapping
from typing import Any
from urllib.parse import urlencode

import msgspec

from dragoman.account import Secret
from dragoman.errors import (
    AuthError,
    ChatError,
    HandshakeError,
    RateLimitError,
    ResponseError,
    ResponseStatusError,
)
from dragoman.events import Event
from dragoman.providers.call import Call, Handshake, StaleSession, Step
from dragoman.providers.web.ai_power_facts import (
    ModernChat,
    SiteFacts,
    message_id,
    session_id,
)
from dragoman.providers.web.ai_power_reply import error_text, find_object
from dragoman.providers.web.ai_power_requests import form_request, site_cookies
from dragoman.providers.web.ai_power_stream import StreamDecoder, decode_event
from dragoman.wire.http import HttpReply, HttpRequest
from dragoman.wire.sse import SseMessage
from dragoman.wire.status import challenge, html_error, status_error

__all__ = ["STREAM_ACTION", "ModernDecoder", "leave_message", "read_nonce", "stream_request"]

STREAM_ACTION = "aipkit_frontend_chat_stream"


def read_nonce(call: Call, facts: SiteFacts) -> Generator[Step, HttpReply, Secret | None]:
    """The nonce of now, which no page cache can hold back; None before plugin 2.3.41."""
    fields = {"action": "aipkit_get_frontend_chat_nonce"}
    reply = yield Step("nonce", form_request(call, facts, fields))
    problem = challenge(reply.head, reply.body)
    if problem is not None:
        raise problem
    match find_object(reply.body):
        case {"success": True, "data": {"nonce": str(nonce)}} if nonce:
            return Secret(nonce)
        case _:
            return None


def leave_message(call: Call, facts: SiteFacts) -> Handshake[SiteFacts]:
    """Leave the message with the site; `StaleSession` if it refuses the nonce."""
    fields = {
        "action": "aipkit_cache_sse_message",
        "message": call.prompt,
        "_ajax_nonce": facts.nonce.reveal(),
        "bot_id": facts.bot_id,
        "user_client_message_id": message_id(call),
    }
    reply = yield Step("cache", form_request(call, facts, fields))
    match find_object(reply.body):
        case {"success": True, "data": {"cache_key": str(key)}} if reply.head.status == 200:
            chat = ModernChat(Secret(key), str(uuid.uuid4()))
            return msgspec.structs.replace(facts, chat=chat)
        case {"success": False, "data": dict(said)}:
            raise _refused(reply.head.status, said)
        case _:
            raise _unknown(call, reply)


def stream_request(call: Call, facts: SiteFacts, chat: ModernChat) -> HttpRequest:
    """The stream of the message that was left under this key."""
    query = {
        "action": STREAM_ACTION,
        "cache_key": chat.cache_key.reveal(),
        "bot_id": facts.bot_id,
        "session_id": session_id(call),
        "conversation_uuid": chat.conversation,
        "post_id": facts.post_id,
        "_ajax_nonce": facts.nonce.reveal(),
        "_ts": str(int(call.now * 1000)),
    }
    joint = "&" if "?" in facts.ajax_url else "?"
    return HttpRequest(
        "GET",
        facts.ajax_url + joint + urlencode(query),
        {"Accept": "text/event-stream", "Cache-Control": "no-cache"},
        cookies=site_cookies(call, facts),
    )


def _refused(status: int, said: Mapping[str, Any]) -> ChatError | StaleSession:
    words = error_text(said) or "the site refused the message"
    code = said.get("code") if isinstance(said.get("code"), str) else None
    match status:
        case 403:
            return StaleSession(AuthError(words))
        case 429:
            return RateLimitError(words, code=code)
        case 200:
            return ResponseError(words)
        case _:
            return ResponseStatusError(f"{status}: {words}", status=status, code=code)


def _unknown(call: Call, reply: HttpReply) -> ChatError:
    if reply.head.status == 400 and reply.body.strip() == b"0":
        return HandshakeError("the site's page is of AI Power 2.3 or later, its plugin is not")
    problem = status_error(reply, call.now)
    if problem is not None:
        return problem
    if reply.body.lstrip().startswith(b"<"):
        return html_error(reply.head, reply.body, "JSON")
    return ResponseError("the site took the message and gave no key for its answer")


class _Said(msgspec.Struct):
    """An unnamed event: more text, or an error."""

    delta: str | None = None
    error: Any = None


_SAID = msgspec.json.Decoder(_Said)


class ModernDecoder(StreamDecoder):
    """One answer's decoder."""

    _error: ResponseError | None = None

    def read(self, message: SseMessage, events: list[Event]) -> None:
        """Add the events of one message; raise the error that it is."""
        match message.event:
            case "" | "message" | "message_start":
                self._said(decode_event(_SAID, message.data), events)
            case "error":
                self._said(decode_event(_SAID, message.data), events)
                self._fail(None)
            case "done":
                self._done(events)
            case _:
                pass

    def end(self, rest: bytes, events: list[Event]) -> None:
        """As for every stream, but an error that was told is the error."""
        if self._error is not None:
            raise self._error
        super().end(rest, events)

    def _said(self, said: _Said, events: list[Event]) -> None:
        if said.error:
            self._fail(said.error)
        elif said.delta:
            self.say(said.delta, events)

    def _fail(self, error: object) -> None:
        words = error_text(error) or "the site reports an error without a text"
        self._error = self._error or ResponseError(words)
        # Before the first word it depends on what comes next: see `_done`.
        if self._started is None:
            raise self._error

    def _done(self, events: list[Event]) -> None:
        if self._error is not None:
            raise StaleSession(self._error)
        self.finish(events)
