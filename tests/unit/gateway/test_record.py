"""What a request's record notes of the answer while it comes."""

import pytest

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
from dragoman.gateway.record import Record
from dragoman.native import Native


def _record() -> Record:
    record = Record("req_1", "chat")
    record.model = "asked"
    return record


@pytest.mark.parametrize(
    "event",
    [
        TextDelta("a"),
        ReasoningDelta("a"),
        RefusalDelta("a"),
        ToolCallStarted(0, "c", "weather"),
        ToolCallDelta(0, "{}"),
        NativeReported(Native("gemini", {})),
        OtherChoice(1, TextDelta("a")),
    ],
    ids=lambda event: type(event).__name__,
)
def test_the_first_of_whatever_is_answered_is_the_first_token(event: Event) -> None:
    record = _record()

    record.note([Started("m"), event])
    first = record.first_token_at
    record.note([TextDelta("b"), Finished()])

    assert first is not None
    assert record.first_token_at == first


@pytest.mark.parametrize(
    "event",
    [Started("m"), UsageReported(Usage(1)), Finished(), LogprobsReported(()), ReasoningSigned("s")],
    ids=lambda event: type(event).__name__,
)
def test_what_brings_nothing_of_the_answer_is_no_token(event: Event) -> None:
    record = _record()

    record.note([event])

    assert record.first_token_at is None


def test_it_notes_who_answered_and_how_it_ended() -> None:
    record = _record()

    record.note([Started("m-1", id="chatcmpl-1"), TextDelta("a"), UsageReported(Usage(1, 1))])
    record.note([UsageReported(Usage(1, 2)), Finished("length")])

    assert (record.model, record.response_id) == ("m-1", "chatcmpl-1")
    assert (record.usage, record.finish_reason) == (Usage(1, 2), "length")


def test_what_is_not_told_leaves_what_is_known() -> None:
    record = _record()

    record.note([Started(""), TextDelta("a")])

    assert (record.model, record.response_id, record.finish_reason) == ("asked", "", "")
