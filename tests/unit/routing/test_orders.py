"""In which order the candidates of a route are asked, and why each stands where it does."""

import pytest
from tests.unit.routing.planned import (
    decided,
    order_of,
    reasons,
    route,
    view,
)

from dragoman.routing.orders import TRY_EVERY
from dragoman.routing.route import Candidate


def test_listed_is_as_it_is_listed() -> None:
    found = decided(route(), b=view(state="open", until_s=1, why="5 failures in a row"))

    assert (found.route, found.order) == ("smart", "listed")
    assert order_of(found) == "ac"
    assert reasons(found) == ["listed first", "listed third"]


def test_a_long_list_is_counted() -> None:
    many = tuple(Candidate(f"p{number}") for number in range(5))

    assert reasons(decided(route("listed", *many)))[-2:] == ["listed fourth", "listed number 5"]


@pytest.mark.parametrize(("turn", "expect"), [(0, "abc"), (1, "bca"), (2, "cab"), (3, "abc")])
def test_rotate_begins_with_the_next_one_each_time(turn: int, expect: str) -> None:
    assert order_of(decided(route("rotate"), turn=turn)) == expect


def test_rotate_shares_what_one_that_is_left_out_would_have_got() -> None:
    firsts = [
        order_of(decided(route("rotate"), turn=turn, b=view(state="open")))[0] for turn in range(6)
    ]

    assert firsts == ["a", "c"] * 3
    assert reasons(decided(route("rotate"))) == [
        "rotate: its turn",
        "rotate: second from its turn",
        "rotate: third from its turn",
    ]


HEAVY = (Candidate("a", "m", 1), Candidate("b", "m", 3))


@pytest.mark.parametrize(
    ("roll", "expect"), [(0.0, "ab"), (0.24, "ab"), (0.25, "ba"), (0.99, "ba"), (1.0, "ba")]
)
def test_weighted_goes_by_chance_and_weight(roll: float, expect: str) -> None:
    assert order_of(decided(route("weighted", *HEAVY), roll=roll)) == expect


def test_weighted_says_the_chance() -> None:
    assert reasons(decided(route("weighted", *HEAVY), roll=0.5)) == [
        "weighted: 75% of the chance",
        "weighted: 100% of the chance",
    ]


def test_cheapest_goes_by_price_and_equals_as_they_are_listed() -> None:
    known = decided(route("cheapest"), a=view(price=2), b=view(price=0.5), c=view(price=0.5))
    partly = decided(route("cheapest"), c=view(price=90))

    assert order_of(known) == "bca"
    assert reasons(known)[0] == "cheapest: 0.50 USD for a million tokens in and a million out"
    assert order_of(partly) == "cab"
    assert reasons(partly)[1] == "cheapest: its price is not known"


def test_fastest_goes_by_the_first_token() -> None:
    found = decided(
        route("fastest"),
        a=view(first_token_s=0.9),
        b=view(first_token_s=0.214),
        c=view(first_token_s=0.5),
    )

    assert order_of(found) == "bca"
    assert reasons(found)[0] == "fastest: first token 0.21 s"


def test_fastest_counts_failures_as_time() -> None:
    found = decided(
        route("fastest"),
        a=view(first_token_s=0.2, error_rate=1.0),
        b=view(first_token_s=0.3, error_rate=0.5),
        c=view(first_token_s=0.5),
    )

    assert order_of(found) == "cba"
    assert reasons(found)[1] == "fastest: first token 0.30 s, 50% failed"


def test_fastest_measures_everybody_now_and_then() -> None:
    """Who is never asked is never measured; so one request of ten goes to one of those."""
    measured = view(first_token_s=0.2)

    orders = [order_of(decided(route("fastest"), turn=turn, b=measured)) for turn in range(20)]

    assert orders[1] == "abc"
    assert orders[1 + TRY_EVERY] == "cba"
    assert set(orders) == {"bac", "abc", "cba"}
    assert orders.count("bac") == 18
    assert reasons(decided(route("fastest"), turn=1, b=measured)) == [
        "fastest: not measured yet, and its turn to be",
        "fastest: first token 0.20 s",
        "fastest: not measured yet",
    ]


def test_fastest_without_any_measure_is_as_listed() -> None:
    assert [order_of(decided(route("fastest"), turn=turn)) for turn in (0, 1)] == ["abc", "abc"]


def test_fastest_tries_first_who_may_be_back() -> None:
    """Its measures are of before it failed; only a request can tell that it is back."""
    back = view(state="probe", why="5 failures in a row", first_token_s=9)

    found = decided(route("fastest"), b=view(first_token_s=0.1), c=back)

    assert order_of(found) == "cba"
    assert reasons(found)[0] == (
        "fastest: it was left out, and is first to be tried; "
        "a probe is due after 5 failures in a row"
    )


def test_in_another_order_who_may_be_back_keeps_its_place() -> None:
    found = decided(route(), b=view(state="probe", why="5 failures in a row"))

    assert order_of(found) == "abc"
    assert reasons(found)[1] == "listed second; a probe is due after 5 failures in a row"
