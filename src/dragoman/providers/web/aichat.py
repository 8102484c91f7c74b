"""Aichat: a client of chat-gpt.org, a chat page with a JSON endpoint behind its cookies.

One POST, one JSON object, nothing before and no stream. The service knows its visitors by the
cookies of a browser: they are the caller's own, and a site that refuses them refuses the call.
The public site is gone: point it at your own installation with `base_url`, or at the emulator.
Source: requests and replies of public clients of chat-gpt.org, read 2026-11-21; no server source
is known.
"""

import asyncio
import functools
import re
from collections.abc import Mapping
from typing import Any, ClassVar

import msgspec

from dragoman.account import Account, Setting
from dragoman.errors import (
    AuthError,
    ChallengeError,
    ChatError,
    InputError,
    ModelNotSupportedError,
    ResponseError,
    excerpt,
)
from dragoman.events import Event, Finished, Started, TextDelta
from dragoman.messages import Messages
from dragoman.providers.base import AsyncProvider
from dragoman.providers.call import Call, Decoder, Handshake, StaleSession
from dragoman.providers.keywords import decode_keywords
from dragoman.sessions.cookies import get_cookies
from dragoman.sessions.store import Facts
from dragoman.transport.base import MAX_BODY_BYTES
from dragoman.wire.http import HttpReply, HttpRequest, ReplyHead, json_request
from dragoman.wire.status import error_words, html_error, status_error

__all__ = ["Aichat"]

_MODEL = "gpt-3.5-turbo"
_DEFAULTS: Mapping[str, float] = {
    "temperature": 0.5,
    "presence_penalty": 0.0,
    "top_p": 1.0,
    "frequency_penalty": 0.0,
}


class Aichat(AsyncProvider[Facts]):
    """Chats through chat-gpt.org, with the cookies of a browser session of one's own."""

    name = "aichat"
    url = "https://chat-gpt.org/chat"
    working = False
    needs_auth = True
    supports_gpt_35_turbo = True
    supports_message_history = True
    supports_system_message = True
    TAKES_PROMPT = True
    SPEAKS = "one JSON object each way, with a browser's cookies"
    EXPRESSES = frozenset(_DEFAULTS)
    SETTINGS: ClassVar[Mapping[str, Setting]] = {
        "endpoint": Setting(str, "/api/text", "the path of the JSON endpoint"),
        "cookies_required": Setting(
            str, "yes", "`no` for an installation of your own that wants no cookies"
        ),
        "recaptcha_token": Setting(
            str, None, "what your own installation wants in that field; never made here", True
        ),
    }

    @classmethod
    async def create_async(
        cls, model: str, messages: Messages, proxy: str | None = None, **kwargs: Any
    ) -> str:
        """The whole answer, never empty; or a `ChatError` and nothing.

        Keywords are those of every provider (`cookies` above all), the options of a chat
        (`temperature`, 0.5 by default, and `top_p`, 1, among them) and the names in `SETTINGS`.
        Without `cookies` those that the user keeps for the site are taken (`get_cookies`).

        Raises:
            AuthError: no cookies, or refused ones; a `RuntimeError`, too.
            ResponseStatusError: another bad status.
            ResponseError: a reply that is no answer.
            TypeError: an unknown keyword.
        """
        keywords = {"proxy": proxy, **kwargs}
        if not keywords.get("cookies"):
            account = decode_keywords(cls.name, cls.SETTINGS, keywords).account
            keywords["cookies"] = await asyncio.to_thread(get_cookies, cls().base_url(account))
        return await cls._whole(model, messages, keywords)

    def base_url(self, account: Account) -> str:
        """The site; its `url` is that of the page with the chat."""
        return account.base_url or "https://chat-gpt.org"

    def resolve_model(self, model: str | None, account: Account) -> str:
        """The advertised name; the service is told none."""
        if not model or model == _MODEL:
            return _MODEL
        if model in account.models:
            return model
        known = ", ".join(self.known_models(account))
        raise ModelNotSupportedError(f"Aichat has no model {model!r}; it has: {known}")

    def known_models(self, account: Account) -> list[str]:
        """The advertised name, and those that the installation is said to have."""
        return list(dict.fromkeys((_MODEL, *account.models)))

    def check(self, call: Call) -> None:
        """Refuse an endpoint that is no address, and a call without the cookies that it needs."""
        _endpoint(call)
        if not call.account.cookies and _wants_cookies(call):
            error = AuthError("no cookies: the site answers only to those of a browser session")
            error.hint = (
                "Pass cookies=..., or keep yours with `dragoman login aichat --cookies FILE`; an "
                "installation of your own that wants none: cookies_required=no"
            )
            error.located(provider=self.name, host=None, step="chat")
            raise error

    def handshake(self, call: Call) -> Handshake[Facts]:
        """Nothing precedes the chat."""
        yield from ()
        return Facts()

    def request(self, call: Call, facts: Facts) -> HttpRequest:
        """The prompt, and the four numbers that the endpoint wants."""
        chat = call.chat
        body: dict[str, object] = {"message": call.prompt}
        for name, default in _DEFAULTS.items():
            asked = getattr(chat, name)
            body[name] = default if asked is None else asked
        if token := call.setting("recaptcha_token"):
            body["recaptcha_token"] = token
        cookies = call.account.cookie_values()
        return json_request(_endpoint(call), body, {"Accept": "application/json"}, cookies=cookies)

    def failure(self, call: Call, reply: HttpReply) -> ChatError | StaleSession | None:
        """What a status means: 401 and a 403 with JSON are about the cookies, and final."""
        error = status_error(reply, call.now)
        if isinstance(error, ChallengeError) or reply.head.status not in {401, 403}:
            return error
        words = error_words(reply)
        if reply.head.status == 403 and not words.is_json:
            return error
        names = ", ".join(name for name, _ in call.account.cookies) or "none"
        return AuthError(f"the site refused the cookies ({names}): {words.message}")

    def decoder(self, call: Call, head: ReplyHead) -> Decoder:
        """A decoder for the one JSON object."""
        return _WholeDecoder(call, head)


