"""Names, addresses and TLS."""

import asyncio
import socket
import ssl
import warnings

import pytest
import trustme

from dragoman.errors import TransportError
from dragoman.transport.direct import DirectPool, Origin, request_head
from dragoman.transport.direct.names import Names
from tests.transport.conftest import Serve
from tests.transport.direct.conftest import LIMITS, Caller, OpenPool, Told
from tests.transport.far_side import Connection, reply


async def fine(connection: Connection) -> None:
    while True:
        await connection.request()
        await connection.send(reply(b"fine"))


async def close_each(connection: Connection) -> None:
    await connection.request()
    await connection.send(reply(b"fine", Connection="close"))


async def test_nobody_there_is_an_error_and_nothing_was_sent(
    caller: Caller, unused_port: int
) -> None:
    told = Told()

    exchange = caller.start(f"http://127.0.0.1:{unused_port}", told)
    await told.over.wait()

    assert f"127.0.0.1:{unused_port}" in str(told.error)
    assert "refused" in str(told.error)
    assert not exchange.sent


async def test_each_failed_connection_fails_one(caller: Caller, unused_port: int) -> None:
    url = f"http://127.0.0.1:{unused_port}"

    answers = await asyncio.gather(*(caller.ask(url) for _ in range(20)))

    assert [told.calls for told in answers] == [["failed"]] * 20


async def test_a_name_without_address_is_an_error(caller: Caller) -> None:
    told = await caller.ask("http://nowhere.invalid")

    assert "no address for the name nowhere.invalid" in str(told.error)


async def test_a_server_that_closes_at_once(caller: Caller, serve: Serve) -> None:
    async def script(connection: Connection) -> None:
        connection.reset()

    side = await serve(script)

    told = await caller.ask(side.url)

    assert isinstance(told.error, TransportError)


