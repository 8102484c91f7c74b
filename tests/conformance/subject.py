"""A provider under test with its far side, found by walking the tables."""

from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlsplit

from dragoman import emulators
from dragoman.account import Account
from dragoman.client import Client
from dragoman.config import Config
from dragoman.emulators.emulator import Emulator
from dragoman.emulators.names import OF_DIALECT
from dragoman.events import LEGAL_NEXT, Event, Finished
from dragoman.messages import Messages
from dragoman.providers.api.dialect_provider import DialectProvider
from dragoman.providers.base import AsyncGeneratorProvider, HttpProvider
from dragoman.providers.table import PROVIDERS, load_provider


def far_side(name: str) -> str:
    """The emulator of a provider: that of its dialect, else the one of its own name."""
    return OF_DIALECT.get(load_provider(name).DIALECT, name)


SUBJECTS = [name for name, row in PROVIDERS.items() if row and load_provider(name).url]
"""Every provider with a far side, and `test_floors` demands an emulator of it; no list to edit.

A row without a class has no code of its own; `tests/api` asks each of them.
"""

APIS = [name for name in SUBJECTS if isinstance(load_provider(name), DialectProvider)]
"""Those of them that speak a dialect."""

ASK: Messages = [{"role": "user", "content": "Größe und 大きさ: one two three four"}]
SAID = "Größe und 大きさ: one two three four"

COOKIES = {"cf_clearance": "let-me-in"}
"""What the emulators accept as cookies of a browser session; needed by some, fine for all."""

KEY = "key-of-our-own-0123456789"
MODEL = "mock-model"

ONCE = "once"
"""A route that asks the installation once: it is the provider that is tested here."""
_NO_BREAKER = {"breaker_failures": 0, "breaker_error_rate": 0}

_EXPIRING = {
    "nonce_expire_after": {"uses": 1, "shape": "D4"},
    "token_expire": {"uses": 1},
}
"""The knobs by which an emulator makes a session die; a new one takes one of these names."""


def assert_legal(events: list[Event]) -> None:
    """Every event may follow the one before it, and the last is `Finished`."""
    last: type | None = None
    for event in events:
        assert type(event) in LEGAL_NEXT[last]
        last = type(event)
    assert last is Finished


class Subject:
    """One provider, its running emulator, and the ways to ask it."""

    def __init__(self, name: str, emulator: Emulator[Any]) -> None:
        self.name = name
        self.emulator = emulator
        self.provider = load_provider(name)
        self.kind: type[HttpProvider[Any]] = type(self.provider)  # type: ignore[assignment]  # SUBJECTS has no other

    @property
    def is_api(self) -> bool:
        """Whether it speaks a dialect: each call has a key and a model, and nothing precedes it."""
        return isinstance(self.provider, DialectProvider)

    @property
    def base_url(self) -> str:
        """The installation's address, with as much of a path as the official SDK takes."""
        return self.emulator.url + urlsplit(self.kind.url or "").path * self.is_api

    @property
    def model(self) -> str:
        """A model's name; empty where there is a default one."""
        return MODEL if self.is_api else ""

    def client(self, **fields: Any) -> Client:
        """A client whose provider `mine` is this installation."""
        own = {"api_key": KEY, "models": [MODEL]} if self.is_api else {"cookies": COOKIES}
        table = {"service": self.name, "base_url": self.base_url, **own, **fields}
        routes = {ONCE: {"candidates": ["mine"], "retries": 0, "rescue": "off"}}
        return Client(Config.of({"mine": table}, routes=routes, health=_NO_BREAKER))

    @property
    def keywords(self) -> dict[str, Any]:
        """The keywords that point a call on the class at this installation."""
        own = {"api_key": KEY} if self.is_api else {"cookies": dict(COOKIES)}
        return {"base_url": self.base_url, **own}

    @property
    def account(self) -> Account:
        """Who we are there."""
        return Account.of(**self.keywords)

    async def ask_class(self, **keywords: Any) -> str:
        """Ask by the class's own entry point, the whole answer."""
        answer: str = await self.kind.create_async(  # type: ignore[attr-defined]  # both bases have it
            self.model, ASK, **{**self.keywords, **keywords}
        )
        return answer

    @property
    def streams(self) -> bool:
        """Whether the class hands out deltas."""
        return issubclass(self.kind, AsyncGeneratorProvider)

    @property
    def expiring(self) -> Mapping[str, object] | None:
        """The scenario in which a session is good for one chat; None if there are no sessions."""
        knobs = self.emulator.service.knobs_type.__struct_fields__
        return next(({name: _EXPIRING[name]} for name in knobs if name in _EXPIRING), None)

    @property
    def handshakes(self) -> int:
        """The requests so far that were no chat."""
        return len(self.emulator.journal) - self.emulator.chats


@asynccontextmanager
async def open_subject(name: str) -> AsyncGenerator[Subject, None]:
    """A provider with its emulator, for one test."""
    async with emulators.run(far_side(name)) as emulator:
        yield Subject(name, emulator)
