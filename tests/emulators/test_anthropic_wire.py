"""The Anthropic emulator byte by byte: events, headers, versions, what a service never does."""

from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from tests.emulators.anthropic_client import (
    CALL,
    KEY,
    NEW,
    OLD,
    RESULT,
    TOOL,
    USER,
    ask,
    fields,
    said,
    stream_events,
)
from tests.emulators.wire import exchange, request

from dragoman import emulators
from dragoman.emulators.anthropic_api import Anthropic
from dragoman.emulators.anthropic_knobs import AnthropicKnobs
from dragoman.emulators.service import Request, dump

STREAM = fields(stream=True)


async def test_the_events_of_a_stream_are_in_order() -> None:
    answer = [
        {"reasoning": "hm"},
        {"text": "a"},
        {"text": " b"},
        {"tool_call": {"name": "f", "arguments": {"city": "Paris"}}},
    ]
    async with emulators.run("anthropic", scenario={"answer": answer}) as emulator:
        wire = await ask(emulator, STREAM)

        names = [(name, data.get("index")) for name, data in stream_events(wire)]
        assert names == [
            ("message_start", None),
            ("content_block_start", 0),
            ("ping", None),
            ("content_block_delta", 0),
            ("content_block_delta", 0),
            ("content_block_stop", 0),
            ("content_block_start", 1),
            ("content_block_delta", 1),
            ("content_block_delta", 1),
            ("content_block_stop", 1),
            ("content_block_start", 2),
            ("content_block_delta", 2),
            ("content_block_delta", 2),
            ("content_block_delta", 2),
            ("content_block_stop", 2),
            ("message_delta", None),
            ("message_stop", None),
        ]
        assert all(name == data["type"] for name, data in stream_events(wire))


async def test_the_deltas_of_each_kind_of_block() -> None:
    answer = [
        {"reasoning": "hm"},
        {"text": "a"},
        {"tool_call": {"name": "f", "arguments": {"city": "Paris"}}},
        {"tool_call": {"name": "g"}},
    ]
    async with emulators.run("anthropic", scenario={"answer": answer}) as emulator:
        events = stream_events(await ask(emulator, STREAM))

        deltas = [data["delta"] for name, data in events if name == "content_block_delta"]
        assert [delta["type"] for delta in deltas[:3]] == [
            "thinking_delta",
            "signature_delta",
            "text_delta",
        ]
        pieces = [delta["partial_json"] for delta in deltas[3:]]
        assert pieces == ["", '{"city":', '"Paris"}', ""]


async def test_a_stream_starts_empty_and_ends_with_its_counts() -> None:
    async with emulators.run("anthropic") as emulator:
        events = stream_events(await ask(emulator, STREAM))

        start, end = events[0][1]["message"], events[-2][1]
        assert (start["content"], start["stop_reason"]) == ([], None)
        assert (start["usage"]["input_tokens"], start["usage"]["output_tokens"]) == (3, 1)
        assert end["delta"]["stop_reason"] == "end_turn"
        assert (end["usage"]["input_tokens"], end["usage"]["output_tokens"]) == (3, 3)


async def test_an_empty_answer_is_a_stream_without_blocks() -> None:
    async with emulators.run("anthropic", scenario={"answer": ""}) as emulator:
        events = stream_events(await ask(emulator, STREAM))

        assert [name for name, _ in events] == ["message_start", "message_delta", "message_stop"]


async def test_the_headers_of_a_reply() -> None:
    async with emulators.run("anthropic") as emulator:
        whole, stream = await ask(emulator, fields()), await ask(emulator, STREAM)

        assert whole.headers["content-type"] == "application/json"
        assert stream.headers["content-type"] == "text/event-stream; charset=utf-8"
        assert whole.headers["request-id"] != stream.headers["request-id"]


async def test_a_new_scenario_counts_anew() -> None:
    async with emulators.run("anthropic") as emulator:
        first = await ask(emulator, fields())
        emulator.scenario()
        again = await ask(emulator, fields())

        assert again.body == first.body
        assert again.headers["request-id"] == first.headers["request-id"]


@pytest.mark.parametrize("key", [KEY, "Authorization: Bearer any", "Authorization: bearer any"])
async def test_any_key_is_good(key: str) -> None:
    async with emulators.run("anthropic") as emulator:
        assert (await ask(emulator, fields(), key, NEW)).status == 200


@pytest.mark.parametrize("header", [OLD, "Authorization: Bearer ", "Authorization: Basic abc"])
async def test_without_a_key_nobody_is_let_in(header: str) -> None:
    async with emulators.run("anthropic") as emulator:
        reply = await ask(emulator, fields(), header)

        assert (reply.status, reply.json()["error"]["type"]) == (401, "authentication_error")
        assert reply.json()["error"]["message"] == "x-api-key header is required"


@pytest.mark.parametrize(
    ("headers", "message"),
    [
        ((KEY,), "anthropic-version: header is required"),
        ((KEY, "anthropic-version: 2024-10-22"), "2024-10-22"),
    ],
)
async def test_a_request_must_name_a_version(headers: tuple[str, ...], message: str) -> None:
    async with emulators.run("anthropic") as emulator:
        reply = await ask(emulator, fields(), *headers)

        assert (reply.status, reply.json()["error"]["type"]) == (400, "invalid_request_error")
        assert message in reply.json()["error"]["message"]


