"""Whose certificate is believed, and what is said if it is not."""

import ssl
import warnings
from pathlib import Path

import pytest
import trustme

from dragoman.errors import InputError, TransportError
from dragoman.transport.base import Limits, read_all
from dragoman.transport.plain import PlainTransport
from dragoman.wire.http import HttpRequest
from tests.transport.conftest import OpenTransport, Serve
from tests.transport.far_side import Connection, FarSide, reply

LIMITS = Limits(connect_s=5, idle_s=5)


async def ok(connection: Connection) -> None:
    while True:
        await connection.request()
        await connection.send(reply(b"fine"))


async def ask(opened: OpenTransport, side: FarSide, **options: object) -> bytes:
    transport = opened(**options)
    async with transport.send(HttpRequest("GET", f"{side.url}/?key=SECRET"), LIMITS) as answer:
        return (await read_all(answer)).body


async def test_an_authority_that_the_caller_names_is_believed(
    opened: OpenTransport, serve: Serve, server_tls: ssl.SSLContext, ca_path: str
) -> None:
    side = await serve(ok, server_tls)

    assert await ask(opened, side, verify=ca_path) == b"fine"


async def test_an_unknown_authority_is_not_believed(
    opened: OpenTransport, serve: Serve, server_tls: ssl.SSLContext
) -> None:
    side = await serve(ok, server_tls)

    with pytest.raises(TransportError, match="certificate") as caught:
        await ask(opened, side)

    assert side.seen == []
    assert "SECRET" not in str(caught.value)


async def test_another_authority_is_not_believed(
    opened: OpenTransport, serve: Serve, server_tls: ssl.SSLContext, tmp_path: Path
) -> None:
    trustme.CA().cert_pem.write_to_path(str(tmp_path / "other.pem"))
    side = await serve(ok, server_tls)

    with pytest.raises(TransportError, match="certificate"):
        await ask(opened, side, verify=str(tmp_path / "other.pem"))


async def test_a_certificate_for_another_name_is_not_believed(
    opened: OpenTransport, serve: Serve, authority: trustme.CA, ca_path: str
) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("elsewhere.example").configure_cert(context)
    side = await serve(ok, context)

    with pytest.raises(TransportError, match="certificate"):
        await ask(opened, side, verify=ca_path)


async def test_without_verification_there_is_one_warning_per_host(
    opened: OpenTransport, serve: Serve, server_tls: ssl.SSLContext
) -> None:
    side = await serve(ok, server_tls)
    transport = opened(verify=False)

    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        for _ in range(2):
            async with transport.send(HttpRequest("GET", side.url), LIMITS) as answer:
                await read_all(answer)

    assert [str(warning.message) for warning in said] == [
        "the certificate of localhost is not verified: verify=False"
    ]


async def test_a_server_that_speaks_no_tls_is_a_transport_error(
    opened: OpenTransport, serve: Serve
) -> None:
    async def script(connection: Connection) -> None:
        await connection.reader.read(1)
        await connection.send(b"HTTP/1.1 400 no\r\n\r\n")

    side = await serve(script)

    with pytest.raises(TransportError):
        async with opened().send(HttpRequest("GET", side.url.replace("http:", "https:")), LIMITS):
            pass


def test_a_file_of_authorities_that_is_not_there_is_named(kind: str, tmp_path: Path) -> None:
    from dragoman.transport.open import open_transport

    with pytest.raises(InputError, match=r"missing\.pem"):
        open_transport(kind, verify=str(tmp_path / "missing.pem"))


@pytest.mark.parametrize("verify", [None, 1.5, ""])
def test_what_verify_cannot_be_is_refused(verify: object) -> None:
    with pytest.raises(InputError, match="verify"):
        PlainTransport(verify=verify)  # type: ignore[arg-type]  # wrong on purpose


def test_a_file_without_certificates_is_named(tmp_path: Path) -> None:
    (tmp_path / "empty.pem").write_text("no certificate")

    with pytest.raises(InputError, match=r"empty\.pem"):
        PlainTransport(verify=str(tmp_path / "empty.pem"))


async def test_an_ssl_context_can_be_given(
    serve: Serve, server_tls: ssl.SSLContext, authority: trustme.CA
) -> None:
    context = ssl.create_default_context()
    authority.configure_trust(context)
    side = await serve(ok, server_tls)
    transport = PlainTransport(verify=context)

    async with transport.send(HttpRequest("GET", side.url), LIMITS) as answer:
        assert await answer.read() == b"fine"
    await transport.close()


def test_libcurl_takes_no_ssl_context() -> None:
    from dragoman.transport.curl import CurlTransport

    with pytest.raises(InputError, match="verify"):
        CurlTransport(verify=ssl.create_default_context())
