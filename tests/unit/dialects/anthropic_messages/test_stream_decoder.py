import json
from collections.abc import Callable

import pytest
from tests.unit.dialects import kit

from dragoman.dialects.anthropic_messages.natives import mark
from dragoman.dialects.anthropic_messages.stream_decoder import StreamDecoder
from dragoman.dialects.anthropic_messages.tables import NAME
from dragoman.errors import (
    ChatError,
    ContentFilterError,
    RateLimitError,
    ResponseError,
    ResponseStatusError,
    StreamTruncatedError,
)
from dragoman.events import (
    Event,
    Finished,
    NativeReported,
    RefusalDelta,
    Started,
    TextDelta,
    ToolCallStarted,
    Usage,
    UsageReported,
)
from dragoman.native import Native


def sse(kind: str, **fields: object) -> bytes:
    return f"event: {kind}\ndata: {json.dumps({'type': kind, **fields})}\n\n".encode()


def start(**fields: object) -> bytes:
    return sse("message_start", message={"id": "msg_1", "model": "claude-x", **fields})


def text(words: str, index: int = 0) -> bytes:
    delta = {"type": "text_delta", "text": words}
    return sse("content_block_delta", index=index, delta=delta)


def open_text(index: int = 0) -> bytes:
    return sse("content_block_start", index=index, content_block={"type": "text", "text": ""})


def end(reason: str = "end_turn", **fields: object) -> bytes:
    return sse("message_delta", delta={"stop_reason": reason}, **fields)


STOP = sse("message_stop")
WHOLE = start() + open_text() + text("Hi") + sse("content_block_stop", index=0) + end() + STOP
HI: list[Event] = [Started("claude-x", "msg_1"), TextDelta("Hi"), Finished()]


def heard(body: bytes, **options: tuple[str, ...]) -> list[Event]:
    return kit.heard(StreamDecoder("m", **options), body)


def test_a_stream_is_heard() -> None:
    assert heard(WHOLE) == HI


def test_signs_of_life_later_kinds_and_what_follows_the_end_are_passed_over() -> None:
    ping = sse("ping") + sse("later_event", delta=None) + sse("content_block_delta")

    assert heard(ping + WHOLE + b"data: [DONE]\n\n" + text("more")) == HI
    decoder = StreamDecoder("m")
    decoder.feed(WHOLE)
    assert decoder.feed(text("more")) == []


def test_an_end_without_its_sign_is_an_end_after_a_stop_reason() -> None:
    assert heard(WHOLE.removesuffix(STOP)) == HI
    assert heard(WHOLE.rstrip()) == HI


@pytest.mark.parametrize("body", [b"", start(), start() + open_text() + text("Hi")])
def test_any_other_end_is_a_cut(body: bytes) -> None:
    with pytest.raises(StreamTruncatedError):
        heard(body)


def test_a_stream_without_its_beginning_is_taken_as_it_is() -> None:
    said = heard(text("Hi") + STOP, dropped=("seed",))

    assert said == [Started("m", None, ("seed",)), TextDelta("Hi"), Finished()]
    assert heard(sse("message_start") + text("Hi") + STOP)[0] == Started("m")
    assert heard(start() + WHOLE)[1:] == HI[1:]


def test_counts_of_the_beginning_hold_until_later_ones() -> None:
    early = {"input_tokens": 9, "output_tokens": 1, "cache_read_input_tokens": 4}
    body = start(usage=early) + text("Hi") + end(usage={"output_tokens": 7}) + STOP

    counted = [event for event in heard(body) if isinstance(event, UsageReported)]

    assert counted == [
        UsageReported(Usage(input_tokens=13, output_tokens=1, cached_tokens=4)),
        UsageReported(Usage(input_tokens=13, output_tokens=7, cached_tokens=4)),
    ]


def test_fields_that_the_middle_does_not_know_are_native() -> None:
    body = start(usage={"service_tier": "standard"}) + text("Hi")
    delta = {"stop_reason": "end_turn", "container": {"id": "c"}}
    body += sse("message_delta", delta=delta, usage={"server_tool_use": {"n": 1}}) + STOP

    said = heard(body)

    native = Native(NAME, {"usage": {"service_tier": "standard"}})
    assert said[0] == Started("claude-x", "msg_1", (), native)
    assert said[2] == NativeReported(
        mark(
            "message_delta",
            {"delta": {"container": {"id": "c"}}, "usage": {"server_tool_use": {"n": 1}}},
        )
    )


