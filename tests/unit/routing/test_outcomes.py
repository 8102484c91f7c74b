"""Which errors count against a service, and which only against the request."""

import pytest

from dragoman import errors
from dragoman.errors import ChatError, ResponseStatusError
from dragoman.routing.outcomes import OUTCOME_NAMES, OUTCOMES, Outcome, outcome_of
from dragoman.routing.verdicts import TOO_LONG

CASES: list[tuple[ChatError, Outcome]] = [
    (errors.TransportError("no connection"), "failed"),
    (errors.TimeoutError("silent"), "failed"),
    (errors.HandshakeError("no nonce"), "failed"),
    (errors.ResponseError("nonsense"), "failed"),
    (errors.StreamTruncatedError("cut"), "failed"),
    (errors.ChallengeError("a challenge", status=403), "failed"),
    (errors.MissingRequirementsError("no engine"), "failed"),
    (ResponseStatusError("broken", status=500), "failed"),
    (ResponseStatusError("busy", status=503), "failed"),
    (ResponseStatusError("late", status=408), "failed"),
    (ResponseStatusError("elsewhere", status=302), "failed"),
    (errors.RateLimitError("slow down"), "limited"),
    (errors.AuthError("who?"), "denied"),
    (errors.PaymentRequiredError("pay"), "denied"),
    (errors.ContentFilterError("no"), "refused"),
    (errors.InputError("wrong"), "refused"),
    (errors.ModelNotSupportedError("unknown"), "refused"),
    (ResponseStatusError("wrong", status=400), "refused"),
    (ResponseStatusError("gone", status=404), "refused"),
    (ResponseStatusError("too long", status=400, code=TOO_LONG), "refused"),
    (ResponseStatusError("too long", status=500, code=TOO_LONG), "refused"),
    (ResponseStatusError("no embeddings", status=501), "refused"),
]


@pytest.mark.parametrize(("error", "expected"), CASES, ids=lambda value: repr(value)[:40])
def test_an_error_says_this_of_its_service(error: ChatError, expected: Outcome) -> None:
    assert outcome_of(error) == expected


def test_every_outcome_is_told_of() -> None:
    assert tuple(OUTCOMES) == OUTCOME_NAMES
    assert {outcome for _, outcome in CASES} == set(OUTCOME_NAMES) - {"ok", "lost"}
