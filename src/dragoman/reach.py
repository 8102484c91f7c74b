"""The configured providers within reach of one event loop, and the way to one answer of them.

Every door has one: it keeps the configuration, the connections, the accounts, what services told
of their models, and what was measured.
"""

import asyncio
import time
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from pathlib import Path

import msgspec

from dragoman.account import Account
from dragoman.call_options import Options, build_limits
from dragoman.catalog import ModelCard, card_of, joined
from dragoman.chat import ChatRequest
from dragoman.config import Config, load_config
from dragoman.errors import InputError
from dragoman.events import Event
from dragoman.features import How
from dragoman.names import resolve_name
from dragoman.provider_entry import ProviderEntry
from dragoman.providers.base import Provider
from dragoman.providers.beside import unsaid
from dragoman.providers.call import Call
from dragoman.providers.keywords import check_line
from dragoman.routing.attempt import Attempt
from dragoman.routing.door import Door
from dragoman.routing.flights import Flight, Flights, flight_key
from dragoman.routing.health import Health
from dragoman.routing.planning import Planner, own_words
from dragoman.routing.rescue import Answering
from dragoman.routing.route import Candidate, Route
from dragoman.routing.router import begun_with
from dragoman.sessions.cookie_files import read_cookie_file
from dragoman.sessions.cookie_rules import cookies_for
from dragoman.sessions.cookies import get_cookies
from dragoman.transport.base import Limits
from dragoman.transport.line import Line

__all__ = ["Answer", "PlainDoor", "Reach"]

MODELS_KEPT_S = 300.0
"""How long a service's list of models is good for."""

Answer = Answering | Flight[Answering]
"""An answer, or a share in one: `batches` gives its events."""

_PROBE = unsaid("")


class Reach:
    """Everything that is asked goes through here. Belongs to one event loop until it is closed.

    `config` is a `Config`, or the path of a file; without one it is looked for in the usual places.
    `health` is what was measured by others who share it; `says` tells what can be said to a
    provider where a door helps it.
    """

    def __init__(
        self,
        config: Config | str | Path | None = None,
        health: Health | None = None,
        says: Callable[[Provider], Mapping[str, How]] = own_words,
    ) -> None:
        self._config = config
        self._health = health
        self._says = says
        self._planner: Planner | None = None
        self._flights: Flights[Answering] = Flights()
        self._accounts: dict[str, Account] = {}
        self._cards: dict[str, tuple[float, list[ModelCard]]] = {}
        self.line = Line()

    async def close(self) -> None:
        """Close every connection and stop every local model."""
        await self.line.close()

    async def config(self) -> Config:
        """The configuration; read from its file at the first use."""
        if not isinstance(self._config, Config):
            self._config = await asyncio.to_thread(load_config, self._config)
        return self._config

    async def planner(self) -> Planner:
        """What decides who is asked."""
        if self._planner is None:
            config = await self.config()
            self._health = self._health or Health(config.health)
            self._planner = Planner(config, self._health, self._listed, self._says)
        return self._planner

    async def entry(self, provider: str) -> ProviderEntry:
        """A configured provider; `InputError` names those that there are."""
        providers = (await self.config()).providers
        entry = providers.get(provider)
        if entry is None:
            raise InputError(f"unknown provider {provider!r}; known: {', '.join(providers)}")
        return entry

    async def target(self, model: str | None) -> tuple[ProviderEntry, str]:
        """The provider that a model's name finds, and the model's name there; see `names.py`."""
        config = await self.config()
        target = resolve_name(model, config)
        return config.providers[target.provider], target.model

    async def answer(
        self,
        route: Route,
        chat: ChatRequest | None,
        door: Door,
        *,
        whole: bool = False,
        first: Candidate | None = None,
    ) -> Answer:
        """One answer from a route, or a share in one that is under way; to be read at once.

        Without a chat no candidate is left out for what it is asked, and nothing is shared.
        `first` was asked already, whatever the plan says.
        """
        planner = await self.planner()
        plan = await planner.plan(route, chat)
        if first is not None:
            plan = begun_with(plan, first)

        def make() -> Answering:
            begun = first is not None
            return Answering(route, plan, door, health=planner.health, whole=whole, begun=begun)

        key = flight_key(route.name, chat, whole=whole) if route.share and chat else None
        return make() if key is None else self._flights.join(key, make)

    async def call(
        self,
        entry: ProviderEntry,
        chat: ChatRequest,
        options: Options | None = None,
        limits: Limits | None = None,
    ) -> Call:
        """The call of a request; `limits` stand in place of the provider's own."""
        options = options or {}
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
            limits=limits or build_limits(entry.limits, options),
            line=line,
            user_agent=entry.fields.user_agent or None,
        )

    async def probe_call(self, entry: ProviderEntry, options: Options | None = None) -> Call:
        """A call that asks a service about itself and not for an answer."""
        return await self.call(entry, _PROBE, options)

    async def cards(self, provider: str) -> list[ModelCard]:
        """What is known of a provider's models: what its service tells, and what is configured.

        The service is asked at most every five minutes.
        """
        entry = await self.entry(provider)
        kept = self._cards.get(provider)
        if kept is None or time.monotonic() - kept[0] > MODELS_KEPT_S:
            listed = await entry.provider.list_cards(await self.probe_call(entry), self.line)
            kept = self._cards[provider] = (time.monotonic(), listed)
        return [joined(card_of(card.name), card, entry.told(card.name)) for card in kept[1]]

    def _listed(self, provider: str) -> Sequence[ModelCard]:
        """What a provider's service told of its models, if it was asked lately."""
        kept = self._cards.get(provider)
        return kept[1] if kept is not None else ()


class PlainDoor:
    """A door whose request is a `ChatRequest` already, to be asked with these options."""

    def __init__(
        self,
        reach: Reach,
        planner: Planner,
        *,
        route: Route,
        chat: ChatRequest,
        options: Options,
    ) -> None:
        self._reach = reach
        self._planner = planner
        self._route = route
        self._chat = chat
        self._options = options

    def card(self, candidate: Candidate) -> ModelCard:
        """What is known of a candidate's model."""
        return self._planner.card(candidate)

    def chat(self) -> ChatRequest:
        """What is asked."""
        return self._chat

    def total_s(self, candidate: Candidate) -> float | None:
        """The limit on the whole answer."""
        return self._limits(self._planner.entry(candidate)).total_s

    def spent_s(self) -> float:
        """Nobody was asked before."""
        return 0.0

    def streams(self, candidate: Candidate) -> bool:
        """Everyone who can is asked for a stream."""
        return True

    async def ask(
        self, attempt: Attempt, chat: ChatRequest | None, left_s: float | None
    ) -> AsyncGenerator[list[Event], None]:
        """Begin an attempt."""
        entry = self._planner.entry(attempt.candidate)
        asked = msgspec.structs.replace(chat or self._chat, model=attempt.candidate.model)
        limits = msgspec.structs.replace(self._limits(entry), total_s=left_s)
        call = await self._reach.call(entry, asked, self._options, limits)
        attempt.begun(call)
        return entry.provider.events(call, self._reach.line)

    def _limits(self, entry: ProviderEntry) -> Limits:
        limits = self._route.limits(entry.provider.LIMITS, entry.fields, whole=False)
        return build_limits(limits, self._options)


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
