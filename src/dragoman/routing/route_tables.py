"""`[routes.NAME]` of a configuration to routes: every mistake is named before anything runs.

A candidate may be another route: its candidates stand in its place, and share its weight.
"""

import difflib
from collections.abc import Mapping
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from dragoman.config_tables import Field, Place, decode_fields
from dragoman.errors import InputError, excerpt
from dragoman.provider_entry import ProviderEntry
from dragoman.routing.route import DEADLINES, Candidate, Order, Rescue, Route

__all__ = ["CANDIDATE_FIELDS", "FIELDS", "decode_routes"]

_DURATION = "a number of seconds above 0, at most 86400"
_Duration = Annotated[float, Meta(gt=0, le=86400)]
_TYPES: Mapping[str, Any] = {
    "candidates": list[str | dict[str, Any]],
    "order": Order,
    "retries": Annotated[int, Meta(ge=0, le=100)],
    "rescue": Rescue,
    "connect_s": _Duration,
    "first_token_s": _Duration,
    "idle_s": _Duration,
    "total_s": _Duration,
    "retry_after_max_s": Annotated[float, Meta(ge=0, le=86400)],
    "hedge_after_s": Annotated[float, Meta(ge=0, le=86400)] | Literal["p95"],
    "share": bool,
}
_CANDIDATE_TYPES: Mapping[str, Any] = {
    "model": str,
    "weight": Annotated[float, Meta(gt=0, le=1e9)],
}

FIELDS: Mapping[str, Field] = {
    "candidates": Field(
        'a list of at least one text or table, as ["work/mock-model"]',
        "what it may ask: `provider/model-id`, a provider's name for its default model, another "
        "route's name, or a table with `model` and `weight`",
    ),
    "order": Field(
        "listed, weighted, fastest, cheapest or rotate", "in which order they are asked"
    ),
    "retries": Field(
        "a whole number from 0 to 100", "how often one candidate is asked again before the next"
    ),
    "rescue": Field(
        "off, replay or continue", "what is done about an answer whose stream breaks in the middle"
    ),
    "connect_s": Field(_DURATION, "seconds for name, connection and TLS together"),
    "first_token_s": Field(_DURATION, "seconds until the answer begins"),
    "idle_s": Field(_DURATION, "seconds of silence between two chunks"),
    "total_s": Field(
        _DURATION,
        "seconds for all of it, retries included; a whole (not streamed) answer has this limit and "
        "`connect_s` only",
    ),
    "retry_after_max_s": Field(
        "a number of seconds from 0 to 86400",
        "the longest wait that a service may ask for; if it wants more, the next is asked",
    ),
    "hedge_after_s": Field(
        'a number of seconds from 0 to 86400, or "p95"',
        "seconds without a first word after which the next is asked beside it; 0 is never, "
        '"p95" is what only one in twenty of its answers needs longer than',
    ),
    "share": Field(
        "true or false",
        "whether the same request, asked several times at once, is sent once; only with "
        "temperature 0 or a seed",
    ),
}
"""Each field of `[routes.NAME]`; printed in the docs."""

CANDIDATE_FIELDS: Mapping[str, Field] = {
    "model": Field("a text", "the candidate, named as in the list"),
    "weight": Field(
        "a number above 0",
        "its share of the requests in the order `weighted`, against the other weights; 1 if left "
        "out",
    ),
}
"""Each field of a candidate that is a table; printed in the docs."""

_Tables = dict[str, dict[str, Any]]


def decode_routes(
    place: Place, table: object, providers: Mapping[str, ProviderEntry]
) -> dict[str, Route]:
    """The routes that a table of tables is, by name; `InputError` names what is wrong with one.

    `providers` are all that a candidate may be of, the built-in ones too.
    """
    if not isinstance(table, dict):
        raise place.error(("routes",), "expected tables, as [routes.NAME]")
    decoded = {name: _fields(place, name, fields, providers) for name, fields in table.items()}
    expanding = _Expanding(place, decoded, providers)
    routes = {}
    for name, fields in decoded.items():
        candidates = tuple(expanding.candidates(name, ()))
        _check_twice(place, name, candidates)
        routes[name] = Route(**{**fields, "name": name, "candidates": candidates, "is_named": True})
    return routes


def _fields(
    place: Place, name: str, table: object, providers: Mapping[str, ProviderEntry]
) -> dict[str, Any]:
    where = ("routes", name)
    _check_name(place, name, providers)
    if not isinstance(table, dict):
        raise place.error(where, "expected a table, as [routes.NAME]")
    fields = decode_fields(place, where, table, (_TYPES, FIELDS))
    if not fields.get("candidates"):
        expected = FIELDS["candidates"].expected
        raise place.error((*where, "candidates"), f"expected {expected}: it would ask nobody")
    _check_deadlines(place, where, fields)
    return fields


