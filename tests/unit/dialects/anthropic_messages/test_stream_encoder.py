import json
from typing import cast

from anthropic.types import RawMessageStreamEvent
from pydantic import TypeAdapter

from dragoman.chat import ChatRequest
from dragoman.dialects.anthropic_messages.natives import mark
from dragoman.dialects.anthropic_messages.stream_encoder import StreamEncoder
from dragoman.dialects.anthropic_messages.tables import NAME
from dragoman.dialects.dialect import Stamp
from dragoman.errors import RateLimitError
from dragoman.events import (
    Event,
    Finished,
    LogprobsReported,
    NativeReported,
    OtherChoice,
    ReasoningDelta,
    ReasoningSigned,
    RefusalDelta,
    Started,
    TextDelta,
    ToolCallDelta,
    ToolCallStarted,
    Usage,
    UsageReported,
)
from dragoman.native import Native
from dragoman.wire.sse import SseDecoder

STREAM_EVENT: TypeAdapter[RawMessageStreamEvent] = TypeAdapter(RawMessageStreamEvent)
CITED = {
    "type": "char_location",
    "cited_text": "green",
    "document_index": 0,
    "start_char_index": 0,
    "end_char_index": 5,
}
Fields = dict[str, object]


def encoder() -> StreamEncoder:
    return StreamEncoder(ChatRequest(model="m", messages=()), Stamp("7", 0.0))


def sent(body: bytes) -> list[Fields]:
    """The events of a stream, each checked by the official types."""
    found = []
    for message in SseDecoder().feed(body):
        fields = json.loads(message.data)
        assert fields["type"] == message.event
        if message.event != "ping":
            STREAM_EVENT.validate_python(fields)
        found.append(fields)
    return found


def said(*events: Event) -> list[Fields]:
    """The blocks of an answer: each `start`, delta and stop, without its type."""
    body = encoder().feed([Started("claude-x"), *events, Finished()])
    found = [
        {name: value for name, value in fields.items() if name != "type"}
        for fields in sent(body)
        if str(fields["type"]).startswith("content_block")
    ]
    return [
        cast(
            "Fields",
            fields.get("content_block") or fields.get("delta") or {"stop": fields["index"]},
        )
        for fields in found
    ]


def test_a_stream_is_what_the_official_client_wants() -> None:
    usage = UsageReported(Usage(input_tokens=9, output_tokens=3))
    body = encoder().feed([Started("claude-x", "msg_1"), TextDelta("H"), TextDelta("i"), usage])
    body += encoder().feed([])

    assert sent(body) == [
        {
            "type": "message_start",
            "message": {
                "id": "msg_1",
                "type": "message",
                "role": "assistant",
                "model": "claude-x",
                "content": [],
                "stop_reason": None,
                "stop_sequence": None,
                "usage": {"input_tokens": 0, "output_tokens": 0},
            },
        },
        {"type": "ping"},
        {
            "type": "content_block_start",
            "index": 0,
            "content_block": {"type": "text", "text": ""},
        },
        {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "H"}},
        {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "i"}},
    ]


def test_the_end_has_the_counts_and_the_reason() -> None:
    stream = encoder()
    stream.feed([Started("claude-x"), TextDelta("Hi")])

    body = stream.feed(
        [UsageReported(Usage(input_tokens=9, output_tokens=3)), Finished("stop", None, "END")]
    )

    assert sent(body) == [
        {"type": "content_block_stop", "index": 0},
        {
            "type": "message_delta",
            "delta": {"stop_reason": "stop_sequence", "stop_sequence": "END"},
            "usage": {
                "input_tokens": 9,
                "output_tokens": 3,
                "cache_creation_input_tokens": None,
                "cache_read_input_tokens": None,
            },
        },
        {"type": "message_stop"},
    ]


def test_what_is_counted_at_once_is_in_the_beginning() -> None:
    native = Native(NAME, {"usage": {"service_tier": "standard"}})
    counted = UsageReported(Usage(input_tokens=9))

    first = sent(encoder().feed([Started("m", native=native), counted]))[0]

    message = cast("Fields", first["message"])
    assert message["id"] == "msg_7"
    assert cast("Fields", message["usage"])["input_tokens"] == 9
    assert cast("Fields", message["usage"])["service_tier"] == "standard"


