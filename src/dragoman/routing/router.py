"""Which candidates of a route are asked, in which order, and why: pure, decided before anything is.

Left out is what cannot do what the chat needs, what has no room for it, and what a breaker holds
back; `orders.py` puts the rest in order. `dragoman explain` shows the decision.
"""

import random
from collections.abc import Callable, Mapping
from typing import Literal

import msgspec

from dragoman.catalog import ModelCard
from dragoman.errors import ChatError, InputError, ResponseStatusError
from dragoman.features import FEATURES, Refused, no_native_word, no_word
from dragoman.routing.needs import Needs
from dragoman.routing.orders import ordered
from dragoman.routing.route import Candidate, Order, Route
from dragoman.routing.verdicts import TOO_LONG
from dragoman.routing.view import View

__all__ = [
    "ABILITIES",
    "SKIPS",
    "Choice",
    "Plan",
    "Skip",
    "Skipped",
    "View",
    "begun_with",
    "nothing_left",
    "plan",
]

ABILITIES: Mapping[str, str] = {
    "tools": "tools",
    "image": "images",
    "image_url": "images",
    "image_file": "images",
    "tool_result_image": "images",
    "audio": "audio",
    "document": "documents",
    "document_url": "documents",
    "document_file": "documents",
    "tool_result_document": "documents",
    "json_schema": "schema",
}
"""The features that a model may be unable to do, whatever its wire can say; and a card's field."""


Skip = Literal["cannot", "context", "open", "unusable"]
"""Why a candidate is left out, in a word."""

SKIPS: Mapping[Skip, str] = {
    "unusable": "it cannot be asked at all: its key or its address is not set",
    "cannot": "it, or its dialect, has no pictures, tools, schema or whatever else the chat uses",
    "context": "the chat is certainly longer than its room, which is counted in whole tokens of "
    "eight characters; what may fit is tried",
    "open": "it failed too often of late, and the next try is not due yet",
}
"""Each reason to leave a candidate out; printed in the docs."""


class Choice(msgspec.Struct, frozen=True):
    """A candidate to ask, and why it stands where it does, in one line."""

    candidate: Candidate
    reason: str


class Skipped(msgspec.Struct, frozen=True, kw_only=True):
    """A candidate that is not asked, and why, in one line.

    `place` is what in the request it cannot do, `until_s` in how many seconds it may be tried.
    """

    candidate: Candidate
    why: str
    kind: Skip
    place: str | None = None
    until_s: float = 0.0


class Plan(msgspec.Struct, frozen=True):
    """Who is asked, in this order, and who is not."""

    route: str
    order: Order
    choices: tuple[Choice, ...]
    skipped: tuple[Skipped, ...]


def plan(
    route: Route,
    needs: Needs | None,
    views: Mapping[Candidate, View],
    *,
    roll: Callable[[], float] = random.random,
    turn: int = 0,
) -> Plan:
    """The decision for one request.

    `needs` None leaves out nobody for what the chat is. `views` has every candidate; `roll` gives
    numbers from 0 to below 1; `turn` counts the requests to the route. A model that was asked for
    by its own name is held to what its wire can say, and not to what is known of it.
    """
    left: list[Candidate] = []
    skipped: list[Skipped] = []
    for candidate in route.candidates:
        view = views[candidate]
        found = _unable(candidate, view, route, needs) or _held_back(candidate, view)
        if found is None:
            left.append(candidate)
        else:
            skipped.append(found)
    choices = tuple(
        Choice(candidate, _with_probe(reason, views[candidate]))
        for candidate, reason in ordered(route, left, views, roll=roll, turn=turn)
    )
    return Plan(route.name, route.order, choices, tuple(skipped))


def begun_with(plan: Plan, first: Candidate) -> Plan:
    """The plan of whoever has asked a candidate already: it stands first, wherever it stood."""
    if plan.choices and plan.choices[0].candidate == first:
        return plan
    others = (choice for choice in plan.choices if choice.candidate != first)
    skipped = tuple(one for one in plan.skipped if one.candidate != first)
    choices = (Choice(first, "was asked already"), *others)
    return msgspec.structs.replace(plan, choices=choices, skipped=skipped)


def nothing_left(plan: Plan) -> ChatError:
    """The error of a plan of whose candidates none can be asked."""
    kinds = {one.kind for one in plan.skipped}
    whole = "; ".join(f"{one.candidate.name}: {one.why}" for one in plan.skipped)
    if plan.choices or not kinds <= {"cannot", "context"}:
        waits = [one.until_s for one in plan.skipped if one.kind == "open"]
        tried = "".join(f"; {one.candidate.name}: it is being tried" for one in plan.choices)
        return ResponseStatusError(
            f"no model of {plan.route} can be asked now: {(whole + tried).removeprefix('; ')}",
            status=503,
            retry_after=min(waits, default=None),
            code="no_model_available",
        )
    if kinds == {"context"}:
        return ResponseStatusError(
            f"the chat is too long for every model of {plan.route}: {whole}",
            status=400,
            code=TOO_LONG,
        )
    first = next(one for one in plan.skipped if one.kind == "cannot")
    alone = len(plan.skipped) == 1
    message = first.why if alone else f"no model of {plan.route} can do this: {whole}"
    return InputError(message, place=first.place)


def _unable(candidate: Candidate, view: View, route: Route, needs: Needs | None) -> Skipped | None:
    """Why a candidate cannot answer this chat, whatever its health."""
    if view.trouble and route.is_named:
        return Skipped(candidate=candidate, why=view.trouble, kind="unusable")
    if needs is None:
        return None
    for name, place in needs.features:
        how = view.says.get(name, _UNKNOWN)
        if isinstance(how, Refused):
            why = no_word(name, place, view.who, how)
            return Skipped(candidate=candidate, why=why, kind="cannot", place=place)
    for dialect, place in needs.dialects:
        if view.dialect is not None and dialect != view.dialect:
            why = no_native_word(dialect, place, view.who)
            return Skipped(candidate=candidate, why=why, kind="cannot", place=place)
    return _too_weak(candidate, view.card, needs) if route.is_named else None


_UNKNOWN = Refused()


def _too_weak(candidate: Candidate, card: ModelCard, needs: Needs) -> Skipped | None:
    for name, place in needs.features:
        if name in ABILITIES and getattr(card, ABILITIES[name]) is False:
            why = f"{card.name} takes no {ABILITIES[name]} ({place}: {FEATURES[name]})"
            return Skipped(candidate=candidate, why=why, kind="cannot", place=place)
    if card.context is not None and needs.tokens > card.context:
        why = f"the chat has at least {needs.tokens} tokens, and {card.name} takes {card.context}"
        return Skipped(candidate=candidate, why=why, kind="context")
    return None


def _held_back(candidate: Candidate, view: View) -> Skipped | None:
    if view.state != "open":
        return None
    why = f"left out for {view.until_s:.1f} s more: {view.why}"
    return Skipped(candidate=candidate, why=why, kind="open", until_s=view.until_s)


def _with_probe(reason: str, view: View) -> str:
    return reason if view.state != "probe" else f"{reason}; a probe is due after {view.why}"
