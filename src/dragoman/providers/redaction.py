"""Keeps our own secrets out of errors that quote a service.

A service may repeat what it was sent: a page for debugging shows the request's headers, a refusal
names the key. An excerpt may end in the middle of a secret, so its beginning is masked, too.
"""

import itertools
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from urllib.parse import parse_qsl, urlsplit

from dragoman.account import Account, Secret
from dragoman.errors import ChatError, ResponseStatusError
from dragoman.wire.http import HttpRequest

__all__ = ["MASK", "redact", "secrets_of"]

MASK = "***"

# What is shorter is found in ordinary words.
_MIN_CHARS = 6
_BEGINNING_CHARS = 8
_SECRET_FIELD = re.compile(r"nonce|password|token|key", re.IGNORECASE)
_OPEN_HEADERS = frozenset(
    {
        "accept",
        "accept-encoding",
        "accept-language",
        "anthropic-beta",
        "anthropic-version",
        "cache-control",
        "connection",
        "content-type",
        "user-agent",
    }
)


def secrets_of(account: Account, request: HttpRequest | None = None) -> Iterator[str]:
    """What the account and a request hold that no message may show."""
    if account.api_key is not None:
        yield account.api_key.reveal()
    yield from account.cookie_values().values()
    yield from (value.reveal() for _, value in account.settings if isinstance(value, Secret))
    if request is not None:
        yield from request.cookies.values()
        yield from _of_headers(request.headers)
        yield from _of_fields(urlsplit(request.url).query)
        if request.headers.get("Content-Type") == "application/x-www-form-urlencoded":
            yield from _of_fields(request.body.decode("ascii", "replace"))


def redact(error: ChatError, secrets: Iterable[str]) -> None:
    """Mask these secrets wherever the error's words hold one, or the beginning of one."""
    found = sorted({text for text in secrets if len(text) >= _MIN_CHARS}, key=len, reverse=True)
    before = error.message
    error.message = _masked(before, found)
    if isinstance(error, ResponseStatusError) and error.code:
        error.code = _masked(error.code, found)
    if error.message != before:
        # They are what `repr` shows.
        error.args = (error.message,)


def _of_headers(headers: Mapping[str, str]) -> Iterator[str]:
    for name, value in headers.items():
        if name.lower() not in _OPEN_HEADERS:
            # "Bearer TOKEN", or the token alone.
            yield value.rpartition(" ")[2]


def _of_fields(form: str) -> Iterator[str]:
    for name, value in parse_qsl(form):
        if _SECRET_FIELD.search(name):
            yield value


def _masked(text: str, secrets: Sequence[str]) -> str:
    # The whole ones first: secrets of one kind often begin alike.
    for secret in secrets:
        text = text.replace(secret, MASK)
    for secret in secrets:
        text = _without_beginning(text, secret)
    return text


def _without_beginning(text: str, secret: str) -> str:
    at = text.find(secret[:_BEGINNING_CHARS])
    while at >= 0:
        shared = zip(text[at:], secret, strict=False)
        length = sum(1 for _ in itertools.takewhile(lambda pair: pair[0] == pair[1], shared))
        text = text[:at] + MASK + text[at + length :]
        at = text.find(secret[:_BEGINNING_CHARS], at + len(MASK))
    return text
