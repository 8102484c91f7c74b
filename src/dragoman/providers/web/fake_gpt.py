"""FakeGpt: a client of shared ChatGPT stations and of what speaks like them.

Three dialects. `station`: log in to one of the pooled accounts, then chat; the default. `token`:
the caller has an access token (`access_token` or `api_key`), nothing precedes the chat. `talk`:
open Pandora. The public station ended in January 2024: point it at your own with `base_url`, or at
the emulator.
Source: public clients of chat-shared2.zhile.io, the source of Pandora-ChatGPT 1.3.5 and of
pandora-cloud 0.7.3, the documentation of the fakeopen API, read 2026-11-21.
"""

import re
from collections.abc import Mapping
from contextlib import aclosing
from typing import Any, ClassVar, Literal

from dragoman.account import Account, Setting
from dragoman.errors import (
    AuthError,
    ChatError,
    InputError,
    ModelNotSupportedError,
    ResponseError,
)
from dragoman.messages import Messages
from dragoman.providers.base import AsyncGeneratorProvider, AsyncResult
from dragoman.providers.call import Call, Decoder, Handshake, StaleSession, Step, Steps
from dragoman.providers.web.fake_gpt_decoder import ConversationDecoder
from dragoman.providers.web.fake_gpt_errors import reply_error
from dragoman.providers.web.fake_gpt_requests import conversation, model_list, talk
from dragoman.providers.web.fake_gpt_station import MAX_ACCOUNTS, Login, log_in
from dragoman.providers.web.fake_gpt_token import is_bearer
from dragoman.wire.http import HttpReply, HttpRequest, ReplyHead

__all__ = ["MODEL_ALIASES", "FakeGpt"]

Dialect = Literal["station", "token", "talk"]

_FREE = "text-davinci-002-render-sha"
_SLUGS = (_FREE, "gpt-4", "gpt-4-plugins")

_CHOICES = {"token_scheme": ("Bearer", "none"), "password_cookie": ("yes", "no")}

MODEL_ALIASES: Mapping[str, str] = {
    "gpt-3.5-turbo": _FREE,
    "gpt-3.5-turbo-0301": _FREE,
    "gpt-3.5-turbo-0613": _FREE,
    "gpt-3.5-turbo-16k": _FREE,
    "gpt-4-32k": "gpt-4-plugins",
}
"""What the API calls a model, and what the wire calls it."""


