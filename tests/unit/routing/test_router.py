"""Who can be asked, who is left out and why, and what is said if nobody is left."""

import msgspec
import pytest
from tests.unit.routing.planned import (
    ALL,
    IMAGE,
    A,
    B,
    C,
    card,
    decided,
    order_of,
    reasons,
    route,
    view,
)

from dragoman.errors import InputError, ResponseStatusError
from dragoman.features import Refused
from dragoman.routing.explained import explain_json, explain_rows
from dragoman.routing.needs import Needs
from dragoman.routing.route import Candidate, bare_route
from dragoman.routing.router import ABILITIES, begun_with, nothing_left
from dragoman.routing.view import View


class Case(msgspec.Struct, frozen=True):
    claim: str
    needs: Needs | None
    view: View
    why: str = ""
    kind: str = ""


def needs(feature: str) -> Needs:
    return Needs(features=((feature, "there"),))


CASES = [
    Case("nothing is asked", None, card(images=False)),
    Case("nothing is needed", Needs(), card(images=False, context=1)),
    Case(
        "a wire without the word",
        IMAGE,
        view(says={**ALL, "image": Refused("bytes only")}),
        "it has no image (messages[0]): bytes only. It is an image as bytes; leave it out, or "
        "ask another",
        "cannot",
    ),
    Case("a wire that never heard of it", IMAGE, view(says={}), "it has no image", "cannot"),
    Case("it is not known", IMAGE, card()),
    Case("it can", IMAGE, card(images=True)),
    Case(
        "a model that cannot",
        IMAGE,
        card(images=False),
        "m takes no images (messages[0]: an image as bytes)",
        "cannot",
    ),
    Case("what is no ability", needs("seed"), card(images=False)),
    Case("just enough room", Needs(tokens=8), card(context=8)),
    Case(
        "too little room",
        Needs(tokens=9),
        card(context=8),
        "the chat has at least 9 tokens, and m takes 8",
        "context",
    ),
    Case("a dialect that is not told", Needs(dialects=(("gemini", "x"),)), view()),
    Case("its own dialect", Needs(dialects=(("gemini", "x"),)), view(dialect="gemini")),
    Case(
        "another dialect",
        Needs(dialects=(("gemini", "x"),)),
        view(dialect="ollama"),
        "x is gemini's own, and it has no word for it",
        "cannot",
    ),
    Case("no key", None, view(trouble="it needs A_KEY"), "it needs A_KEY", "unusable"),
    Case(
        "a breaker",
        None,
        view(state="open", until_s=3.21, why="5 failures in a row"),
        "left out for 3.2 s more: 5 failures in a row",
        "open",
    ),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.claim)
def test_what_cannot_is_left_out_and_told(case: Case) -> None:
    found = decided(route("listed", A, B), case.needs, a=case.view)

    if not case.why:
        assert order_of(found) == "ab"
    else:
        (skipped,) = found.skipped
        assert order_of(found) == "b"
        assert skipped.candidate == A
        assert skipped.why.startswith(case.why)
        assert skipped.kind == case.kind


@pytest.mark.parametrize("feature", ABILITIES)
def test_every_ability_is_looked_for_in_the_card(feature: str) -> None:
    weak = card(**{ABILITIES[feature]: False})

    assert order_of(decided(route("listed", A, B), needs(feature), a=weak)) == "b"


def test_a_model_that_is_named_is_asked_whatever_is_believed_of_it() -> None:
    """What is known of families is a guess; what its wire cannot say is none."""
    bare = bare_route("a", "m")

    believed = decided(bare, IMAGE, a=card(images=False, context=1))
    keyless = decided(bare, IMAGE, a=view(trouble="it needs A_KEY"))
    refused = decided(bare, IMAGE, a=view(says={}))

    assert order_of(believed) == order_of(keyless) == "a"
    assert reasons(believed) == ["named"]
    assert order_of(refused) == ""


def test_if_none_can_it_is_the_callers_request() -> None:
    error = nothing_left(
        decided(route("listed", A, B), IMAGE, a=view(says={}), b=card(images=False))
    )

    assert isinstance(error, InputError)
    assert error.place == "messages[0]"
    assert error.message.startswith("no model of smart can do this: a/m: it has no image")
    assert "; b/m: m takes no images" in error.message


