"""The HTTP client that providers of other frameworks expect, over either transport."""

import ssl
from collections.abc import AsyncIterator

import pytest

from dragoman.errors import (
    AuthError,
    ChallengeError,
    InputError,
    PaymentRequiredError,
    RateLimitError,
    ResponseError,
    ResponseStatusError,
    TimeoutError,
)
from dragoman.transport.stream_session import StreamSession, raise_for_status
from dragoman.wire.sse import SseMessage
from tests.transport.conftest import Serve
from tests.transport.far_side import CHUNKED, LAST_CHUNK, Connection, Script, chunk, reply
from tests.transport.proxy_servers import HttpProxy


@pytest.fixture
async def session(kind: str) -> AsyncIterator[StreamSession]:
    async with StreamSession(transport=kind, timeout=5) as session:
        yield session


def script(*replies: bytes) -> Script:
    left = list(replies)

    async def run(connection: Connection) -> None:
        while True:
            await connection.request()
            await connection.send(left.pop(0) if len(left) > 1 else left[0])

    return run


async def test_a_reply_shows_what_it_is(session: StreamSession, serve: Serve) -> None:
    side = await serve(script(reply(b'{"a": 1}', "201 Made", Set_Cookie="sid=1", X_One="Two")))

    async with session.get(f"{side.url}/p") as response:
        assert (response.status, response.ok, response.reason) == (201, True, "Made")
        assert (response.headers["X-ONE"], response.headers.get("none")) == ("Two", None)
        assert (response.cookies, response.url) == ({"sid": "1"}, f"{side.url}/p")
        assert await response.json() == {"a": 1}
        assert await response.text() == '{"a": 1}'
        assert await response.read() == b'{"a": 1}'


@pytest.mark.parametrize("method", ["get", "post", "put", "patch", "delete", "options", "head"])
async def test_every_method_has_a_name(session: StreamSession, serve: Serve, method: str) -> None:
    side = await serve(script(reply()))

    async with getattr(session, method)(side.url) as response:
        assert response.status == 200
    async with session.request(method, side.url):
        pass

    assert [seen.method for seen in side.seen] == [method.upper()] * 2


@pytest.mark.parametrize(
    ("options", "body", "media_type"),
    [
        ({"json": {"a": ["ä", 1]}}, '{"a":["ä",1]}'.encode(), "application/json"),
        ({"data": b"\x00\xff"}, b"\x00\xff", "application/octet-stream"),
        ({"data": "ä"}, "ä".encode(), "text/plain; charset=utf-8"),
        (
            {"data": {"a": "ä &", "b": "1"}},
            b"a=%C3%A4+%26&b=1",
            "application/x-www-form-urlencoded",
        ),
        ({"json": {}, "headers": {"content-type": "x/y"}}, b"{}", "x/y"),
    ],
    ids=["json", "bytes", "text", "form", "own type"],
)
async def test_a_body_is_sent_as_what_it_is(
    session: StreamSession, serve: Serve, options: dict[str, object], body: bytes, media_type: str
) -> None:
    side = await serve(script(reply()))

    async with session.post(side.url, **options):  # type: ignore[arg-type]  # a table of options
        pass

    assert (side.seen[0].body, side.seen[0].header("content-type")) == (body, media_type)


async def test_params_join_the_query(session: StreamSession, serve: Serve) -> None:
    side = await serve(script(reply()))

    async with session.get(f"{side.url}/a?x=1#part", params={"y": "a b&c"}):
        pass

    assert side.seen[0].target == "/a?x=1&y=a+b%26c"


async def test_headers_of_the_request_win_over_those_of_the_session(
    kind: str, serve: Serve
) -> None:
    side = await serve(script(reply()))

    async with (
        StreamSession(
            headers={"X-One": "session", "x-two": "session"},
            impersonate="chrome110",
            transport=kind,
        ) as session,
        session.get(side.url, headers={"x-one": "request"}),
    ):
        pass

    (seen,) = side.seen
    assert (seen.header("x-one"), seen.header("x-two")) == ("request", "session")
    assert "Chrome/110.0" in (seen.header("user-agent") or "")
    assert seen.header("accept-language") == "en-US,en;q=0.9"


async def test_cookies_persist_for_the_host_that_set_them(kind: str, serve: Serve) -> None:
    side = await serve(
        script(
            reply(Set_Cookie="sid=set; Path=/"),
            reply(Set_Cookie="deep=1; Path=/deep"),
            reply(Set_Cookie="sid=; Max-Age=0"),
            reply(),
        )
    )

    async with StreamSession(cookies={"own": "1", "sid": "given"}, transport=kind) as session:
        for path in ("/", "/", "/", "/deep/er"):
            async with session.get(f"{side.url}{path}"):
                pass
        async with session.get(f"http://127.0.0.1:{side.port}/"):
            pass

    sent = [sorted((seen.header("cookie") or "").split("; ")) for seen in side.seen]
    assert sent == [
        ["own=1", "sid=given"],
        ["own=1", "sid=set"],
        ["own=1", "sid=set"],
        ["deep=1", "own=1", "sid=given"],
        ["own=1", "sid=given"],
    ]


async def test_a_cookie_that_a_redirect_set_persists(session: StreamSession, serve: Serve) -> None:
    moved = reply(b"", "302 x", Location="/b", Set_Cookie="sid=1; Path=/")
    side = await serve(script(moved, reply()))

    for _ in range(2):
        async with session.get(f"{side.url}/a"):
            pass

    assert side.seen[2].header("cookie") == "sid=1"


