"""Bytes that no honest program sends, and some that only rare ones do.

A request is one request, for this gateway as for any proxy in front of it: what could be taken for
two is refused, and so is what never ends.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from urllib.parse import quote

import msgspec
import pytest

from dragoman import emulators
from dragoman.config import Config
from tests.gateway.house import House, each_way, open_gateway, open_house
from tests.gateway.raw import chat, connect, head
from tests.gateway.wire import WIRES, post

BODY = chat()
CHUNKED = b"%x\r\n%b\r\n0\r\n\r\n" % (len(BODY), BODY)
LENGTH = f"content-length: {len(BODY)}"
TE = "transfer-encoding: chunked"
BEHIND = b"GET /health/live HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n"
"""What a smuggler hides behind a request."""
SOON_S = 15.0


@pytest.fixture
async def house(request: pytest.FixtureRequest) -> AsyncIterator[House]:
    """With the short way; `each_house` has one without it, too."""
    async with open_house("chat", relay=getattr(request, "param", "on")) as house:
        yield house


each_house = pytest.mark.parametrize("house", ["on", "off"], indirect=True)
"""For what would go the short way: most of what is here is refused or read before that is known."""


@pytest.fixture
async def any_models() -> AsyncIterator[str]:
    """The address of a gateway whose provider does not say which models it has."""
    async with emulators.run("openai") as far:
        table = {"dialect": "openai_chat", "base_url": f"{far.url}/v1", "api_key": "any"}
        async with open_gateway(Config.of({"far": table}, gateway={"log": False})) as (url, _):
            yield url


REFUSED: Mapping[str, bytes] = {
    "a length and chunks": head(LENGTH, TE) + CHUNKED,
    "chunks and a length": head(TE, "content-length: 4") + CHUNKED,
    "two lengths": head("content-length: 4", LENGTH) + BODY,
    "the same length twice": head(LENGTH, LENGTH) + BODY,
    "a list of lengths": head(f"{LENGTH}, {len(BODY)}") + BODY,
    "a length with a sign": head(f"content-length: +{len(BODY)}") + BODY,
    "a length below nothing": head("content-length: -1") + BODY,
    "a length in hexadecimal": head(f"content-length: {len(BODY):#x}") + BODY,
    "a length that is empty": head("content-length:") + BODY,
    "a length beyond all numbers": head(f"content-length: {10**30}") + BODY,
    "a blank before the colon": head(f"content-length : {len(BODY)}") + BODY,
    "a folded header": head("x-a: b", " c", LENGTH) + BODY,
    "a folded encoding": head("transfer-encoding:", " chunked") + CHUNKED,
    "a blank line's beginning": head(" x-a: b", LENGTH) + BODY,
    "bare line feeds": head(LENGTH, end="\n") + BODY,
    "one bare line feed": head("x-a: b\nx-c: d", LENGTH) + BODY,
    "a bare carriage return": head("x-a: b\rx-c: d", LENGTH) + BODY,
    "a NUL in a header": head("x-a: b\0c", LENGTH) + BODY,
    "a NUL in a header's name": head("x\0a: b", LENGTH) + BODY,
    "a header without a name": head(": b", LENGTH) + BODY,
    "a NUL in the address": head(LENGTH, first="POST /v1/chat\0/completions HTTP/1.1") + BODY,
    "chunks in another encoding": head("transfer-encoding: gzip, chunked") + CHUNKED,
    "chunks that are not the last": head("transfer-encoding: chunked, identity") + CHUNKED,
    "another encoding": head("transfer-encoding: xchunked") + CHUNKED,
    "no encoding, said": head("transfer-encoding: identity") + BODY,
    "encodings twice": head(TE, TE) + CHUNKED,
    "an encoding behind a tab": head("transfer-encoding: \x0bchunked") + CHUNKED,
    "chunks in HTTP/1.0": head(TE, first="POST /v1/chat/completions HTTP/1.0") + CHUNKED,
    "a chunk of no size": head(TE) + b"\r\n" + BODY,
    "a chunk's size that is none": head(TE) + b"zz\r\n" + BODY,
    "a chunk below nothing": head(TE) + b"-1\r\n" + BODY,
    "a chunk's size with 0x": head(TE) + b"0x2\r\n{}\r\n0\r\n\r\n",
    "a chunk's size with a blank": head(TE) + b"2 \r\n{}\r\n0\r\n\r\n",
    "a chunk's size beyond all numbers": head(TE) + b"f" * 17 + b"\r\n" + BODY,
    "chunks with bare line feeds": head(TE) + b"2\n{}\n0\n\n",
    "a line feed in what a chunk adds": head(TE) + b"2;\nx\r\n{}\r\n0\r\n\r\n",
    "a chunk that is longer than it says": head(TE) + b"2\r\n{ }\r\n0\r\n\r\n",
    "no host": head(LENGTH).replace(b"host: 127.0.0.1\r\n", b"") + BODY,
    "two hosts": head("host: 127.0.0.1", LENGTH) + BODY,
    "no HTTP": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + BODY,
    "HTTP of the future": head(LENGTH, first="POST /v1/chat/completions HTTP/1.2") + BODY,
    "HTTP/2 without being asked": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "a tunnel": head(first="CONNECT 127.0.0.1:22 HTTP/1.1"),
    "an address without a path": head(LENGTH, first="POST http://127.0.0.1 HTTP/1.1") + BODY,
}


@pytest.mark.parametrize("name", REFUSED)
async def test_what_could_be_two_requests_is_none(house: House, name: str) -> None:
    """It is answered once, nothing behind it is, and no provider is asked."""
    async with connect(house.url) as raw:
        await raw.send(REFUSED[name] + BEHIND)

        async with asyncio.timeout(SOON_S):
            statuses = await raw.statuses()

    assert statuses in ([400], [501])
    assert house.far["chat"].journal == []


TAKEN: Mapping[str, bytes] = {
    "chunks": head(TE) + CHUNKED,
    "Chunks": head("Transfer-Encoding: Chunked") + CHUNKED,
    "zeros before a chunk's size": head(TE) + b"000" + CHUNKED,
    "something added to a chunk": head(TE) + CHUNKED.replace(b"\r\n", b";a=b\r\n", 1),
    "a field behind the chunks": head(TE) + CHUNKED[:-2] + b"x-a: b\r\n\r\n",
    "blank lines before it": b"\r\n\r\n" + head(LENGTH) + BODY,
    "HTTP/1.0": head(LENGTH, first="POST /v1/chat/completions HTTP/1.0") + BODY,
    "the whole address": head(LENGTH, first="POST http://127.0.0.1/v1/chat/completions HTTP/1.1")
    + BODY,
    "an offer of HTTP/2": head("connection: upgrade", "upgrade: h2c", LENGTH) + BODY,
    "an offer, and chunks": head("connection: upgrade", "upgrade: h2c", TE) + CHUNKED,
    "an offer of a web socket": head("connection: upgrade", "upgrade: websocket", LENGTH) + BODY,
}


@pytest.mark.parametrize("size", [100_000, 1])
@pytest.mark.parametrize("name", TAKEN)
async def test_what_is_one_request_is_answered_however_it_is_cut(
    house: House, name: str, size: int
) -> None:
    async with connect(house.url) as raw:
        for at in range(0, len(TAKEN[name]), size):
            await raw.send(TAKEN[name][at : at + size])
            await asyncio.sleep(0)
        await raw.read_head()
        said = msgspec.json.decode(await raw.body())

        assert said["choices"][0]["message"]["content"] == "one two three"
        if "1.0" not in name:
            await raw.send(BEHIND)
            await raw.read_head()
            assert raw.status == 200


async def test_a_field_behind_the_body_is_no_header() -> None:
    """A proxy that checks headers does not look at it there."""
    async with open_house("chat", keys=["the-key"]) as house, connect(house.url) as raw:
        await raw.send(head(TE) + CHUNKED[:-2] + b"authorization: Bearer the-key\r\n\r\n")
        await raw.read_head()

    assert raw.status == 401


@each_house
async def test_requests_in_a_row_are_answered_in_their_order(house: House) -> None:
    first, second = chat("first"), chat("second", stream=True)
    async with connect(house.url) as raw:
        for body in (first, second):
            await raw.send(head(f"content-length: {len(body)}") + body)
        await raw.send(BEHIND)

        said = []
        for _ in range(3):
            await raw.read_head()
            said.append(await raw.body())

    assert b"first" in said[0]
    assert b"second" in said[1]
    assert said[2] == b'{"status":"ok"}'


@each_house
async def test_nonsense_behind_a_request_is_not_written_into_its_answer(house: House) -> None:
    """Its answer is cut: two answers in one would be taken for it."""
    far = house.far["chat"]
    far.scenario(slow={"between_events_s": 0.2})
    body = chat(stream=True)
    async with connect(house.url) as raw:
        await raw.send(head(f"content-length: {len(body)}") + body)
        await raw.read_head()
        await raw.send(b"\0\0\0\r\n\r\n")
        rest = await raw.body()

        assert not raw.whole
        assert b"HTTP/1.1" not in rest
        await far.wait_closed(SOON_S)


@each_house
async def test_who_sends_more_and_goes_is_gone_for_all_of_it(house: House) -> None:
    far = house.far["chat"]
    far.scenario(slow={"between_events_s": 0.1}, answer="word " * 200)
    body = chat(stream=True)
    async with connect(house.url) as raw:
        await raw.send(head(f"content-length: {len(body)}") + body)
        await raw.read_head()
        await raw.send(BEHIND)
        raw.leave()

        await far.wait_closed(SOON_S)

    assert (far.answers, far.abandoned) == (0, 1)


LIMIT = 16 * 1024
LONG: Mapping[str, tuple[bytes, bytes]] = {
    "a header that never ends": (b"GET / HTTP/1.1\r\nx-a: ", b"a" * 4000),
    "a name that never ends": (b"GET / HTTP/1.1\r\n", b"a" * 4000),
    "headers that never end": (b"GET / HTTP/1.1\r\n", b"x-a: bcdefgh\r\n" * 300),
    "an address that never ends": (b"GET /", b"a" * 4000),
    "a field behind the body": (head(TE) + b"2\r\n{}\r\n0\r\nx-a: ", b"a" * 4000),
    "what a chunk adds": (head(TE) + b"2;", b"a" * 4000),
}


@pytest.mark.parametrize("pace_s", [0.0, 0.005])
@pytest.mark.parametrize("name", LONG)
async def test_what_never_ends_is_refused_when_it_is_too_long(name: str, pace_s: float) -> None:
    """However slowly it comes: what one connection can make us hold is bounded."""
    begin, piece = LONG[name]
    async with (
        open_house("chat", head_limit_bytes=LIMIT, read_s=60) as house,
        connect(house.url) as raw,
    ):
        await raw.send(begin)
        sent = await raw.send_until_refused(piece, 64 * LIMIT, pace_s)

        assert sent < 64 * LIMIT
        if pace_s:
            assert sent < 3 * LIMIT
            # It is a proper answer, in the words of the face.
            await raw.read_head()
            said = await raw.json()
            assert raw.status == 431
            assert f"longer than {LIMIT} bytes" in said["error"]["message"]
        async with asyncio.timeout(SOON_S):
            assert await raw.is_closed_in(SOON_S)
        assert house.far["chat"].journal == []


@pytest.mark.parametrize("size", [100_000, 500])
async def test_a_head_up_to_the_limit_is_taken(size: int) -> None:
    async with open_house("chat", head_limit_bytes=LIMIT) as house, connect(house.url) as raw:
        for spare, status in ((200, 200), (-200, 431)):
            long = head("x-a: " + "a" * (LIMIT - spare), LENGTH) + BODY
            for at in range(0, len(long), size):
                await raw.send(long[at : at + size])
            await raw.read_head()
            await raw.body()
            assert raw.status == status


async def test_a_refusal_is_said_in_the_words_of_the_face() -> None:
    for path, told in (("/v1/messages", '"type":"error"'), ("/api/chat", '{"error":"')):
        async with (
            open_house("chat", head_limit_bytes=500) as house,
            post(house.url, path, BODY, {"x-a": "a" * 500}) as answer,
        ):
            await answer.read_head()

            assert answer.status == 431
            assert answer.headers["x-request-id"]
            assert told in (await answer.body()).decode()


SLOW: Mapping[str, bytes] = {
    "nothing at all": b"",
    "blank lines": b"\r\n",
    "half a line": b"POST /v1/chat",
    "half a head": head(LENGTH)[:-2],
    "a head without its body": head(LENGTH),
    "half a body": head(LENGTH) + BODY[:9],
    "half a chunk": head(TE) + b"9\r\n{",
    "chunks without the last": head(TE) + CHUNKED[:-5],
    "no end behind the chunks": head(TE) + CHUNKED[:-2] + b"x-a",
    "half of a second one": head(LENGTH) + BODY + BEHIND[:9],
}
DRIP = {
    "half a line": b"a",
    "half a head": b"x: y\r\n",
    "half a body": b" ",
    "blank lines": b"\r\n",
}


@pytest.mark.parametrize("name", SLOW)
async def test_what_does_not_come_in_time_is_ended(name: str) -> None:
    """Also while it drips: a byte now and then is no request."""
    async with open_house("chat", read_s=1) as house, connect(house.url) as raw:
        await raw.send(SLOW[name])

        async def drip() -> None:
            while True:
                await raw.send(DRIP[name])
                await asyncio.sleep(0.05)

        dripping = asyncio.create_task(drip()) if name in DRIP else None
        try:
            async with asyncio.timeout(SOON_S):
                statuses = await raw.statuses()
        finally:
            if dripping:
                dripping.cancel()
                await asyncio.gather(dripping, return_exceptions=True)

        expected = {"nothing at all": [], "blank lines": [], "half of a second one": [200, 408]}
        assert statuses == expected.get(name, [408])
        assert len(house.far["chat"].journal) == (1 if "second" in name else 0)


@each_way
async def test_a_body_that_comes_steadily_may_take_longer(relay: str) -> None:
    async with open_house("chat", read_s=1, relay=relay) as house, connect(house.url) as raw:
        body = chat("x" * 200_000)
        await raw.send(head(f"content-length: {len(body)}"))
        for at in range(0, len(body), 20_000):
            await raw.send(body[at : at + 20_000])
            await asyncio.sleep(0.12)
        await raw.read_head()

    assert raw.status == 200


@each_way
async def test_an_answer_may_take_longer_than_its_request_and_so_may_a_pause(
    relay: str,
) -> None:
    async with open_house("chat", read_s=0.6, relay=relay) as house, connect(house.url) as raw:
        house.far["chat"].scenario(slow={"before_headers_s": 0.8})
        for _ in range(2):
            await raw.send(head(LENGTH) + BODY)
            await raw.read_head()
            await raw.body()
            await asyncio.sleep(0.8)

    assert raw.status == 200
    assert len(house.far["chat"].journal) == 2


NAMES = {
    "a line's end": "far/a\r\nx-evil: yes\r\n\r\nHTTP/1.1 200 OK",
    "a NUL": "far/a\0b",
    "a carriage return": "far/a\rb",
    "an escape": "far/a\x1b[31mb",
    "another line's end": "far/a\u2028b\x85c",
    "another script": "far/модель-模型",
    "no character": "far/\ufffe",
}


@pytest.mark.parametrize("face", ["chat", "messages", "gemini", "ollama"])
@pytest.mark.parametrize("name", NAMES)
async def test_a_models_name_is_only_a_name(any_models: str, face: str, name: str) -> None:
    """It comes back in a header, stands in the provider's address and in the log."""
    model = NAMES[name]
    wire = WIRES[face]
    async with post(
        any_models, wire.path(quote(model, safe="/"), False), wire.body(model, "hi", False)
    ) as answer:
        await answer.read_head()
        await answer.body()

        assert answer.status == 200
        assert answer.headers["x-dragoman-model"].isprintable()
        assert "x-evil" not in answer.headers
        assert answer.whole


@each_house
async def test_half_a_character_in_a_models_name_is_refused(house: House) -> None:
    body = rb'{"model":"chat/\ud800","messages":[{"role":"user","content":"hi"}]}'
    async with post(house.url, "/v1/chat/completions", body) as answer:
        await answer.read_head()

        assert answer.status in (400, 404)
        assert house.far["chat"].journal == []


@each_house
async def test_a_strange_request_id_is_not_passed_on(house: House) -> None:
    for strange in ("a b", "a\tb", "\xff", "a" * 129, "<b>"):
        async with connect(house.url) as raw:
            await raw.send(head(f"x-request-id: {strange}", LENGTH) + BODY)
            await raw.read_head()

            assert raw.headers["x-request-id"].startswith("req_")
