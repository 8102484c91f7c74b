"""A provider under test with its far side, found by walking the tables."""

from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from dragoman import emulators
from dragoman.client import Client
from dragoman.config import Config
from dragoman.emulators.emulator import Emulator
from dragoman.events import LEGAL_NEXT, Event, Finished
from dragoman.messages import Messages
from dragoman.providers.base import AsyncGeneratorProvider, HttpProvider
from dragoman.providers.table import PROVIDERS, load_provider

SUBJECTS = [name for name in PROVIDERS if name in emulators.NAMES]
"""Every provider with an emulator, and `test_floors` demands one. There is no list to edit."""

ASK: Messages = [{"role": "user", "content": "Größe und 大きさ: one two three four"}]
SAID = "Größe und 大きさ: one two three four"

COOKIES = {"cf_clearance": "let-me-in"}
"""What the emulators accept as cookies of a browser session; needed by some, fine for all."""

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

    def client(self, base_url: str | None = None, **fields: Any) -> Client:
        """A client whose provider `mine` is this installation."""
        table = {
            "service": self.name,
            "base_url": base_url or self.emulator.url,
            "cookies": COOKIES,
            **fields,
        }
        return Client(Config.of({"mine": table}))

    @property
    def keywords(self) -> dict[str, Any]:
        """The keywords that point a call on the class at this installation."""
        return {"base_url": self.emulator.url, "cookies": dict(COOKIES)}

    async def ask_class(self, **keywords: Any) -> str:
        """Ask by the class's own entry point, the whole answer."""
        answer: str = await self.kind.create_async("", ASK, **{**self.keywords, **keywords})  # type: ignore[attr-defined]  # both bases have it
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
    async with emulators.run(name) as emulator:
        yield Subject(name, emulator)