async def test_lines_are_cut_where_lines_end(session: StreamSession, serve: Serve) -> None:
    async def run(connection: Connection) -> None:
        await connection.request()
        await connection.send(CHUNKED)
        for piece in ("one\r", "\ntwo\n\nthr", "ee\u2028four\rfi", "ve"):
            await connection.send(chunk(piece.encode()))
        await connection.send(LAST_CHUNK)

    side = await serve(run)

    async with session.get(side.url) as response:
        lines = [line.decode() async for line in response.iter_lines()]

    assert lines == ["one", "two", "", "three\u2028four", "five"]


async def test_content_and_events_can_be_iterated(session: StreamSession, serve: Serve) -> None:
    side = await serve(script(reply(b"event: a\ndata: 1\n\n: ping\n\ndata: 2\ndata: 3\n\n")))

    async with session.get(side.url) as response:
        assert b"".join([piece async for piece in response.iter_content()]).startswith(b"event")
    async with session.get(side.url) as response:
        events = [message async for message in response.sse()]

    assert events == [SseMessage(b"1", "a"), SseMessage(b"2\n3", "")]


async def test_a_body_that_was_iterated_is_gone(session: StreamSession, serve: Serve) -> None:
    side = await serve(script(reply(b"x")))

    async with session.get(side.url) as response:
        async for _ in response.iter_content():
            pass
        with pytest.raises(InputError, match="read already"):
            await response.text()


async def test_what_is_no_json_is_an_error_of_ours(session: StreamSession, serve: Serve) -> None:
    side = await serve(script(reply(b"<html>", Content_Type="text/html")))

    async with session.get(side.url) as response:
        with pytest.raises(ResponseError, match="HTML"):
            await response.json()


@pytest.mark.parametrize(
    ("content_type", "body", "text"),
    [
        ("text/plain; charset=iso-8859-1", b"\xe4", "ä"),
        ("text/plain; charset=no-such", "ä".encode(), "ä"),
        ("", b"\xff", "\ufffd"),
    ],
)
async def test_text_has_the_charset_of_its_header(
    session: StreamSession, serve: Serve, content_type: str, body: bytes, text: str
) -> None:
    side = await serve(script(reply(body, Content_Type=content_type)))

    async with session.get(side.url) as response:
        assert await response.text() == text


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (reply(b"who?", "401 x"), AuthError),
        (reply(b"pay", "402 x"), PaymentRequiredError),
        (reply(b"slow", "429 x", Retry_After="7"), RateLimitError),
        (reply(b"broken", "502 x"), ResponseStatusError),
        (reply(b"", "302 x", Location="/b"), ResponseStatusError),
        (reply(b"Just a moment...", Content_Type="text/html"), ChallengeError),
        (reply(b"", "403 x", cf_mitigated="challenge"), ChallengeError),
    ],
    ids=["401", "402", "429", "502", "302", "challenge page at 200", "challenge header"],
)
async def test_raise_for_status_raises_what_the_status_means(
    session: StreamSession, serve: Serve, answer: bytes, error: type[Exception]
) -> None:
    side = await serve(script(answer))

    async with session.post(side.url) as response:
        with pytest.raises(error) as caught:
            await raise_for_status(response)
    async with session.post(side.url) as response:
        with pytest.raises(error, match="my words"):
            await raise_for_status(response, "my words")

    if isinstance(caught.value, RateLimitError):
        assert caught.value.retry_after == 7


async def test_raise_for_status_leaves_a_good_reply_readable(
    session: StreamSession, serve: Serve
) -> None:
    side = await serve(script(reply(b"<p>fine", Content_Type="text/html")))

    async with session.get(side.url) as response:
        await raise_for_status(response)
        assert b"".join([piece async for piece in response.iter_content()]) == b"<p>fine"


async def test_the_limits_are_those_of_the_call_then_of_the_session(
    kind: str, serve: Serve
) -> None:
    side = await serve(Connection.until_gone)

    async with StreamSession(timeout=(5, 0.1), transport=kind) as session:
        with pytest.raises(TimeoutError, match=r"0\.1 s \(silence"):
            async with session.get(side.url):
                pass
        with pytest.raises(TimeoutError, match=r"0\.2 s \(silence"):
            async with session.get(side.url, timeout=0.2):
                pass


async def test_one_of_the_proxies_is_used(kind: str, serve: Serve) -> None:
    side = await serve(script(reply(b"fine")))

    async with HttpProxy() as proxy:
        proxies = {"all": f"http://{proxy.address}", "https": None}
        async with (
            StreamSession(proxies=proxies, transport=kind) as session,
            session.get(side.url) as response,
        ):
            assert await response.read() == b"fine"

    assert len(proxy.seen) == 1


async def test_verify_names_an_authority(
    kind: str, serve: Serve, server_tls: ssl.SSLContext, ca_path: str
) -> None:
    side = await serve(script(reply(b"fine")), server_tls)

    async with (
        StreamSession(verify=ca_path, proxies=None, transport=kind) as session,
        session.get(side.url) as response,
    ):
        assert await response.text() == "fine"


@pytest.mark.parametrize(
    "options",
    [
        {"proxy": "http://a:1", "proxies": {"all": "http://b:1"}},
        {"timeout": 0},
        {"timeout": "5"},
        {"impersonate": "netscape4"},
        {"transport": "carrier pigeon"},
    ],
)
async def test_wrong_settings_are_refused_at_once(options: dict[str, object]) -> None:
    with pytest.raises(InputError):
        StreamSession(**options)  # type: ignore[arg-type]  # wrong on purpose


@pytest.mark.parametrize(
    ("method", "options"),
    [("GET", {"json": {}, "data": b""}), ("GET", {"json": {object()}}), ("BREW", {})],
)
async def test_a_wrong_request_is_refused(
    session: StreamSession, method: str, options: dict[str, object]
) -> None:
    with pytest.raises(InputError):
        session.request(method, "http://localhost:1/", **options)  # type: ignore[arg-type]  # wrong on purpose