def test_blocks_are_started_and_stopped_in_order() -> None:
    assert said(
        ReasoningDelta("h"),
        ReasoningDelta("m"),
        ReasoningSigned(f"{NAME}:EqQB"),
        ReasoningSigned("gemini:Cg=="),
        ReasoningSigned(f"{NAME}:redacted:EmwK"),
        TextDelta("Hi"),
        ToolCallStarted(0, "t", "f", "gemini:Cg=="),
        ToolCallDelta(0, '{"a":1}'),
        LogprobsReported(()),
        OtherChoice(1, TextDelta("no")),
        TextDelta("!"),
    ) == [
        {"type": "thinking", "thinking": "", "signature": ""},
        {"type": "thinking_delta", "thinking": "h"},
        {"type": "thinking_delta", "thinking": "m"},
        {"type": "signature_delta", "signature": "EqQB"},
        {"stop": 0},
        {"type": "thinking", "thinking": "", "signature": ""},
        {"type": "signature_delta", "signature": "gemini:Cg=="},
        {"stop": 1},
        {"type": "redacted_thinking", "data": "EmwK"},
        {"stop": 2},
        {"type": "text", "text": ""},
        {"type": "text_delta", "text": "Hi"},
        {"stop": 3},
        {"type": "redacted_thinking", "data": "tool:gemini:Cg=="},
        {"stop": 4},
        {"type": "tool_use", "id": "t", "name": "f", "input": {}},
        {"type": "input_json_delta", "partial_json": '{"a":1}'},
        {"stop": 5},
        {"type": "text", "text": ""},
        {"type": "text_delta", "text": "!"},
        {"stop": 6},
    ]


def test_calls_that_are_made_at_once_come_one_after_another() -> None:
    assert said(
        ToolCallStarted(0, "t", "f"),
        ToolCallStarted(1, "u", "g"),
        ToolCallDelta(1, "{}"),
        ToolCallDelta(0, '{"a":1}'),
    ) == [
        {"type": "tool_use", "id": "t", "name": "f", "input": {}},
        {"type": "input_json_delta", "partial_json": '{"a":1}'},
        {"stop": 0},
        {"type": "tool_use", "id": "u", "name": "g", "input": {}},
        {"type": "input_json_delta", "partial_json": "{}"},
        {"stop": 1},
    ]


def test_native_pieces_are_in_their_places() -> None:
    upload = {"type": "container_upload", "file_id": "file_1"}
    cited = NativeReported(mark("citations_delta", {"citation": CITED}))

    assert said(
        cited,
        NativeReported(mark("text_break")),
        TextDelta("a"),
        cited,
        NativeReported(mark("tool_use_fields", {"fields": {"toolset_name": "browser"}})),
        NativeReported(Native(NAME, upload)),
        NativeReported(Native("gemini", {"type": "executableCode"})),
        ToolCallStarted(0, "t", "f"),
    ) == [
        {"type": "text", "text": ""},
        {"type": "citations_delta", "citation": CITED},
        {"stop": 0},
        {"type": "text", "text": ""},
        {"type": "text_delta", "text": "a"},
        {"type": "citations_delta", "citation": CITED},
        {"stop": 1},
        upload,
        {"stop": 2},
        {"type": "tool_use", "id": "t", "name": "f", "input": {}, "toolset_name": "browser"},
        {"stop": 3},
    ]


def test_fields_of_the_end_are_put_back() -> None:
    container = {"id": "c", "expires_at": "2026-11-21T00:00:00Z"}
    end = mark("message_delta", {"delta": {"container": container}, "usage": {}})

    last = sent(encoder().feed([Started("m"), TextDelta("a"), NativeReported(end), Finished()]))[-2]

    assert last["delta"] == {
        "container": container,
        "stop_reason": "end_turn",
        "stop_sequence": None,
    }


def test_a_refusal_is_told_at_the_end() -> None:
    events: list[Event] = [Started("m"), RefusalDelta("I will "), RefusalDelta("not."), Finished()]

    last = sent(encoder().feed(events))[-2]

    assert last["delta"] == {
        "stop_reason": "refusal",
        "stop_sequence": None,
        "stop_details": {"type": "refusal", "category": None, "explanation": "I will not."},
    }


def test_an_error_and_a_sign_of_life_are_events() -> None:
    error = SseDecoder().feed(encoder().fail(RateLimitError("wait")))[0]

    assert error.event == "error"
    assert json.loads(error.data)["error"] == {"type": "rate_limit_error", "message": "wait"}
    assert sent(encoder().ping()) == [{"type": "ping"}]
