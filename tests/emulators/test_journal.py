"""The journal shows every request as it was read, in order."""

import time
from typing import NamedTuple

import pytest
from tests.emulators.wire import aichat, exchange, post_json, request

from dragoman import emulators


async def test_an_entry_has_what_was_sent() -> None:
    before = time.time()
    async with emulators.run("aichat") as emulator:
        sent = aichat("hé", "X-Note: Über").replace(b"/api/text", b"/api/text?a=1&b=x%20y")
        await exchange(emulator.url, sent)

        (entry,) = emulator.journal

        assert (entry["method"], entry["path"]) == ("POST", "/api/text")
        assert entry["query"] == {"a": "1", "b": "x y"}
        assert entry["headers"]["cookie"] == "cf_clearance=let-me-in"
        assert entry["headers"]["x-note"] == "Über"
        assert entry["body"]["message"] == "hé"
        assert entry["complaints"] == []
        assert before <= entry["time"] <= time.time()


async def test_http_shows_the_same_list_and_empties_it() -> None:
    async with emulators.run("fakegpt") as emulator:
        for path in ("/api/loads?t=1", "/api/auth/session", "/nowhere"):
            await exchange(emulator.url, request("GET", path))

        shown = (await exchange(emulator.url, request("GET", "/_emulator/journal"))).json()

        assert shown == emulator.journal
        assert [entry["path"] for entry in shown] == ["/api/loads", "/api/auth/session", "/nowhere"]
        assert [entry["body"] for entry in shown] == [None] * 3

        await exchange(emulator.url, request("DELETE", "/_emulator/journal"))

        assert emulator.journal == []


class Case(NamedTuple):
    name: str
    content_type: str
    body: bytes
    shown: object
    complaint: str = ""


FORM = "application/x-www-form-urlencoded"
MULTIPART = (
    b'--b\r\nContent-Disposition: form-data; name="message"\r\n\r\nh\xc3\xa9\r\n--b\r\n'
    b'Content-Disposition: form-data; name="image"; filename="a.png"\r\n\r\n123\r\n--b--\r\n'
)
BODIES = [
    Case("a form", FORM, b"a=1&b=x+y%C3%A9&c=", {"a": "1", "b": "x yé", "c": ""}),
    Case("JSON", "application/json; charset=utf-8", b'{"a": [1]}', {"a": [1]}),
    Case("text", "text/plain", b"hello", "hello"),
    Case("broken JSON", "application/json", b'{"a"', '{"a"', "no JSON"),
    Case("a form that is no UTF-8", FORM, b"a=\xff", "a=\ufffd", "no valid UTF-8"),
    Case("a form with octets that are no UTF-8", FORM, b"a=%FF", "a=%FF", "no valid UTF-8"),
    Case(
        "multipart",
        "multipart/form-data; boundary=b",
        MULTIPART,
        {"message": "hé", "image": {"filename": "a.png", "size_bytes": 3}},
    ),
]


@pytest.mark.parametrize("case", BODIES, ids=lambda case: case.name)
async def test_a_body_is_parsed_by_its_type(case: Case) -> None:
    async with emulators.run("fakegpt") as emulator:
        sent = request("POST", "/else", f"Content-Type: {case.content_type}", body=case.body)
        await exchange(emulator.url, sent)

        (entry,) = emulator.journal

        assert entry["body"] == case.shown
        assert case.complaint in "".join(entry["complaints"])
        assert bool(entry["complaints"]) == bool(case.complaint)


async def test_a_large_body_and_a_long_query_are_taken() -> None:
    async with emulators.run("fakegpt") as emulator:
        await exchange(emulator.url, post_json("/else", "x" * 3_000_000))
        await exchange(emulator.url, request("GET", "/else?q=" + "y" * 100_000))

        posted, got = emulator.journal

        assert (len(posted["body"]), len(got["query"]["q"])) == (3_000_000, 100_000)


async def test_a_client_that_expects_100_continue_gets_it() -> None:
    """curl asks before it sends a large body."""
    async with emulators.run("aichat") as emulator:
        reply = await exchange(emulator.url, aichat("hi", "Expect: 100-continue"))

        assert reply.status == 100
        assert reply.body.startswith(b"HTTP/1.1 200 OK\r\n")


async def test_a_header_that_is_no_utf_8_can_still_be_shown() -> None:
    async with emulators.run("fakegpt") as emulator:
        await exchange(emulator.url, request("GET", "/", "X-Note: ?").replace(b"?", b"\xff"))

        shown = (await exchange(emulator.url, request("GET", "/_emulator/journal"))).json()

        assert shown[0]["headers"]["x-note"] == "\ufffd"


async def test_a_header_sent_twice_shows_both() -> None:
    async with emulators.run("fakegpt") as emulator:
        await exchange(emulator.url, request("GET", "/", "X-Note: a", "X-Note: b"))

        assert emulator.journal[0]["headers"]["x-note"] == "a, b"
