"""Three candidates, what is known of them, and the plan that comes of it."""

from collections.abc import Mapping

import msgspec

from dragoman.catalog import ModelCard
from dragoman.features import CARRIED, FEATURES, How
from dragoman.routing.needs import Needs
from dragoman.routing.route import Candidate, Order, Route
from dragoman.routing.router import Plan, plan
from dragoman.routing.view import View

__all__ = ["ALL", "IMAGE", "A", "B", "C", "card", "decided", "order_of", "reasons", "route", "view"]

A, B, C = (Candidate(name, "m") for name in "abc")
ALL: Mapping[str, How] = dict.fromkeys(FEATURES, CARRIED)
IMAGE = Needs(features=(("image", "messages[0]"),))


def route(order: Order = "listed", *candidates: Candidate) -> Route:
    return Route(name="smart", candidates=candidates or (A, B, C), order=order, is_named=True)


def view(**fields: object) -> View:
    plain = View(card=ModelCard(name="m"), says=ALL, who="it")
    return msgspec.structs.replace(plain, **fields)


def card(**fields: object) -> View:
    return view(card=msgspec.convert({"name": "m", **fields}, ModelCard))


def decided(
    of: Route, needs: Needs | None = None, *, turn: int = 0, roll: float = 0.0, **views: View
) -> Plan:
    """The plan; candidates that are not in `views` are whole and not measured."""
    known = {one: views.get(one.provider, view()) for one in of.candidates}
    return plan(of, needs, known, roll=lambda: roll, turn=turn)


def order_of(plan: Plan) -> str:
    return "".join(choice.candidate.provider for choice in plan.choices)


def reasons(plan: Plan) -> list[str]:
    return [choice.reason for choice in plan.choices]
