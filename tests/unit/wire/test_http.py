"""Requests and replies as values: what they show, and a body that is no JSON."""

import pytest

from dragoman.errors import ResponseError
from dragoman.wire.http import HttpReply, HttpRequest, ReplyHead, form, json_request, origin

URL = "https://site.test/path"


def reply(body: bytes, media_type: str = "application/json") -> HttpReply:
    return HttpReply(ReplyHead(200, {"content-type": media_type}, URL), body)


def test_no_secret_is_in_a_repr() -> None:
    request = HttpRequest("POST", f"{URL}?key=s3", {"Cookie": "s3"}, b"s3", {"sid": "s3"})
    head = ReplyHead(200, {"set-cookie": "s3"}, f"{URL}?key=s3", "OK", {"sid": "s3"})

    assert repr(request) == f"HttpRequest(POST {URL})"
    assert repr(head) == f"ReplyHead(200 {URL})"
    assert repr(HttpReply(head, b"s3")) == "HttpReply(200, 2 bytes)"


@pytest.mark.parametrize(
    ("header", "media_type"),
    [
        ("application/json", "application/json"),
        ("Text/HTML ; charset=utf-8", "text/html"),
        ("", ""),
    ],
)
def test_a_media_type_has_no_parameters(header: str, media_type: str) -> None:
    assert ReplyHead(200, {"content-type": header}, URL).media_type == media_type


def test_a_reply_without_content_type_has_no_media_type() -> None:
    assert ReplyHead(200, {}, URL).media_type == ""


def test_json_is_read_whatever_its_content_type_says() -> None:
    assert reply(b' {"a": [1, null]} ', "text/html").json() == {"a": [1, None]}


@pytest.mark.parametrize(
    ("body", "media_type", "words"),
    [
        (b"", "application/json", "an empty reply where JSON was due"),
        (b" \r\n", "text/html", "an empty reply where JSON was due"),
        (b"<html>no</html>", "text/html", "HTML that is not JSON: '<html>no</html>'"),
        (b"0", "", None),
        (b"-", "", "a reply that is not JSON: '-'"),
        (b'{"a": ', "application/json", "a reply of broken JSON, 6 bytes"),
        (b'"\xff"', "application/json", "a reply that is not JSON"),
        (b"[" * 100_000, "application/json", "a reply of broken JSON, 100000 bytes"),
    ],
)
def test_a_body_that_is_no_json_says_what_it_is(
    body: bytes, media_type: str, words: str | None
) -> None:
    if words is None:
        assert reply(body, media_type).json() == 0
        return

    with pytest.raises(ResponseError, match=words) as caught:
        reply(body, media_type).json()

    assert len(str(caught.value)) < 300


def test_a_value_is_posted_as_json() -> None:
    request = json_request(URL, {"a": "é"}, {"Accept": "text/event-stream"})

    assert request == HttpRequest(
        "POST",
        URL,
        {"Content-Type": "application/json", "Accept": "text/event-stream"},
        '{"a":"é"}'.encode(),
    )
    assert json_request(URL, []).headers == {"Content-Type": "application/json"}


def test_form_fields_are_utf_8() -> None:
    assert form({"a b": "é&=", "c": ""}) == b"a+b=%C3%A9%26%3D&c="


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://Site.Test/a?b", "https://site.test:443"),
        ("http://site.test", "http://site.test:80"),
        ("http://site.test:8080/", "http://site.test:8080"),
        ("https://[::1]/", "https://::1:443"),
        ("ftp:nothing", "ftp://:0"),
    ],
)
def test_an_origin_is_scheme_host_and_port(url: str, expected: str) -> None:
    assert origin(url) == expected


def test_broken_json_is_not_quoted() -> None:
    """The reply of a login that breaks off holds the token that it was asked for."""
    broken = reply(b'{"accessToken": "SECRET", "expires": ')

    with pytest.raises(ResponseError) as caught:
        broken.json()

    assert "SECRET" not in repr(caught.value)
