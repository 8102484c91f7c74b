"""The client as a door of another kind uses it: with requests that it has decoded itself."""

from collections.abc import AsyncGenerator, Callable
from typing import TypeVar

from dragoman.chat import ChatRequest
from dragoman.client import Client
from dragoman.events import Event
from dragoman.provider_entry import ProviderEntry
from dragoman.providers.api.dialect_provider import DialectProvider
from dragoman.providers.beside import ask_beside
from dragoman.providers.call import Call, Steps
from dragoman.providers.exchange import exchange
from dragoman.providers.relay import RelayWire

__all__ = ["DoorClient"]

T = TypeVar("T")


class DoorClient(Client):
    """Names a provider, makes the call of a request, and asks it. Errors are those of `Client`."""

    async def target(self, model: str) -> tuple[ProviderEntry, str]:
        """The provider that a model's name finds, and the model's name there; see `names.py`."""
        return await self._target(model)

    async def call(self, entry: ProviderEntry, chat: ChatRequest) -> Call:
        """The call of a request, of a provider that `target` found."""
        return await self._call(entry, chat, {})

    def events(self, entry: ProviderEntry, call: Call) -> AsyncGenerator[list[Event], None]:
        """The events of a call in batches; whoever iterates closes the generator."""
        return entry.provider.events(call, self._line)

    def relayed(self, wire: RelayWire, call: Call) -> AsyncGenerator[list[Event], None]:
        """As `events`, of a call whose bytes are passed on as they are."""
        return exchange(wire, call, self._line)

    async def beside(
        self, entry: ProviderEntry, call: Call, steps: Callable[[DialectProvider], Steps[T]]
    ) -> T:
        """What a service says to something else than the chat of a call."""
        return await ask_beside(entry.provider, call, self._line, steps)