def test_a_refusal_is_an_answer() -> None:
    details = {"type": "refusal", "category": "bio", "explanation": "I will not."}
    told = sse("message_delta", delta={"stop_reason": "refusal", "stop_details": details})

    assert heard(start() + told + STOP)[1:] == [
        RefusalDelta("I will not."),
        Finished("content_filter", "bio"),
    ]
    assert heard(start() + end("refusal") + STOP)[1:] == [Finished("content_filter")]


def test_the_stop_text_is_told() -> None:
    delta = {"stop_reason": "stop_sequence", "stop_sequence": "END"}
    body = start() + text("Hi") + sse("message_delta", delta=delta) + STOP

    assert heard(body)[-1] == Finished("stop", None, "END")


def test_a_call_whose_end_is_not_said_ends_with_the_next_block() -> None:
    call = {"type": "tool_use", "id": "t", "name": "f", "input": {}}
    body = start() + sse("content_block_start", index=0, content_block=call)
    body += open_text(1) + text("Hi", 1) + sse("message_delta") + end("tool_use") + STOP

    assert heard(body)[1] == ToolCallStarted(0, "t", "f")


@pytest.mark.parametrize(
    ("word", "message", "kind", "status"),
    [
        ("overloaded_error", "Overloaded", ResponseStatusError, 529),
        ("rate_limit_error", "wait", RateLimitError, 429),
        ("api_error", "broken", ResponseStatusError, 500),
        ("invalid_request_error", "blocked by content filtering", ContentFilterError, None),
    ],
)
def test_an_error_inside_a_stream_comes_after_what_was_said(
    word: str, message: str, kind: type[ChatError], status: int | None
) -> None:
    decoder = StreamDecoder("m")
    error = sse("error", error={"type": word, "message": message})

    assert decoder.feed(start() + text("Hi") + error) == HI[:2]
    with pytest.raises(kind) as caught:
        decoder.feed(b"")
    assert getattr(caught.value, "status", None) == status
    with pytest.raises(kind):
        decoder.close()


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (start() + end() + STOP, "an empty answer"),
        (b"data: {]\n\n", "makes no sense"),
        (b"data: {}\n\n", "makes no sense"),
        (b'event: error\ndata: {"error": "so it is"}\n\n', "so it is"),
        (b'data: {"index": "x", "error": {"message": "so it is"}}\n\n', "so it is"),
        (start() + sse("content_block_start", index=0), "makes no sense"),
        (start() + open_text() + text("Hi", 1), "block 1"),
        (b"<html>Bad Gateway</html>", "makes no sense"),
        (b'{"type":"error","error":{"type":"later","message":"so"}}', "so"),
    ],
)
def test_what_is_no_stream_is_an_error(body: bytes, words: str) -> None:
    with pytest.raises(ResponseError, match=words):
        heard(body)


def test_a_broken_ping_is_passed_over() -> None:
    decoder = StreamDecoder("m")
    ping = b"event: ping\ndata: {\xff\n\n"

    assert kit.heard(decoder, start() + ping + open_text() + text("Hi") + ping + end() + STOP) == HI
    assert decoder.skipped == 2


def test_what_the_end_cut_off_behind_the_stop_reason_says_nothing() -> None:
    """Nothing is said any more, and to ask again would cost a whole answer."""
    decoder = StreamDecoder("m")

    assert kit.heard(decoder, start() + text("Hi") + end() + STOP[:-5]) == HI
    assert decoder.skipped == 1


def test_a_whole_answer_in_place_of_a_stream_is_read() -> None:
    content = [{"type": "text", "text": "Hi"}]
    whole = {"type": "message", "id": "msg_1", "model": "claude-x", "content": content}

    assert heard(json.dumps(whole).encode()) == HI
    assert heard(json.dumps(whole, indent=1).encode()) == HI


@pytest.mark.parametrize("spoilt", [start, end], ids=["beginning", "end"])
def test_a_bad_byte_in_a_field_that_nobody_reads_is_an_error_too(
    spoilt: Callable[[], bytes],
) -> None:
    body = spoilt().replace(b'{"type"', b'{"\xff": 1, "type"', 1)

    with pytest.raises(ResponseError):
        heard(body)