def _check_name(place: Place, name: str, providers: Mapping[str, ProviderEntry]) -> None:
    where = ("routes", name)
    if not name.isprintable() or not name or any(letter.isspace() for letter in name):
        raise place.error(where, "a route's name is a text without spaces")
    provider = _split(name)[0]
    if name in providers or provider in providers:
        found = name if name in providers else provider
        raise place.error(
            where, f"{found} is a provider, so this name has a meaning; call the route otherwise"
        )


def _check_deadlines(place: Place, where: tuple[str, ...], fields: Mapping[str, Any]) -> None:
    """Refuse limits of which one would always pass before the other; those not said count too."""
    total_s, first_s = (fields.get(name, DEADLINES[name]) for name in ("total_s", "first_token_s"))
    # A short total alone is no contradiction: it simply comes before the usual others.
    for name in ("connect_s", "first_token_s", "idle_s"):
        said = fields.get(name, 0)
        if said > total_s or (name == "first_token_s" and said == total_s):
            raise place.error((*where, name), f"{said:g} would never pass: total_s is {total_s:g}")
    hedge_s = fields.get("hedge_after_s", 0)
    limit_s, limit = min((first_s, "first_token_s"), (total_s, "total_s"))
    if hedge_s != "p95" and hedge_s > 0 and hedge_s >= limit_s:
        raise place.error(
            (*where, "hedge_after_s"), f"{hedge_s:g} would never pass: {limit} is {limit_s:g}"
        )


def _check_twice(place: Place, name: str, candidates: tuple[Candidate, ...]) -> None:
    seen: set[str] = set()
    for candidate in candidates:
        if candidate.name in seen:
            raise place.error(
                ("routes", name, "candidates"), f"{candidate.name} is there twice: name it once"
            )
        seen.add(candidate.name)


class _Expanding:
    """Puts the candidates of routes in the places of their names."""

    def __init__(
        self, place: Place, routes: _Tables, providers: Mapping[str, ProviderEntry]
    ) -> None:
        self._place = place
        self._routes = routes
        self._providers = providers

    def candidates(self, name: str, above: tuple[str, ...]) -> list[Candidate]:
        """Those of a route, which was reached through the routes `above`."""
        where = ("routes", name, "candidates")
        if name in above:
            loop = " → ".join((*above[above.index(name) :], name))
            raise self._place.error(where, f"a loop of routes, which has no end: {loop}")
        found = []
        for number, item in enumerate(self._routes[name]["candidates"], 1):
            fields = {"model": item} if isinstance(item, str) else item
            known = (_CANDIDATE_TYPES, CANDIDATE_FIELDS)
            fields = decode_fields(self._place, (*where, str(number)), fields, known)
            if "model" not in fields:
                about = CANDIDATE_FIELDS["model"].about
                raise self._place.error((*where, str(number)), f"expected model: {about}")
            found += self._one(where, fields, (*above, name))
        return found

    def _one(
        self, where: tuple[str, ...], fields: Mapping[str, Any], above: tuple[str, ...]
    ) -> list[Candidate]:
        model, weight = fields["model"], fields.get("weight", 1.0)
        if model in self._routes:
            inner = self.candidates(model, above)
            share = weight / sum(candidate.weight for candidate in inner)
            return [
                msgspec.structs.replace(candidate, weight=candidate.weight * share)
                for candidate in inner
            ]
        if model in self._providers:
            return [Candidate(model, "", weight)]
        provider, rest = _split(model)
        if provider in self._providers:
            return [Candidate(provider, rest, weight)]
        raise self._unknown(where, model)

    def _unknown(self, where: tuple[str, ...], model: str) -> InputError:
        known = [*self._routes, *self._providers]
        models = [
            f"{name}/{known}"
            for name, entry in self._providers.items()
            for known in entry.known_models()
        ]
        bare = {name.partition("/")[2]: name for name in models}
        provider, rest = _split(model)
        if rest and (near := difflib.get_close_matches(provider, self._providers, n=1)):
            nearest = f"{near[0]}/{rest}"
        else:
            found = difflib.get_close_matches(model, [*known, *models, *bare], n=1, cutoff=0.5)
            nearest = bare.get(found[0], found[0]) if found else ""
        guess = f"; did you mean {excerpt(nearest)}?" if nearest else ""
        return self._place.error(where, f"no provider or route for {excerpt(model)!r}{guess}")


def _split(model: str) -> tuple[str, str]:
    """A provider's name and a model's, as far as the name has both."""
    cut = min((at for sign in "/:" if (at := model.find(sign)) > 0), default=len(model))
    return model[:cut], model[cut + 1 :]
