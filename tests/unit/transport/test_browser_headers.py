"""A browser's name, and nothing of its fingerprint."""

import pytest

from dragoman.errors import InputError
from dragoman.transport.browser_headers import browser_headers


@pytest.mark.parametrize(
    ("name", "word"),
    [
        ("chrome", "Chrome/131.0"),
        ("chrome110", "Chrome/110.0"),
        ("chrome99_android", "Chrome/99.0"),
        ("edge101", "Edg/101.0"),
        ("firefox", "Firefox/133.0"),
        ("safari15_5", "Version/15.0"),
    ],
)
def test_a_browser_names_itself(name: str, word: str) -> None:
    headers = browser_headers(name)

    assert word in headers["User-Agent"]
    assert sorted(headers) == ["Accept-Language", "User-Agent"]


def test_nobody_is_nobody() -> None:
    assert browser_headers(None) == {}


def test_an_unknown_browser_is_refused() -> None:
    with pytest.raises(InputError, match="known are"):
        browser_headers("lynx2")
