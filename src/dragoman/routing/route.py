"""A route: a model's name that stands for several, with an order, limits and what a failure does.

A route says what it wants said and leaves the rest to the providers; a plain `provider/model-id` is
a route of one candidate.
"""

from collections.abc import Mapping
from typing import Literal

import msgspec

from dragoman.provider_entry import ProviderFields
from dragoman.transport.base import Limits

__all__ = ["DEADLINES", "TOTAL_S", "Candidate", "Order", "Rescue", "Route", "bare_route"]

Order = Literal["listed", "weighted", "fastest", "cheapest", "rotate"]
"""In which order the candidates of a route are asked."""

Rescue = Literal["off", "replay", "continue"]
"""What is done about an answer whose stream broke: nothing, replay, or replay then continue."""

TOTAL_S = 300.0
"""Seconds for a whole answer where nobody says another number."""

DEADLINES: Mapping[str, float] = {
    "connect_s": 5.0,
    "first_token_s": 10.0,
    "idle_s": 10.0,
    "total_s": TOTAL_S,
}
"""The limits of a route that says none, in seconds."""


class Candidate(msgspec.Struct, frozen=True):
    """A model of a provider that a route may ask; an empty model is the provider's default one."""

    provider: str
    model: str = ""
    weight: float = 1.0

    @property
    def name(self) -> str:
        """`provider/model-id`, or the provider's name alone."""
        return f"{self.provider}/{self.model}" if self.model else self.provider


class Route(msgspec.Struct, frozen=True, kw_only=True):
    """Candidates under one name; `FIELDS` in `route_tables.py` says what each field is for.

    A limit that is None is not said by the route. `hedge_after_s` 0 is never. `is_named` tells a
    route of the configuration from one that was made of a model's name.
    """

    name: str
    candidates: tuple[Candidate, ...]
    order: Order = "listed"
    retries: int = 2
    rescue: Rescue = "replay"
    connect_s: float | None = None
    first_token_s: float | None = None
    idle_s: float | None = None
    total_s: float | None = None
    retry_after_max_s: float = 20.0
    hedge_after_s: float | Literal["p95"] = 0.0
    share: bool = False
    is_named: bool = False

    def limits(self, of_provider: Limits, explicit: ProviderFields, *, whole: bool) -> Limits:
        """The limits of one attempt: the route's own words, then the provider's, then the usual.

        `of_provider` are those that the provider's code is written for, `explicit` what its
        configuration says. They are the usual ones of a name that is no route's; a named route
        has `DEADLINES`. A `whole` answer comes in one piece: for it only connecting and the total
        are limited.
        """
        chosen = {name: self._limit(name, of_provider, explicit) for name in DEADLINES}
        if whole:
            chosen["first_token_s"] = chosen["idle_s"] = None
        return Limits(**chosen)

    def _limit(self, name: str, of_provider: Limits, explicit: ProviderFields) -> float | None:
        for says in (self, explicit):
            said: float | None = getattr(says, name)
            if said is not None:
                return said
        if self.is_named:
            return DEADLINES[name]
        usual: float | None = getattr(of_provider, name)
        return TOTAL_S if usual is None and name == "total_s" else usual


def bare_route(provider: str, model: str) -> Route:
    """The route of a model that was asked for by its own name."""
    candidate = Candidate(provider, model)
    return Route(name=candidate.name, candidates=(candidate,))
