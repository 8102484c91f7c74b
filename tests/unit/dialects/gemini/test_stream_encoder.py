"""Events to both forms of a stream; every response is one that the SDK takes."""

from typing import Any

import msgspec
import pytest
from google.genai.types import GenerateContentResponse

from dragoman.chat import ChatRequest
from dragoman.dialects.dialect import Stamp
from dragoman.dialects.gemini import DIALECT, ArrayEncoder
from dragoman.dialects.gemini.stream_encoder import Encoder
from dragoman.errors import ResponseError, ResponseStatusError
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
    TokenLogprob,
    ToolCallDelta,
    ToolCallStarted,
    Usage,
    UsageReported,
)
from dragoman.native import Native

CHAT = ChatRequest(model="asked", messages=())
STAMP = Stamp("made", 0.0)
STARTED = Started("m", "r")


def encoder() -> Encoder:
    return Encoder(CHAT, STAMP)


def responses(body: bytes) -> list[dict[str, Any]]:
    *events, rest = body.split(b"\r\n\r\n")
    assert rest == b""
    for event in events:
        GenerateContentResponse.model_validate_json(event.removeprefix(b"data: "))
    return [msgspec.json.decode(event.removeprefix(b"data: ")) for event in events]


def parts(*events: Event) -> list[dict[str, Any]]:
    """The parts that these say, before an end comes."""
    found = responses(encoder().feed([STARTED, *events]))
    return [part for one in found for part in one["candidates"][0]["content"]["parts"]]


def started(index: int = 0, signature: str | None = None) -> ToolCallStarted:
    return ToolCallStarted(index, str(index), "f", signature)


def called(index: int = 0, **args: object) -> dict[str, Any]:
    return {"functionCall": {"id": str(index), "name": "f", "args": args}}


def test_a_stream_is_responses_that_each_add_a_part() -> None:
    found = responses(
        encoder().feed([STARTED, TextDelta("a"), UsageReported(Usage(1, 2)), Finished("length")])
    )

    identity = {"modelVersion": "m", "responseId": "r"}
    assert found == [
        {
            "candidates": [{"content": {"parts": [{"text": "a"}], "role": "model"}, "index": 0}],
            **identity,
        },
        {
            "candidates": [
                {
                    "content": {"parts": [{"text": ""}], "role": "model"},
                    "finishReason": "MAX_TOKENS",
                    "index": 0,
                }
            ],
            "usageMetadata": {
                "promptTokenCount": 1,
                "candidatesTokenCount": 2,
                "totalTokenCount": 3,
            },
            **identity,
        },
    ]


def test_an_answer_without_a_name_is_given_one() -> None:
    found = responses(encoder().feed([Started("m"), TextDelta("a")]))

    assert found[0]["responseId"] == "made"


def test_parts_of_every_kind_are_said() -> None:
    assert parts(
        ReasoningDelta("hm"),
        ReasoningSigned("gemini:QUJD"),
        TextDelta("a"),
        ReasoningSigned("gemini:REVG"),
        RefusalDelta("b"),
        NativeReported(Native("gemini", {"type": "executableCode", "executableCode": {}})),
        NativeReported(Native("ollama", {"x": 1})),
    ) == [
        {"text": "hm", "thought": True},
        {"text": "", "thought": True, "thoughtSignature": "QUJD"},
        {"text": "a"},
        {"text": "", "thoughtSignature": "REVG"},
        {"text": "b"},
        {"executableCode": {}},
    ]


def test_a_call_is_held_until_it_is_whole() -> None:
    held = encoder()

    assert held.feed([STARTED, started(0, "gemini:QUJD"), ToolCallDelta(0, '{"a":')]) == b""
    assert held.feed([ToolCallDelta(0, "1}"), UsageReported(Usage())]) == b""
    found = responses(held.feed([TextDelta("b")]))

    said = [one["candidates"][0]["content"]["parts"][0] for one in found]
    assert said == [{**called(a=1), "thoughtSignature": "QUJD"}, {"text": "b"}]


def test_the_next_call_shows_that_one_is_whole_but_not_that_it_is_empty() -> None:
    whole = encoder()

    found = whole.feed([STARTED, started(0), ToolCallDelta(0, "{}"), started(1), started(2)])
    rest = whole.feed([ToolCallDelta(2, '{"c":3}'), ToolCallDelta(1, '{"b":2}'), Finished()])

    assert responses(found)[0]["candidates"][0]["content"]["parts"] == [called(0)]
    assert [one["candidates"][0]["content"]["parts"][0] for one in responses(rest)] == [
        called(1, b=2),
        called(2, c=3),
        {"text": ""},
    ]


