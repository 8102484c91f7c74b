"""The orders of a route: who is asked first, and why, in one line each; `ORDERS` tells of each.

Pure: chance and the number of the request are given.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import assert_never

from dragoman.routing.route import Candidate, Order, Route
from dragoman.routing.view import View

__all__ = ["ORDERS", "TRY_EVERY", "ordered"]

TRY_EVERY = 10
"""In the order `fastest`, one request of so many goes first to a candidate without a measure."""

ORDERS: Mapping[Order, str] = {
    "listed": "as they stand in the route",
    "weighted": "by chance, each as often as its weight says; the second likewise, of the rest",
    "fastest": "by the usual time to a first token of late, longer the more of its requests "
    "failed; who is not measured comes last, and first in one request of "
    f"{TRY_EVERY}, to be measured; who may be back after failures is tried first",
    "cheapest": "by the price of a million tokens in and a million out (extra `prices`); who has "
    "no listed price comes last",
    "rotate": "each request begins with the next of them",
}
"""Each order and what it goes by; printed in the docs."""

_Ordered = Sequence[tuple[Candidate, str]]


def ordered(
    route: Route,
    left: Sequence[Candidate],
    views: Mapping[Candidate, View],
    *,
    roll: Callable[[], float],
    turn: int,
) -> _Ordered:
    """The candidates of a route that are `left`, in its order, each with the reason.

    `roll` gives numbers from 0 to below 1; `turn` counts the requests to the route.
    """
    match route.order:
        case "listed":
            return [(one, _listed(route, one)) for one in left]
        case "rotate":
            return _rotated(left, turn)
        case "weighted":
            return _weighted(left, roll)
        case "cheapest":
            return _cheapest(left, views)
        case "fastest":
            return _fastest(left, views, turn)
        case _:
            assert_never(route.order)


def _listed(route: Route, candidate: Candidate) -> str:
    return f"listed {_place(route.candidates.index(candidate))}" if route.is_named else "named"


def _place(at: int) -> str:
    return _PLACES[at] if at < len(_PLACES) else f"number {at + 1}"


_PLACES = ("first", "second", "third", "fourth")


def _rotated(left: Sequence[Candidate], turn: int) -> _Ordered:
    first = turn % len(left) if left else 0
    return [
        (one, f"rotate: {'its turn' if at == 0 else _place(at) + ' from its turn'}")
        for at, one in enumerate([*left[first:], *left[:first]])
    ]


def _weighted(left: Sequence[Candidate], roll: Callable[[], float]) -> _Ordered:
    """By chance without putting back: also the second is chosen by weight, of those that remain."""
    pool, ordered = list(left), []
    while pool:
        whole = sum(one.weight for one in pool)
        drawn, mark = pool[-1], roll() * whole
        for one in pool:
            mark -= one.weight
            if mark < 0:
                drawn = one
                break
        pool.remove(drawn)
        ordered.append((drawn, f"weighted: {drawn.weight / whole:.0%} of the chance"))
    return ordered


def _cheapest(left: Sequence[Candidate], views: Mapping[Candidate, View]) -> _Ordered:
    # Sorting keeps equals in their order.
    return [
        (one, f"cheapest: {_price(views[one].price)}")
        for one in sorted(left, key=lambda one: _or_last(views[one].price))
    ]


def _price(price: float | None) -> str:
    if price is None:
        return "its price is not known"
    return f"{price:.2f} USD for a million tokens in and a million out"


def _or_last(value: float | None) -> float:
    return math.inf if value is None else value


def _fastest(left: Sequence[Candidate], views: Mapping[Candidate, View], turn: int) -> _Ordered:
    due = [one for one in left if views[one].state == "probe"]
    fit = [one for one in left if views[one].state != "probe"]
    unmeasured = [one for one in fit if views[one].first_token_s is None]
    measured = sorted(
        (one for one in fit if views[one].first_token_s is not None),
        key=lambda one: _or_last(_score(views[one])),
    )
    trial = []
    # The second request of ten, so that a second candidate is measured soon.
    if measured and unmeasured and turn % TRY_EVERY == 1:
        trial = [unmeasured.pop(turn // TRY_EVERY % len(unmeasured))]
    return [
        *((one, "fastest: it was left out, and is first to be tried") for one in due),
        *((one, "fastest: not measured yet, and its turn to be") for one in trial),
        *((one, f"fastest: {_measure(views[one])}") for one in measured),
        *((one, "fastest: not measured yet") for one in unmeasured),
    ]


def _score(view: View) -> float | None:
    """Seconds to a first token, failures and the time for another try counted in."""
    if view.first_token_s is None or view.error_rate >= 1:
        return None
    return view.first_token_s / (1 - view.error_rate)


def _measure(view: View) -> str:
    failing = f", {view.error_rate:.0%} failed" if view.error_rate else ""
    return f"first token {view.first_token_s:.2f} s{failing}"
