"""Open Pandora, FakeGPT's dialect `talk`: its line filter, and 500 for all."""

import json
from typing import Any
from uuid import UUID

import pytest
from tests.emulators.wire import Wire, events, exchange, growth, post_json, request

from dragoman import emulators


def talk(*headers: str, **fields: Any) -> bytes:
    body = {
        "prompt": "hé you",
        "model": "mock-model",
        "message_id": str(UUID(int=1)),
        "parent_message_id": str(UUID(int=2)),
        **fields,
    }
    return post_json("/api/conversation/talk", body, *headers)


async def said(sent: bytes, **scenario: Any) -> Wire:
    scenario["dialect"] = "talk"
    async with emulators.run("fakegpt", scenario=scenario) as emulator:
        return await exchange(emulator.url, sent)


async def test_it_streams_ascii_with_its_type_said_twice() -> None:
    reply = await said(talk())

    assert reply.headers["content-type"] == "text/event-stream; charset=utf-8; charset=utf-8"
    assert reply.text.isascii()
    assert reply.text.startswith('data: {"message": {"id": ')
    assert growth(reply.text)[-1] == "hé you"
    assert events(reply.text)[-1] == "[DONE]"


async def test_it_drops_the_lines_that_it_does_not_know() -> None:
    reply = await said(talk(), side_events=["moderation", "title", "ping", "markers"])

    plain = await said(talk())
    assert reply.text == plain.text


async def test_without_a_stream_it_gives_the_last_event() -> None:
    reply = await said(talk(stream=False))

    assert reply.headers["content-type"] == "application/json"
    assert list(reply.json()) == ["conversation_id", "error", "message"]
    assert reply.json()["message"]["content"]["parts"] == ["hé you"]


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        (talk(prompt=None), 500),
        (talk(message_id="1"), 500),
        (talk(stream="yes"), 500),
        (request("POST", "/api/conversation/talk", "Content-Type: text/plain", body=b"{}"), 400),
        (request("GET", "/api/conversation/talk"), 405),
        (request("POST", "/api/conversation"), 404),
        (request("GET", "/api/loads?t=1"), 404),
    ],
)
async def test_every_error_of_its_own_is_a_500(sent: bytes, code: int) -> None:
    reply = await said(sent)

    assert (reply.status, reply.json()["code"]) == (500, code)


async def test_an_error_of_the_upstream_keeps_its_status() -> None:
    assert (await said(talk(model="gpt-9"))).status == 404
    assert (await said(talk(), status=429)).status == 429


async def test_tokens_have_names() -> None:
    scenario: dict[str, Any] = {"tokens": ["ann"]}

    assert (await said(talk("X-Use-Token: ann"), **scenario)).status == 200
    assert (await said(talk("Cookie: token-key=ann"), **scenario)).status == 200
    assert (await said(talk("X-Use-Token: bob"), **scenario)).json()["code"] == 500


async def test_a_visit_sets_the_tokens_cookie() -> None:
    reply = await said(request("GET", "/?token=ann"))

    assert reply.headers["set-cookie"].startswith("token-key=ann; Max-Age=2592000")


async def test_its_session_gives_no_token() -> None:
    reply = await said(request("GET", "/api/auth/session"))

    assert (reply.json()["accessToken"], reply.headers["x-server"]) == ("secret", "pandora/1.3.5")


async def test_it_lists_its_models() -> None:
    assert (await said(request("GET", "/api/models"))).json()["models"]


async def test_a_web_socket_offer_of_the_upstream_becomes_a_lone_end() -> None:
    reply = await said(talk(), wss=True)

    assert (reply.headers["content-type"], reply.text) == ("application/json", "data: [DONE]\n\n")


async def test_nothing_passed_is_a_500_without_a_stream() -> None:
    reply = await said(talk(stream=False), wss=True)

    assert (reply.status, json.loads(reply.text)["code"]) == (500, 500)