def _wants_cookies(call: Call) -> bool:
    match call.setting("cookies_required"):
        case None | "yes":
            return True
        case "no":
            return False
        case other:
            raise InputError(f"cookies_required = {other!r}: expected yes or no")


def _endpoint(call: Call) -> str:
    return _address(call.base_url, call.setting("endpoint") or "/api/text")


@functools.lru_cache(maxsize=256)
def _address(base_url: str, path: str) -> str:
    if not re.fullmatch(r"[\w/.~-]+", path, re.ASCII):
        raise InputError("endpoint must be a path, such as /api/text")
    return f"{base_url}/{path.lstrip('/')}"


class _WholeDecoder:
    """Keeps the body, at most 16 MiB of it, and reads it when it is whole."""

    __slots__ = ("_call", "_head", "_pieces", "_size")

    def __init__(self, call: Call, head: ReplyHead) -> None:
        self._call = call
        self._head = head
        self._pieces: list[bytes] = []
        self._size = 0

    def feed(self, chunk: bytes) -> list[Event]:
        """Nothing: an answer in one piece is known at its end."""
        self._size += len(chunk)
        if self._size > MAX_BODY_BYTES:
            self._pieces.clear()
            raise ResponseError(f"a reply longer than {MAX_BODY_BYTES} bytes")
        self._pieces.append(chunk)
        return []

    def close(self) -> list[Event]:
        """The whole answer, or an error."""
        text = _decode_answer(self._head, b"".join(self._pieces))
        call = self._call
        return [Started(call.chat.model, dropped=call.dropped), TextDelta(text), Finished()]


def _decode_answer(head: ReplyHead, body: bytes) -> str:
    """The text of a reply: `message`, if `response` is truthy.

    A `response` that is itself a text is the answer where there is no `message`.
    """
    if head.media_type == "text/html":
        raise html_error(head, body, "JSON")
    if not body.strip():
        raise ResponseError("an empty reply instead of JSON")
    value = _json(body)
    if not isinstance(value, dict):
        raise ResponseError(f"a reply that is no JSON object: {excerpt(body)!r}")
    flag, message = value.get("response"), value.get("message")
    if not flag:
        reasons = (message, value.get("error"))
        reason = next((text for text in reasons if isinstance(text, str) and text), "no reason")
        raise ResponseError(f"the site refused: {excerpt(reason)}")
    if message is None and isinstance(flag, str):
        message = flag
    if not isinstance(message, str):
        raise ResponseError(f"an answer without a text in `message`: {excerpt(body)!r}")
    if not message:
        raise ResponseError("empty answer")
    return message


def _json(body: bytes) -> Any:
    """The value of a JSON text (a JSON edge), or None if it is none."""
    try:
        return msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
