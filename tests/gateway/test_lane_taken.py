"""Which requests take the short way, and which do not: each reason by itself.

What matters is that every one is answered as it should be; that most of them are answered by the
short way is what makes a gateway quick, and is counted.
"""

import asyncio
import base64
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import msgspec
import pytest

from dragoman import emulators
from dragoman.config import Config
from dragoman.gateway.app import Application
from tests.gateway.house import NO_BREAKER, ONCE, PROVIDERS, House, open_gateway, open_house
from tests.gateway.raw import Raw, connect, head
from tests.gateway.wire import ARRAY, SAME, WIRES, post

TEXT = "one two three"
KEY = "the-key"
BOTH = ["chat/mock-model", "claude/mock-model"]
PLAIN = {"rescue": "off", "retries": 0}

ROUTES: Mapping[str, Mapping[str, Any]] = {
    "plain": {"candidates": BOTH[:1]},
    "listed": {"candidates": BOTH},
    "far": {"candidates": BOTH[::-1]},
    "hedged": {"candidates": BOTH, "hedge_after_s": 5},
    "shared": {"candidates": BOTH[:1], "share": True},
    "rotating": {"candidates": BOTH, "order": "rotate"},
    "alone": {"candidates": BOTH[:1], "order": "rotate"},
    "to-weak": {"candidates": ["weak/mock-model", BOTH[0]]},
    "to-blind": {"candidates": ["blind/mock-model", BOTH[0]]},
    "to-proxied": {"candidates": ["proxied/mock-model", BOTH[0]]},
    "to-biscuits": {"candidates": ["biscuits/mock-model"]},
}
LACKS = dict.fromkeys(("tools", "images", "schema", "audio", "documents"), False)
MORE: Mapping[str, Mapping[str, Any]] = {
    "blind": {"model": {"mock-model": LACKS}},
    "weak": {"model": {"mock-model": {"tools": False, "context": 1_000}}},
    "proxied": {"proxy": "http://127.0.0.1:9"},
    "biscuits": {"cookies": {"a": "b"}},
}
"""Providers of the dialect `openai_chat`, each with something of its own."""


async def relayed(app: Application) -> int:
    """How many requests took the short way, by the metrics."""
    page = (await asyncio.to_thread(app.gateway.meter.page().text)).decode()
    lines = [line for line in page.splitlines() if line.startswith("dragoman_relayed_requests_t")]
    return sum(int(float(line.rpartition(" ")[2])) for line in lines)


@asynccontextmanager
async def open_many(**gateway: Any) -> AsyncIterator[House]:
    """A gateway with all these routes; the keywords are fields of `[gateway]`."""
    async with AsyncExitStack() as stack:
        far = {
            name: await stack.enter_async_context(emulators.run(PROVIDERS[name][0]))
            for name in ("chat", "claude")
        }
        usual = {"api_key": "any-key", "models": ["mock-model"]}
        tables: dict[str, dict[str, Any]] = {
            name: {"dialect": PROVIDERS[name][1], "base_url": one.url + PROVIDERS[name][2], **usual}
            for name, one in far.items()
        }
        for name, more in MORE.items():
            tables[name] = {**tables["chat"], **more}
        config = Config.of(
            tables,
            gateway={"log": False, **gateway},
            routes={name: {**PLAIN, **route} for name, route in ROUTES.items()},
            health=NO_BREAKER,
        )
        url, app = await stack.enter_async_context(open_gateway(config))
        yield House(url, app, far)


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """A request to the chat face, or its difference from a usual one."""

    taken: bool = False
    model: str = "chat/mock-model"
    status: int = 200
    path: str = "/v1/chat/completions"
    more: Mapping[str, Any] = {}
    headers: Mapping[str, str] = {}
    gateway: Mapping[str, Any] = {}
    text: str = TEXT
    body: bytes | None = None


