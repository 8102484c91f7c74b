"""A streamed answer that is an error, or no answer at all."""

import itertools

import msgspec
import pytest
from tests.unit.dialects.openai_responses.wire import (
    COMPLETED,
    CREATED,
    MESSAGE,
    RESPONSE,
    STARTED,
    Wire,
    at,
    delta,
    lifecycle,
    named,
    thinking,
    wire,
)

from dragoman.dialects.openai_responses.stream_decoder import Decoder
from dragoman.errors import (
    ChatError,
    ContentFilterError,
    RateLimitError,
    ResponseError,
    ResponseStatusError,
    StreamTruncatedError,
)
from dragoman.events import (
    Finished,
    Started,
    TextDelta,
)


@pytest.mark.parametrize(
    ("event", "kind", "why"),
    [
        ({"type": "error", "message": "Oh", "code": "server_error"}, ResponseStatusError, "Oh"),
        (
            {"type": "error", "error": {"message": "Oh", "code": "rate_limit_exceeded"}},
            RateLimitError,
            "Oh",
        ),
        ({"type": "error", "error": "Oh"}, ResponseError, "Oh"),
        ({"type": "error"}, ResponseError, "no reason"),
        (lifecycle("failed", error={"message": "Oh", "code": "invalid_prompt"}),
         ContentFilterError, "Oh"),
        (lifecycle("failed"), ResponseError, "is failed"),
        (lifecycle("failed", status=None), ResponseError, "no reason"),
        (lifecycle("cancelled"), ResponseError, "is cancelled"),
        (lifecycle("completed", error={"message": "Oh"}), ResponseError, "Oh"),
        (named("completed"), ResponseError, "no sense"),
        (named("output_text.delta", delta=7), ResponseError, "no sense"),
        (named("refusal.delta", delta=7), ResponseError, "no sense"),
        (named("output_item.added", output_index="first"), ResponseError, "no sense"),
        (at(0, "output_item.done", item={"type": "message", "content": 7}),
         ResponseError, "no sense"),
    ],
)  # fmt: skip
def test_an_error_inside_comes_after_what_was_said(
    event: Wire, kind: type[ChatError], why: str
) -> None:
    decoder = Decoder("m")

    assert decoder.feed(wire(CREATED, delta("Hi"), event)) == [STARTED, TextDelta("Hi")]

    with pytest.raises(kind, match=why):
        decoder.feed(b"")
    with pytest.raises(kind, match=why):
        decoder.close()


def test_an_error_with_nothing_before_it_is_raised_at_once() -> None:
    with pytest.raises(ResponseError, match="Oh"):
        Decoder("m").feed(wire({"type": "error", "message": "Oh"}))


@pytest.mark.parametrize(
    ("event", "end"),
    [
        (thinking(0, 0, "Hm"), COMPLETED),
        (named("new"), COMPLETED),
        (named("new"), lifecycle("incomplete")),
    ],
)
def test_an_end_without_an_answer_is_an_error(end: Wire, event: Wire) -> None:
    decoder = Decoder("m")
    decoder.feed(wire(CREATED, event, end))

    with pytest.raises(ResponseError, match="empty answer"):
        decoder.close()


@pytest.mark.parametrize(
    ("events", "fields"),
    [
        ([thinking(0, 0, "Hm")], {}),
        ([at(0, "output_item.done", item={"type": "reasoning", "encrypted_content": "x"})], {}),
        ([], {"usage": {"output_tokens": 9, "output_tokens_details": {"reasoning_tokens": 9}}}),
    ],
)
def test_thoughts_that_used_up_the_limit_are_an_answer(
    events: list[Wire], fields: dict[str, object]
) -> None:
    """In words, hidden, or only counted."""
    decoder = Decoder("m")

    found = decoder.feed(wire(CREATED, *events, lifecycle("incomplete", **fields)))

    assert found[-1] == Finished("length")


@pytest.mark.parametrize("name", ["ping", "response.in_progress", "response.queued"])
def test_a_broken_event_that_says_nothing_is_passed_over(name: str) -> None:
    decoder = Decoder("m")
    broken = f"event: {name}\ndata: {{]\n\n".encode()

    events = decoder.feed(wire(CREATED) + broken + wire(delta("Hi"), COMPLETED) + broken)

    assert TextDelta("Hi") in events
    assert isinstance(events[-1], Finished)
    assert decoder.skipped == 1


@pytest.mark.parametrize("count", range(1, 4))
def test_a_cut_stream_is_never_a_short_success(count: int) -> None:
    events = itertools.islice([CREATED, delta("H"), at(0, "output_item.done", item=MESSAGE)], count)
    decoder = Decoder("m")
    decoder.feed(wire(*events))

    with pytest.raises(StreamTruncatedError):
        decoder.close()


@pytest.mark.parametrize(
    ("body", "kind", "why"),
    [
        (b"", StreamTruncatedError, "end sign"),
        (b"<html>\n<body>Oh\n", ResponseError, "no stream.*Oh"),
        (b'{"error":{"message":"Oh","code":"server_error"}}', ResponseStatusError, "Oh"),
        (b'{"broken', ResponseError, "no sense"),
        (b"data: ?\n\n", ResponseError, "no sense"),
    ],
)
def test_what_is_no_stream_is_an_error(body: bytes, kind: type[ChatError], why: str) -> None:
    decoder = Decoder("m")

    with pytest.raises(kind, match=why):  # noqa: PT012 - either of the two may say it
        decoder.feed(body)
        decoder.close()


def test_a_whole_answer_in_place_of_a_stream_is_taken() -> None:
    decoder = Decoder("m", dropped=("seed",))
    body = msgspec.json.format(
        msgspec.json.encode({**RESPONSE, "status": "completed", "output": [MESSAGE]})
    )

    assert decoder.feed(body) == []
    assert decoder.close() == [
        Started("m-1", "resp_1", ("seed",)),
        TextDelta("Hi"),
        Finished("stop"),
    ]
