"""From a route to a plan: gathers what is known of each candidate, and has the router choose.

Nothing is asked of a service for it: what its models take is taken from its list, if that has been
asked for already, and from the configuration.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping, Sequence

from dragoman.catalog import ModelCard, card_of, joined
from dragoman.chat import ChatRequest
from dragoman.config import Config
from dragoman.errors import MissingRequirementsError
from dragoman.events import Usage
from dragoman.features import How
from dragoman.prices import price_of
from dragoman.provider_entry import ProviderEntry
from dragoman.providers.base import Provider
from dragoman.routing.health import Health
from dragoman.routing.needs import Needs, needs_of
from dragoman.routing.route import Candidate, Route
from dragoman.routing.router import Choice, Plan, View, plan

__all__ = ["Planner", "own_words"]


def own_words(provider: Provider) -> Mapping[str, How]:
    """What a provider's own wire can say."""
    return provider.says


class Planner:
    """Plans for one configuration.

    `listed` gives a provider's cards, as far as it told them; `says` what can be said to it.
    """

    def __init__(
        self,
        config: Config,
        health: Health,
        listed: Callable[[str], Sequence[ModelCard]],
        says: Callable[[Provider], Mapping[str, How]] = own_words,
    ) -> None:
        self._config = config
        self.health = health
        self._listed = listed
        self._says = says
        self._turns: Counter[str] = Counter()
        self._cards: dict[Candidate, tuple[Sequence[ModelCard], ModelCard]] = {}

    def entry(self, candidate: Candidate) -> ProviderEntry:
        """The configured provider of a candidate."""
        return self._config.providers[candidate.provider]

    def card(self, candidate: Candidate) -> ModelCard:
        """What is known of a candidate's model."""
        listed = self._listed(candidate.provider)
        kept = self._cards.get(candidate)
        # A list that its service told anew is another one.
        if kept is not None and kept[0] is listed:
            return kept[1]
        card = self._joined(candidate, listed)
        if any(candidate in route.candidates for route in self._config.routes.values()):
            # Not for names that callers make up: they would be kept for ever.
            self._cards[candidate] = listed, card
        return card

    def _joined(self, candidate: Candidate, listed: Sequence[ModelCard]) -> ModelCard:
        entry = self.entry(candidate)
        model = candidate.model or next(iter(entry.known_models()), "")
        told = [card for card in listed if card.name == model]
        return joined(card_of(model), *told, entry.told(model))

    async def plan(self, route: Route, chat: ChatRequest | None) -> Plan:
        """Who is asked, in order; without a chat nobody is left out for what it asks for."""
        if not route.is_named:
            # Only one can answer: its own errors say more than ours would.
            choices = tuple(Choice(candidate, "named") for candidate in route.candidates)
            return Plan(route=route.name, order=route.order, choices=choices, skipped=())
        needs = needs_of(chat) if chat is not None else None
        if route.order == "cheapest":
            # The first time it loads the list of prices.
            return await asyncio.to_thread(self.plan_now, route, needs)
        return self.plan_now(route, needs)

    def plan_now(self, route: Route, needs: Needs | None) -> Plan:
        """As `plan`, of any route; may take a while for the order `cheapest`."""
        made = self.look(route, needs)
        self._turns[route.name] += 1
        return made

    def look(self, route: Route, needs: Needs | None = None) -> Plan:
        """As `plan_now`, for who only wants to see it: the next request's turn stays its own."""
        views = {candidate: self._view(candidate, route) for candidate in route.candidates}
        return plan(route, needs, views, turn=self._turns[route.name])

    def _view(self, candidate: Candidate, route: Route) -> View:
        entry = self.entry(candidate)
        measured = self.health.view(candidate.provider, candidate.model)
        card = self.card(candidate)
        return View(
            card=card,
            says=self._says(entry.provider),
            who=entry.name,
            dialect=entry.provider.DIALECT,
            trouble=f"it cannot be asked: set {entry.lacks}" if entry.lacks else "",
            price=_price(entry.prices, card.name) if route.order == "cheapest" else None,
            state=measured.state,
            until_s=measured.until_s,
            why=measured.why,
            first_token_s=measured.first_token_s,
            error_rate=measured.error_rate,
        )


# Long requests may have a price of their own: it is the usual one that is compared.
_THOUSANDS = Usage(input_tokens=1_000, output_tokens=1_000)


def _price(prices: str, model: str) -> float | None:
    """US dollars for a million tokens in and a million out."""
    try:
        price = price_of(prices, model, _THOUSANDS)
    except MissingRequirementsError:
        return None
    return None if price is None else float(price * 1_000)
