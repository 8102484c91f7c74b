"""What an error before the first word means for what is done next: one table.

    again    the same candidate may do better: it is asked again, at most `retries` times
    next     this candidate will not answer, another may
    larger   only a model that takes more could answer
    final    this is the answer, or the caller's own mistake: nobody else is asked

Pure. The docs print the table and the tests walk it.
"""

import random
from collections.abc import Callable, Mapping
from typing import Literal

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

__all__ = ["STATUSES", "TOO_LONG", "VERDICTS", "Verdict", "backoff_s", "verdict"]

Verdict = Literal["again", "final", "larger", "next"]

TOO_LONG = "context_length_exceeded"
"""The code of a `ResponseStatusError` that says that a chat is too long for the model."""

VERDICTS: Mapping[type[ChatError], tuple[Verdict, str]] = {
    InputError: ("next", "this provider cannot say what was asked, or is not set up"),
    ModelNotSupportedError: ("next", "the provider does not list the model"),
    MissingRequirementsError: ("next", "an optional package is missing"),
    TimeoutError: ("next", "who is silent is not asked twice"),
    TransportError: ("again", "a connection that failed or was lost"),
    HandshakeError: ("next", "what must precede the chat failed"),
    AuthError: ("next", "the key or session is not accepted"),
    ContentFilterError: ("final", "a refusal is the answer; it is never routed around"),
    StreamTruncatedError: ("again", "a stream without its end"),
    ResponseError: ("again", "a reply that makes no sense, or is empty"),
    RateLimitError: ("again", "after `Retry-After`, if it is short enough; else the next"),
    PaymentRequiredError: ("next", "the account has run out"),
    ChallengeError: ("next", "a challenge page is reported, never solved"),
}
"""By class, and why; `ResponseStatusError` goes by `STATUSES`."""

STATUSES: tuple[tuple[str, Verdict, str], ...] = (
    (TOO_LONG, "larger", "the chat is too long for the model"),
    ("5xx, 408, 425", "again", "the service's own trouble"),
    ("501 of a thing that it does not have", "next", "asking again is no help"),
    ("401, 402, 403, 404, 405", "next", "the account or the model is not there"),
    ("other 4xx", "final", "the caller's own mistake"),
)
"""What another error status means; printed in the docs."""

_GO_ON = frozenset({401, 402, 403, 404, 405, 501})
_FIRST_S = 0.5
_MOST_S = 8.0


def verdict(error: ChatError) -> Verdict:
    """What is to be done after this error, as far as its kind tells."""
    if isinstance(error, ResponseError) and error.final_text is not None:
        # It has answered, and another would answer something else.
        return "final"
    for kind in type(error).__mro__:
        if kind in VERDICTS:
            return VERDICTS[kind][0]
    if not isinstance(error, ResponseStatusError):
        return "again" if error.retryable else "next"
    if error.code == TOO_LONG:
        return "larger"
    if error.retryable:
        return "again"
    return "next" if error.status in _GO_ON else "final"


def backoff_s(tried: int, *, roll: Callable[[], float] = random.random) -> float:
    """Seconds before attempt `tried + 1`, `tried` counted from 1: anything from 0 to the curve.

    The curve is 0.5 * 2**(tried - 1), at most 8 s. All of it is chance ("full jitter"), so that
    many who failed at the same time do not come back at the same time.
    """
    curve = min(_MOST_S, _FIRST_S * 2.0 ** min(tried - 1, 16))
    return curve * roll()
