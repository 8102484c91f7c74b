"""Nothing was said yet: who is asked again, who is asked next, and what is an answer.

Every row holds whole and streamed, in Python and through the gateway, passed on and translated.
"""

import time
from email.utils import formatdate
from typing import Any

import msgspec
import pytest

from tests.faults.places import DOORS, PASSED, TEXT, WAYS, Door, open_place

LATE = {"retry_after": 30}
AT_ONCE = {"retry_after": 0}
IMPATIENT = {"retry_after_max_s": 1}
FIRST = {"on": [1]}
FILTERED = [{"finish_reason": "content_filter"}]


class Case(msgspec.Struct, frozen=True):
    """What `a` does, and how often `a` and `b` are asked then; `b` is asked if `a` gives up."""

    name: str
    a: dict[str, Any]
    asked: tuple[int, int]
    status: int = 200
    text: str = TEXT
    route: dict[str, Any] = {}


def _date(ahead_s: float) -> str:
    return formatdate(time.time() + ahead_s, usegmt=True)


CASES = [
    Case("500 once", {"status": 500, **AT_ONCE, **FIRST}, (2, 0)),
    Case("500 twice", {"status": 500, **AT_ONCE, "on": [1, 2]}, (3, 0)),
    Case("500 for ever", {"status": 500, **AT_ONCE}, (3, 1)),
    Case("500, and no retries", {"status": 500, **AT_ONCE}, (1, 1), route={"retries": 0}),
    Case("500, and a wait of its own", {"status": 500, **FIRST}, (2, 0)),
    Case("502 as a page", {"status": 502, **AT_ONCE, "status_body": "html", **FIRST}, (2, 0)),
    Case("503 without a body", {"status": 503, **AT_ONCE, "status_body": "empty"}, (3, 1)),
    Case("503 for a long time", {"status": 503, **LATE}, (1, 1)),
    Case("504 once", {"status": 504, **AT_ONCE, **FIRST}, (2, 0)),
    Case("529 once", {"status": 529, **AT_ONCE, **FIRST}, (2, 0)),
    Case("408 once", {"status": 408, **AT_ONCE, **FIRST}, (2, 0)),
    Case("501 for ever", {"status": 501, **AT_ONCE}, (3, 1)),
    Case("429 once", {"status": 429, **AT_ONCE, **FIRST}, (2, 0)),
    Case("429 for ever", {"status": 429, **AT_ONCE}, (3, 1)),
    Case("429 for a long time", {"status": 429, **LATE}, (1, 1)),
    Case("429 until a far date", {"status": 429, "retry_after": _date(3600)}, (1, 1)),
    Case("429 until now", {"status": 429, "retry_after": _date(-9), **FIRST}, (2, 0)),
    Case("429 for too long here", {"status": 429, "retry_after": 2}, (1, 1), route=IMPATIENT),
    Case("429 with a garbled wait", {"status": 429, "retry_after": "soon", **FIRST}, (2, 0)),
    Case("401", {"status": 401}, (1, 1)),
    Case("402", {"status": 402}, (1, 1)),
    Case("403", {"status": 403}, (1, 1)),
    Case("404", {"status": 404}, (1, 1)),
    Case("a challenge page", {"challenge": {}}, (1, 1)),
    Case("the caller's own 400", {"status": 400}, (1, 0), status=400, text=""),
    Case("the caller's own 409", {"status": 409}, (1, 0), status=409, text=""),
    Case("the caller's own 413", {"status": 413}, (1, 0), status=413, text=""),
    Case("the caller's own 422", {"status": 422}, (1, 0), status=422, text=""),
    Case("a refusal in words", {"answer": [{"refusal": TEXT}]}, (1, 0)),
    Case("a refusal by a filter", {"answer": FILTERED}, (1, 0), text=""),
    Case("reset once", {"connection": "reset", **FIRST}, (2, 0)),
    Case("reset for ever", {"connection": "reset"}, (2, 1), route={"retries": 1}),
    Case("closed once", {"connection": "close", **FIRST}, (2, 0)),
    Case("a page once", {"html_instead": True, **FIRST}, (2, 0)),
    Case("a page for ever", {"html_instead": "login"}, (2, 1), route={"retries": 1}),
    Case("nothing once", {"empty_body": True, **FIRST}, (2, 0)),
    Case("204 once", {"empty_body": 204, **FIRST}, (2, 0)),
    Case("an answer of no words", {"answers": ["", TEXT]}, (2, 0)),
    Case("JSON that stops", {"cut": {"after_bytes": 40, "how": "end"}, **FIRST}, (2, 0)),
    Case("a connection that stops", {"cut": {"after_bytes": 40, "how": "fin"}, **FIRST}, (2, 0)),
    Case("a connection that is reset", {"cut": {"after_bytes": 40, "how": "rst"}, **FIRST}, (2, 0)),
    Case("no JSON", {"malformed": {"at_event": 1, "kind": "json"}, **FIRST}, (2, 0)),
    Case("no UTF-8", {"malformed": {"at_event": 1, "kind": "utf8"}, **FIRST}, (2, 0)),
    Case("no object", {"malformed": {"at_event": 1, "kind": "not_object"}, **FIRST}, (2, 0)),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
async def test_each_failure_has_its_own_consequence(case: Case) -> None:
    async with open_place(**case.route) as place:
        for door, stream in WAYS:
            for far in place.far.values():
                far.scenario()
            place.far["a"].scenario(case.a)

            told = await place.ask(door, "ab", stream=stream)

            asked = tuple(place.far[name].chats for name in "ab")
            assert (asked, told.status) == (case.asked, case.status), (door, stream, told)
            assert told.text == case.text, (door, stream, told)
            if door != "client":
                assert told.headers["x-dragoman-attempts"] == str(sum(asked))
                assert told.headers["x-dragoman-provider"] == ("b" if asked[1] else "a")


@pytest.mark.parametrize("is_date", [False, True])
async def test_a_short_wait_is_waited_for(is_date: bool) -> None:
    """Whether it is said in seconds or as a date, whose seconds are whole."""
    async with open_place() as place:
        wait, least_s = (_date(2.5), 0.5) if is_date else (0.3, 0.3)
        place.far["a"].scenario(status=429, retry_after=wait, on=[1])

        told = await place.ask("client", "ab", stream=True)

        assert (told.attempts, told.text) == (["first a", "again a"], TEXT)
        assert told.seconds >= least_s


WAITING = [
    Case("no headers", {"stall": {"headers": False}}, (1, 1)),
    Case("no event", {"stall": {"after_events": 0}}, (1, 1)),
    Case("no word", {"stall": {"after_events": 1}}, (1, 1)),
    Case("a late word", {"slow": {"before_first_s": 30}}, (1, 1)),
    Case("late headers", {"slow": {"before_headers_s": 30}}, (1, 1)),
]


@pytest.mark.parametrize("case", WAITING, ids=lambda case: case.name)
async def test_who_is_silent_is_not_asked_twice(case: Case) -> None:
    async with open_place(more={"a": {"first_token_s": 0.5}}, retries=5) as place:
        for door, stream in WAYS:
            if door in PASSED and not stream:
                # A whole answer that is passed on comes in one piece: there is no first word.
                continue
            for far in place.far.values():
                far.scenario()
            place.far["a"].scenario(case.a)

            told = await place.ask(door, "ab", stream=stream)

            assert (place.asked, told.text) == ({"a": 1, "b": 1}, TEXT), (door, stream)
            await place.far["a"].wait_idle()


@pytest.mark.parametrize(("door", "stream"), WAYS, ids=str)
async def test_the_total_holds_whatever_is_tried(door: Door, stream: bool) -> None:
    """Retries, waits and the next one included; who comes last gets what is left."""
    async with open_place(total_s=1.2, connect_s=1, first_token_s=1, idle_s=1, retries=50) as place:
        place.far["a"].scenario(status=503, retry_after=0.3)
        place.far["b"].scenario(stall={"headers": False})

        told = await place.ask(door, "ab", stream=stream)

        # The fourth time there is not enough left to wait for it again.
        assert place.asked["a"] <= 4
        # Only on a busy machine is nothing left for the second one.
        assert told.status == 504 or "b" not in place.asked
        assert told.seconds >= 0.9


async def test_a_wait_that_the_total_has_no_room_for_is_not_begun() -> None:
    async with open_place(total_s=40, retry_after_max_s=3600) as place:
        place.far["a"].scenario(status=503, retry_after=60)

        told = await place.ask("client", "ab", stream=True)

        assert (place.asked, told.text) == ({"a": 1, "b": 1}, TEXT)


async def test_whose_answer_comes_in_one_piece_may_take_all_the_time() -> None:
    """It is passed on as it is, so nobody can tell whether it is silent or long."""
    async with open_place(total_s=0.8, connect_s=0.5, first_token_s=0.3, idle_s=0.3) as place:
        place.far["a"].scenario(stall={"headers": False})

        told = await place.ask("relayed", "ab", stream=False)

        assert (told.status, place.asked) == (504, {"a": 1})
        assert told.seconds >= 0.8


async def test_where_nobody_listens_the_next_is_asked() -> None:
    async with open_place({"mine": {"candidates": ["dead", "b"]}}) as place:
        for door, stream in WAYS:
            told = await place.ask(door, "mine", stream=stream)

            assert told.text == TEXT


@pytest.mark.parametrize(("door", "stream"), WAYS, ids=str)
async def test_when_all_fail_the_last_says_why(door: Door, stream: bool) -> None:
    async with open_place() as place:
        place.far["a"].scenario(status=500, retry_after=0)
        place.far["b"].scenario(status=503, retry_after=30)

        told = await place.ask(door, "ab", stream=stream)

        assert (told.status, told.retry_after, told.text) == (503, 30, "")
        assert place.asked == {"a": 3, "b": 1}


@pytest.mark.parametrize("stream", [True, False], ids=["streamed", "whole"])
@pytest.mark.parametrize("route", ["ac", "ca"])
@pytest.mark.parametrize("door", DOORS)
async def test_the_next_may_speak_another_dialect(door: Door, route: str, stream: bool) -> None:
    first, second = route[0], route[1]
    async with open_place() as place:
        place.far[first].scenario(status=500, retry_after=0)

        told = await place.ask(door, route, stream=stream)

        assert (told.text, place.asked) == (TEXT, {first: 3, second: 1})


class Context(msgspec.Struct, frozen=True):
    """What each candidate takes, in words as it says and in tokens as is known; who is asked."""

    name: str
    takes: dict[str, int]
    known: dict[str, int]
    asked: dict[str, int]
    status: int = 200


# The chat has some 30 words in its JSON, and at least 3 tokens.
CONTEXTS = [
    Context("a larger one is asked", {"a": 5}, {"a": 100, "b": 1000}, {"a": 1, "b": 1}),
    Context("an equal one is not", {"a": 5}, {"a": 100, "b": 100}, {"a": 1}, 400),
    Context("a smaller one is not", {"a": 5}, {"a": 100, "b": 10}, {"a": 1}, 400),
    Context("of who may be larger nobody knows", {"a": 5}, {"a": 100}, {"a": 1, "b": 1}),
    Context("over a smaller one", {"a": 5}, {"a": 100, "b": 10, "c": 1000}, {"a": 1, "c": 1}),
    Context("too long for all", {"a": 5, "b": 6}, {"a": 100, "b": 1000}, {"a": 1, "b": 1}, 400),
    Context("certainly too long for one", {}, {"a": 1, "b": 1000}, {"b": 1}),
    Context("certainly too long for all", {}, {"a": 1, "b": 1, "c": 2}, {}, 400),
]


@pytest.mark.parametrize("case", CONTEXTS, ids=lambda case: case.name)
async def test_a_chat_that_is_too_long_goes_to_a_larger_model_only(case: Context) -> None:
    cards = {
        name: {"model": {"mock-model": {"context": context}}}
        for name, context in case.known.items()
    }
    route = [*"abc"] if "c" in case.known else [*"ab"]
    async with open_place({"mine": {"candidates": route}}, more=cards) as place:
        for door, stream in WAYS:
            for name, far in place.far.items():
                far.scenario(**({"context_words": case.takes[name]} if name in case.takes else {}))

            told = await place.ask(door, "mine", stream=stream)

            assert (place.asked, told.status) == (case.asked, case.status), (door, stream, told)
