"""AI Power 2.3 and later: other actions, and a stream in two requests."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import msgspec
import pytest
from tests.emulators.wordpress_visitor import AJAX, Seen, Visitor, elements, visiting

from dragoman.emulators.ai_power_form import Form
from dragoman.emulators.ai_power_modern import ModernPlugin
from dragoman.emulators.ai_power_nonces import Salt
from dragoman.emulators.service import Request
from dragoman.emulators.wordpress_knobs import WordPressKnobs

IDS = {"session_id": "guest-1", "conversation_uuid": "7e9c", "post_id": "2"}
PLAIN = "aipkit_frontend_chat_message"
CACHE = "aipkit_cache_sse_message"
STREAM = "aipkit_frontend_chat_stream"
NONCE = "aipkit_get_frontend_chat_nonce"


class Chat(msgspec.Struct):
    """A visitor that has read the page."""

    visitor: Visitor
    bot_id: str
    nonce: str

    async def post(self, action: str, **fields: str) -> Seen:
        form = {"action": action, "_ajax_nonce": self.nonce, "bot_id": self.bot_id, **IDS, **fields}
        return await self.visitor.send("POST", AJAX, data=form)

    async def stream(self, cache_key: str, **fields: str) -> Seen:
        query = {
            "action": STREAM,
            "_ajax_nonce": self.nonce,
            "bot_id": self.bot_id,
            **IDS,
            **fields,
        }
        return await self.visitor.send("GET", AJAX, params={**query, "cache_key": cache_key})

    async def cached(self, message: str) -> str:
        reply = (await self.post(CACHE, message=message)).json()
        key: str = reply["data"]["cache_key"]
        return key


@asynccontextmanager
async def chatting(dialect: str = "D5", **scenario: Any) -> AsyncIterator[Chat]:
    async with visiting(dialect=dialect, **scenario) as visitor:
        page = (await visitor.send("GET", "/")).body.decode()
        config = json.loads(elements(page, having="data-config")[0]["data-config"])
        yield Chat(visitor, str(config["botId"]), config["nonce"])


async def test_a_stream_takes_two_requests() -> None:
    async with chatting() as chat:
        key = await chat.cached(" one two\nthree ")
        seen = await chat.stream(key)

    assert key.startswith("aipkit_sse_")
    assert seen.content_type == "text/event-stream;charset=UTF-8"
    assert seen.body.startswith(b": ")
    assert len(seen.body.partition(b"\n")[0]) > 4096
    start, *deltas, done = seen.events()
    assert start == {"message_id": "aipkit-msg-1"}
    assert "".join(event["delta"] for event in deltas) == "one two\nthree"
    assert done == {"finished": True}
    assert b"event: message_start\n" in seen.body
    assert b"\n\nevent: done\n" in seen.body


@pytest.mark.parametrize("spoil", ["used", "unknown", "old", "nonce"])
async def test_a_dead_key_or_nonce_is_a_stream_of_error_and_done(spoil: str) -> None:
    async with chatting() as chat:
        key = await chat.cached("hello")
        match spoil:
            case "used":
                await chat.stream(key)
            case "unknown":
                key = "aipkit_sse_x"
            case "old":
                key = await _aged(chat)
            case "nonce":
                chat.nonce = "0123456789"
        seen = await chat.stream(key)

    assert seen.status == 200
    error, done = seen.events()
    assert set(error) == {"error"}
    assert done == {"finished": True}
    assert b"id: 1\nevent: error\n" in seen.body


@pytest.mark.parametrize(("age_s", "found"), [(59.0, True), (61.0, False)])
def test_a_cache_key_lives_a_minute(age_s: float, *, found: bool) -> None:
    plugin = ModernPlugin(Salt(), WordPressKnobs())
    page = plugin.page("http://site.test", _request(0.0), WordPressKnobs())
    config = json.loads(elements(page, having="data-config")[0]["data-config"])
    nonce = {"_ajax_nonce": config["nonce"], "bot_id": str(config["botId"])}

    fields = {"action": CACHE, "message": "hello", **nonce}
    (cached,) = plugin.answer(_request(0.0), Form({}, fields), WordPressKnobs()).events
    query = {"action": STREAM, "cache_key": json.loads(cached)["data"]["cache_key"], **nonce}
    events = plugin.answer(_request(age_s), Form(query, {}), WordPressKnobs()).events

    assert any(b'{"delta":"hello"}' in event for event in events) is found


def _request(now_s: float) -> Request:
    return Request(
        method="POST",
        path=AJAX,
        query={},
        headers={},
        cookies={},
        body=None,
        raw=b"",
        origin="http://site.test",
        now=1_795_250_000.0 + now_s,
        complaints=[],
        notes={},
    )


async def _aged(chat: Chat) -> str:
    """A key of another scenario: its chats are gone with it."""
    key = await chat.cached("hello")
    chat.visitor.emulator.scenario(dialect="D5")
    return key


async def test_an_upstream_error_is_an_error_without_done() -> None:
    async with chatting(error_as_content=True) as chat:
        seen = await chat.stream(await chat.cached("hello"))

    assert [set(event) for event in seen.events()] == [{"error"}]


async def test_an_upstream_error_of_a_plain_chat_has_the_upstreams_status() -> None:
    async with chatting(error_as_content=True) as chat:
        reply = await chat.post(PLAIN, message="hello")

    assert (reply.status, reply.json()["data"]["code"]) == (502, "upstream_error")


async def test_the_stream_by_post_finds_no_key() -> None:
    async with chatting() as chat:
        seen = await chat.post(STREAM, cache_key=await chat.cached("hello"))

    assert b"event: error\n" in seen.body


async def test_a_plain_chat_is_one_object() -> None:
    async with chatting() as chat:
        reply = await chat.post(PLAIN, message="one two")

        assert chat.visitor.model_got() == {"message": "one two"}
    assert reply.json() == {
        "success": True,
        "data": {"reply": "one two", "message_id": "aipkit-msg-1"},
    }


async def test_the_nonce_has_an_action_of_its_own() -> None:
    async with chatting(nonce_stale_page={"cure": False}) as chat:
        assert (await chat.post(PLAIN, message="hello")).status == 403

        reply = (await chat.post(NONCE)).json()
        chat.nonce = reply["data"]["nonce"]

        assert reply["success"] is True
        assert (await chat.post(PLAIN, message="hello")).status == 200


@pytest.mark.parametrize(
    ("action", "fields", "status", "code"),
    [
        (CACHE, {"_ajax_nonce": "bad"}, 403, "nonce_failure_cache_sse"),
        (PLAIN, {"_ajax_nonce": "bad"}, 403, "nonce_failure"),
        (CACHE, {"bot_id": "5"}, 400, "invalid_bot_id"),
        (CACHE, {"message": ""}, 400, "empty_message"),
        (PLAIN, {"session_id": ""}, 400, "missing_ids"),
        (PLAIN, {"conversation_uuid": ""}, 400, "missing_ids"),
    ],
)
async def test_a_refusal_is_an_object_with_status_and_code(
    action: str, fields: dict[str, str], status: int, code: str
) -> None:
    async with chatting() as chat:
        reply = await chat.post(action, **{"message": "hello", **fields})

    assert reply.status == status
    assert reply.json()["success"] is False
    assert reply.json()["data"]["code"] == code
    assert reply.json()["data"]["message"]


@pytest.mark.parametrize("action", [CACHE, PLAIN])
async def test_the_quota_is_a_429(action: str) -> None:
    async with chatting(quota=True) as chat:
        reply = await chat.post(action, message="hello")

    assert reply.status == 429
    assert reply.json()["data"]["code"] == "token_limit_exceeded_final_logic"


async def test_a_nonce_expires_after_chats_not_after_requests() -> None:
    async with chatting(nonce_expire_after={"uses": 1}) as chat:
        seen = await chat.stream(await chat.cached("hello"))

        assert b"event: done" in seen.body
        assert b"event: error" not in seen.body
        assert (await chat.post(CACHE, message="hello")).status == 403


async def test_the_old_action_is_unknown() -> None:
    async with visiting(dialect="D5") as visitor:
        reply = await visitor.chat(_wpnonce="0123456789")

    assert (reply.status, reply.body) == (400, b"0")