QUOTE = {"type": "char_location", "cited_text": "x"}
DOCUMENT = {
    "type": "document",
    "source": {"type": "text", "media_type": "text/plain", "data": "hello"},
}
OLD_ONLY = [
    fields(temperature=0.5),
    fields(top_p=0.5),
    fields(top_k=5),
    said("hi", [DOCUMENT], "go on"),
    said([{"type": "text", "text": "hi", "citations": [QUOTE]}]),
]


@pytest.mark.parametrize("body", OLD_ONLY, ids=repr)
async def test_the_new_version_has_given_up_what_the_old_one_takes(body: Any) -> None:
    async with emulators.run("anthropic") as emulator:
        before, now = await ask(emulator, body, KEY, OLD), await ask(emulator, body, KEY, NEW)

        assert (before.status, now.status) == (200, 400)


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/v1/messages", 405),
        ("DELETE", "/v1/models", 405),
        ("GET", "/v1/complete", 404),
        ("GET", "/v1/models?limit=0", 400),
        ("GET", "/v1/models?after_id=nobody", 400),
        ("GET", "/v1/models/missing-model", 404),
        ("GET", "/v1/models?after_id=mock-small", 200),
    ],
)
async def test_other_paths_and_methods(method: str, path: str, status: int) -> None:
    async with emulators.run("anthropic") as emulator:
        reply = await exchange(emulator.url, request(method, path, KEY, NEW))

        assert reply.status == status
        assert ("error" in reply.json()) == (status != 200)


async def test_pages_go_backwards_too() -> None:
    async with emulators.run("anthropic") as emulator:
        path = "/v1/models?before_id=mock-small&limit=1"
        page = (await exchange(emulator.url, request("GET", path, KEY, NEW))).json()

        assert [model["id"] for model in page["data"]] == ["mock-large"]
        assert (page["has_more"], page["first_id"]) == (True, "mock-large")


@pytest.mark.parametrize(
    ("body", "status"), [(b"{", 400), (b"[]", 400), (b"", 400), (b" " * (32 << 20) + b"{}", 413)]
)
async def test_a_body_that_is_no_object_is_refused(body: bytes, status: int) -> None:
    async with emulators.run("anthropic") as emulator:
        headers = ("Content-Type: application/json", KEY, NEW)
        reply = await exchange(emulator.url, request("POST", "/v1/messages", *headers, body=body))

        assert reply.status == status
        assert emulator.journal[0]["complaints"]


async def test_for_goes_by_the_key() -> None:
    async with emulators.run("anthropic", scenario={"status": 500, "for": "mine"}) as emulator:
        keys = ("x-api-key: mine", "Authorization: Bearer mine", "x-api-key: other")
        seen = [(await ask(emulator, fields(), key, NEW)).status for key in keys]

        assert seen == [500, 500, 200]


async def test_null_is_taken_and_noted() -> None:
    async with emulators.run("anthropic") as emulator:
        reply = await ask(emulator, fields(system=None))

        assert reply.status == 200
        assert emulator.journal[0]["complaints"] == ["system is null: leave it out"]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=6,
)
GOOD = [
    fields(
        system=[{"type": "text", "text": "be kind", "cache_control": {"type": "ephemeral"}}],
        tools=[TOOL],
        tool_choice={"type": "auto"},
        stop_sequences=["stop"],
        metadata={"user_id": "me"},
    ),
    said("hi", [CALL], [RESULT, {"type": "text", "text": "and?"}]),
    fields(
        thinking={"type": "enabled", "budget_tokens": 1024},
        output_config={
            "effort": "low",
            "format": {
                "type": "json_schema",
                "schema": {"type": "array", "items": {"type": "string", "anyOf": [{}]}},
            },
        },
    ),
    said([DOCUMENT, {"type": "image", "source": {"type": "url", "url": "https://x.test/"}}]),
    {**fields(), "messages": [USER, {"role": "system", "content": "be brief"}]},
]


def places(value: Any) -> list[tuple[Any, ...]]:
    """The path of every value inside."""
    inner = (
        value.items()
        if isinstance(value, dict)
        else enumerate(value)
        if isinstance(value, list)
        else ()
    )
    return [(), *((key, *rest) for key, each in inner for rest in places(each))]


def changed(value: Any, place: tuple[Any, ...], to: Any) -> Any:
    """A copy with another value at that path."""
    if not place:
        return to
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[place[0]] = changed(value[place[0]], place[1:], to)
    return copy


def reply_to(body: Any) -> int:
    """The status of the service's reply, pulled to its end."""
    headers = {"x-api-key": "any", "anthropic-version": "2023-06-01"}
    asked = Request(
        method="POST",
        path="/v1/messages",
        query={},
        headers=headers,
        cookies={},
        body=body,
        raw=dump(body),
        origin="",
        now=0.0,
        complaints=[],
        notes={},
        number=1,
        step="chat",
    )
    reply = Anthropic().answer(asked, AnthropicKnobs())
    assert list(reply.events)
    assert bool(asked.complaints) or reply.status == 200
    return reply.status


@given(
    st.sampled_from(GOOD).flatmap(
        lambda good: st.tuples(st.just(good), st.sampled_from(places(good)), JSON)
    )
)
@example((GOOD[2], ("output_config", "format", "schema", "items", "type"), None))
def test_whatever_is_sent_has_a_reply(case: tuple[Any, tuple[Any, ...], Any]) -> None:
    good, place, value = case

    assert reply_to(good) == 200
    assert reply_to(changed(good, place, value)) in (200, 400)
