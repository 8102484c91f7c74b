"""Through a proxy goes everything, and its password nowhere else."""

import ssl
import sys

import pytest

from dragoman.errors import ChatError, InputError, MissingRequirementsError, TransportError
from dragoman.transport.base import Limits, read_all
from dragoman.transport.open import open_transport
from dragoman.transport.plain import PlainTransport
from dragoman.wire.http import HttpRequest
from tests.transport.conftest import OpenTransport, Serve
from tests.transport.far_side import Connection, reply
from tests.transport.proxy_servers import HttpProxy, SocksProxy

LIMITS = Limits(connect_s=5, idle_s=5)
LOGIN = ("user", "SECRET")


async def ok(connection: Connection) -> None:
    while True:
        await connection.request()
        await connection.send(reply(b"fine"))


async def ask(opened: OpenTransport, url: str, proxy: str, **options: object) -> bytes:
    async with opened(proxy=proxy, **options).send(HttpRequest("GET", url), LIMITS) as answer:
        return (await read_all(answer)).body


async def test_plain_http_is_forwarded(opened: OpenTransport, serve: Serve) -> None:
    side = await serve(ok)

    async with HttpProxy(LOGIN) as proxy:
        body = await ask(opened, f"{side.url}/a", f"http://user:SECRET@{proxy.address}")

    assert body == b"fine"
    assert proxy.seen == [f"GET {side.url}/a"]


async def test_https_goes_through_a_tunnel(
    opened: OpenTransport, serve: Serve, server_tls: ssl.SSLContext, ca_path: str
) -> None:
    side = await serve(ok, server_tls)

    async with HttpProxy(LOGIN) as proxy:
        address = f"http://user:SECRET@{proxy.address}"
        body = await ask(opened, f"{side.url}/a", address, verify=ca_path)

    assert body == b"fine"
    assert proxy.seen == [f"CONNECT localhost:{side.port}"]
    assert side.seen[0].header("proxy-authorization") is None
    assert b"key" not in proxy.heads[0]


@pytest.mark.parametrize("tls", [True, False], ids=["tunnel", "forwarding"])
async def test_the_way_to_the_proxy_may_be_tls_too(
    opened: OpenTransport, serve: Serve, server_tls: ssl.SSLContext, ca_path: str, tls: bool
) -> None:
    side = await serve(ok, server_tls if tls else None)

    async with HttpProxy(LOGIN, context=server_tls) as proxy:
        address = f"https://user:SECRET@{proxy.address.replace('127.0.0.1', 'localhost')}"
        assert await ask(opened, side.url, address, verify=ca_path) == b"fine"
        with pytest.raises(TransportError) as caught:
            await ask(opened, side.url, address)

    assert no_secret(caught.value)


@pytest.mark.parametrize("tls", [True, False], ids=["tunnel", "forwarding"])
@pytest.mark.parametrize("login", [None, ("user", "other SECRET")], ids=["no login", "wrong login"])
async def test_a_proxy_that_wants_a_login_is_named(
    opened: OpenTransport,
    serve: Serve,
    server_tls: ssl.SSLContext,
    tls: bool,
    login: tuple[str, str] | None,
) -> None:
    side = await serve(ok, server_tls if tls else None)

    async with HttpProxy(("user", "right")) as proxy:
        user = "user:other%20SECRET@" if login else ""
        with pytest.raises(TransportError, match="407") as caught:
            await ask(opened, f"{side.url}/?key=SECRET", f"http://{user}{proxy.address}")

    assert side.connections == []
    assert no_secret(caught.value)


async def test_a_tunnel_that_is_refused_is_a_transport_error(
    opened: OpenTransport, serve: Serve, server_tls: ssl.SSLContext
) -> None:
    side = await serve(ok, server_tls)

    async with HttpProxy(refuse=True) as proxy:
        with pytest.raises(TransportError, match="403") as caught:
            await ask(opened, f"{side.url}/?key=SECRET", f"http://u:SECRET@{proxy.address}")

    assert no_secret(caught.value)


@pytest.mark.parametrize("scheme", ["http", "socks5"])
async def test_a_proxy_that_is_not_there_is_a_transport_error(
    opened: OpenTransport, serve: Serve, unused_port: int, scheme: str
) -> None:
    side = await serve(ok)

    with pytest.raises(TransportError) as caught:
        await ask(opened, side.url, f"{scheme}://u:SECRET@127.0.0.1:{unused_port}")

    assert side.connections == []
    assert no_secret(caught.value)


