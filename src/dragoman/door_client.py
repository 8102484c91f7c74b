"""The client as a door of another kind uses it: with requests that it has decoded itself."""

from collections.abc import Callable, Mapping
from typing import TypeVar

from dragoman.chat import ChatRequest
from dragoman.client import Client
from dragoman.config import Config
from dragoman.features import How
from dragoman.provider_entry import ProviderEntry
from dragoman.providers.api.dialect_provider import DialectProvider
from dragoman.providers.base import Provider
from dragoman.providers.beside import ask_beside
from dragoman.providers.call import Call, Steps
from dragoman.reach import Reach
from dragoman.routing.health import Health
from dragoman.routing.planning import own_words

__all__ = ["DoorClient"]

T = TypeVar("T")


class DoorClient(Client):
    """Names a provider, makes the call of a request, and asks it. Errors are those of `Client`."""

    def __init__(
        self,
        config: Config,
        *,
        health: Health,
        says: Callable[[Provider], Mapping[str, How]] = own_words,
    ) -> None:
        super().__init__(config)
        self._reach = Reach(config, health, says)

    @property
    def reach(self) -> Reach:
        """What the client asks through."""
        return self._reach

    async def target(self, model: str) -> tuple[ProviderEntry, str]:
        """The provider that a model's name finds, and the model's name there; see `names.py`."""
        return await self._reach.target(model)

    async def call(self, entry: ProviderEntry, chat: ChatRequest) -> Call:
        """The call of a request, of a provider that `target` found."""
        return await self._reach.call(entry, chat)

    async def beside(
        self, entry: ProviderEntry, call: Call, steps: Callable[[DialectProvider], Steps[T]]
    ) -> T:
        """What a service says to something else than the chat of a call."""
        return await ask_beside(entry.provider, call, self._reach.line, steps)