TOOLS = {"tools": [{"type": "function", "function": {"name": "weather"}}]}
LIMITED = {"keys": [{"name": "a", "key": KEY, "models": ["claude/*"]}]}
BEARER = {"authorization": f"Bearer {KEY}"}
ROWS: Mapping[str, Row] = {
    "as it is usual": Row(taken=True),
    "a route": Row(model="plain", taken=True),
    "a route with somebody to go on with": Row(model="listed", taken=True),
    "an order of one": Row(model="alone", taken=True),
    "tools": Row(more=TOOLS, taken=True),
    "tools where nothing is known": Row(model="listed", more=TOOLS, taken=True),
    "a field that nobody knows": Row(more={"metadata": {"a": "b"}}, taken=True),
    "the usage is asked for": Row(more={"stream_options": {"include_usage": True}}, taken=True),
    "with a key": Row(gateway={"keys": [KEY]}, headers=BEARER, taken=True),
    "with a key elsewhere": Row(gateway={"keys": [KEY]}, headers={"x-api-key": KEY}, taken=True),
    "a key in the address": Row(
        gateway={"keys": [KEY]}, path=f"/v1/chat/completions?key={KEY}", taken=True
    ),
    "a weak model that is not asked for more": Row(model="to-weak", taken=True),
    "another dialect": Row(model="claude/mock-model"),
    "another dialect first": Row(model="far"),
    "hedged": Row(model="hedged"),
    "shared": Row(model="shared"),
    "one after the other": Row(model="rotating"),
    "a proxy": Row(model="to-proxied"),
    "cookies": Row(model="to-biscuits"),
    "a web page": Row(gateway={"origins": ["*"]}, headers={"origin": "https://a.example"}),
    "the plan is asked for": Row(headers={"x-dragoman-explain": "1"}),
    "another name of this machine": Row(headers={"host": "evil.example"}, status=403),
    "no such model": Row(model="chatt/mock-model", status=404),
    "the first to ask a model that nobody has named": Row(model="chat/other-model"),
    "no model": Row(body=b'{"messages":[]}', status=400),
    "a model that is none": Row(body=b'{"model":7,"messages":[]}', status=400),
    "no JSON": Row(body=b"{", status=400),
    "nothing": Row(body=b"", status=400),
    "no UTF-8": Row(body=b'{"model":"chat/mock-model","messages":"\xff"}', status=400),
    "no key": Row(gateway={"keys": [KEY]}, status=401),
    "another key": Row(gateway={"keys": ["other"]}, headers=BEARER, status=401),
    "a key that may not": Row(gateway=LIMITED, headers=BEARER, status=403),
    "a key that may not ask the route": Row(
        gateway=LIMITED, headers=BEARER, model="plain", status=403
    ),
    "tools for a model that has none": Row(model="to-weak", more=TOOLS),
    "too long for the model, perhaps": Row(model="to-weak", text="x " * 600),
    "longer than the short way takes": Row(text="x" * 5_000_000),
    "longer than the gateway takes": Row(gateway={"body_limit_bytes": 9}, status=413),
    "an address with escapes": Row(path="/v1/chat%2Fcompletions"),
    "it is off": Row(gateway={"relay": "off"}),
}


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "streamed"])
@pytest.mark.parametrize("name", ROWS)
async def test_what_takes_the_short_way(name: str, stream: bool) -> None:
    row = ROWS[name]
    more = row.more if stream else {k: v for k, v in row.more.items() if k != "stream_options"}
    asked = {**WIRES["chat"].body(row.model, row.text, stream), **more}
    body = json.dumps(asked).encode() if row.body is None else row.body
    async with open_many(**row.gateway) as house:
        async with connect(house.url) as raw:
            host = row.headers.get("host", "127.0.0.1")
            named = {"host": host, "content-length": str(len(body)), **row.headers}
            lines = [f"{key}: {value}" for key, value in named.items()]
            first = f"POST {row.path} HTTP/1.1"
            await raw.send("\r\n".join([first, *lines, "", ""]).encode() + body)
            await raw.read_head()
            said = await raw.body()
        taken = await relayed(house.app)

    assert (raw.status, raw.whole) == (row.status, True), said
    assert taken == row.taken


def _part(kind: str, value: Any) -> dict[str, Any]:
    said = [{"type": "text", "text": TEXT}, {"type": kind, kind: value}]
    return {"messages": [{"role": "user", "content": said}]}


PDF = base64.b64encode(b"%PDF-1.4\n%%EOF\n").decode()
FORM = {"type": "json_schema", "json_schema": {"name": "any", "schema": {"type": "object"}}}
SPECIAL: Mapping[str, Mapping[str, Any]] = {
    "tools": TOOLS,
    "a picture": _part("image_url", {"url": "https://a.example/a.png"}),
    "a sound": _part("input_audio", {"data": "AAAA", "format": "wav"}),
    "a file": _part(
        "file", {"file_data": f"data:application/pdf;base64,{PDF}", "filename": "a.pdf"}
    ),
    "a form": {"response_format": FORM},
}


@pytest.mark.parametrize(("model", "taken"), [("to-blind", 0), ("listed", 1)])
@pytest.mark.parametrize("name", SPECIAL)
async def test_what_a_model_may_be_unable_to_do_is_seen_by_the_ordinary_way(
    name: str, model: str, taken: int
) -> None:
    """It is not asked then, and the next one is; where nothing is known, the bytes are sent on."""
    body = {**WIRES["chat"].body(model, TEXT, False), **SPECIAL[name]}
    async with open_many() as house:
        async with post(house.url, "/v1/chat/completions", body) as answer:
            await answer.read_head()
            said = await answer.body()

        assert answer.status == 200, said
        assert answer.headers["x-dragoman-provider"] == "chat"
        assert await relayed(house.app) == taken


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "streamed"])
@pytest.mark.parametrize(("face", "provider"), SAME.items(), ids=str)
async def test_every_face_has_one(face: str, provider: str, stream: bool) -> None:
    """From the first request on: lines are made before the server listens."""
    wire, model = WIRES[face], f"{provider}/mock-model"
    async with open_house(provider) as house:
        async with post(
            house.url, wire.path(model, stream), wire.body(model, TEXT, stream)
        ) as answer:
            await answer.read_head()
            said = await answer.body()

        assert answer.status == 200
        assert b"three" in said
        assert await relayed(house.app) == 1


