"""A part of an answer was handed out, and its stream breaks: rescued, or a clean error.

What a caller has is always the beginning of one answer, whatever happens. Every row holds in Python
and through the gateway, whether one dialect is spoken or two.
"""

import json
from collections.abc import Sequence
from typing import Any

import msgspec
import pytest

from dragoman.events import ToolCallDelta, ToolCallStarted, UsageReported
from tests.faults.places import DOORS, PASSED, TEXT, Door, Told, open_place

Scenario = dict[str, Any]

ROUTES = ("ab", "ac", "ca")
# After so many events a few words were said: Anthropic's format has three before the first.
AT = {"a": 5, "b": 5, "c": 7}
OTHER = "w0 w1 and then another answer than the one that was begun"
ONCE = {"on": [1]}


def _cut(name: str, how: str) -> Scenario:
    return {"cut": {"after_events": AT[name], "how": how}}


class Case(msgspec.Struct, frozen=True):
    """What the first and the second of a route do, and how often they are asked then.

    A fault of the first begins after `AT` events; `rescued` is empty where the answer is not.
    """

    name: str
    first: Scenario
    asked: tuple[int, int]
    second: Scenario = {}
    rescued: str = "replay"
    route: Scenario = {}


CASES = [
    Case("reset once", {"cut": {"how": "rst"}, **ONCE}, (2, 0)),
    Case("closed once", {"cut": {"how": "fin"}, **ONCE}, (2, 0)),
    Case("ended too early once", {"cut": {"how": "end"}, **ONCE}, (2, 0)),
    Case("cut inside a chunk once", {"cut": {"how": "mid_chunk"}, **ONCE}, (2, 0)),
    Case("cut each time", {"cut": {"how": "rst"}}, (3, 1)),
    Case("cut, and no retries", {"cut": {"how": "rst"}}, (1, 1), route={"retries": 0}),
    Case("an error in the stream once", {"error_event": {}, **ONCE}, (2, 0)),
    Case("an error in the stream each time", {"error_event": {}}, (3, 1)),
    Case("no JSON once", {"malformed": {"kind": "json"}, **ONCE}, (2, 0)),
    Case("no UTF-8 once", {"malformed": {"kind": "utf8"}, **ONCE}, (2, 0)),
    Case("no object once", {"malformed": {"kind": "not_object"}, **ONCE}, (2, 0)),
    Case("silent in the midst", {"stall": {}}, (1, 1)),
    Case("no rescue wanted", {"cut": {"how": "rst"}}, (1, 0), {}, "", {"rescue": "off"}),
    Case("the next parts from it", {"cut": {"how": "rst"}}, (3, 1), {"answer": OTHER}, ""),
    Case("the next says less", {"cut": {"how": "rst"}}, (3, 1), {"answer": "w0"}, ""),
    Case("the next says nothing", {"stall": {}}, (1, 1), {"stall": {"headers": False}}, ""),
    Case("the next fails", {"stall": {}}, (1, 3), {"status": 500, "retry_after": 0}, ""),
    Case("the next has no key", {"stall": {}}, (1, 1), {"status": 401}, ""),
    Case("the next refuses", {"stall": {}}, (1, 1), {"status": 400}, ""),
    Case("the next is cut once, too", {"stall": {}}, (1, 2), {"cut": {"how": "fin"}, **ONCE}),
]


def _placed(scenario: Scenario, name: str) -> Scenario:
    """The scenario with its fault after so many events as `name` needs."""
    placed = dict(scenario)
    for knob, field, at in (
        ("cut", "after_events", AT[name]),
        ("stall", "after_events", AT[name]),
        ("error_event", "after_events", AT[name]),
        ("malformed", "at_event", AT[name] + 1),
    ):
        if knob in placed:
            placed[knob] = {field: at} | placed[knob]
    return placed


def _patience(scenario: Scenario) -> dict[str, float]:
    """How long one is waited for who is silent; one who says something first has more time."""
    if "stall" not in scenario:
        return {}
    return {"idle_s": 0.8} if scenario["stall"].get("headers", True) else {"first_token_s": 0.3}


@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
async def test_what_broke_is_rescued_or_ends_in_a_clean_error(case: Case, route: str) -> None:
    first, second = route[0], route[1]
    more = {first: _patience(case.first), second: _patience(case.second)}
    async with open_place(more=more, **case.route) as place:
        for door in DOORS:
            place.far[first].scenario(_placed(case.first, first))
            place.far[second].scenario(_placed(case.second, second))

            told = await place.ask(door, route, stream=True)

            asked = (place.far[first].chats, place.far[second].chats)
            assert (asked, told.rescued) == (case.asked, case.rescued), (door, told)
            if case.rescued:
                assert (told.text, told.status, told.broken) == (TEXT, 200, False), (door, told)
            else:
                assert told.broken, (door, told)
                assert TEXT.startswith(told.text)
                assert told.status >= 500
            assert len(told.attempts) == sum(asked)
            if told.headers:
                assert told.headers["x-dragoman-attempts"] == "1"


