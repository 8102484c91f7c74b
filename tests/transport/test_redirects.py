"""Which redirects are followed, and what goes along."""

import ssl

import pytest

from dragoman.errors import InputError, ResponseError, TransportError
from dragoman.transport.base import Limits, Transport, read_all
from dragoman.wire.http import HttpRequest
from tests.transport.conftest import OpenTransport, Serve
from tests.transport.far_side import Connection, Script, reply

LIMITS = Limits(connect_s=5, idle_s=5)


def script(*replies: bytes) -> Script:
    """Answers request after request, over however many connections."""
    left = list(replies)

    async def run(connection: Connection) -> None:
        while True:
            await connection.request()
            await connection.send(left.pop(0))

    return run


def to(location: str, status: str = "302 Found", body: bytes = b"moved", **headers: str) -> bytes:
    return reply(body, status, Location=location, **headers)


@pytest.mark.parametrize("status", ["301 x", "302 x", "303 x", "307 x", "308 x"])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
async def test_a_page_is_followed(
    transport: Transport, serve: Serve, status: str, method: str
) -> None:
    side = await serve(script(to("/b?x=1#part", status, b""), reply()))

    request = HttpRequest(method, f"{side.url}/a", {"Authorization": "word"}, b"", {"sid": "1"})  # type: ignore[arg-type]  # one of the literals
    async with transport.send(request, LIMITS) as answer:
        await read_all(answer)

    assert [seen.target for seen in side.seen] == ["/a", "/b?x=1"]
    assert (side.seen[1].method, answer.head.url) == (method, f"{side.url}/b?x=1")
    assert side.seen[1].header("authorization") == "word"
    assert side.seen[1].header("cookie") == "sid=1"


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
async def test_a_redirect_of_another_method_is_the_reply(
    transport: Transport, serve: Serve, method: str
) -> None:
    side = await serve(script(to("/b")))

    async with transport.send(HttpRequest(method, side.url), LIMITS) as answer:  # type: ignore[arg-type]  # one of the literals
        body = (await read_all(answer)).body

    assert (answer.head.status, answer.head.headers["location"], body) == (302, "/b", b"moved")
    assert len(side.seen) == 1


async def test_cookies_set_on_the_way_go_along_and_are_told(
    transport: Transport, serve: Serve
) -> None:
    side = await serve(
        script(to("/b", Set_Cookie="sid=new; Path=/"), reply(b"", Set_Cookie="two=2"))
    )

    async with transport.send(
        HttpRequest("GET", side.url, cookies={"sid": "old", "a": "1"}), LIMITS
    ) as answer:
        pass

    assert side.seen[1].header("cookie") == "sid=new; a=1"
    assert answer.head.cookies == {"sid": "new", "two": "2"}
    assert [value for _, value in answer.set_cookies] == ["sid=new; Path=/", "two=2"]


async def test_another_origin_gets_no_secret(transport: Transport, serve: Serve) -> None:
    """Another port is another origin; and a key may be in any header."""
    other = await serve(script(reply(b"b", Set_Cookie="o=1")))
    side = await serve(script(to(f"{other.url}/b", Set_Cookie="new=1")))

    headers = {"Authorization": "word", "X-Api-Key": "key", "Accept": "text/html", "COOKIE2": "x"}
    request = HttpRequest("GET", side.url, headers, b"", {"sid": "1"})
    async with transport.send(request, LIMITS) as answer:
        pass

    (seen,) = other.seen
    assert [seen.header(name) for name in ("authorization", "x-api-key", "cookie", "cookie2")] == [
        None
    ] * 4
    assert seen.header("accept") == "text/html"
    assert answer.head.cookies == {"o": "1"}


async def test_ten_redirects_are_followed_and_no_more(transport: Transport, serve: Serve) -> None:
    side = await serve(script(*[to("/x")] * 10, reply(b"there"), *[to("/x")] * 11))

    async with transport.send(HttpRequest("GET", side.url), LIMITS) as answer:
        assert await answer.read() == b"there"
    with pytest.raises(ResponseError, match="more than 10"):
        async with transport.send(HttpRequest("GET", side.url), LIMITS):
            pass

    assert len(side.seen) == 11 + 11


@pytest.mark.parametrize(
    "location",
    ["ftp://localhost/x", "file:///etc/passwd", "http://[::1", "javascript:1"],
)
async def test_a_redirect_to_no_http_address_is_an_error(
    transport: Transport, serve: Serve, location: str
) -> None:
    side = await serve(script(to(location)))

    with pytest.raises(ResponseError, match="redirect"):
        async with transport.send(HttpRequest("GET", side.url), LIMITS):
            pass


async def test_https_is_never_left_for_http(
    opened: OpenTransport, serve: Serve, server_tls: ssl.SSLContext, ca_path: str
) -> None:
    plain = await serve(script(reply(b"listened to")))
    side = await serve(script(to(f"{plain.url}/b")), server_tls)

    with pytest.raises(ResponseError, match="https to http"):
        async with opened(verify=ca_path).send(HttpRequest("GET", side.url), LIMITS):
            pass

    assert plain.connections == []


async def test_a_redirect_without_an_address_is_the_reply(
    transport: Transport, serve: Serve
) -> None:
    side = await serve(script(reply(b"where?", "302 Found")))

    async with transport.send(HttpRequest("GET", side.url), LIMITS) as answer:
        assert (answer.head.status, await answer.read()) == (302, b"where?")


@pytest.mark.parametrize(
    "location", ["http://xn--a/", "http://a..b/", "//127.0.0.1:1\\@x/", f"http://{'a' * 300}/"]
)
async def test_a_redirect_to_what_no_request_can_name_is_the_server_s_error(
    transport: Transport, serve: Serve, location: str
) -> None:
    side = await serve(script(to(location)))

    with pytest.raises((ResponseError, TransportError)) as caught:
        async with transport.send(HttpRequest("GET", side.url), LIMITS):
            pass

    assert not isinstance(caught.value, InputError)
