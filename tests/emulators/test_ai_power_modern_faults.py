"""What a site with AI Power 2.3 and later can be, version by version, and what can befall it."""

import json
from typing import Any

import pytest
from tests.emulators.test_ai_power_modern import CACHE, NONCE, PLAIN, STREAM, Chat, chatting
from tests.emulators.wordpress_visitor import Seen


async def streamed(chat: Chat, message: str = "one two") -> Seen:
    return await chat.stream(await chat.cached(message))


async def test_a_spoilt_event_is_one_event() -> None:
    """The first word stands in an event of its own, not behind `message_start`."""
    async with chatting(malformed={"at_event": 1, "kind": "not_object"}) as chat:
        seen = await streamed(chat)

    assert seen.events() == [
        '["not", "an", "object"]',
        {"delta": "one"},
        {"delta": " two"},
        {"finished": True},
    ]


async def test_a_cut_counts_the_start_as_an_event() -> None:
    async with chatting(cut={"after_events": 2, "how": "end"}) as chat:
        seen = await streamed(chat)

    assert seen.events() == [{"message_id": "aipkit-msg-1"}, {"delta": "one"}]


@pytest.mark.parametrize("locale", ["de", "ru"])
@pytest.mark.parametrize(
    "fields",
    [
        {"_ajax_nonce": "bad"},
        {"bot_id": "5"},
        {"message": ""},
        {"action": PLAIN, "session_id": ""},
        {"action": STREAM, "cache_key": "unknown"},
    ],
    ids=repr,
)
async def test_every_refusal_is_translated(locale: str, fields: dict[str, str]) -> None:
    said = []
    for language in ("en", locale):
        async with chatting(locale=language) as chat:
            said.append(await _words(chat, fields))

    assert said[0] != said[1]


async def _words(chat: Chat, fields: dict[str, str]) -> object:
    if fields.get("action") == STREAM:
        return (await chat.stream(fields["cache_key"])).events()[0]["error"]
    reply = await chat.post(**{"action": CACHE, "message": "hello", **fields})
    return reply.json()["data"]["message"]


async def test_a_notice_of_php_stands_before_an_object_and_around_a_stream() -> None:
    async with chatting(php_notice=True) as chat:
        cached = await chat.post(CACHE, message="one two")
        notice, brace, rest = cached.body.partition(b"{")
        seen = await chat.stream(json.loads(brace + rest)["data"]["cache_key"])

    assert notice.startswith(b"\nDeprecated: ")
    assert seen.body.startswith(notice + b": ")
    assert seen.body.endswith(notice)
    assert seen.events()[-1] == {"finished": True}


@pytest.mark.parametrize("action", [CACHE, PLAIN])
@pytest.mark.parametrize(
    ("knobs", "status"),
    [
        ({"banned_word": "two"}, 400),
        ({"banned_word": "three"}, 200),
        ({"banned_ip": True}, 400),
        ({"banned_ip": "192.0.2.1"}, 200),
        ({"refusal_event": "modflag"}, 400),
    ],
    ids=repr,
)
async def test_a_banned_message_is_refused_with_400(
    action: str, knobs: dict[str, Any], status: int
) -> None:
    async with chatting(**knobs) as chat:
        assert (await chat.post(action, message="one two")).status == status


async def test_a_captcha_takes_the_place_of_the_answer() -> None:
    async with chatting(captcha_text="Are you human?") as chat:
        plain = (await chat.post(PLAIN, message="one")).json()
        _, *deltas, _ = (await streamed(chat)).events()

    assert plain["data"]["reply"] == "Are you human?"
    assert "".join(event["delta"] for event in deltas) == "Are you human?"


async def test_events_beside_the_answer_stand_before_and_behind_its_text() -> None:
    sides = ["status", "warning", "openai_response_id", "google_interaction_id"]
    async with chatting(side_events=[*sides, "grounding_metadata", "citations"]) as chat:
        body = (await streamed(chat)).body

    names = [line[7:].decode() for line in body.split(b"\n") if line.startswith(b"event: ")]
    assert names == ["message_start", *sides, "grounding_metadata", "citations", "done"]
    assert body.index(b"event: openai_response_id") < body.index(b'{"delta":"one"}')
    assert body.index(b'{"delta":" two"}') < body.index(b"event: google_interaction_id")