async def test_a_list_in_pieces_is_not_for_it() -> None:
    async with open_house("gemini") as house:
        model = "gemini/mock-model"
        async with post(house.url, ARRAY.path(model, True), ARRAY.body("", TEXT, True)) as answer:
            await answer.read_head()

            assert "three" in json.dumps(await answer.said())
        assert await relayed(house.app) == 0


HEADS: Mapping[str, tuple[bytes, bool]] = {
    "a length": (head("content-length: %d"), True),
    "a length, and then no more": (head("connection: close", "content-length: %d"), True),
    "chunks": (head("transfer-encoding: chunked"), False),
    "HTTP/1.0": (head("content-length: %d", first="POST /v1/chat/completions HTTP/1.0"), False),
    "it asks before": (head("expect: 100-continue", "content-length: %d"), False),
    "another protocol": (head("connection: upgrade", "upgrade: h2c", "content-length: %d"), False),
    "the whole address": (
        head("content-length: %d", first="POST http://127.0.0.1/v1/chat/completions HTTP/1.1"),
        False,
    ),
}


def _asked(text: str = TEXT, **more: Any) -> bytes:
    return json.dumps(WIRES["chat"].body("chat/mock-model", text, False) | more).encode()


@pytest.mark.parametrize("name", HEADS)
async def test_a_head_decides(name: str) -> None:
    said_head, taken = HEADS[name]
    body = _asked()
    async with open_house("chat") as house:
        async with connect(house.url) as raw:
            if b"%d" in said_head:
                await raw.send(said_head % len(body) + body)
            else:
                await raw.send(said_head + b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body))
            if name == "HTTP/1.0":
                said = await raw.reader.read()
            else:
                await raw.read_head()
                said = await raw.body()

        assert b"one two three" in said
        assert await relayed(house.app) == taken


async def test_a_model_that_was_asked_before_is_known() -> None:
    """Whoever asks first goes the ordinary way, and is not kept waiting for a better one."""
    async with open_house("chat") as house:
        for number in range(3):
            body = WIRES["chat"].body("chat:mock-model", TEXT, False)
            async with post(house.url, "/v1/chat/completions", body) as answer:
                await answer.read_head()
                assert answer.status == 200
                await answer.body()
            assert await relayed(house.app) == number


async def test_what_is_used_up_is_refused_as_always() -> None:
    key = {"name": "shop", "key": KEY, "requests_per_minute": 2}
    statuses = []
    async with open_house("chat", keys=[key]) as house:
        for _ in range(3):
            async with post(house.url, "/v1/chat/completions", _asked(), BEARER) as answer:
                await answer.read_head()
                await answer.body()
                statuses.append((answer.status, answer.headers["x-ratelimit-remaining-requests"]))

        assert statuses == [(200, "1"), (200, "0"), (429, "0")]
        assert "retry-after" in answer.headers
        assert await relayed(house.app) == 2
        assert len(house.far["chat"].journal) == 2


async def test_an_open_breaker_is_left_to_the_ordinary_way() -> None:
    async with emulators.run("openai") as far, AsyncExitStack() as stack:
        table = {"dialect": "openai_chat", "base_url": f"{far.url}/v1", "models": ["mock-model"]}
        config = Config.of(
            {"chat": table},
            gateway={"log": False},
            routes={"once": {**ONCE, "candidates": BOTH[:1]}},
            health={"breaker_failures": 1, "probe_every_s": 600},
        )
        url, app = await stack.enter_async_context(open_gateway(config))
        far.scenario(status=500)
        statuses = []
        for _ in range(2):
            async with post(url, "/v1/chat/completions", _asked(model="once")) as answer:
                await answer.read_head()
                await answer.body()
                statuses.append(answer.status)

        assert statuses == [500, 503]
        assert len(far.journal) == 1
        assert await relayed(app) == 1


async def test_requests_in_a_row_are_answered_in_their_order() -> None:
    """Those that come while one is answered wait behind it, and for them there is no short way."""
    bodies = [_asked(f"number {number}") for number in range(4)]
    sent = b"".join(head(f"content-length: {len(body)}") + body for body in bodies)
    async with open_house("chat") as house, connect(house.url) as raw:
        house.far["chat"].scenario(slow={"before_headers_s": 0.05})
        await raw.send(sent)
        said = [await _whole(raw) for _ in bodies]

        assert [f"number {number}".encode() in one for number, one in enumerate(said)] == [True] * 4
        assert await relayed(house.app) == 1

        for _ in range(3):
            await raw.send(head(f"content-length: {len(bodies[0])}") + bodies[0])
            await _whole(raw)
        assert await relayed(house.app) == 4
        assert house.far["chat"].connections <= 2


async def _whole(raw: Raw) -> bytes:
    await raw.read_head()
    assert raw.status == 200
    return await raw.body()