@pytest.mark.parametrize("scheme", ["socks5", "socks5h"])
async def test_socks_resolves_the_name_at_the_proxy(
    opened: OpenTransport, serve: Serve, scheme: str
) -> None:
    side = await serve(ok)

    async with SocksProxy(LOGIN) as proxy:
        body = await ask(opened, side.url, f"{scheme}://user:SECRET@{proxy.address}")

    assert body == b"fine"
    assert proxy.seen in (["localhost"], ["127.0.0.1"])
    if scheme == "socks5h":
        assert proxy.seen == ["localhost"]


async def test_socks_carries_tls(
    opened: OpenTransport, serve: Serve, server_tls: ssl.SSLContext, ca_path: str
) -> None:
    side = await serve(ok, server_tls)

    async with SocksProxy() as proxy:
        body = await ask(opened, side.url, f"socks5h://{proxy.address}", verify=ca_path)

    assert body == b"fine"


async def test_a_socks_proxy_that_refuses_is_a_transport_error(
    opened: OpenTransport, serve: Serve
) -> None:
    side = await serve(ok)

    async with SocksProxy(LOGIN, refuse=True) as proxy:
        for user in ("user:SECRET", "user:WRONG-SECRET"):
            with pytest.raises(TransportError) as caught:
                await ask(opened, side.url, f"socks5h://{user}@{proxy.address}")
            assert no_secret(caught.value)


async def test_no_proxy_comes_from_the_environment(
    opened: OpenTransport, serve: Serve, unused_port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is used is what the caller said, and nothing else."""
    for name in ("http_proxy", "all_proxy", "HTTP_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{unused_port}")
    side = await serve(ok)

    async with opened().send(HttpRequest("GET", side.url), LIMITS) as answer:
        assert await answer.read() == b"fine"


@pytest.mark.parametrize(
    "proxy", ["gopher://u:SECRET@x:1", "u:SECRET@x:1", "http://u:SECRET@x:port", "http://", "x"]
)
def test_an_address_that_is_no_proxy_is_refused(kind: str, proxy: str) -> None:
    with pytest.raises(InputError) as caught:
        open_transport(kind, proxy=proxy)

    assert no_secret(caught.value)


def test_socks_without_its_extra_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    from dragoman.transport import plain_connector

    monkeypatch.setitem(sys.modules, "aiohttp_socks", None)
    plain_connector.require_socks.cache_clear()

    with pytest.raises(MissingRequirementsError, match=r"pip install 'dragoman\[socks\]'"):
        open_transport("plain", proxy="socks5://127.0.0.1:1")


def test_curl_without_its_extra_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "curl_cffi", None)
    monkeypatch.delitem(sys.modules, "dragoman.transport.curl", raising=False)

    with pytest.raises(MissingRequirementsError, match=r"pip install 'dragoman\[curl\]'"):
        open_transport("curl")


def no_secret(error: ChatError) -> bool:
    """Neither the error nor anything that a traceback would print with it has the secret."""
    shown: BaseException | None = error
    while shown is not None:
        if "SECRET" in f"{shown}{shown!r}{shown.args}":
            return False
        shown = shown.__cause__ or (None if shown.__suppress_context__ else shown.__context__)
    return True


@pytest.mark.parametrize("scheme", ["http", "https"])
async def test_no_error_leads_to_the_login_or_to_a_header(
    opened: OpenTransport, serve: Serve, scheme: str
) -> None:
    """Whoever logs an error with its whole chain gets what the libraries' errors hold."""

    async def garbage(connection: Connection) -> None:
        await connection.request()
        await connection.send(b"no HTTP at all\r\n\r\n")

    side = await serve(garbage)
    transport = opened(proxy=f"http://user:SECRET@127.0.0.1:{side.port}")
    request = HttpRequest("GET", f"{scheme}://nowhere.example/", {"X-Key": "SECRET"})

    with pytest.raises(ChatError) as caught:
        async with transport.send(request, LIMITS):
            pass

    chain: list[BaseException | None] = [caught.value]
    while (link := chain[-1]) is not None:
        chain.append(link.__cause__ or link.__context__)
    assert "SECRET" not in repr(chain)


async def test_the_name_of_a_connection_has_no_login(serve: Serve) -> None:
    """aiohttp puts it into the warning about one that nobody closed."""
    side = await serve(ok)

    async with HttpProxy(LOGIN) as proxy:
        transport = PlainTransport(proxy=f"http://user:SECRET@{proxy.address}")
        async with transport.send(HttpRequest("GET", f"{side.url}/"), LIMITS) as answer:
            await read_all(answer)
            connections = repr(transport.session().connector.__dict__)
        await transport.close()

    assert "ConnectionKey" in connections
    assert "SECRET" not in connections
