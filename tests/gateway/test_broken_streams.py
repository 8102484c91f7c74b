"""A stream that breaks is never one that looks whole.

Before its first word an error is a status; after it the face's own frame with the text so far, and
then the connection is cut.
"""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from tests.gateway.house import each_way, once, open_house
from tests.gateway.wire import ARRAY, SAME, WIRES, Answer, Wire, post

TEXT = "one two three four five"
PAIRS = [
    *((face, provider, relay) for face, provider in SAME.items() for relay in ("on", "off")),
    # What is translated has no short way.
    *((face, "claude" if face != "messages" else "chat", "on") for face in SAME),
]
# How many events come before and with the second word or so; some begin with more than others.
EVENTS = {"chat": 3, "responses": 7, "claude": 5, "gemini": 3, "ollama": 3}
FAULTS: dict[str, Callable[[int], dict[str, Any]]] = {
    "cut": lambda n: {"cut": {"after_events": n, "how": "fin"}},
    "reset": lambda n: {"cut": {"after_events": n, "how": "rst"}},
    "too early": lambda n: {"cut": {"after_events": n, "how": "end"}},
    "said": lambda n: {"error_event": {"after_events": n}},
    "said in one piece": lambda n: {"error_event": {"after_events": n}, "split": "all"},
    "nonsense": lambda n: {"malformed": {"at_event": n + 1, "kind": "json"}},
    "nonsense in one piece": lambda n: {
        "malformed": {"at_event": n + 1, "kind": "utf8"},
        "split": "all",
    },
}


async def assert_broken(answer: Answer, wire: Wire) -> None:
    await answer.read_head()
    assert answer.status == 200
    said = await answer.said()
    assert not answer.whole
    errors = [one for one in said if wire.error(one)]
    (error,) = errors
    story = error["dragoman"]
    assert story["text"]
    assert TEXT.startswith(story["text"])
    assert [set(attempt) for attempt in story["attempts"]] == [
        {"provider", "model", "why", "outcome", "error"}
    ]


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize(("face", "provider", "relay"), PAIRS, ids=str)
async def test_a_broken_stream_ends_in_the_faces_error_and_a_cut(
    face: str, provider: str, relay: str, fault: str
) -> None:
    wire = WIRES[face]
    async with open_house(provider, relay=relay) as house:
        house.far[provider].scenario(FAULTS[fault](EVENTS[provider]))

        model = once(provider)
        async with post(house.url, wire.path(model, True), wire.body(model, TEXT, True)) as answer:
            await assert_broken(answer, wire)


async def test_a_list_in_pieces_ends_in_the_error_too() -> None:
    async with open_house("gemini") as house:
        house.far["gemini"].scenario(error_event={"after_events": 3, "message": "broke"})

        path = ARRAY.path(once("gemini"), True)
        async with post(house.url, path, ARRAY.body("", TEXT, True)) as answer:
            await assert_broken(answer, ARRAY)


@pytest.mark.parametrize(("face", "provider", "relay"), PAIRS, ids=str)
async def test_an_error_before_the_first_word_is_a_status(
    face: str, provider: str, relay: str
) -> None:
    wire = WIRES[face]
    model = once(provider)
    async with open_house(provider, relay=relay) as house:
        for fault in (
            {"cut": {"after_events": 0, "how": "fin"}},
            {"cut": {"after_bytes": 1, "how": "rst"}},
            {"error_event": {"after_events": 0, "message": "broke"}},
            {"malformed": {"at_event": 1}},
            {"html_instead": True},
            {"empty_body": True},
        ):
            house.far[provider].scenario(fault)

            path, body = wire.path(model, True), wire.body(model, TEXT, True)
            async with post(house.url, path, body) as answer:
                await answer.read_head()
                assert answer.status >= 500, fault
                assert "error" in await answer.json()
                assert answer.whole


@pytest.mark.parametrize(("face", "provider", "relay"), PAIRS, ids=str)
async def test_a_broken_answer_is_not_half_a_whole_one(
    face: str, provider: str, relay: str
) -> None:
    wire = WIRES[face]
    model = once(provider)
    async with open_house(provider, relay=relay) as house:
        house.far[provider].scenario(cut={"after_bytes": 60, "how": "fin"})

        path, body = wire.path(model, False), wire.body(model, TEXT, False)
        async with post(house.url, path, body) as answer:
            await answer.read_head()
            assert (answer.status, answer.headers["content-type"].split(";")[0]) == (
                502,
                "application/json",
            )
            assert await answer.json()


@each_way
async def test_the_end_sign_that_a_service_leaves_out_is_added(relay: str) -> None:
    async with open_house("chat", relay=relay) as house:
        house.far["chat"].scenario(cut={"after_events": -1, "how": "end"})

        body = WIRES["chat"].body(once("chat"), TEXT, True)
        async with post(house.url, "/v1/chat/completions", body) as answer:
            await answer.read_head()
            said = await answer.body()
            assert said.endswith(b"\n\ndata: [DONE]\n\n")
            assert answer.whole


@each_way
async def test_the_server_lives_on(relay: str) -> None:
    async with open_house("chat", relay=relay) as house:
        house.far["chat"].scenario(cut={"after_events": 3, "how": "rst"}, on=[1])
        body = WIRES["chat"].body(once("chat"), TEXT, True)

        answers = []
        for _ in range(2):
            async with post(house.url, "/v1/chat/completions", body) as answer:
                await answer.read_head()
                await asyncio.wait_for(answer.body(), 15)
                answers.append(answer.whole)

    assert answers == [False, True]