async def test_all_addresses_are_tried(
    caller: Caller, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`localhost` may be ::1 first, where nobody listens."""
    side = await serve(fine)
    names = caller.pool.names
    names._known["localhost", side.port] = (float("inf"), ["::1", "127.0.0.2", "127.0.0.1"])

    told = await caller.ask(side.url)

    assert told.text == b"fine"


async def test_addresses_are_kept_and_forgotten_when_nobody_answers(
    caller: Caller, unused_port: int
) -> None:
    key = ("localhost", unused_port)
    names = caller.pool.names
    assert await names.addresses(*key)
    assert key in names._known
    assert await names.addresses(*key) is names._known[key][1]

    await caller.ask(f"http://localhost:{unused_port}")

    assert key not in names._known


async def test_one_question_serves_all_who_ask() -> None:
    names = Names(asyncio.get_running_loop())

    first, second = await asyncio.gather(
        names.addresses("localhost", 80), names.addresses("localhost", 80)
    )

    assert first is second
    assert names.close() == []


async def test_a_certificate_is_verified(
    caller: Caller, serve: Serve, server_tls: ssl.SSLContext, ca_path: str
) -> None:
    side = await serve(fine, server_tls)

    believed = await caller.ask(side.url, verify=ca_path)
    unknown = await caller.ask(side.url)

    assert believed.text == b"fine"
    assert "certificate" in str(unknown.error)
    assert len(side.seen) == 1


async def test_a_certificate_for_another_name_is_not_believed(
    caller: Caller, serve: Serve, authority: trustme.CA, ca_path: str
) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("elsewhere.example").configure_cert(context)
    side = await serve(fine, context)

    told = await caller.ask(side.url, verify=ca_path)

    assert "certificate" in str(told.error)
    assert side.seen == []


async def test_without_verification_there_is_one_warning_per_host(
    caller: Caller, serve: Serve, server_tls: ssl.SSLContext
) -> None:
    side = await serve(close_each, server_tls)

    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        for _ in range(2):
            assert (await caller.ask(side.url, verify=False)).text == b"fine"

    assert [str(warning.message) for warning in said] == [
        "the certificate of localhost is not verified: verify=False"
    ]


async def test_a_server_that_speaks_no_tls_is_an_error(
    caller: Caller, serve: Serve, ca_path: str
) -> None:
    async def script(connection: Connection) -> None:
        await connection.reader.read(1)
        await connection.send(b"HTTP/1.1 400 no\r\n\r\n")

    side = await serve(script)

    told = await caller.ask(side.url.replace("http:", "https:"), verify=ca_path)

    assert "TLS" in str(told.error) or "connection" in str(told.error)


@pytest.mark.parametrize("version", ["TLSv1_2", "TLSv1_3"])
async def test_a_second_connection_resumes_the_first_ones_session(
    version: str, caller: Caller, serve: Serve, authority: trustme.CA, ca_path: str
) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    context.maximum_version = ssl.TLSVersion[version]
    resumed: list[bool] = []

    async def script(connection: Connection) -> None:
        resumed.append(connection.writer.get_extra_info("ssl_object").session_reused)
        await close_each(connection)

    side = await serve(script, context)

    for _ in range(3):
        assert (await caller.ask(side.url, verify=ca_path)).text == b"fine"

    assert resumed == [False, True, True]


async def test_a_session_is_of_one_origin(
    caller: Caller, serve: Serve, authority: trustme.CA, ca_path: str
) -> None:
    """Else a session that one server gave would vouch for another's name."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    side = await serve(close_each, context)
    await caller.ask(side.url, verify=ca_path)

    told = await caller.ask(side.url.replace("localhost", "127.0.0.1"), verify=ca_path)

    assert "certificate" in str(told.error)


async def test_another_protocol_than_http_1_is_refused(
    opened: OpenPool, serve: Serve, authority: trustme.CA
) -> None:
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(server)
    server.set_alpn_protocols(["h2"])
    context = ssl.create_default_context()
    authority.configure_trust(context)
    context.set_alpn_protocols(["h2"])
    side = await serve(fine, server)
    origin, told = Origin.of(side.url, context), Told()

    head = request_head("POST", "/", origin)
    opened().pool.ask(origin, head, b"", receiver=told, limits=LIMITS)
    await told.over.wait()

    assert "h2" in str(told.error)
    assert side.seen == []


async def test_http_1_is_asked_for(
    caller: Caller, serve: Serve, server_tls: ssl.SSLContext, authority: trustme.CA, ca_path: str
) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    context.set_alpn_protocols(["h2", "http/1.1"])
    chosen: list[str | None] = []

    async def script(connection: Connection) -> None:
        chosen.append(connection.writer.get_extra_info("ssl_object").selected_alpn_protocol())
        await fine(connection)

    side = await serve(script, context)

    assert (await caller.ask(side.url, verify=ca_path)).text == b"fine"
    assert chosen == ["http/1.1"]


@pytest.mark.parametrize("goodbye", [True, False])
async def test_over_tls_only_a_goodbye_ends_a_body_without_length(
    goodbye: bool, caller: Caller, serve: Serve, server_tls: ssl.SSLContext, ca_path: str
) -> None:
    """Anybody on the way can close a connection; only the server can say that it meant to."""

    async def script(connection: Connection) -> None:
        await connection.request()
        await connection.send(b"HTTP/1.1 200 OK\r\n\r\nwords")
        await told.began.wait()
        if goodbye:
            connection.writer.close()
        else:
            sock = connection.writer.get_extra_info("socket")
            raw = socket.socket(fileno=sock.fileno())
            raw.shutdown(socket.SHUT_WR)
            raw.detach()
            await connection.until_gone()

    side = await serve(script, server_tls)
    told = Told()

    caller.start(side.url, told, verify=ca_path)
    await told.over.wait()

    assert told.text == b"words"
    assert told.calls[-1] == ("done" if goodbye else "failed")


async def test_a_name_that_tls_cannot_ask_for_is_an_error(caller: Caller) -> None:
    origin, told = Origin(".localhost", 1, ssl.create_default_context()), Told()
    caller.pool.names._known[".localhost", 1] = (float("inf"), ["127.0.0.1"])

    caller.pool.ask(origin, request_head("GET", "/", origin), b"", receiver=told, limits=LIMITS)
    await told.over.wait()

    assert isinstance(told.error, TransportError)


async def test_a_pool_needs_a_running_loop() -> None:
    def outside() -> None:
        with pytest.raises(RuntimeError):
            DirectPool()

    await asyncio.to_thread(outside)
