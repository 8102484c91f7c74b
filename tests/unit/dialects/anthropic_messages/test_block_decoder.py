import json

import pytest

from dragoman.dialects.anthropic_messages.block_decoder import BlockDecoder, Delta
from dragoman.dialects.anthropic_messages.natives import mark
from dragoman.dialects.anthropic_messages.tables import NAME
from dragoman.errors import ResponseError
from dragoman.events import (
    Event,
    NativeReported,
    ReasoningDelta,
    ReasoningSigned,
    TextDelta,
    ToolCallDelta,
    ToolCallStarted,
)
from dragoman.native import Native

Fields = dict[str, object]
CITED: Fields = {"type": "char_location", "cited_text": "green"}


def events(*blocks: Fields) -> list[Event]:
    decoder = BlockDecoder()
    found: list[Event] = []
    for block in blocks:
        decoder.start(json.dumps(block).encode(), found)
    decoder.stop(found)
    return found


def streamed(block: Fields, *deltas: Delta) -> list[Event]:
    decoder = BlockDecoder()
    found: list[Event] = []
    decoder.start(json.dumps(block).encode(), found)
    for delta in deltas:
        decoder.more(delta, found)
    decoder.stop(found)
    return found


def test_texts_of_their_own_are_kept_apart() -> None:
    said = events(
        {"type": "text", "text": "a"},
        {"type": "text", "text": ""},
        {"type": "text", "text": "b", "citations": [CITED, "none"]},
        {"type": "thinking", "thinking": "hm", "signature": ""},
        {"type": "text", "text": "c", "citations": None},
    )

    assert said == [
        TextDelta("a"),
        NativeReported(mark("text_break")),
        TextDelta("b"),
        NativeReported(mark("citations_delta", {"citation": CITED})),
        ReasoningDelta("hm"),
        TextDelta("c"),
    ]


def test_thoughts_are_signed_at_their_end() -> None:
    assert events(
        {"type": "thinking", "thinking": "hm", "signature": "EqQB"},
        {"type": "redacted_thinking", "data": "EmwK"},
        {"type": "redacted_thinking", "data": ""},
    ) == [
        ReasoningDelta("hm"),
        ReasoningSigned("anthropic_messages:EqQB"),
        ReasoningSigned("anthropic_messages:redacted:EmwK"),
    ]


def test_a_streamed_thought_may_be_hidden() -> None:
    block: Fields = {"type": "thinking", "thinking": "", "signature": ""}

    assert streamed(block, Delta("signature_delta", signature="Eq")) == [
        ReasoningSigned("anthropic_messages:Eq")
    ]
    assert streamed(block, Delta("thinking_delta", thinking="hm")) == [ReasoningDelta("hm")]


def test_arguments_keep_their_text() -> None:
    decoder = BlockDecoder()
    said: list[Event] = []

    decoder.start(b'{"type":"tool_use","id":"t","name":"f","input":{"n": 1.0}}', said)
    decoder.stop(said)

    assert said == [ToolCallStarted(0, "t", "f"), ToolCallDelta(0, '{"n": 1.0}')]


def test_arguments_come_in_pieces_or_not_at_all() -> None:
    block: Fields = {"type": "tool_use", "id": "t", "name": "f", "input": {}}
    pieces = [Delta("input_json_delta", partial_json=piece) for piece in ("", '{"a"', ":1}")]

    assert streamed(block, *pieces) == [
        ToolCallStarted(0, "t", "f"),
        ToolCallDelta(0, '{"a"'),
        ToolCallDelta(0, ":1}"),
    ]
    assert streamed(block)[1:] == [ToolCallDelta(0, "{}")]
    assert streamed({"type": "tool_use", "name": "f"})[0] == ToolCallStarted(0, "toolu_0", "f")


def test_a_call_may_have_more_fields_and_a_proof() -> None:
    caller: Fields = {"type": "code_execution_20260521", "tool_id": "srv"}
    call: Fields = {"type": "tool_use", "id": "t", "name": "f", "input": {}}
    sealed: Fields = {"type": "redacted_thinking", "data": "tool:gemini:Cg=="}

    assert events(sealed, {**call, "caller": caller})[:2] == [
        NativeReported(mark("tool_use_fields", {"fields": {"caller": caller}})),
        ToolCallStarted(0, "t", "f", "gemini:Cg=="),
    ]
    assert len(events({**call, "caller": {"type": "direct"}, "toolset_name": None})) == 2


def test_what_has_no_event_is_told_whole() -> None:
    search: Fields = {"type": "server_tool_use", "id": "s", "name": "web_search", "input": {}}
    pieces = [Delta("input_json_delta", partial_json=piece) for piece in ('{"query"', ':"x"}')]

    assert streamed(search, *pieces) == [
        NativeReported(Native(NAME, {**search, "input": {"query": "x"}}))
    ]
    assert events({"type": "container_upload"}) == [
        NativeReported(Native(NAME, {"type": "container_upload"}))
    ]


def test_pieces_of_a_later_kind_are_passed_over() -> None:
    decoder = BlockDecoder()
    said: list[Event] = []

    decoder.more(Delta("later_delta"), said)
    decoder.more(Delta("citations_delta"), said)
    decoder.text("a", said)
    decoder.more(Delta("citations_delta", citation=CITED), said)

    assert said == [
        TextDelta("a"),
        NativeReported(mark("citations_delta", {"citation": CITED})),
    ]


@pytest.mark.parametrize(
    "block",
    [
        {},
        {"type": 1},
        {"type": "tool_use", "id": "t"},
        {"type": "tool_use", "id": 1, "name": "f"},
        {"type": "tool_use", "name": "f", "input": [1]},
    ],
)
def test_a_block_that_makes_no_sense_is_an_error(block: Fields) -> None:
    with pytest.raises(ResponseError):
        events(block)


def test_arguments_of_nothing_and_broken_ones_are_errors() -> None:
    with pytest.raises(ResponseError, match="without a tool call"):
        BlockDecoder().more(Delta("input_json_delta", partial_json="{}"), [])
    with pytest.raises(ResponseError, match="makes no sense"):
        streamed({"type": "server_tool_use"}, Delta("input_json_delta", partial_json="{"))
