"""What an error means for what is done next."""

from itertools import pairwise

import pytest

from dragoman import errors
from dragoman.errors import (
    ChatError,
    RateLimitError,
    ResponseError,
    ResponseStatusError,
    TransportError,
)
from dragoman.routing.verdicts import TOO_LONG, VERDICTS, Verdict, backoff_s, verdict


def _every_class(root: type[ChatError] = ChatError) -> set[type[ChatError]]:
    below = {kind for kind in root.__subclasses__() if kind.__module__ == errors.__name__}
    return below | {deep for kind in below for deep in _every_class(kind)}


def test_every_error_has_a_verdict_of_its_own() -> None:
    assert _every_class() - VERDICTS.keys() == {ResponseStatusError}


@pytest.mark.parametrize("kind", VERDICTS)
def test_a_class_means_what_the_table_says(kind: type[ChatError]) -> None:
    assert verdict(kind("no")) == VERDICTS[kind][0]


def test_a_class_that_is_not_in_the_table_goes_by_the_one_that_it_is_derived_from() -> None:
    class LineCutError(TransportError):
        """One of somebody else's."""

    assert verdict(LineCutError("no")) == "again"


@pytest.mark.parametrize("retryable", [False, True])
def test_an_error_of_no_known_kind_goes_by_what_it_says_of_itself(retryable: bool) -> None:
    error = ChatError("no")
    error.retryable = retryable

    assert verdict(error) == ("again" if retryable else "next")


STATUSES: dict[int, Verdict] = {
    400: "final", 401: "next", 402: "next", 403: "next", 404: "next", 405: "next", 408: "again",
    413: "final", 418: "final", 422: "final", 425: "again", 500: "again", 501: "again",
    502: "again", 503: "again", 504: "again", 529: "again",
}  # fmt: skip


@pytest.mark.parametrize("status", STATUSES)
def test_a_status_means_what_its_kind_does(status: int) -> None:
    assert verdict(ResponseStatusError("no", status=status)) == STATUSES[status]


def test_what_a_service_does_not_have_is_looked_for_elsewhere() -> None:
    error = ResponseStatusError("no embeddings", status=501)
    error.retryable = False

    assert verdict(error) == "next"


@pytest.mark.parametrize("status", [400, 413, 500])
def test_too_long_a_chat_needs_a_larger_model_whatever_the_status(status: int) -> None:
    assert verdict(ResponseStatusError("long", status=status, code=TOO_LONG)) == "larger"


def test_a_rate_limit_is_no_matter_of_its_status() -> None:
    assert verdict(RateLimitError("slow down", status=403)) == "again"


def test_waits_grow_to_a_bound_and_all_of_them_is_chance() -> None:
    longest = [backoff_s(tried, roll=lambda: 1.0) for tried in range(1, 40)]

    assert longest[:5] == [0.5, 1.0, 2.0, 4.0, 8.0]
    assert all(a <= b for a, b in pairwise(longest))
    assert max(longest) == 8.0
    assert backoff_s(3, roll=lambda: 0.0) == 0.0
    assert all(0 <= backoff_s(1) <= 0.5 for _ in range(100))


def test_an_answer_that_was_rewritten_is_an_answer() -> None:
    error = ResponseError("the answer was rewritten")
    error.final_text = "what it says now"

    assert verdict(error) == "final"