@pytest.mark.parametrize("door", DOORS)
async def test_the_last_event_or_the_stream_tells_who_was_asked(door: Door) -> None:
    async with open_place() as place:
        place.far["a"].scenario(_cut("a", "rst"))

        told = await place.ask(door, "ac", stream=True)

        assert told.attempts == ["first a", "replay a", "replay a", "replay c"]
        if door != "client":
            story = told.events[-1]["dragoman"]
            assert (story["provider"], story["model"]) == ("c", "mock-model")
            assert [one["outcome"] for one in story["attempts"]] == [*["failed"] * 3, "answered"]


@pytest.mark.parametrize("rescued", [True, False])
@pytest.mark.parametrize("face", ["chat", "responses", "messages", "gemini", "ollama"])
async def test_at_every_face_it_is_whole_or_a_clean_error(face: str, rescued: bool) -> None:
    async with open_place(retries=0) as place:
        place.far["a"].scenario(_cut("a", "rst"))
        place.far["c"].scenario({} if rescued else {"answer": OTHER})

        told = await place.ask_face(face, "ac")

        assert told.attempts == ["first a", "replay c"]
        assert (told.text, told.broken) == ((TEXT, False) if rescued else ("w0 w1 w2 w3", True))
        assert told.events[-1]["dragoman"]["attempts"][0]["outcome"] == "failed"


UNICODE = "Größe, 大きさ und 👩‍👩‍👧 am Ende"


@pytest.mark.parametrize("route", ROUTES)
async def test_a_cut_inside_a_character_leaves_no_half_of_it(route: str) -> None:
    """Wherever the bytes stop."""
    first = route[0]
    async with open_place() as place:
        for after_bytes in range(700, 1300, 67):
            place.far[first].scenario(
                answer=UNICODE, cut={"after_bytes": after_bytes, "how": "fin"}, on=[1]
            )
            place.far[route[1]].scenario(answer=UNICODE)
            for door in DOORS:
                told = await place.ask(door, route, stream=True)

                assert (told.text, told.status) == (UNICODE, 200), (door, after_bytes)


THOUGHT = [{"reasoning": "first this"}, {"reasoning": " then that"}, {"text": "so"}]
OTHER_THOUGHT = [{"reasoning": "first this"}, {"reasoning": " or not"}, {"text": "so"}]
CALL = {"tool_call": {"name": "look", "arguments": {"city": "Paris", "days": [1, 2, 3]}}}
OTHER_CALL = {"tool_call": {"name": "look", "arguments": {"city": "Paris", "days": [1, 2, 4]}}}
TOOL = {
    "type": "function",
    "function": {"name": "look", "parameters": {"type": "object", "properties": {}}},
}


class Parts(msgspec.Struct, frozen=True):
    """What both candidates answer, and whether the second one's goes on with the first one's."""

    name: str
    first: Sequence[Scenario]
    second: Sequence[Scenario]
    is_same: bool


PARTS = [
    Parts("the same call", [CALL], [CALL], True),
    Parts("a call after words", [{"text": "I look"}, CALL], [{"text": "I look"}, CALL], True),
    Parts("two calls", [CALL, OTHER_CALL], [CALL, OTHER_CALL], True),
    Parts("another call", [CALL], [OTHER_CALL], False),
    Parts("words in place of a call", [CALL], [{"text": "It rains."}], False),
]


@pytest.mark.parametrize("route", ["ab", "ac"])
@pytest.mark.parametrize("case", PARTS, ids=lambda case: case.name)
async def test_a_tool_call_is_whole_or_not_at_all(case: Parts, route: str) -> None:
    """Wherever the stream is cut, the arguments are those of one call."""
    second = route[1]
    async with open_place(retries=0) as place:
        for at in range(2, 9):
            place.far["a"].scenario(answer=case.first, cut={"after_events": at, "how": "rst"})
            place.far[second].scenario(answer=case.second)

            told = await place.ask("client", route, stream=True, tools=[TOOL])

            if told.status != 200:
                assert told.broken
                assert not case.is_same
                continue
            answered = case.second if place.far[second].chats else case.first
            called = [item["tool_call"]["arguments"] for item in answered if "tool_call" in item]
            assert [json.loads(call) for call in _calls(told)] == called, at


def _calls(told: Told) -> list[str]:
    calls: list[str] = []
    for event in told.events:
        if isinstance(event, ToolCallStarted):
            calls.append("")
        elif isinstance(event, ToolCallDelta):
            calls[event.index] += event.arguments
    return calls


