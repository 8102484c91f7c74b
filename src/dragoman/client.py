"""The Python door: one client for every configured provider.

    async with Client() as client, client.stream("local", "Why is the sky blue?") as events:
        async for text in events.text():
            print(text, end="")

A client belongs to one event loop. It keeps connections, handshakes and local models until it is
closed; a stream is closed by leaving its `async with`, and that closes its connection.
"""

import asyncio
import math
import time
from collections.abc import (
    AsyncGenerator,
)
from pathlib import Path
from typing import TypedDict, TypeGuard, Unpack

import msgspec

from dragoman.account import Account
from dragoman.chat import OPTIONS, ChatReply, ChatRequest, decode_options
from dragoman.config import Config, load_config
from dragoman.errors import InputError
from dragoman.event_stream import EventStream, gather
from dragoman.events import Event
from dragoman.messages import Message, Messages, Text, decode_messages
from dragoman.names import resolve_name
from dragoman.provider_entry import ProviderEntry
from dragoman.providers.call import Call
from dragoman.providers.handshake import StepOutcome
from dragoman.providers.keywords import check_line
from dragoman.sessions.cookie_files import read_cookie_file
from dragoman.sessions.cookie_rules import cookies_for
from dragoman.sessions.cookies import get_cookies
from dragoman.transport.base import Limits, decode_timeout
from dragoman.transport.line import Line

__all__ = ["Client", "Options"]


class Options(TypedDict, total=False):
    """What can be asked besides the messages; see `dragoman.chat.OPTIONS` for the ranges.

    `system` is put before the messages; `timeout` is seconds of silence and for connecting, or
    `(connect, silence)`; `first_token_s` and `total_s` limit the wait for the answer's begin and
    for all of it; `proxy` is used for this call in place of the configured one.
    """

    system: str
    temperature: float
    top_p: float
    max_tokens: int
    stop: str | list[str]
    seed: int
    presence_penalty: float
    frequency_penalty: float
    timeout: float | tuple[float, float]
    first_token_s: float
    total_s: float
    proxy: str


_KNOWN = frozenset(Options.__annotations__)


