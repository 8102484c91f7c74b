"""What goes out and what comes back when nothing goes wrong."""

import asyncio

import pytest

from dragoman import __version__
from dragoman.errors import InputError, TransportError
from dragoman.transport.base import Limits, Transport, read_all
from dragoman.wire.http import HttpRequest
from tests.transport.conftest import Serve
from tests.transport.far_side import Connection, reply

LIMITS = Limits(connect_s=5, idle_s=5)


async def ok(connection: Connection) -> None:
    while True:
        await connection.request()
        await connection.send(reply(b"fine"))


async def test_a_request_arrives_as_it_was_meant(transport: Transport, serve: Serve) -> None:
    side = await serve(ok)
    body = bytes(range(256))

    request = HttpRequest("POST", f"{side.url}/a/b?x=1&y=%20", {"X-One": "1"}, body, {"sid": "s=1"})
    async with transport.send(request, LIMITS) as answer:
        whole = await read_all(answer)

    seen = side.seen[0]
    assert (seen.method, seen.target, seen.body) == ("POST", "/a/b?x=1&y=%20", body)
    assert seen.header("x-one") == "1"
    assert seen.header("cookie") == "sid=s=1"
    assert seen.header("user-agent") == f"dragoman/{__version__}"
    assert seen.header("accept-encoding") == "gzip, deflate, br"
    assert (whole.head.status, whole.head.reason, whole.body) == (200, "OK", b"fine")


async def test_a_request_may_name_its_own_headers(transport: Transport, serve: Serve) -> None:
    side = await serve(ok)

    headers = {"user-agent": "mine/1", "ACCEPT": "text/event-stream", "content-type": "x/y"}
    async with transport.send(HttpRequest("PUT", side.url, headers, b"z"), LIMITS) as answer:
        await read_all(answer)

    seen = side.seen[0]
    assert seen.header("user-agent") == "mine/1"
    assert seen.header("accept") == "text/event-stream"
    assert seen.header("content-type") == "x/y"


@pytest.mark.parametrize("method", ["GET", "DELETE", "OPTIONS", "PATCH", "POST"])
async def test_every_method_can_go_without_a_body(
    transport: Transport, serve: Serve, method: str
) -> None:
    side = await serve(ok)

    async with transport.send(HttpRequest(method, side.url), LIMITS) as answer:  # type: ignore[arg-type]  # one of the literals
        body = (await read_all(answer)).body

    assert (side.seen[0].method, side.seen[0].body, body) == (method, b"", b"fine")


async def test_a_head_reply_has_a_length_and_no_body(transport: Transport, serve: Serve) -> None:
    async def script(connection: Connection) -> None:
        await connection.request()
        await connection.send(
            b"HTTP/1.1 200 OK\r\nContent-Length: 12\r\nContent-Encoding: gzip\r\n\r\n"
        )
        await connection.until_gone()

    side = await serve(script)

    async with transport.send(HttpRequest("HEAD", side.url), LIMITS) as answer:
        assert answer.head.headers["content-length"] == "12"
        assert await answer.read() == b""


async def test_a_head_has_lower_case_names_and_the_cookies(
    transport: Transport, serve: Serve
) -> None:
    async def script(connection: Connection) -> None:
        await connection.request()
        await connection.send(
            b"HTTP/1.1 201 Made It\r\nX-Mixed-Case: A B\r\nSet-Cookie: a=1; Path=/; HttpOnly\r\n"
            b"Set-Cookie: b=x=y==; Secure\r\nSet-Cookie: gone=1; Max-Age=0\r\n"
            b"Set-Cookie: old=1; Expires=Thu, 01-Jan-1970 00:00:00 GMT\r\nContent-Length: 0\r\n\r\n"
        )

    side = await serve(script)

    async with transport.send(HttpRequest("GET", f"{side.url}/p"), LIMITS) as answer:
        head = answer.head

    assert (head.status, head.reason, head.url) == (201, "Made It", f"{side.url}/p")
    assert head.headers["x-mixed-case"] == "A B"
    assert head.cookies == {"a": "1", "b": "x=y=="}
    assert len(answer.set_cookies) == 4


async def test_a_transport_keeps_no_cookie(transport: Transport, serve: Serve) -> None:
    """Two accounts share connections and never a cookie."""

    async def script(connection: Connection) -> None:
        while True:
            await connection.request()
            await connection.send(reply(Set_Cookie="sid=1; Path=/"))

    side = await serve(script)

    for _ in range(2):
        async with transport.send(HttpRequest("GET", side.url), LIMITS) as answer:
            await read_all(answer)

    assert [seen.header("cookie") for seen in side.seen] == [None, None]


async def test_a_long_body_arrives_whole(transport: Transport, serve: Serve) -> None:
    side = await serve(ok)
    body = bytes(1_000_003)

    async with transport.send(HttpRequest("POST", side.url, {}, body), LIMITS) as answer:
        assert await answer.read() == b"fine"

    assert side.seen[0].body == body
    assert side.seen[0].header("expect") is None


async def test_a_server_may_answer_before_it_has_the_whole_request(
    transport: Transport, serve: Serve
) -> None:
    async def script(connection: Connection) -> None:
        await connection.reader.readuntil(b"\r\n\r\n")
        await connection.send(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nfi")
        headed.set()
        await connection.reader.readexactly(size)
        await connection.send(b"ne")

    size = 8 * 1024 * 1024
    headed = asyncio.Event()
    side = await serve(script)

    request = HttpRequest("POST", side.url, {}, bytes(size))
    async with transport.send(request, LIMITS) as answer:
        await headed.wait()
        assert (await read_all(answer)).body == b"fine"


async def test_a_finished_reply_gives_its_connection_back(
    transport: Transport, serve: Serve
) -> None:
    side = await serve(ok)

    for _ in range(3):
        async with transport.send(HttpRequest("GET", side.url), LIMITS) as answer:
            await read_all(answer)

    assert len(side.connections) == 1


@pytest.mark.parametrize(
    "request_",
    [
        HttpRequest("GET", "{}", {"X-A": "1\r\nX-B: 2"}),
        HttpRequest("GET", "{}", {"X-A\nX-B": "1"}),
        HttpRequest("GET", "{}", cookies={"a": "1\r\nX-B: 2"}),
        HttpRequest("GET", "{}", cookies={"a": "1; b=2"}),
        HttpRequest("GET", "{}", cookies={"a b": "1"}),
    ],
    ids=["header value", "header name", "cookie value", "second cookie", "cookie name"],
)
async def test_nothing_can_be_smuggled_into_a_head(
    transport: Transport, serve: Serve, request_: HttpRequest
) -> None:
    side = await serve(ok)
    request = HttpRequest("GET", side.url, request_.headers, b"", request_.cookies)

    with pytest.raises(InputError):
        async with transport.send(request, LIMITS):
            pass

    assert side.seen == []


@pytest.mark.parametrize(
    "url",
    ["ftp://localhost/x?key=SECRET", "localhost/x?key=SECRET", "http:///x", "http://[::1", ""],
)
async def test_what_is_no_http_address_is_refused(transport: Transport, url: str) -> None:
    with pytest.raises(InputError) as caught:
        async with transport.send(HttpRequest("GET", url), LIMITS):
            pass

    assert "SECRET" not in str(caught.value)


async def test_a_closed_transport_says_so(transport: Transport) -> None:
    await transport.close()

    with pytest.raises(TransportError, match="closed"):
        async with transport.send(HttpRequest("GET", "http://localhost:1/"), LIMITS):
            pass