class FakeGpt(AsyncGeneratorProvider[Login]):
    """Chats through a shared ChatGPT station.

    `_access_token` and `_cookie_jar` are there for code that looks at them; they stay None.
    """

    name = "fakegpt"
    url = "https://chat-shared2.zhile.io"
    supports_gpt_35_turbo = True
    working = False
    supports_message_history = True
    supports_system_message = True
    TAKES_PROMPT = True
    _access_token: ClassVar[None] = None
    _cookie_jar: ClassVar[None] = None
    SPEAKS = "ChatGPT's web protocol (cumulative server-sent events), through a shared station"
    SETTINGS: ClassVar[Mapping[str, Setting]] = {
        "dialect": Setting(
            str, None, "station, token or talk; token if an access token is given, else station"
        ),
        "access_token": Setting(
            str, None, "an access token, in place of a login; `api_key` is the same", secret=True
        ),
        "api_prefix": Setting(str, "/api", "the path before /conversation, such as /backend-api"),
        "token_name": Setting(
            str, None, "dialect talk: which of the server's tokens to use", secret=True
        ),
        "token_scheme": Setting(
            str, "Bearer", "what stands before the access token in its header: `Bearer` or `none`"
        ),
        "password_cookie": Setting(
            str,
            "no",
            "dialect station: whether the password of a login is a cookie as well, `yes` or `no`",
        ),
    }

    @classmethod
    async def create_async_generator(
        cls, model: str, messages: Messages, proxy: str | None = None, **kwargs: Any
    ) -> AsyncResult:
        """The answer's deltas.

        Nothing is sent before the first step. Keywords are those of every provider, the options
        of a chat (this service expresses none of them) and the names in `SETTINGS`.

        Raises:
            ChatError: a `RuntimeError` too where no valid answer came; see `dragoman.errors`.
            TypeError: an unknown keyword.
        """
        async with aclosing(cls._texts(model, messages, {"proxy": proxy, **kwargs})) as texts:
            async for text in texts:
                yield text

    def resolve_model(self, model: str | None, account: Account) -> str:
        """The slug; the names that the API has for it are known, too."""
        if not model:
            return _FREE
        slug = MODEL_ALIASES.get(model, model)
        if model in account.models:
            return model
        if slug not in _SLUGS:
            known = ", ".join([*MODEL_ALIASES, *self.known_models(account)])
            raise ModelNotSupportedError(f"FakeGpt has no model {model!r}; it has: {known}")
        return slug

    def known_models(self, account: Account) -> list[str]:
        """The slugs that every station had, and those of the installation."""
        return list(dict.fromkeys((*_SLUGS, *account.models)))

    def check(self, call: Call) -> None:
        """Refuse settings that would break out of the address or header they stand in."""
        _check_settings(call)

    def handshake(self, call: Call) -> Handshake[Login]:
        """A login, or none where the caller has a token or the server has the accounts."""
        if _dialect(call) == "station":
            return (yield from log_in(call))
        return Login(token=_token(call))

    def refresh(
        self, call: Call, stale: Login, signal: StaleSession, fresh: bool
    ) -> Handshake[Login]:
        """A login with another account.

        What an earlier call logged in to may have ended by its time alone: it is taken again if
        there is no other.
        """
        if fresh and len(stale.tried) >= MAX_ACCOUNTS:
            raise AuthError(f"no live shared account; the last of them: {signal.error.message}")
        if fresh:
            return (yield from log_in(call, spent=stale.tried))
        used = stale.tried[-1:]
        return (yield from log_in(call, spent=used, last_resort=used[0] if used else None))

    def request(self, call: Call, facts: Login) -> HttpRequest:
        """The chat itself: one prompt, in a conversation of its own."""
        return talk(call, facts) if _dialect(call) == "talk" else conversation(call, facts)

    def failure(self, call: Call, reply: HttpReply) -> ChatError | StaleSession | None:
        """What a reply means that is no answer; only a login can be done anew."""
        error = reply_error(reply, call.now)
        if isinstance(error, AuthError) and _dialect(call) == "station":
            return StaleSession(error)
        return error

    def decoder(self, call: Call, head: ReplyHead) -> Decoder:
        """A decoder for the stream, or for what came in its place."""
        return ConversationDecoder(call, head, can_refresh=_dialect(call) == "station")

    def model_steps(self, call: Call, facts: Login) -> Steps[list[str]]:
        """The slugs that the service lists, in its order."""
        reply = yield Step("models", model_list(call, facts))
        error = reply_error(reply, call.now)
        if error is not None:
            raise error
        value = reply.json()
        listed = value.get("models") if isinstance(value, dict) else None
        slugs = [
            model["slug"]
            for model in (listed if isinstance(listed, list) else ())
            if isinstance(model, dict) and isinstance(model.get("slug"), str)
        ]
        if not slugs:
            raise ResponseError("the service lists no model")
        return slugs


def _dialect(call: Call) -> Dialect:
    """Which dialect the settings mean; `InputError` for one that there is not."""
    match call.setting("dialect"):
        case None:
            return "token" if _given_token(call) else "station"
        case "station" | "token" | "talk" as dialect:
            return dialect
        case other:
            raise InputError(f"dialect = {other!r}: expected station, token or talk")


def _given_token(call: Call) -> str:
    key = call.account.api_key
    return call.setting("access_token") or (key.reveal() if key else "")


def _token(call: Call) -> str:
    """The caller's token in dialect `token`, else none; `InputError` if it cannot be sent."""
    if _dialect(call) != "token":
        return ""
    token = _given_token(call)
    if not token:
        raise InputError("dialect token needs access_token (or api_key)")
    if not is_bearer(token):
        raise InputError("access_token must be one word of visible ASCII characters")
    return token


def _check_settings(call: Call) -> None:
    """`InputError` for a setting that would break out of the address or header it stands in."""
    _token(call)
    prefix, name = call.setting("api_prefix"), call.setting("token_name")
    if prefix is not None and not re.fullmatch(r"[\w/.~-]*", prefix, re.ASCII):
        raise InputError("api_prefix must be a path, such as /backend-api")
    if name is not None and not is_bearer(name):
        raise InputError("token_name must be one word of visible ASCII characters")
    for setting, known in _CHOICES.items():
        if call.setting(setting) not in {None, *known}:
            raise InputError(f"{setting} must be one of: {', '.join(known)}")
