"""Which addresses may be followed."""

import pytest

from dragoman.page.markdown.addresses import host, is_picture, is_safe

GOOD = [
    "https://a.example",
    "HTTP://a.example:80/b?c#d",
    "https://[::1]/x",
    "https://a?b",
    "http://a#b",
]
BAD = [
    "",
    "/a",
    "//a.example",
    "a",
    "#a",
    "?a",
    "../a",
    "javascript:alert(1)",
    "data:image/png;base64,AA",
    "vbscript:x",
    "file:///etc/passwd",
    "https:a.example",
    "https:/a.example",
    "https://",
    "https:///a",
    "https://bank.example@evil.example",
    "https://a\\@b.example",
    "https://a.example/\\b",
    "https://a.example/ b",
    " https://a.example",
    "https://a.example\n",
    "blob:https://a.example/1",
    "mailto:",
    "mailto:/a",
    "mailto://a",
    "ftp://a.example",
    "intent://a",
    "https\t://a",
    "https://%00",
    "http://[::1",
    "https://пример.example",
    "https://a.example:x",
]


@pytest.mark.parametrize("address", GOOD)
def test_an_absolute_address_of_the_web_is_followed(address: str) -> None:
    assert is_safe(address)
    assert is_picture(address)


@pytest.mark.parametrize("address", BAD)
def test_all_else_is_not(address: str) -> None:
    assert not is_safe(address)
    assert not is_picture(address)


def test_mail_may_be_written_but_is_no_picture() -> None:
    assert is_safe("mailto:a@b.example?subject=c")
    assert not is_picture("mailto:a@b.example")


def test_the_host_is_told_with_its_port() -> None:
    assert host("https://a.example:8080/b@c") == "a.example:8080"
    assert host("mailto:a@b") == ""
