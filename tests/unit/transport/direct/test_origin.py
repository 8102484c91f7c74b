"""Where requests go, and that nothing in a head can become another request."""

import ssl

import pytest

from dragoman.errors import InputError
from dragoman.transport.direct.origin import Origin, framed, repeatable, request_head

PLAIN = Origin("service.example", 80)


@pytest.mark.parametrize(
    ("url", "host", "port", "authority"),
    [
        ("http://service.example/v1", "service.example", 80, "service.example"),
        ("http://service.example:8080", "service.example", 8080, "service.example:8080"),
        ("https://service.example", "service.example", 443, "service.example"),
        ("https://service.example:80", "service.example", 80, "service.example:80"),
        ("http://[::1]:9/", "::1", 9, "[::1]:9"),
        ("http://bücher.example", "xn--bcher-kva.example", 80, "xn--bcher-kva.example"),
    ],
)
def test_an_address_says_its_origin(url: str, host: str, port: int, authority: str) -> None:
    origin = Origin.of(url)

    assert (origin.host, origin.port, origin.authority) == (host, port, authority)
    assert (origin.tls is not None) == url.startswith("https")


def test_equal_addresses_are_one_origin() -> None:
    assert Origin.of("https://a.example/x") == Origin.of("https://a.example:443/y")
    assert Origin.of("https://a.example") != Origin.of("http://a.example:443")
    other = ssl.create_default_context()
    assert Origin.of("https://a.example") != Origin.of("https://a.example", verify=other)


def test_what_is_no_address_is_refused() -> None:
    with pytest.raises(InputError):
        Origin.of("ftp://service.example")


def test_a_head_holds_what_every_request_needs() -> None:
    head = request_head("POST", "/v1/chat?x=1", PLAIN, {"X-Key": "k", "Accept": "text/plain"})

    line, *fields = head.decode().split("\r\n")
    assert line == "POST /v1/chat?x=1 HTTP/1.1"
    assert fields.pop() == ""
    said = dict(field.split(": ", 1) for field in fields)
    assert said.pop("user-agent").startswith("dragoman/")
    assert said == {
        "host": "service.example",
        "accept": "text/plain",
        "x-key": "k",
        "accept-encoding": "identity",
    }


def test_host_and_user_agent_may_be_given() -> None:
    head = request_head("GET", "/", PLAIN, {"Host": "other.example", "User-Agent": "me"})

    assert head.count(b"host: other.example\r\n") == 1
    assert head.count(b"user-agent: me\r\n") == 1


@pytest.mark.parametrize("method", ["", "HEAD", "CONNECT", "GET /", "GET\r\n"])
def test_methods_that_cannot_be_sent_are_refused(method: str) -> None:
    with pytest.raises(InputError, match="method"):
        request_head(method, "/", PLAIN)


@pytest.mark.parametrize("target", ["", "/a b", "/a\r\nX: y", "/ä", "/\x7f"])
def test_a_path_cannot_become_another_line(target: str) -> None:
    with pytest.raises(InputError, match="path"):
        request_head("GET", target, PLAIN)


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("X-A", "SECRET\r\nX-B: c", "x-a"),
        ("X-A", "SECRET\0", "x-a"),
        ("X-A", "SECRET€", "x-a"),
        ("X A", "SECRET", "name"),
        ("", "SECRET", "name"),
        ("Content-Length", "3", "content-length"),
        ("Transfer-Encoding", "chunked", "transfer-encoding"),
        ("Connection", "close", "connection"),
        ("Accept-Encoding", "gzip", "accept-encoding"),
    ],
)
def test_a_header_cannot_become_another_or_frame_the_request(
    name: str, value: str, words: str
) -> None:
    with pytest.raises(InputError, match=words) as caught:
        request_head("POST", "/", PLAIN, {name: value})

    assert "SECRET" not in str(caught.value)


@pytest.mark.parametrize(
    ("method", "body", "expect"),
    [
        ("POST", b"abc", b"content-length: 3\r\n\r\nabc"),
        ("POST", b"", b"content-length: 0\r\n\r\n"),
        ("GET", b"", b"\r\n"),
        ("GET", b"a", b"content-length: 1\r\n\r\na"),
        ("DELETE", b"", b"\r\n"),
        ("PUT", b"", b"content-length: 0\r\n\r\n"),
    ],
)
def test_a_request_is_framed_by_its_body(method: str, body: bytes, expect: bytes) -> None:
    head = request_head(method, "/", PLAIN)

    assert framed(head, body) == head + expect


@pytest.mark.parametrize(
    ("method", "expect"), [("GET", True), ("PUT", True), ("POST", False), ("PATCH", False)]
)
def test_a_post_is_never_repeated(method: str, expect: bool) -> None:
    assert repeatable(request_head(method, "/", PLAIN)) is expect