class Client:
    """Asks any configured provider. Use it as an async context manager, or `await close()` it.

    `config` is a `Config`, or the path of a file; without one it is looked for in the usual places.
    """

    def __init__(self, config: Config | str | Path | None = None) -> None:
        self._config = config
        self._line = Line()
        self._accounts: dict[str, Account] = {}

    async def __aenter__(self) -> "Client":
        await self.config()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Close every connection and stop every local model."""
        await self._line.close()

    async def config(self) -> Config:
        """The configuration; read from its file at the first use."""
        if not isinstance(self._config, Config):
            self._config = await asyncio.to_thread(load_config, self._config)
        return self._config

    def stream(
        self, model: str | None, messages: str | Messages, **options: Unpack[Options]
    ) -> EventStream:
        """Ask, and read the answer while it comes.

        `model` is `provider/model-id`, a provider's name for its default model, or None for the
        configured default; `messages` is a text or a list of `{"role", "content"}`.
        Nothing is sent before the first event is asked for. Raises `TypeError` for an unknown
        option, `InputError` for a wrong one, and any `ChatError` while reading.
        """
        _check_names(options)
        return EventStream(lambda: self._ask(model, messages, options))

    async def complete(
        self, model: str | None, messages: str | Messages, **options: Unpack[Options]
    ) -> ChatReply:
        """Ask, and wait for the whole answer; arguments and errors as for `stream`."""
        _check_names(options)
        batches = await self._ask(model, messages, options)
        try:
            return await gather(batches)
        finally:
            await batches.aclose()

    async def models(self, provider: str | None = None) -> list[str]:
        """The names of the models that can be asked for, as `provider/model-id`.

        Of one provider: as its service lists them, where it does. Of all: as far as is known
        without asking.
        """
        config = await self.config()
        if provider is None:
            return [
                f"{entry.name}/{model}"
                for entry in config.providers.values()
                for model in entry.known_models()
            ]
        entry = self._entry(config, provider)
        call = await self._call(entry, _PROBE, {})
        return [
            f"{entry.name}/{model}" for model in await entry.provider.list_models(call, self._line)
        ]

    async def probe(self, provider: str, *, timeout: float = 10.0) -> list[StepOutcome]:  # noqa: ASYNC109 - seconds of silence, as everywhere
        """What can be measured of a provider without a chat: its handshake, step by step."""
        config = await self.config()
        entry = self._entry(config, provider)
        call = await self._call(entry, _PROBE, {"timeout": timeout})
        return await entry.provider.probe(call, self._line)

    async def _ask(
        self, model: str | None, messages: str | Messages, options: Options
    ) -> AsyncGenerator[list[Event], None]:
        config = self._config if isinstance(self._config, Config) else await self.config()
        target = resolve_name(model, config)
        entry = config.providers[target.provider]
        chat = _chat(target.model, messages, options)
        call = await self._call(entry, chat, options)
        return entry.provider.events(call, self._line)

    async def _call(self, entry: ProviderEntry, chat: ChatRequest, options: Options) -> Call:
        account = self._accounts.get(entry.name)
        if account is None:
            account = await asyncio.to_thread(_open_account, entry)
            self._accounts[entry.name] = account
        line = entry.line
        if proxy := options.get("proxy"):
            line = msgspec.structs.replace(line, proxy=check_line("proxy", proxy))
        return entry.provider.call(
            chat,
            account,
            limits=_limits(entry.limits, options),
            line=line,
            user_agent=entry.fields.user_agent or None,
        )

    def _entry(self, config: Config, provider: str) -> ProviderEntry:
        entry = config.providers.get(provider)
        if entry is None:
            raise InputError(f"unknown provider {provider!r}; known: {', '.join(config.providers)}")
        return entry


_PROBE = ChatRequest(model="", messages=(Message("user", (Text("probe"),)),))
"""What stands in for a chat where none is sent."""


def _check_names(options: Options) -> None:
    if options and (unknown := options.keys() - _KNOWN):
        raise TypeError(f"unknown option {min(unknown)!r}; known: {', '.join(sorted(_KNOWN))}")


def _chat(model: str, messages: str | Messages, options: Options) -> ChatRequest:
    asked = decode_messages(
        [{"role": "user", "content": messages}] if isinstance(messages, str) else messages
    )
    if system := options.get("system"):
        asked = (*decode_messages([{"role": "system", "content": system}]), *asked)
    chat = ChatRequest(model=model, messages=asked)
    if not options:
        return chat
    chosen = {name: value for name, value in options.items() if name in OPTIONS}
    return msgspec.structs.replace(chat, **decode_options(chosen))


def _limits(limits: Limits, options: Options) -> Limits:
    if not options:
        return limits
    if (timeout := options.get("timeout")) is not None:
        asked = decode_timeout(timeout)
        limits = msgspec.structs.replace(limits, connect_s=asked.connect_s, idle_s=asked.idle_s)
    for name in ("first_token_s", "total_s"):
        value = options.get(name)
        if value is None:
            continue
        if not _is_duration(value):
            raise InputError(f"{name} = {value!r}: expected seconds above 0")
        limits = msgspec.structs.replace(limits, **{name: float(value)})
    return limits


def _is_duration(value: object) -> TypeGuard[float]:
    if not isinstance(value, int | float) or isinstance(value, bool):
        return False
    return 0 < value < math.inf


def _open_account(entry: ProviderEntry) -> Account:
    """The entry's account; if it has no cookies, with those of its file or kept for its site."""
    account = entry.account
    url = entry.provider.base_url(account)
    if account.cookies or not url:
        return account
    if entry.fields.cookies_file:
        cookies = cookies_for(read_cookie_file(entry.fields.cookies_file), url, time.time())
    else:
        cookies = get_cookies(url, raise_requirements_error=False)
    return account.with_cookies(cookies) if cookies else account
