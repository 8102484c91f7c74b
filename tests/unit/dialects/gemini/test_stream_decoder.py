"""Bytes to events in each of the forms, and whole answers."""

import pytest
from tests.unit.dialects import kit

from dragoman.dialects.gemini.stream_decoder import Decoder, decode_reply
from dragoman.errors import RateLimitError, ResponseError, ResponseStatusError, StreamTruncatedError
from dragoman.events import Event, Finished, Started, TextDelta
from dragoman.messages import Message, Text
from dragoman.native import Native

HALF = b'{"candidates":[{"content":{"parts":[{"text":"Hel"}]}}],"modelVersion":"m"}'
REST = b'{"candidates":[{"content":{"parts":[{"text":"lo"}]},"finishReason":"STOP"}]}'
CODE = b'{"candidates":[{"content":{"parts":[{"executableCode":{"code":"1"}}]}}]}'
ERROR = b'{"error":{"code":429,"message":"slow down","status":"RESOURCE_EXHAUSTED"}}'
SAID = [Started("m"), TextDelta("Hel"), TextDelta("lo"), Finished("stop")]


def sse(*chunks: bytes, end: bytes = b"\r\n") -> bytes:
    return b"".join(b"data: " + chunk + end + end for chunk in chunks)


def heard(body: bytes, size: int = 1 << 20) -> list[Event]:
    return kit.heard(Decoder("other"), *kit.cut(body, range(0, len(body), size)))


@pytest.mark.parametrize("size", [1, 2, 3, 7, 50, 1 << 20])
@pytest.mark.parametrize(
    "body",
    [
        sse(HALF, REST),
        sse(HALF, REST, end=b"\n"),
        sse(HALF, REST, end=b"\r"),
        sse(HALF, REST)[:-4],
        sse(HALF, REST)[:-1],
        b": hello\r\n\r\n" + sse(HALF, REST),
        b"[" + HALF + b"\r\n,\r\n" + REST + b"]",
        b"[" + HALF + b"," + REST + b"] and more",
        b"[" + HALF + b"," + REST,
        b"\xef\xbb\xbf \r\n" + b" " * 40 + b"[" + HALF + b"," + REST + b"]",
    ],
)
def test_an_answer_is_the_same_in_every_form_and_however_it_is_cut(body: bytes, size: int) -> None:
    assert heard(body, size) == SAID


def test_the_bracket_ends_a_list_and_what_follows_is_ignored() -> None:
    decoder = Decoder("other")

    assert decoder.feed(b"[" + HALF + b"," + REST + b"]") == SAID
    assert decoder.feed(b"[nonsense") == []
    assert decoder.close() == []


def test_a_part_that_only_this_dialect_has_is_found_among_many_events() -> None:
    found = heard(sse(HALF) + sse(HALF, CODE, REST))

    reported = [event for event in found if hasattr(event, "part")]
    assert [event.part.fields for event in reported] == [
        {"type": "executableCode", "executableCode": {"code": "1"}}
    ]


@pytest.mark.parametrize(
    "body", [sse(HALF, HALF), sse(HALF) + b"data: {", b"[" + HALF + b"]", b"[" + HALF + b",{"]
)
def test_an_answer_without_a_finish_reason_was_cut(body: bytes) -> None:
    with pytest.raises((StreamTruncatedError, ResponseError)):
        heard(body)


@pytest.mark.parametrize("body", [sse(HALF, ERROR), b"[" + HALF + b"," + ERROR + b"]"])
def test_what_came_before_an_error_is_handed_out_first(body: bytes) -> None:
    decoder = Decoder("other")

    assert decoder.feed(body) == SAID[:2]
    with pytest.raises(RateLimitError, match="slow down"):
        decoder.feed(b"more")
    with pytest.raises(RateLimitError):
        decoder.close()


def test_a_broken_event_does_not_take_those_before_it_along() -> None:
    decoder = Decoder("other")
    decoder.feed(sse(HALF))

    assert decoder.feed(sse(HALF, b'{"candidates":5}')) == [TextDelta("Hel")]
    with pytest.raises(ResponseError, match="makes no sense"):
        decoder.close()


@pytest.mark.parametrize("body", [sse(ERROR), ERROR, b"[" + ERROR + b"]"])
def test_an_error_in_place_of_an_answer_is_that_error(body: bytes) -> None:
    with pytest.raises(RateLimitError, match="slow down"):
        heard(body)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "an empty reply"),
        (b" \r\n", "an empty reply"),
        (b": only a comment\n\n", "an empty reply"),
        (b"[]", "an empty reply"),
        (b"<html>sorry</html>", "no answer: '<html>sorry</html>'"),
        (b'[{"candidates": [', "no answer"),
        (b"[1]", "no answer"),
        (b"data: hello\n\n", "makes no sense"),
    ],
)
def test_what_is_no_answer_is_an_error(body: bytes, words: str) -> None:
    with pytest.raises(ResponseError, match=words):
        heard(body)


def test_a_whole_answer_is_one_response() -> None:
    whole = (
        b'{"candidates":[{"content":{"parts":[{"text":"Hello"}]},"finishReason":"STOP",'
        b'"tokenCount":3}],"usageMetadata":{"promptTokenCount":1},"responseId":"r"}'
    )

    found = decode_reply(whole, "other", dropped=("user",))

    told = Native("gemini", {"type": "tokenCount", "tokenCount": 3}, frozenset({"tokenCount"}))
    assert found.message == Message("assistant", (Text("Hello"), told))
    assert (found.model, found.id, found.dropped) == ("other", "r", ("user",))
    with pytest.raises(ResponseStatusError):
        decode_reply(b'{"error":{"code":503,"message":"x"}}', "m")


def test_a_broken_ping_is_passed_over() -> None:
    decoder = Decoder("other")
    ping = b"event: ping\r\ndata: {]\r\n\r\n"

    assert kit.heard(decoder, sse(HALF) + ping + sse(REST) + ping) == SAID
    assert decoder.skipped == 2