def test_arguments_after_the_end_of_a_call_are_an_error_but_blanks_are_not() -> None:
    events: list[Event] = [STARTED, started(0), ToolCallDelta(0, "{}"), started(1)]

    assert encoder().feed([*events, ToolCallDelta(0, "\n")])
    with pytest.raises(ResponseError, match="goes on after"):
        encoder().feed([*events, ToolCallDelta(0, "x")])


def test_what_came_before_arguments_that_are_no_object_is_said_with_the_error() -> None:
    spoiled = encoder()

    with pytest.raises(ResponseError, match="tool f are no JSON object") as caught:
        spoiled.feed([STARTED, TextDelta("a"), started(0), ToolCallDelta(0, "[1]"), Finished()])
    body = spoiled.fail(caught.value)

    first, second = body.removesuffix(b"\r\n\r\n").split(b"\r\n\r\n")
    assert b'"text":"a"' in first
    assert b'"error"' in second


def test_likelihoods_and_other_choices_are_candidates() -> None:
    found = responses(
        encoder().feed(
            [
                STARTED,
                LogprobsReported((TokenLogprob("a", -1.0),)),
                OtherChoice(1, TextDelta("b")),
                OtherChoice(1, Finished("content_filter", "SPII")),
            ]
        )
    )

    candidates = [one["candidates"][0] for one in found]
    assert candidates[0]["logprobsResult"] == {
        "chosenCandidates": [{"token": "a", "logProbability": -1.0}]
    }
    assert candidates[1]["content"]["parts"] == [{"text": "b"}]
    assert candidates[2] == {"finishReason": "SPII", "index": 1}


def test_what_is_told_of_the_whole_answer_comes_with_its_end() -> None:
    rated = NativeReported(Native("gemini", {"type": "safetyRatings", "safetyRatings": []}))

    found = responses(encoder().feed([STARTED, rated, TextDelta("a"), Finished()]))

    assert "safetyRatings" not in found[0]["candidates"][0]
    assert found[1]["candidates"][0]["safetyRatings"] == []


@pytest.mark.parametrize("events", [[], [TextDelta("a")]])
def test_a_refused_prompt_has_no_candidate(events: list[Event]) -> None:
    feedback = {"blockReason": "OTHER"}
    began = Started("m", "r", native=Native("gemini", {"promptFeedback": feedback}))

    found = responses(encoder().feed([began, *events, Finished("content_filter", "OTHER")]))

    assert found[-1]["promptFeedback"] == feedback
    assert ("candidates" in found[-1]) is bool(events)


def test_a_list_is_whole_json_and_so_is_one_that_failed() -> None:
    listed = ArrayEncoder(CHAT, STAMP)
    whole = listed.feed([STARTED, TextDelta("a")]) + listed.ping() + listed.feed([Finished()])
    failed = ArrayEncoder(CHAT, STAMP)
    broken = failed.feed([STARTED, TextDelta("a")]) + failed.fail(ResponseError("no more"))

    assert [*msgspec.json.decode(whole)[0]] == ["candidates", "modelVersion", "responseId"]
    assert len(msgspec.json.decode(whole)) == 2
    assert msgspec.json.decode(broken)[1]["error"]["message"] == "no more"
    assert msgspec.json.decode(ArrayEncoder(CHAT, STAMP).fail(ResponseError("x")))[0]["error"]
    # A blank may stand anywhere in a list, also before it begins.
    assert ArrayEncoder(CHAT, STAMP).ping() == b"\n"


def test_an_error_inside_a_stream_is_a_status() -> None:
    body = encoder().fail(ResponseStatusError("overloaded", status=503))

    assert body == (
        b'data: {"error":{"code":503,"message":"overloaded","status":"UNAVAILABLE"}}\r\n\r\n'
    )
    with pytest.raises(ResponseStatusError, match="overloaded"):
        DIALECT.decoder("m").feed(body)


def test_a_comment_keeps_a_stream_alive() -> None:
    stream = encoder()
    body = stream.ping() + stream.feed([STARTED, TextDelta("a"), Finished()])

    decoder = DIALECT.decoder("m")
    assert [*decoder.feed(body), *decoder.close()][1] == TextDelta("a")