def test_if_the_only_one_cannot_its_own_reason_is_told() -> None:
    error = nothing_left(decided(bare_route("a", "m"), IMAGE, a=view(says={})))

    assert error.message.startswith("it has no image (messages[0]). It is an image as bytes")


def test_if_all_are_too_small_the_chat_is_too_long() -> None:
    error = nothing_left(decided(route("listed", A), Needs(tokens=9), a=card(context=8)))

    assert isinstance(error, ResponseStatusError)
    assert (error.status, error.code) == (400, "context_length_exceeded")
    assert not error.retryable
    assert "a/m: the chat has at least 9 tokens" in error.message


def test_if_some_cannot_and_the_rest_is_too_small_no_wait_helps() -> None:
    asked = msgspec.structs.replace(IMAGE, tokens=9)

    error = nothing_left(
        decided(route("listed", A, B), asked, a=card(context=8), b=card(images=False))
    )

    assert isinstance(error, InputError)
    assert error.place == "messages[0]"


def test_if_some_are_held_back_it_says_when_to_come_again() -> None:
    found = decided(
        route(),
        IMAGE,
        a=view(state="open", until_s=4, why="5 failures in a row"),
        b=view(state="open", until_s=2, why="60% failed"),
        c=card(images=False),
    )

    error = nothing_left(found)

    assert isinstance(error, ResponseStatusError)
    assert (error.status, error.retry_after, error.code) == (503, 2, "no_model_available")
    assert error.retryable
    assert error.message.startswith(
        "no model of smart can be asked now: a/m: left out for 4.0 s more: 5 failures in a row; "
        "b/m: left out for 2.0 s more: 60% failed; c/m: m takes no images"
    )


def test_if_none_is_set_up_nobody_knows_when() -> None:
    error = nothing_left(decided(route("listed", A), a=view(trouble="it needs A_KEY")))

    assert isinstance(error, ResponseStatusError)
    assert (error.status, error.retry_after) == (503, None)
    assert error.message == "no model of smart can be asked now: a/m: it needs A_KEY"


def test_if_others_try_those_that_may_be_back_that_is_said() -> None:
    """A plan has choices, and each may turn out to be somebody else's to try."""
    error = nothing_left(
        decided(route("listed", A, B), a=view(state="probe", why="x"), b=view(state="open"))
    )

    assert isinstance(error, ResponseStatusError)
    assert error.status == 503
    assert error.message.endswith("a/m: it is being tried")


@pytest.mark.parametrize("other", [card(images=False), view(state="probe", why="y")])
def test_who_is_being_tried_may_be_back_soon_so_it_is_no_mistake_of_the_caller(other: View) -> None:
    found = decided(route("listed", A, B), IMAGE, a=view(state="probe", why="x"), b=other)

    error = nothing_left(found)

    assert isinstance(error, ResponseStatusError)
    assert (error.status, error.retry_after) == (503, None)


PLAN = decided(
    route(),
    IMAGE,
    a=card(images=False),
    b=view(state="open", until_s=1.23456, why="5 failures in a row"),
)


def test_a_plan_as_json_has_every_candidate_and_reason() -> None:
    assert explain_json(PLAN) == {
        "route": "smart",
        "order": "listed",
        "choices": [{"model": "c/m", "reason": "listed third"}],
        "skipped": [
            {
                "model": "a/m",
                "kind": "cannot",
                "reason": "m takes no images (messages[0]: an image as bytes)",
                "place": "messages[0]",
                "until_s": None,
            },
            {
                "model": "b/m",
                "kind": "open",
                "reason": "left out for 1.2 s more: 5 failures in a row",
                "place": None,
                "until_s": 1.235,
            },
        ],
    }


def test_a_plan_as_rows_has_who_is_asked_first() -> None:
    assert explain_rows(PLAN) == [
        ("1", "c/m", "listed third"),
        ("-", "a/m", "m takes no images (messages[0]: an image as bytes)"),
        ("-", "b/m", "left out for 1.2 s more: 5 failures in a row"),
    ]


@pytest.mark.parametrize(
    ("first", "choices", "skipped"),
    [(A, "ab", "c"), (B, "ba", "c"), (C, "cab", "")],
    ids=["as planned", "later", "left out"],
)
def test_who_was_asked_already_stands_first(first: Candidate, choices: str, skipped: str) -> None:
    found = begun_with(decided(route(), IMAGE, c=view(says={})), first)

    assert order_of(found) == choices
    assert "".join(one.candidate.provider for one in found.skipped) == skipped