@pytest.mark.parametrize("same", [True, False])
@pytest.mark.parametrize("route", ["ab", "ac"])
async def test_a_thought_is_gone_on_with_only_where_it_is_the_same(route: str, same: bool) -> None:
    second = route[1]
    async with open_place(retries=0) as place:
        place.far["a"].scenario(answer=THOUGHT, cut={"after_events": 3, "how": "rst"})
        place.far[second].scenario(answer=THOUGHT if same else OTHER_THOUGHT)

        told = await place.ask("client", route, stream=True, reasoning_effort="high")

        assert told.status == (200 if same else 502)
        assert told.broken != same
        assert told.text == ("so" if same else "")


BEGUN = "w0 w1 w2 w3"
REST = " and so it ends"


LIMITS: Scenario = {"rescue": "continue", "retries": 0}


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("prefill", [True, False, None])
async def test_who_goes_on_with_a_begun_answer_is_asked_for_the_rest(
    door: Door, prefill: bool | None
) -> None:
    async with open_place(more={"c": _prefills(prefill)}, **LIMITS) as place:
        place.far["a"].scenario(_cut("a", "rst"))
        place.far["c"].scenario(answers=[OTHER, REST])

        told = await place.ask(door, "ac", stream=True)

        if not prefill:
            assert (told.broken, told.text, place.asked["c"]) == (True, BEGUN, 1)
            return
        assert (told.text, told.rescued, told.status) == (BEGUN + REST, "continue", 200)
        asked = place.far["c"].journal[-1]["body"]["messages"]
        assert [message["role"] for message in asked] == ["user", "assistant"]
        assert _text(asked[-1]) == BEGUN


def _prefills(prefill: bool | None) -> Scenario:
    """What is known of a provider's model."""
    return {"model": {"mock-model": {"prefill": prefill}}}


def _text(message: dict[str, Any]) -> str:
    said = message["content"]
    return said if isinstance(said, str) else "".join(part["text"] for part in said)


@pytest.mark.parametrize("door", DOORS)
async def test_a_refused_prefill_is_no_reason_for_a_400(door: Door) -> None:
    async with open_place(more={"c": _prefills(True)}, **LIMITS) as place:
        place.far["a"].scenario(_cut("a", "rst"))
        place.far["c"].scenario(answer=OTHER, status=400, on=[2])

        told = await place.ask(door, "ac", stream=True)

        assert place.asked == {"a": 1, "c": 2}
        assert (told.text, told.broken, told.status) == (BEGUN, True, 502)
        assert "400" not in told.error_text


@pytest.mark.parametrize("door", DOORS)
async def test_a_call_is_never_continued(door: Door) -> None:
    """A prefill cannot say what was called."""
    more = {name: _prefills(True) for name in "bc"}
    async with open_place(more=more, **LIMITS) as place:
        place.far["a"].scenario(answer=[{"text": "I look"}, CALL], cut={"after_events": 5})
        place.far["c"].scenario(answer=OTHER)

        told = await place.ask(door, "ac", stream=True)

        assert (told.broken, told.rescued, place.asked) == (True, "", {"a": 1, "c": 1})


@pytest.mark.parametrize("door", DOORS)
async def test_the_usage_is_that_of_the_answer_that_was_delivered(door: Door) -> None:
    usage = {"input_tokens": 11, "output_tokens": 7}
    wrong = {"input_tokens": 999, "output_tokens": 99}
    async with open_place(retries=0) as place:
        for route in ("ab", "ac", "ca"):
            first, second = route[0], route[1]
            place.far[first].scenario(
                answer=[
                    *({"text": word} for word in ("w0", " w1", " w2", " w3")),
                    {"usage": wrong},
                ],
                cut={"after_events": AT[first] if first == "c" else 4, "how": "rst"},
            )
            place.far[second].scenario(
                answer=[{"text": "w0 w1"}, {"text": " w2 w3"}, {"usage": usage}]
            )
            wanted: Scenario = {"stream_options": {"include_usage": True}} if door in PASSED else {}

            told = await place.ask(door, route, stream=True, **wanted)

            assert (told.text, told.rescued) == ("w0 w1 w2 w3", "replay")
            assert _usage(door, told) == (11, 7), (route, told.events)


def _usage(door: Door, told: Told) -> tuple[int, int]:
    if door == "client":
        reported = [one.usage for one in told.events if isinstance(one, UsageReported)][-1]
        return reported.input_tokens or 0, reported.output_tokens or 0
    said = [one["usage"] for one in told.events if one.get("usage")][-1]
    names = ("input_tokens", "output_tokens")
    return tuple(said[name] for name in (names if door == "translated" else _CHAT_NAMES))


_CHAT_NAMES = ("prompt_tokens", "completion_tokens")
