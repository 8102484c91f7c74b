"""FakeGPT's event stream: the order of the capture, and every way to disturb it."""

import json
from typing import Any, NamedTuple

import pytest
from tests.emulators.wire import Wire, conversation, events, exchange, growth

from dragoman import emulators


async def stream(**scenario: Any) -> Wire:
    async with emulators.run("fakegpt", scenario=scenario) as emulator:
        return await exchange(emulator.url, conversation())


async def test_the_stream_has_the_order_of_the_capture() -> None:
    said = events((await stream()).text)

    messages = [json.loads(event)["message"] for event in said[:-1]]
    assert said[-1] == "[DONE]"
    assert [message["author"]["role"] for message in messages] == ["system", "user"] + [
        "assistant"
    ] * 5
    assert [message["content"]["parts"][0] for message in messages] == [
        "",
        "one two three",
        "",
        "one",
        "one two",
        "one two three",
        "one two three",
    ]
    assert [message["end_turn"] for message in messages] == [True] + [None] * 5 + [True]
    assert ["finish_details" in message["metadata"] for message in messages] == (
        [False] * 4 + [True, False, True]
    )


async def test_the_same_request_gives_the_same_bytes() -> None:
    assert (await stream()).body == (await stream()).body


class Shape(NamedTuple):
    scenario: dict[str, Any]
    grown: list[str]


SHAPES = [
    Shape({"duplicates": 2}, ["", *["one"] * 2, *["one two"] * 2, *["one two three"] * 4]),
    Shape({"out_of_order": True}, ["", "one", "one two", "one", *["one two three"] * 2]),
    Shape({"rewrite": "mid"}, ["", "one", "one two", "Rather: one two", *["one two three"] * 2]),
    Shape({"rewrite": "final"}, ["", "one", "one two", "one two three", "Rather: one two three"]),
    Shape({"rewrite": "shorter"}, ["", "one", "one two", "one two three", "one tw"]),
    Shape(
        {"half_character": True},
        ["", "\ufffd", "one", "one\ufffd", "one two", "one two\ufffd", *["one two three"] * 2],
    ),
    Shape({"messages": "two"}, ["one", "", " two", " two three", " two three"]),
    Shape({"answer": "ab cd"}, ["", "ab", "ab cd", "ab cd"]),
    Shape({"answer": ""}, ["", ""]),
]


@pytest.mark.parametrize("case", SHAPES, ids=lambda case: str(case.scenario))
async def test_the_text_grows_as_the_scenario_says(case: Shape) -> None:
    assert growth((await stream(**case.scenario)).text) == case.grown


async def test_the_echoes_may_be_left_out() -> None:
    roles = [
        json.loads(event)["message"]["author"]["role"]
        for event in events((await stream(echo_first=False)).text)[:-1]
    ]

    assert set(roles) == {"assistant"}


async def test_finish_details_may_come_at_the_end_alone() -> None:
    said = (await stream(finish_details_mid=False)).text

    assert said.count("finish_details") == 1


@pytest.mark.parametrize("finish", ["stop", "max_tokens", "interrupted"])
async def test_the_answer_ends_for_a_reason(finish: str) -> None:
    last = json.loads(events((await stream(finish=finish)).text)[-2])

    assert last["message"]["metadata"]["finish_details"]["type"] == finish


@pytest.mark.parametrize(
    ("sign", "fields"),
    [
        ("end_turn", ["end_turn", "finish_details"]),
        ("status", ["finish_details", "status"]),
        ("is_complete", ["finish_details", "is_complete"]),
        ("none", []),
    ],
)
async def test_the_last_message_shows_its_end_in_many_ways(sign: str, fields: list[str]) -> None:
    last = json.loads(events((await stream(end_sign=sign)).text)[-2])["message"]

    signs = {"end_turn", "status", "is_complete", "finish_details"}
    assert sorted(signs & {*last, *last["metadata"]}) == fields


@pytest.mark.parametrize(
    ("kind", "mark"),
    [
        ("moderation", '"flagged":false'),
        ("flagged", '"flagged":true,"blocked":false'),
        ("blocked", '"blocked":true'),
        ("title", "title_generation"),
        ("variants", "num_variants_in_stream"),
        ("ping", "event: ping"),
        ("markers", "message_stream_complete"),
        ("delta_encoding", 'event: delta_encoding\ndata: "v1"'),
    ],
)
async def test_other_events_stand_between(kind: str, mark: str) -> None:
    said = (await stream(side_events=[kind])).text

    assert mark in said


@pytest.mark.parametrize(
    ("messages", "mark"),
    [("tool", '"recipient":"python"'), ("code", '"code"'), ("objects", "image_asset_pointer")],
)
async def test_other_messages_come_first(messages: str, mark: str) -> None:
    said = (await stream(messages=messages)).text

    assert mark in said
    assert '"parts":["one two three"]},"end_turn":true' in said
