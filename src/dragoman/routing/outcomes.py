"""What an error says of the health of the service that it came from: one table.

    failed    the service, or the way to it, does not work; counts for the breaker
    limited   it works, and wants fewer requests
    denied    it works, and does not let this account in
    refused   it works, and this one request is not for it

Pure. The docs print the table and the tests walk it.
"""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Literal, TypeAlias, get_args

from dragoman.errors import (
    AuthError,
    ChatError,
    ContentFilterError,
    InputError,
    ModelNotSupportedError,
    PaymentRequiredError,
    RateLimitError,
    ResponseStatusError,
)
from dragoman.routing.verdicts import TOO_LONG

__all__ = ["OUTCOMES", "OUTCOME_NAMES", "Outcome", "outcome_of"]

Outcome: TypeAlias = Literal["ok", "failed", "limited", "denied", "refused", "lost"]

OUTCOME_NAMES: tuple[Outcome, ...] = get_args(Outcome)

OUTCOMES: Mapping[Outcome, str] = {
    "ok": "A whole answer.",
    "failed": "No connection, a time limit, a handshake or challenge, a 5xx, a reply that makes "
    "no sense or has no end: counts for the breaker.",
    "limited": "A 429 or a used-up quota.",
    "denied": "The key or session is not accepted, or the account must pay.",
    "refused": "The caller's own: another 4xx, a refused text, a chat that is too long.",
    "lost": "Nobody waited for it: another one was quicker, or the caller went.",
}
"""What can come of an attempt; printed in the docs."""

_REFUSED = (ContentFilterError, InputError, ModelNotSupportedError)
_DENIED = (AuthError, PaymentRequiredError)
# 501 is how this package itself says that a service has no such thing.
_NOT_HERE = frozenset({HTTPStatus.NOT_IMPLEMENTED})


def outcome_of(error: ChatError) -> Outcome:
    """What came of an attempt that ended in this error."""
    if isinstance(error, _REFUSED):
        return "refused"
    if isinstance(error, _DENIED):
        return "denied"
    if isinstance(error, RateLimitError):
        return "limited"
    if type(error) is ResponseStatusError and not _is_own_trouble(error):
        return "refused"
    return "failed"


def _is_own_trouble(error: ResponseStatusError) -> bool:
    if error.code == TOO_LONG or error.status in _NOT_HERE:
        return False
    return error.retryable or not 400 <= error.status < 500
