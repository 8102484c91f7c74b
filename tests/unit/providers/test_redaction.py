"""An error may quote a service, and the service may quote us: our secrets are masked."""

import pytest

from dragoman.account import Account, Secret
from dragoman.errors import AuthError, ResponseError, ResponseStatusError, excerpt
from dragoman.providers.redaction import redact, secrets_of
from dragoman.sessions.store import Facts
from dragoman.wire.http import HttpRequest, form

ACCOUNT = Account.of(
    api_key="key-of-the-account",
    cookies={"sid": "value-of-the-cookie", "lang": "en"},
    settings={"token_name": Secret("name-of-the-token"), "page_path": "/not-a-secret"},
)
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
REQUEST = HttpRequest(
    "POST",
    "http://a/chat?cache_key=key-of-the-answer&post_id=123456789",
    {**FORM, "Accept": "text/event-stream", "X-Authorization": "Bearer token-of-the-login"},
    form({"session_password": "password-of-ours", "message": "What is redaction?"}),
    {"credential": "value-of-the-station"},
)


@pytest.mark.parametrize(
    "secret",
    [
        "key-of-the-account",
        "value-of-the-cookie",
        "name-of-the-token",
        "key-of-the-answer",
        "token-of-the-login",
        "password-of-ours",
        "value-of-the-station",
    ],
)
def test_a_service_that_repeats_a_secret_does_not_tell_it_to_the_reader(secret: str) -> None:
    error = ResponseStatusError(f"401: no such key {secret}, sorry", code=f"no_{secret}")

    redact(error, secrets_of(ACCOUNT, REQUEST))

    assert error.message == "401: no such key ***, sorry"
    assert error.code == "no_***"
    assert secret not in repr(error)


def test_what_is_no_secret_stays() -> None:
    words = "en text/event-stream /not-a-secret 123456789 What is redaction?"
    error = AuthError(words)

    redact(error, secrets_of(ACCOUNT, REQUEST))

    assert error.message == words


def test_a_secret_that_an_excerpt_cut_is_masked_as_far_as_it_goes() -> None:
    secret = "0123456789" * 40
    error = ResponseError(excerpt(f"your token is {secret}"))

    redact(error, [secret])

    assert error.message == "your token is ***…"


def test_the_secrets_of_facts_are_their_secret_fields() -> None:
    class Nonce(Facts, frozen=True, kw_only=True):
        nonce: Secret
        page: str

    assert list(Nonce(nonce=Secret("SECRET"), page="/").secrets()) == ["SECRET"]
