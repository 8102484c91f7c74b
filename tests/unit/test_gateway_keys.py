"""Keys: any of the ways in which a dialect sends one, compared by digest; who may ask what."""

import hmac
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dragoman.errors import AuthError, ChatError, InputError, ResponseStatusError
from dragoman.gateway_keys import GatewayKeyError, KeyRing, check_address
from dragoman.gateway_settings import GatewayKey, GatewaySettings, digest_of

ONE = GatewayKey(name="one", digest=digest_of("sk-one"))
TWO = GatewayKey(name="two", digest=digest_of("sk-two"), models=("openai/*",))
RING = KeyRing((ONE, TWO))


@pytest.mark.parametrize(
    ("headers", "query_key"),
    [
        ({"authorization": "Bearer sk-two"}, None),
        ({"authorization": "bearer   sk-two "}, None),
        ({"x-api-key": "sk-two"}, None),
        ({"x-goog-api-key": "sk-two"}, None),
        ({}, "sk-two"),
        ({"authorization": "Bearer unused", "x-api-key": "sk-two"}, None),
        ({"authorization": "Bearer sk-two", "x-api-key": "unused"}, "unused"),
    ],
)
def test_a_key_is_taken_wherever_a_dialect_has_it(
    headers: Mapping[str, str], query_key: str | None
) -> None:
    assert RING.check(headers, query_key) is TWO


@pytest.mark.parametrize(
    ("headers", "query_key"),
    [
        ({"authorization": "Bearer sk-on"}, None),
        ({"authorization": "Bearer sk-one1"}, None),
        ({"authorization": "Bearer SK-ONE"}, None),
        ({"x-api-key": "sk-one "}, None),
        ({"x-goog-api-key": "s\xe9cret \udc80"}, None),
        ({"x-api-key": f"sha256:{ONE.digest.hex()}"}, None),
        ({"x-api-key": ONE.digest.hex()}, None),
        ({}, "sk-one,sk-two"),
    ],
)
def test_another_key_opens_nothing(headers: Mapping[str, str], query_key: str | None) -> None:
    """A digest is not a key: who reads the configuration cannot come in with what it says."""
    with pytest.raises(GatewayKeyError, match="does not open this gateway"):
        RING.check(headers, query_key)


@pytest.mark.parametrize(
    ("headers", "query_key"),
    [
        ({}, None),
        ({"authorization": "", "x-api-key": "", "x-goog-api-key": ""}, ""),
        ({"authorization": "Bearer "}, None),
        ({"authorization": "Basic sk-one"}, None),
        ({"authorization": "sk-one"}, None),
    ],
)
def test_no_key_is_said_apart_from_a_wrong_one(
    headers: Mapping[str, str], query_key: str | None
) -> None:
    with pytest.raises(GatewayKeyError, match="wants a key"):
        RING.check(headers, query_key)


def test_the_error_is_told_from_a_providers_own() -> None:
    with pytest.raises(AuthError) as caught:
        RING.check({"x-api-key": "s3cr3t"}, None)

    error: ChatError = caught.value
    assert isinstance(error, GatewayKeyError)
    assert (error.status, error.code) == (401, "invalid_gateway_key")
    assert not error.retryable
    assert "s3cr3t" not in str(error)


def test_where_no_keys_are_configured_none_is_asked_for() -> None:
    assert KeyRing().check({"x-api-key": "anything"}, None) is None


@given(st.text())
def test_any_text_is_a_key_or_a_gateway_key_error(text: str) -> None:
    try:
        assert RING.check({"x-api-key": text}, text) in {ONE, TWO}
    except GatewayKeyError:
        assert text not in {"sk-one", "sk-two"}


def test_the_time_says_nothing_about_a_key(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every pair is compared, by a comparison of constant time, whichever fits."""
    compared: list[tuple[bytes, bytes]] = []
    constant_time = hmac.compare_digest

    def compare(ours: bytes, theirs: bytes) -> bool:
        compared.append((ours, theirs))
        return constant_time(ours, theirs)

    monkeypatch.setattr(hmac, "compare_digest", compare)

    RING.check({"authorization": "Bearer sk-one", "x-api-key": "sk-two"}, None)

    given_digests = [ONE.digest, TWO.digest]
    assert compared == [(key.digest, theirs) for key in (ONE, TWO) for theirs in given_digests]


def test_a_key_is_found_by_its_name() -> None:
    key = GatewayKey(name="phone", digest=b"")
    ring = KeyRing([GatewayKey(name="other", digest=b"x"), key])

    assert ring.named("phone") is key
    assert ring.named("nobody") is None


def test_a_ring_shows_no_key() -> None:
    assert "sk-" not in repr(vars(RING))


@pytest.mark.parametrize("key", [None, ONE, TWO])
def test_a_key_may_ask_its_models(key: GatewayKey | None) -> None:
    RING.may(key, "openai/gpt-4o")


def test_a_key_may_not_ask_another_model() -> None:
    with pytest.raises(ResponseStatusError, match=r"the key two may not ask local/a b") as caught:
        RING.may(TWO, "local/a\nb")

    assert (caught.value.status, caught.value.code) == (403, "model_not_allowed")
    assert not caught.value.retryable


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.9.1", "::1", "localhost", "LocalHost"])
def test_this_machine_needs_no_keys(host: str) -> None:
    check_address(GatewaySettings(host=host))


EVERYWHERE = "0.0.0.0"  # noqa: S104 - nothing is bound


@pytest.mark.parametrize(
    "host", ["", EVERYWHERE, "::", "10.0.0.1", "192.168.1.2", "example.org", "localhost.example"]
)
def test_any_other_address_does(host: str) -> None:
    with pytest.raises(InputError, match=r"add keys = \[\"env:NAME\"\]"):
        check_address(GatewaySettings(host=host))

    check_address(GatewaySettings(host=host, keys=(ONE,)))
