"""A head that is known by its bytes: what is taken for the same head, and what never is."""

from typing import Any, NamedTuple

import pytest

from dragoman.gateway.lane.heads import Known

# What it says is not looked at here.
HEAD: Any = object()
START = b"POST /v1/chat/completions HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer k\r\n"


def _request(size: bytes, body: bytes, behind: bytes = b"\r\n\r\n") -> bytes:
    return START + b"Content-Length: " + size + behind + body


def _known(body: bytes = b"{}") -> Known:
    known = Known.of(HEAD, _request(b"2", body), body)
    assert known is not None
    return known


def test_a_request_that_differs_in_its_length_alone_is_known() -> None:
    body = b'{"model":"m"}'

    assert _known().body_of(_request(b"13", body)) == body


class Case(NamedTuple):
    name: str
    read: bytes


@pytest.mark.parametrize(
    "case",
    [
        Case("another key", _request(b"2", b"{}").replace(b"Bearer k", b"Bearer l")),
        Case("one header more", _request(b"2", b"{}", b"\r\nX-A: b\r\n\r\n")),
        Case("less than the body", _request(b"3", b"{}")),
        Case("more than the body", _request(b"2", b"{}P")),
        Case("two requests", _request(b"2", b"{}") * 2),
        Case("a length that is none", _request(b"+2", b"{}")),
        Case("no length", _request(b"", b"{}")),
        Case("digits that are no ASCII", _request("²".encode(), b"{}")),
        Case("a very long length", _request(b"0000000002", b"{}")),
        Case("a head that has not ended", START + b"Content-Length: 2"),
    ],
    ids=lambda case: case.name,
)
def test_what_differs_in_anything_else_is_not(case: Case) -> None:
    """It is the parser's to say what it is."""
    assert _known().body_of(case.read) is None


@pytest.mark.parametrize(
    ("read", "body"),
    [
        (_request(b"2", b"{}") * 2, b"{}"),
        (START + b"\r\n{}", b"{}"),
        (b"", b"{}"),
    ],
    ids=["two requests", "no length", "it came in pieces"],
)
def test_only_one_whole_request_makes_a_head_known(read: bytes, body: bytes) -> None:
    assert Known.of(HEAD, read, body) is None
