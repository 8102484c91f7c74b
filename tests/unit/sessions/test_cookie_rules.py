"""Which cookie goes where."""

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dragoman.sessions.cookie_jar import MAX_COOKIES, CookieJar
from dragoman.sessions.cookie_rules import (
    Cookie,
    cookie_fault,
    cookies_for,
    decode_set_cookie,
    named_values,
)

NOW = 1_800_000_000.0
URL = "https://a.example.org/dir/page"


@dataclass(frozen=True)
class Case:
    about: str
    url: str
    sent: bool
    cookie: Cookie


def cookie(**fields: object) -> Cookie:
    return Cookie(name="sid", value="1", **fields)  # type: ignore[arg-type]  # a table of fields


CASES = [
    Case("its own host", URL, True, cookie(domain="a.example.org")),
    Case("a parent domain", URL, True, cookie(domain="example.org")),
    Case("a parent's host-only cookie", URL, False, cookie(domain="example.org", host_only=True)),
    Case("its own host-only cookie", URL, True, cookie(domain="a.example.org", host_only=True)),
    Case("a child's cookie", URL, False, cookie(domain="b.a.example.org")),
    Case("a name that ends alike", URL, False, cookie(domain="ample.org")),
    Case("upper case in the address", "https://A.Example.ORG/", True, cookie(domain="example.org")),
    Case("no domain", URL, True, cookie()),
    Case("an address of numbers", "http://10.0.0.1/", True, cookie(domain="10.0.0.1")),
    Case("the end of an address of numbers", "http://10.0.0.1/", False, cookie(domain="0.0.1")),
    Case("a path above", URL, True, cookie(path="/dir")),
    Case("a path above with a slash", URL, True, cookie(path="/dir/")),
    Case("a path that begins alike", URL, False, cookie(path="/di")),
    Case("a path below", URL, False, cookie(path="/dir/page/x")),
    Case("Secure on https", URL, True, cookie(secure=True)),
    Case("Secure on http", "http://a.example.org/", False, cookie(secure=True)),
    Case("not yet expired", URL, True, cookie(expires_at=NOW + 1)),
    Case("just expired", URL, False, cookie(expires_at=NOW)),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.about)
def test_a_cookie_is_sent_to_whom_it_belongs(case: Case) -> None:
    assert cookies_for([case.cookie], case.url, NOW) == ({"sid": "1"} if case.sent else {})


def test_of_equal_names_the_nearest_wins() -> None:
    near = Cookie(name="sid", value="near", domain="a.example.org")
    far = Cookie(name="sid", value="far", domain="example.org", path="/dir")

    assert cookies_for([near, far], URL, NOW) == cookies_for([far, near], URL, NOW)
    assert cookies_for([far, near], URL, NOW) == {"sid": "near"}


SET = [
    ("sid=1", cookie(domain="a.example.org", host_only=True, path="/dir")),
    (" sid = 1 ; Path = / ", cookie(domain="a.example.org", host_only=True)),
    ("sid=1; domain=.Example.org; path=/; SECURE", cookie(domain="example.org", secure=True)),
    ("sid=1; Domain=a.example.org; Path=/", cookie(domain="a.example.org")),
    (
        "sid=1; Path=/; Max-Age=60; Expires=Thu, 01 Jan 1970 00:00:00 GMT",
        cookie(domain="a.example.org", host_only=True, expires_at=NOW + 60),
    ),
    (
        "sid=1; Path=/; Expires=Fri, 15-Jan-2027 08:00:00 GMT",
        cookie(domain="a.example.org", host_only=True, expires_at=NOW),
    ),
    (
        "sid=1; Path=/; Max-Age=soon; Expires=never",
        cookie(domain="a.example.org", host_only=True),
    ),
    (
        "sid=1; Path=/; Max-Age=" + "9" * 400,
        cookie(domain="a.example.org", host_only=True),
    ),
    (
        "sid=1; Path=/; Expires=Fri, 31 Foo 99999",
        cookie(domain="a.example.org", host_only=True),
    ),
    ("sid=1; Domain=b.example.org", None),
    ("sid=1; Domain=org", None),
    ("sid=1; Domain=evil.example", None),
    ("sid", None),
    ("=1", None),
    ("", None),
]


@pytest.mark.parametrize(("header", "expect"), SET, ids=[header or "empty" for header, _ in SET])
def test_a_set_cookie_header_is_read_by_the_standard(header: str, expect: Cookie | None) -> None:
    assert decode_set_cookie(header, URL, NOW) == expect


def test_an_address_of_numbers_sets_no_domain() -> None:
    assert decode_set_cookie("sid=1; Domain=0.0.1", "http://10.0.0.1/", NOW) is None


@given(
    header=st.text(max_size=200), url=st.sampled_from([URL, "http://localhost", "http://[::1]/"])
)
def test_any_header_is_a_cookie_or_none(header: str, url: str) -> None:
    found = decode_set_cookie(header, url, NOW)

    assert found is None or found.name


def test_named_values_leave_removed_cookies_out() -> None:
    headers = ["a=1; Domain=x.y", "b=2", "b=; Max-Age=-1", "c=3; Max-Age=0", "a=4"]

    assert named_values(headers, NOW) == {"a": "4"}


@pytest.mark.parametrize(
    ("name", "value", "good"),
    [
        ("sid", 'a b"c,{}\t=ä', True),
        ("sid", "", True),
        ("", "1", False),
        ("a b", "1", False),
        ("a;b", "1", False),
        ("sid", "SECRET\r\nX: 1", False),
        ("sid", "SECRET;b=2", False),
        ("sid", "SECRET\ud800", False),
    ],
)
def test_what_no_header_can_carry_is_named_without_its_value(
    name: str, value: str, good: bool
) -> None:
    fault = cookie_fault(name, value)

    assert (fault is None) == good
    assert "SECRET" not in (fault or "")


def test_no_value_is_in_a_repr() -> None:
    jar = CookieJar()
    jar.take([(URL, "sid=SECRET")], NOW)

    assert "SECRET" not in repr(Cookie(name="sid", value="SECRET")) + repr(jar)


def test_a_jar_keeps_what_is_set_and_forgets_what_is_removed() -> None:
    jar = CookieJar()

    jar.take([(URL, "a=1; Path=/"), (URL, "b=2; Path=/"), (URL, "evil=1; Domain=c.d")], NOW)
    jar.take([(URL, "a=; Path=/; Max-Age=0"), (URL, "b=3; Path=/")], NOW)

    assert jar.cookies_for(URL, NOW) == {"b": "3"}
    assert jar.cookies_for("https://example.org/", NOW) == {}


def test_a_jar_has_an_end() -> None:
    jar = CookieJar()

    jar.take(((URL, f"c{number}=1; Path=/") for number in range(MAX_COOKIES + 5)), NOW)

    assert len(jar) == MAX_COOKIES
    assert "c4" not in jar.cookies_for(URL, NOW)


@pytest.mark.parametrize("header", ["sid=\x01", "s id=1", "sid=\udcff", "\xe9=1"])
def test_a_cookie_that_no_header_can_carry_is_passed_over(header: str) -> None:
    """A server that sets one must not stop the next request."""
    assert named_values([header, "good=1"], NOW) == {"good": "1"}
    assert decode_set_cookie(header, "http://a.example/", NOW) is None