@pytest.mark.parametrize(
    ("fault", "status", "body"),
    [("critical_error", 500, b"critical error"), ("died", 200, b""), ("zero", 200, b"0")],
)
async def test_a_handler_dies_in_three_ways(fault: str, status: int, body: bytes) -> None:
    async with chatting(site_fault=fault) as chat:
        seen = await chat.post(CACHE, message="hello")

    assert seen.status == status
    assert body in seen.body
    assert len(seen.body) < 300


@pytest.mark.parametrize("fault", ["upstream_error", "upstream_unreachable", "no_api_key"])
async def test_an_upstream_that_fails_leaves_an_error_and_no_end(fault: str) -> None:
    async with chatting(site_fault=fault) as chat:
        events = (await streamed(chat)).events()

    assert [set(event) for event in events] == [{"error"}]


async def test_an_answer_may_be_lost() -> None:
    async with chatting(site_fault="data_empty") as chat:
        start, done = (await streamed(chat)).events()

    assert ("message_id" in start, done) == (True, {"finished": True})


async def test_a_quota_counts_answers() -> None:
    async with chatting(quota=1) as chat:
        first = await streamed(chat)
        second = await chat.post(CACHE, message="hello")

    assert first.events()[-1] == {"finished": True}
    assert second.status == 429


async def test_a_nonce_may_die_in_the_middle_of_an_answer() -> None:
    async with chatting(nonce_dies_mid_stream={"after_events": 1}) as chat:
        seen = await streamed(chat)
        after = await chat.post(CACHE, message="hello")

    assert seen.events()[-1] == {"finished": True}
    assert after.status == 403


async def test_an_error_within_the_answer_is_an_error_event() -> None:
    async with chatting(error_event={"after_events": 2, "message": "broke"}) as chat:
        seen = await streamed(chat)

    assert seen.events() == [{"message_id": "aipkit-msg-1"}, {"delta": "one"}, {"error": "broke"}]
    assert seen.body.endswith(b'id: 1\nevent: error\ndata: {"error":"broke"}\n\n')


@pytest.mark.parametrize(
    ("dialect", "action", "status"),
    [
        ("D5-2.3", NONCE, 400),
        ("D5-2.3", PLAIN, 200),
        ("D5", NONCE, 200),
        ("D5", PLAIN, 200),
        ("D5-2.4.1", NONCE, 200),
        ("D5-2.4.1", PLAIN, 400),
    ],
)
async def test_an_action_that_a_version_lacks_is_unknown(
    dialect: str, action: str, status: int
) -> None:
    async with chatting(dialect) as chat:
        seen = await chat.post(action, message="hello")

        assert seen.status == status
        assert (seen.body == b"0") is (status == 400)
        assert (await streamed(chat)).events()[-1] == {"finished": True}


async def test_the_first_version_opens_its_stream_without_a_comment() -> None:
    async with chatting("D5-2.3") as chat:
        assert (await streamed(chat)).body.startswith(b"event: message_start\n")


@pytest.mark.parametrize(("dialect", "status"), [("D5-2.3", 200), ("D5", 403)])
async def test_the_first_version_looks_at_no_guests_nonce_in_a_plain_chat(
    dialect: str, status: int
) -> None:
    async with chatting(dialect) as chat:
        chat.nonce = "0123456789"

        assert (await chat.post(PLAIN, message="hello")).status == status
        assert (await chat.post(CACHE, message="hello")).status == 403


@pytest.mark.parametrize(
    ("knobs", "fields"), [({}, {"bot_id": "5"}), ({"site_fault": "upstream_error"}, {})], ids=repr
)
async def test_the_first_version_dies_of_an_unknown_bot_and_of_an_upstream_error(
    knobs: dict[str, Any], fields: dict[str, str]
) -> None:
    async with chatting("D5-2.3", **knobs) as chat:
        seen = await chat.post(PLAIN, message="hello", **fields)

    assert seen.status == 500
    assert b"critical error" in seen.body
