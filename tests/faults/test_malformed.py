"""What is no event of the format: passed over where that is safe, else never taken for one."""

from typing import Any

import msgspec
import pytest

from tests.faults.places import DOORS, TEXT, WAYS, open_place


class Case(msgspec.Struct, frozen=True):
    """What a provider sends, and how often it is asked then: more than once, it was no answer."""

    name: str
    provider: str
    scenario: dict[str, Any]
    asked: int = 1


CASES = [
    Case("no [DONE] after a finish reason", "a", {"cut": {"after_events": -1, "how": "end"}}),
    Case("no message_stop after one", "c", {"cut": {"after_events": -1, "how": "end"}}),
    Case("no finish reason", "a", {"cut": {"after_events": -3, "how": "end"}, "on": [1]}, 2),
    Case("no stop_reason", "c", {"cut": {"after_events": -2, "how": "end"}, "on": [1]}, 2),
    Case("a ping that is no JSON", "c", {"malformed": {"at_event": 3, "kind": "json"}}),
    Case("a ping that is no UTF-8", "c", {"malformed": {"at_event": 3, "kind": "utf8"}}),
    Case("noise that the format allows, a", "a", {"noise": True}),
    Case("noise that the format allows, c", "c", {"noise": True}),
    Case("other line ends, a", "a", {"line_ends": "mixed"}),
    Case("other line ends, c", "c", {"line_ends": "\r\n"}),
    Case("a byte at a time, a", "a", {"split": 1}),
    Case("a byte at a time, c", "c", {"split": 1}),
    Case("all at once", "a", {"split": "all"}),
    Case("characters that are no letters", "a", {"unicode": True}),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
async def test_what_is_not_the_answer_is_not_taken_for_it(case: Case) -> None:
    async with open_place({"one": {"candidates": [case.provider]}}) as place:
        far = place.far[case.provider]
        for door in DOORS:
            far.scenario(case.scenario)

            told = await place.ask(door, "one", stream=True)

            assert (told.status, told.broken, far.chats) == (200, False, case.asked), (door, told)
            assert told.text.startswith(TEXT)


# Faults that need no place in a stream, and end every attempt of a lone provider.
FATAL: list[dict[str, Any]] = [
    {"html_instead": True},
    {"html_instead": "maintenance"},
    {"empty_body": True},
    {"empty_body": "0"},
    {"empty_body": 204},
    {"answer": ""},
    {"cut": {"after_bytes": 90, "how": "end"}},
    {"cut": {"after_bytes": 90, "how": "length_too_long"}},
    {"malformed": {"at_event": 1, "kind": "json"}},
    {"malformed": {"at_event": 1, "kind": "not_object"}},
]


@pytest.mark.parametrize("provider", ["a", "c"])
@pytest.mark.parametrize("scenario", FATAL, ids=str)
async def test_what_is_no_answer_is_an_error_and_never_a_short_one(
    scenario: dict[str, Any], provider: str
) -> None:
    async with open_place({"one": {"candidates": [provider]}}, retries=0) as place:
        place.far[provider].scenario(scenario)
        for door, stream in WAYS:
            told = await place.ask(door, "one", stream=stream)

            assert (told.status, told.text, told.broken) == (502, "", False), (door, stream, told)
