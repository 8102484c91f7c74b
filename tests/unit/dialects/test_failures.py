"""The status of an error at a face, how long to wait, and its words."""

import math

import pytest

from dragoman.dialects.failures import (
    cut_off,
    failure_headers,
    failure_message,
    failure_status,
)
from dragoman.errors import (
    AuthError,
    ChallengeError,
    ChatError,
    ContentFilterError,
    HandshakeError,
    InputError,
    MissingRequirementsError,
    ModelNotSupportedError,
    PaymentRequiredError,
    RateLimitError,
    ResponseError,
    ResponseStatusError,
    StreamTruncatedError,
    TimeoutError,
    TransportError,
)

STATUSES: list[tuple[ChatError, int]] = [
    (InputError("x"), 400),
    (ModelNotSupportedError("x"), 404),
    (AuthError("x"), 401),
    (ContentFilterError("x"), 400),
    (TimeoutError("x"), 504),
    (MissingRequirementsError("x"), 501),
    (RateLimitError("x"), 429),
    (PaymentRequiredError("x"), 402),
    (ResponseStatusError("x", status=418), 418),
    (ResponseStatusError("x", status=599), 599),
    (ResponseStatusError("x", status=302), 502),
    (ResponseStatusError("x", status=600), 502),
    (ChallengeError("x", status=403), 403),
    (ResponseError("x"), 502),
    (StreamTruncatedError("x"), 502),
    (TransportError("x"), 502),
    (HandshakeError("x"), 502),
    (ChatError("x"), 502),
]


@pytest.mark.parametrize(("error", "status"), STATUSES, ids=lambda value: repr(value))
def test_a_providers_own_status_is_passed_on_else_that_of_the_kind(
    error: ChatError, status: int
) -> None:
    assert failure_status(error) == status


@pytest.mark.parametrize(
    ("wait", "headers"),
    [
        (None, {}),
        (0.0, {"retry-after": "0"}),
        (1.2, {"retry-after": "2"}),
        (-3.0, {"retry-after": "0"}),
        (math.inf, {}),
        (math.nan, {}),
    ],
)
def test_the_wait_is_told_in_whole_seconds(wait: float | None, headers: dict[str, str]) -> None:
    assert failure_headers(RateLimitError("x", retry_after=wait)) == headers


def test_other_errors_tell_no_wait() -> None:
    assert failure_headers(ResponseError("x")) == {}


def test_the_words_are_the_error_and_what_to_do_now() -> None:
    error = AuthError("no key").located(provider="p", host="h", step="chat")
    assert failure_message(error) == "p at h: chat: no key"

    error.hint = "Set one"
    assert failure_message(error) == "p at h: chat: no key. Set one"


@pytest.mark.parametrize(
    ("rest", "words"), [(b"", "sign"), (b" \n", "sign"), (b"oops", "sign; in it stood 'oops'")]
)
def test_a_cut_stream_shows_what_stood_in_it(rest: bytes, words: str) -> None:
    assert str(cut_off(rest)) == f"the stream ended without its end {words}"
