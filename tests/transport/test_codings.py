"""A compressed stream is text as soon as a piece is flushed, and never more than was asked for."""

import asyncio
import gzip
import zlib
from collections.abc import Callable

import brotli  # type: ignore[import-untyped]  # it ships no types
import pytest

from dragoman.errors import ResponseError, StreamTruncatedError
from dragoman.transport.base import Limits, Transport, read_all
from dragoman.transport.content_codings import MAX_PIECE_BYTES
from dragoman.wire.http import HttpRequest
from tests.transport.conftest import Serve
from tests.transport.far_side import LAST_CHUNK, Connection, chunk, reply

LIMITS = Limits(connect_s=5, idle_s=5)


def head(coding: str) -> bytes:
    return (
        f"HTTP/1.1 200 OK\r\nContent-Encoding: {coding}\r\nTransfer-Encoding: chunked\r\n\r\n"
    ).encode()


class Flushing:
    """A compressor that makes each piece readable at once."""

    def __init__(self, coding: str) -> None:
        bits = {"gzip": 31, "deflate": 15, "raw": -15}.get(coding)
        if bits is None:
            inner = brotli.Compressor()
            self.piece: Callable[[bytes], bytes] = lambda text: inner.process(text) + inner.flush()
            self.end: Callable[[], bytes] = inner.finish
        else:
            zipper = zlib.compressobj(wbits=bits)
            self.piece = lambda text: zipper.compress(text) + zipper.flush(zlib.Z_SYNC_FLUSH)
            self.end = zipper.flush


@pytest.mark.parametrize("coding", ["gzip", "deflate", "raw", "br"])
async def test_each_flushed_event_arrives_before_the_next_is_sent(
    transport: Transport, serve: Serve, coding: str
) -> None:
    heard = asyncio.Event()
    events = [f"data: event {at} {'x' * at}\n\n".encode() for at in range(20)]

    async def script(connection: Connection) -> None:
        await connection.request()
        zipper = Flushing(coding)
        await connection.send(head("deflate" if coding == "raw" else coding))
        for event in events:
            await connection.send(chunk(zipper.piece(event)))
            await heard.wait()
            heard.clear()
        await connection.send(chunk(zipper.end()) + LAST_CHUNK)
        await connection.until_gone()

    side = await serve(script)

    async with transport.send(HttpRequest("GET", side.url), LIMITS) as answer:
        for event in events:
            text = b""
            while len(text) < len(event):
                text += await answer.read()
            assert text == event
            heard.set()
        assert await answer.read() == b""


@pytest.mark.parametrize(
    ("coding", "body"),
    [
        ("gzip", gzip.compress(b"one") + gzip.compress(b"two")),
        ("x-gzip", gzip.compress(b"onetwo") + bytes(8)),
        ("GZIP, br", brotli.compress(gzip.compress(b"onetwo"))),
        ("identity", b"onetwo"),
    ],
    ids=["two members", "padding", "two codings", "identity"],
)
async def test_other_ways_to_say_it_are_understood(
    transport: Transport, serve: Serve, coding: str, body: bytes
) -> None:
    async def script(connection: Connection) -> None:
        await connection.request()
        await connection.send(reply(body, Content_Encoding=coding))

    side = await serve(script)

    async with transport.send(HttpRequest("GET", side.url), LIMITS) as answer:
        assert (await read_all(answer)).body == b"onetwo"


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br"])
async def test_bytes_that_are_not_what_the_header_says_are_an_error(
    transport: Transport, serve: Serve, coding: str
) -> None:
    async def script(connection: Connection) -> None:
        await connection.request()
        await connection.send(reply(b"\xfe\xfeplain text, not compressed", Content_Encoding=coding))

    side = await serve(script)

    with pytest.raises(ResponseError) as caught:
        async with transport.send(HttpRequest("GET", side.url), LIMITS) as answer:
            await read_all(answer)

    assert not isinstance(caught.value, StreamTruncatedError)


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br"])
async def test_compressed_data_without_its_end_is_cut(
    transport: Transport, serve: Serve, coding: str
) -> None:
    """The body may be whole for HTTP, and half for its reader."""

    async def script(connection: Connection) -> None:
        await connection.request()
        piece = Flushing(coding).piece(b"half of")
        await connection.send(head(coding) + chunk(piece) + LAST_CHUNK)

    side = await serve(script)

    async with transport.send(HttpRequest("GET", side.url), LIMITS) as answer:
        assert await answer.read() == b"half of"
        with pytest.raises(StreamTruncatedError):
            await answer.read()


async def test_a_coding_that_was_not_asked_for_is_an_error(
    transport: Transport, serve: Serve
) -> None:
    async def script(connection: Connection) -> None:
        await connection.request()
        await connection.send(reply(b"\x28\xb5\x2f\xfd", Content_Encoding="zstd"))

    side = await serve(script)

    with pytest.raises(ResponseError, match="not asked for"):
        async with transport.send(HttpRequest("GET", side.url), LIMITS):
            pass


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br"])
async def test_a_bomb_unfolds_piece_by_piece(
    transport: Transport, serve: Serve, coding: str
) -> None:
    size = 64 * 1024 * 1024
    match coding:
        case "gzip":
            packed = gzip.compress(bytes(size), 1)
        case "deflate":
            packed = zlib.compress(bytes(size), 1)
        case _:
            packed = brotli.compress(bytes(size), quality=1)

    async def script(connection: Connection) -> None:
        await connection.request()
        await connection.send(reply(packed, Content_Encoding=coding))

    side = await serve(script)

    async with transport.send(HttpRequest("GET", side.url), LIMITS) as answer:
        with pytest.raises(ResponseError, match="longer"):
            await read_all(answer, max_bytes=4 * MAX_PIECE_BYTES)
    async with transport.send(HttpRequest("GET", side.url), LIMITS) as answer:
        assert len(await answer.read()) <= 2 * MAX_PIECE_BYTES


async def test_a_bomb_does_not_stop_the_loop(transport: Transport, serve: Serve) -> None:
    """Unfolding waits for no socket: the limits of everybody else's calls would wait for it."""
    packed = gzip.compress(bytes(256 * 1024 * 1024), 1)

    async def script(connection: Connection) -> None:
        await connection.request()
        await connection.send(reply(packed, Content_Encoding="gzip"))

    side = await serve(script)
    turns = 0

    async def others() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    async with transport.send(HttpRequest("GET", side.url), LIMITS) as answer:
        other = asyncio.create_task(others())
        await answer.read()
        before, pieces = turns, 0
        for _ in range(50):
            pieces += bool(await answer.read())
        other.cancel()

    assert pieces == 50
    assert turns - before >= 45
