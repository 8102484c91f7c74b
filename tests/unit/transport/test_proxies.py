"""Which proxy a caller means."""

import pytest

from dragoman.errors import InputError
from dragoman.transport.proxies import choose_proxy, proxy_kind

A, B = "http://a:1", "socks5://b:1"


@pytest.mark.parametrize(
    ("proxy", "proxies", "expect"),
    [
        (None, None, None),
        (None, {}, None),
        ("", {"all": None}, None),
        (A, None, A),
        (A, {"all": A}, A),
        (None, {"http": B, "https": A}, A),
        (None, {"http": B, "https": A, "all": B}, B),
        (None, {"http": B}, B),
    ],
)
def test_the_most_general_one_wins(
    proxy: str | None, proxies: dict[str, str | None] | None, expect: str | None
) -> None:
    assert choose_proxy(proxy, proxies) == expect


def test_two_different_ones_are_refused() -> None:
    with pytest.raises(InputError):
        choose_proxy(A, {"https": B})


def test_a_kind_is_a_scheme() -> None:
    assert (proxy_kind(A), proxy_kind(B)) == ("http", "socks5")
