"""FakeGpt's stream, however it is cut and whatever is in it."""

import itertools
import json
from typing import Any

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from tests.unit.web.fake_gpt_kit import DONE, decoder, event, read, sse
from tests.unit.web.test_fake_gpt_decoder import ANSWERS, END, FAULTS, GROWING, Case, Fault

from dragoman.events import Grammar

BODIES = [case.body for case in ANSWERS] + [fault.body for fault in FAULTS]


@given(st.sampled_from(BODIES), st.lists(st.integers(0, 4000), max_size=12))
def test_any_cut_of_the_bytes_gives_the_same_events(body: bytes, at: list[int]) -> None:
    borders = sorted({0, len(body), *(place for place in at if place < len(body))})
    chunks = [body[a:b] for a, b in itertools.pairwise(borders)]

    whole, ended = read(decoder(), [body])
    cut, ended_cut = read(decoder(), chunks)

    assert cut == whole
    assert repr(ended_cut) == repr(ended)


@pytest.mark.parametrize("case", [*ANSWERS[:12], *FAULTS[4:20]], ids=lambda case: case.name)
def test_one_byte_at_a_time_gives_the_same_events(case: Case | Fault) -> None:
    whole, ended = read(decoder(), [case.body])
    single, ended_single = read(decoder(), [bytes([byte]) for byte in case.body])

    assert single == whole
    assert repr(ended_single) == repr(ended)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=8,
)
FIELDS = st.sampled_from(
    [
        "message", "error", "moderation_response", "conversation_id", "v", "o", "p", "type",
        "author", "role", "content", "content_type", "parts", "metadata", "finish_details",
        "end_turn", "status", "recipient", "id", "is_complete", "model_slug", "blocked",
    ]
)  # fmt: skip


def _replaced(value: Any, field: str, new: object) -> Any:
    if isinstance(value, dict):
        return {
            name: new if name == field else _replaced(inner, field, new)
            for name, inner in value.items()
        }
    return value


@given(st.lists(st.tuples(FIELDS, JSON), min_size=1, max_size=4))
def test_any_value_in_any_field_gives_events_or_a_chat_error(
    changes: list[tuple[str, object]],
) -> None:
    said = {"finish_details": {"type": "stop"}, "is_complete": True, "model_slug": "m"}
    value: Any = json.loads(event("Hi", end_turn=True, metadata=said)[6:])
    value["moderation_response"] = {"blocked": False}
    for field, new in changes:
        value = _replaced(value, field, new)

    events, _ = read(decoder(), [GROWING, sse(value), END, DONE])

    Grammar().check(events)
    msgspec.json.encode(events)


@given(
    st.sampled_from(BODIES),
    st.lists(st.tuples(st.integers(0, 4000), st.binary(max_size=6)), min_size=1, max_size=5),
)
@example(b'data: {"message":{"id":"\\udc00"}}\n\n', [(0, b"")])
def test_any_bytes_give_events_or_a_chat_error(
    body: bytes, changes: list[tuple[int, bytes]]
) -> None:
    for place, new in changes:
        body = body[:place] + new + body[place + len(new) :]

    events, _ = read(decoder(), [body])

    Grammar().check(events)
    msgspec.json.encode(events)


@given(st.binary())
def test_random_bytes_are_never_an_answer(body: bytes) -> None:
    events, error = read(decoder(), [body])

    assert events == []
    assert error is not None
