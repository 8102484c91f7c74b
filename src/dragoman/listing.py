"""The models of all usable providers together, soon: one provider's trouble is none of the others'.

Of one that fails or is late what is configured is listed, and it is left alone for a while.
"""

import asyncio
import builtins
from collections.abc import Mapping, Sequence

from dragoman.catalog import ModelCard, widest
from dragoman.client import Client
from dragoman.config import Config
from dragoman.errors import ChatError, ModelNotSupportedError, TimeoutError, excerpt
from dragoman.routing.route import Route

__all__ = ["LATE_S", "Listing"]

LATE_S = 5.0
"""How long a provider may take to list its models."""
ALONE_S = 30.0
"""How long one that failed is not asked again."""


class Listing:
    """Lists; belongs to one event loop. A provider is asked once at a time."""

    def __init__(self, client: Client, config: Config, *, late_s: float = LATE_S) -> None:
        self._client = client
        self._config = config
        self._late_s = late_s
        self._asking: dict[str, asyncio.Lock] = {}
        self._failed: dict[str, tuple[float, ChatError]] = {}

    async def all(self) -> dict[str, ModelCard]:
        """The cards by name: routes, then `provider/model-id` in the order of the providers."""
        # The first time it loads the code of each service.
        names = await asyncio.to_thread(self._config.usable)
        cards = await self._of_all(names)
        routes = self._config.routes.values()
        return {route.name: self._card(route, cards) for route in routes} | cards

    async def find_route(self, route: Route) -> ModelCard:
        """The card of a route: what one of its candidates or another can."""
        names = list(dict.fromkeys(candidate.provider for candidate in route.candidates))
        cards = await self._of_all(names)
        return self._card(route, cards)

    async def find(self, provider: str, model: str) -> ModelCard:
        """The card of one model.

        `ModelNotSupportedError` if the provider does not list it; if it could not be asked, why.
        """
        for card in await self._of(provider):
            if card.name == model:
                return card
        if (error := self.trouble(provider)) is not None:
            raise error.with_traceback(None)
        raise ModelNotSupportedError(f"{provider} lists no model {excerpt(model)!r}")

    def trouble(self, provider: str) -> ChatError | None:
        """Why a provider could not be asked a short while ago."""
        failed_at, error = self._failed.get(provider, (0.0, None))
        return error if error is not None and _now() - failed_at < ALONE_S else None

    async def _of_all(self, names: Sequence[str]) -> dict[str, ModelCard]:
        listed = await asyncio.gather(*map(self._of, names))
        return {
            f"{name}/{card.name}": card
            for name, cards in zip(names, listed, strict=True)
            for card in cards
        }

    async def _of(self, provider: str) -> list[ModelCard]:
        if self.trouble(provider) is None:
            asking = self._asking.setdefault(provider, asyncio.Lock())
            try:
                async with asyncio.timeout(self._late_s), asking:
                    return await self._client.cards(provider)
            except ChatError as error:
                self._failed[provider] = (_now(), error)
            except builtins.TimeoutError:
                late = TimeoutError(f"{provider} did not list its models in {self._late_s:g} s")
                self._failed[provider] = (_now(), late)
        entry = self._config.providers[provider]
        return [entry.card(name) for name in entry.known_models()]

    def _card(self, route: Route, listed: Mapping[str, ModelCard]) -> ModelCard:
        cards = []
        for candidate in route.candidates:
            entry = self._config.providers[candidate.provider]
            model = candidate.model or next(iter(entry.known_models()), "")
            cards.append(listed.get(f"{entry.name}/{model}") or entry.card(model))
        return widest(route.name, cards)


def _now() -> float:
    return asyncio.get_running_loop().time()
