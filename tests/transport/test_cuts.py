"""A reply that ends before its end never looks whole."""

import ssl

import pytest

from dragoman.errors import ChatError, ResponseError, StreamTruncatedError, TransportError
from dragoman.transport.base import Limits, Transport, read_all
from dragoman.wire.http import HttpRequest
from tests.transport.conftest import OpenTransport, Serve
from tests.transport.far_side import CHUNKED, Connection, chunk

LIMITS = Limits(connect_s=5, idle_s=5)
LENGTH_100 = b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n"


@pytest.mark.parametrize(
    "sent",
    [
        CHUNKED + chunk(b"half"),
        CHUNKED + b"64\r\nhalf",
        CHUNKED + chunk(b"half") + b"0\r\n",
        LENGTH_100 + b"half",
    ],
    ids=["no last chunk", "inside of a chunk", "inside of the end", "length too long"],
)
async def test_a_body_without_its_end_is_cut_and_what_came_is_kept(
    transport: Transport, serve: Serve, sent: bytes
) -> None:
    async def script(connection: Connection) -> None:
        await connection.request()
        await connection.send(sent)

    side = await serve(script)

    async with transport.send(HttpRequest("POST", side.url, {}, b"x"), LIMITS) as answer:
        assert await answer.read() == b"half"
        for _ in range(2):
            with pytest.raises(StreamTruncatedError):
                await answer.read()


async def test_garbage_between_chunks_is_an_error(transport: Transport, serve: Serve) -> None:
    async def script(connection: Connection) -> None:
        await connection.request()
        await connection.send(CHUNKED + chunk(b"half") + b"this is no chunk\r\n")
        await connection.until_gone()

    side = await serve(script)

    with pytest.raises(ResponseError):
        async with transport.send(HttpRequest("POST", side.url, {}, b"x"), LIMITS) as answer:
            await read_all(answer)


@pytest.mark.parametrize("head", [CHUNKED, LENGTH_100], ids=["chunked", "length"])
async def test_a_reset_after_the_head_is_a_cut(
    transport: Transport, serve: Serve, head: bytes
) -> None:
    async def script(connection: Connection) -> None:
        await connection.request()
        await connection.send(head + (chunk(b"half") if head is CHUNKED else b"half"))
        await connection.until_gone()

    side = await serve(script)

    async with transport.send(HttpRequest("POST", side.url, {}, b"x"), LIMITS) as answer:
        assert await answer.read() == b"half"
        side.connections[0].reset()
        with pytest.raises(StreamTruncatedError):
            await answer.read()


async def test_a_cut_inside_of_tls_is_a_cut(
    opened: OpenTransport, serve: Serve, server_tls: ssl.SSLContext, ca_path: str
) -> None:
    async def script(connection: Connection) -> None:
        await connection.request()
        await connection.send(CHUNKED + chunk(b"half"))
        await connection.reader.read(1)

    side = await serve(script, server_tls)

    async with opened(verify=ca_path).send(HttpRequest("GET", side.url), LIMITS) as answer:
        assert await answer.read() == b"half"
        side.connections[0].writer.transport.abort()
        with pytest.raises(StreamTruncatedError):
            await answer.read()


async def test_a_body_without_a_length_ends_with_the_connection(
    transport: Transport, serve: Serve
) -> None:
    async def script(connection: Connection) -> None:
        await connection.request()
        await connection.send(b"HTTP/1.1 200 OK\r\n\r\nall of it")

    side = await serve(script)

    async with transport.send(HttpRequest("GET", side.url), LIMITS) as answer:
        assert (await read_all(answer)).body == b"all of it"


@pytest.mark.parametrize("how", ["fin", "rst"])
async def test_an_end_before_the_head_is_a_transport_error_and_a_post_is_sent_once(
    transport: Transport, serve: Serve, how: str
) -> None:
    async def script(connection: Connection) -> None:
        await connection.request()
        if how == "rst":
            connection.reset()

    side = await serve(script)

    with pytest.raises(TransportError):
        async with transport.send(HttpRequest("POST", side.url, {}, b"x"), LIMITS):
            pass

    assert len(side.seen) == 1


async def test_a_post_is_not_sent_again_over_a_fresh_connection(
    transport: Transport, serve: Serve
) -> None:
    """The far side ends a kept connection just as it takes the request: who knows what it did?"""

    async def script(connection: Connection) -> None:
        await connection.request()
        await connection.send(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        await connection.request()

    side = await serve(script)
    async with transport.send(HttpRequest("GET", side.url), LIMITS) as answer:
        await read_all(answer)

    requests = [HttpRequest("POST", side.url, {}, b"x")] * 2
    errors = []
    for request in requests:
        try:
            async with transport.send(request, LIMITS) as answer:
                await read_all(answer)
        except ChatError as error:
            errors.append(error)

    # Sent at most once each; where the kept connection was used, its end is told.
    assert len([seen for seen in side.seen if seen.method == "POST"]) == 2
    assert all(isinstance(error, TransportError) for error in errors)


@pytest.mark.parametrize(
    "sent",
    [
        b"SSH-2.0-OpenSSH_9.6\r\n\r\n",
        b"HTTP/1.1 abc OK\r\n\r\n",
        b"\x00\x01\x02\x03\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nA: " + b"x" * 1_000_000 + b"\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * 100_000 + b"\r\n",
    ],
    ids=["ssh", "status", "bytes", "long header", "many headers"],
)
async def test_garbage_for_a_head_is_an_error(
    transport: Transport, serve: Serve, sent: bytes
) -> None:
    async def script(connection: Connection) -> None:
        await connection.request()
        await connection.send(sent)
        await connection.until_gone()

    side = await serve(script)

    with pytest.raises((ResponseError, TransportError)):
        async with transport.send(HttpRequest("POST", side.url, {}, b"x"), LIMITS):
            pass


async def test_nobody_listening_is_a_transport_error(
    transport: Transport, unused_port: int
) -> None:
    with pytest.raises(TransportError) as caught:
        async with transport.send(
            HttpRequest("GET", f"http://127.0.0.1:{unused_port}/?key=SECRET"), LIMITS
        ):
            pass

    assert "SECRET" not in str(caught.value)


async def test_a_name_without_address_is_a_transport_error(transport: Transport) -> None:
    with pytest.raises(TransportError, match="name"):
        async with transport.send(HttpRequest("GET", "http://no-such-host.invalid/"), LIMITS):
            pass


async def test_a_reply_before_the_real_one_is_passed_over(
    transport: Transport, serve: Serve
) -> None:
    async def script(connection: Connection) -> None:
        await connection.request()
        await connection.send(b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n")
        await connection.send(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")

    side = await serve(script)

    async with transport.send(HttpRequest("GET", side.url), LIMITS) as answer:
        assert (answer.head.status, await answer.read()) == (200, b"ok")
        assert "link" not in answer.head.headers
