"""A gateway without keys answers programs of this machine, and no web page that is seen on it."""

import msgspec
import pytest

from tests.gateway.house import House, open_house
from tests.gateway.raw import Raw, chat, connect
from tests.gateway.wire import WIRES, post

EVIL = "https://evil.example"
FRIEND = "https://chat.example"
PREFLIGHT = {
    "access-control-request-method": "POST",
    "access-control-request-headers": "authorization, content-type, x-stainless-os",
}


async def ask(
    house: House,
    *,
    host: str = "127.0.0.1",
    method: str = "POST",
    path: str = "/v1/chat/completions",
    **headers: str,
) -> Raw:
    """The answer to a chat with this host and these headers, with its head read."""
    body = chat()
    lines = [
        f"{method} {path} HTTP/1.1",
        f"host: {host}",
        # What a page may send without asking first.
        "content-type: text/plain",
        f"content-length: {len(body)}",
        *(f"{name.replace('_', '-')}: {value}" for name, value in headers.items()),
    ]
    async with connect(house.url) as raw:
        await raw.send("\r\n".join(lines).encode() + b"\r\n\r\n" + body)
        await raw.read_head()
        raw.kept = await raw.body()
        return raw


OWN_HOSTS = (
    "127.0.0.1",
    "127.0.0.1:8484",
    "127.9.9.9",
    "[::1]:8484",
    "localhost",
    "LocalHost:1",
    "localhost.:1",
    "llm.test:80",
)
OTHER_HOSTS = ("evil.example", "evil.example:8484", "127.0.0.1.evil.example", "10.0.0.1", "[::2]")


@pytest.mark.parametrize("host", OWN_HOSTS)
async def test_this_machine_is_asked_by_its_names(host: str) -> None:
    async with open_house("chat", hosts=["llm.test"]) as house:
        assert (await ask(house, host=host)).status == 200


@pytest.mark.parametrize("host", OTHER_HOSTS)
async def test_a_name_that_its_owner_points_here_is_refused(host: str) -> None:
    """A page of it is of one origin with us, and its browser asks nobody."""
    async with open_house("chat", hosts=["llm.test"]) as house:
        for more in ({}, {"origin": f"http://{host}"}, {"authorization": "Bearer any"}):
            refused = await ask(house, host=host, **more)

            assert refused.status == 403
            assert b"unknown_host" in refused.kept
        assert (await ask(house, host=host, method="GET", path="/v1/models")).status == 403
        assert house.far["chat"].journal == []


@pytest.mark.parametrize("origin", [EVIL, "null", "http://localhost:3000", "http://127.0.0.1:1"])
@pytest.mark.parametrize("face", WIRES)
async def test_a_page_of_another_address_is_refused_in_the_words_of_the_face(
    face: str, origin: str
) -> None:
    """Its browser would send a plain text without asking, and the answer would cost money."""
    wire = WIRES[face]
    async with open_house("chat") as house:
        path, body = wire.path("chat/mock-model", False), wire.body("chat/mock-model", "hi", False)
        for key in ("", "&key=any" if "?" in path else "?key=any"):
            async with post(house.url, path + key, body, {"origin": origin}) as answer:
                await answer.read_head()

                assert answer.status == 403
                assert "access-control-allow-origin" not in answer.headers
                assert "origins" in str((await answer.json())["error"])
        assert house.far["chat"].journal == []


async def test_the_pages_that_are_named_may_ask_and_read() -> None:
    async with open_house("chat", origins=[FRIEND]) as house:
        first = await ask(house, method="OPTIONS", origin=FRIEND, **PREFLIGHT)
        answer = await ask(house, origin=FRIEND)
        other = await ask(house, method="OPTIONS", origin=EVIL, **PREFLIGHT)

    assert first.status == 200
    assert first.headers["access-control-allow-origin"] == FRIEND
    assert first.headers["access-control-allow-methods"] == "POST"
    allowed = first.headers["access-control-allow-headers"]
    assert allowed == PREFLIGHT["access-control-request-headers"]
    assert answer.status == 200
    assert answer.headers["access-control-allow-origin"] == FRIEND
    assert answer.headers["vary"] == "origin"
    assert answer.headers["access-control-expose-headers"] == "*"
    assert other.status == 403
    assert "access-control-allow-origin" not in other.headers


