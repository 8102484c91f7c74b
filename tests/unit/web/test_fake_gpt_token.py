"""Until when an access token is good."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.web.fake_gpt_kit import jwt

from dragoman.providers.web.fake_gpt_token import decode_exp, decode_expires, is_bearer


@pytest.mark.parametrize(
    ("token", "end"),
    [
        (jwt({"exp": 1_800_000_000}), 1_800_000_000.0),
        (jwt({"exp": 1_800_000_000.5, "sub": "me", "aud": ["a"]}), 1_800_000_000.5),
        (jwt({}), None),
        (jwt({"exp": None}), None),
        (jwt({"exp": "1800000000"}), None),
        (jwt({"exp": True}), None),
        (jwt([1]), None),
        (jwt(7), None),
        ("fk-share", None),
        ("secret", None),
        ("", None),
        ("a.b", None),
        ("a.b.c", None),
        ("a.é.c", None),
        ("a.gIA.c", None),
        ("a.eyJleHAiOjFlOTk5fQ.c", None),
    ],
)
def test_a_jwt_says_its_end_and_any_other_token_has_none(token: str, end: float | None) -> None:
    assert decode_exp(token) == end


def test_a_deeply_nested_token_has_no_known_end() -> None:
    body = b'{"x":' + b"[" * 9000 + b"]" * 9000 + b"}"

    assert decode_exp(f"a.{base64.urlsafe_b64encode(body).decode()}.c") is None


@given(st.text(st.characters(codec=None)))
def test_any_text_is_a_token_without_an_end_or_with_a_finite_one(text: str) -> None:
    end = decode_exp(text)

    assert end is None or abs(end) < float("inf")


@pytest.mark.parametrize(
    ("expires", "end"),
    [
        ("2027-01-15T08:00:00.000Z", 1_800_000_000.0),
        ("2027-01-15T08:00:00.500000", 1_800_000_000.5),
        ("2027-01-15T10:00:00+02:00", 1_800_000_000.0),
        ("2089-08-08T23:59:59.999Z", 3_774_383_999.999),
        ("0001-01-01T00:00:00+23:00", -62_135_679_600.0),
        ("never", None),
        ("", None),
        (None, None),
        (1_800_000_000, None),
    ],
)
def test_a_session_names_its_end_in_utc_unless_it_names_a_zone(
    expires: object, end: float | None
) -> None:
    assert decode_expires(expires) == end


@given(st.text(st.characters(codec=None)))
def test_any_text_is_a_time_or_none(text: str) -> None:
    end = decode_expires(text)

    assert end is None or abs(end) < float("inf")


@pytest.mark.parametrize(
    ("token", "usable"),
    [
        ("fk-share", True),
        (jwt({"exp": 1}), True),
        ("", False),
        ("two words", False),
        ("line\nX-Evil: 1", False),
        ("ключ", False),
        ("x" * 20_000, False),
        (None, False),
        (7, False),
    ],
)
def test_a_bearer_is_one_word_that_a_header_can_carry(token: object, usable: bool) -> None:
    assert is_bearer(token) is usable