async def test_errors_and_streams_can_be_read_by_such_a_page_too() -> None:
    async with open_house("chat", origins=["*"]) as house:
        for model, stream, status in (("chat/mock-model", True, 200), ("nobody/x", False, 404)):
            body = WIRES["chat"].body(model, "hi", stream)
            async with post(house.url, "/v1/chat/completions", body, {"origin": EVIL}) as answer:
                await answer.read_head()

                assert answer.status == status
                assert answer.headers["access-control-allow-origin"] == EVIL


async def test_a_page_of_the_gateway_itself_may_ask() -> None:
    async with open_house("chat") as house:
        host = house.url.removeprefix("http://")
        assert (await ask(house, host=host, origin=house.url)).status == 200


@pytest.mark.parametrize("name", ["authorization", "x_api_key", "x_goog_api_key"])
async def test_a_key_in_a_header_shows_that_it_is_no_page(name: str) -> None:
    """An application that is made of web pages has an origin, and sends its key."""
    async with open_house("chat") as house:
        value = "Bearer any" if name == "authorization" else "any"
        assert (await ask(house, origin="app://obsidian.md", **{name: value})).status == 200
        assert (await ask(house, origin=EVIL, authorization="Basic YTpi")).status == 403


async def test_with_keys_it_is_they_that_decide() -> None:
    async with open_house("chat", keys=["the-key"], origins=[FRIEND]) as house:
        key = {"authorization": "Bearer the-key"}
        statuses = [
            (await ask(house, host="chat.example", origin=FRIEND)).status,
            (await ask(house, host="chat.example", origin=FRIEND, **key)).status,
            (await ask(house, host="chat.example", origin=EVIL, **key)).status,
            (await ask(house, host="chat.example", origin=EVIL)).status,
            # A browser asks without the key.
            (await ask(house, method="OPTIONS", origin=FRIEND, **PREFLIGHT)).status,
            (await ask(house, method="OPTIONS", origin=EVIL, **PREFLIGHT)).status,
        ]

    assert statuses == [401, 200, 200, 401, 200, 403]


async def test_what_a_browser_asks_for_is_not_written_back_as_it_is() -> None:
    async with open_house("chat", origins=[FRIEND]) as house:
        wanted = {"access-control-request-headers": "a, <b>", "origin": FRIEND}
        asked = {"access-control-request-method": "GET", **wanted}
        answer = await ask(house, method="OPTIONS", path="/v1/models", **asked)

    assert answer.status == 200
    assert answer.headers["access-control-allow-methods"] == "GET, HEAD"
    assert "access-control-allow-headers" not in answer.headers


METHODS = {
    ("GET", "/v1beta/models/chat/mock-model:generateContent"): "POST",
    ("HEAD", "/v1/models/chat/mock-model:streamGenerateContent"): "POST",
    ("GET", "/v1/chat/completions"): "POST",
    ("GET", "/v1/messages/count_tokens"): "POST",
    ("POST", "/v1/models"): "GET, HEAD",
    ("DELETE", "/api/tags"): "GET, HEAD",
    ("OPTIONS", "/metrics"): "GET, HEAD",
}


@pytest.mark.parametrize(("method", "path"), METHODS)
async def test_another_method_is_told_which_ones_there_are(method: str, path: str) -> None:
    async with open_house("chat") as house, post(house.url, path, b"", method=method) as answer:
        await answer.read_head()

        assert (answer.status, answer.headers["allow"]) == (405, METHODS[method, path])
        if method != "HEAD":
            assert msgspec.json.decode(await answer.body())["error"]
