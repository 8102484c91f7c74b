"""The pieces of one answer: parts, ends, counts, and what is told beside them."""

from typing import Any

import msgspec
import pytest

from dragoman.dialects.gemini.answer import Answer, Line
from dragoman.dialects.gemini.reply_fields import decode_chunk
from dragoman.errors import ResponseError, ResponseStatusError, StreamTruncatedError
from dragoman.events import (
    Event,
    Finished,
    FinishReason,
    Grammar,
    LogprobsReported,
    NativeReported,
    OtherChoice,
    ReasoningDelta,
    ReasoningSigned,
    Started,
    TextDelta,
    TokenLogprob,
    ToolCallDelta,
    ToolCallStarted,
    Usage,
    UsageReported,
)
from dragoman.native import Native

Json = dict[str, Any]


def heard(*responses: Json) -> list[Event]:
    """The events of an answer in these responses, and its end."""
    answer = Answer("asked", ("user",))
    events: list[Event] = []
    for response in responses:
        text = msgspec.json.encode(response)
        answer.take(decode_chunk(text), Line(text), None, events)
    events += answer.end()
    Grammar().check(events)
    return events


def says(*parts: Json, end: str | None = "STOP", **more: object) -> Json:
    candidate = {"content": {"parts": list(parts), "role": "model"}, "index": 0, **more}
    return {"candidates": [candidate | ({"finishReason": end} if end else {})]}


def call(**more: object) -> Json:
    return {"functionCall": {"name": "f", **more}}


def native(name: str, value: object) -> NativeReported:
    return NativeReported(Native("gemini", {"type": name, name: value}, frozenset({name})))


def test_an_answer_says_who_answers() -> None:
    assert heard(says({"text": "a"}))[0] == Started("asked", None, ("user",))
    feedback: Json = {"safetyRatings": []}
    found = heard(
        says({"text": "a"})
        | {"modelVersion": "m", "responseId": "r", "promptFeedback": feedback, "createTime": "t"}
    )

    assert found[0] == Started(
        "m", "r", ("user",), Native("gemini", {"promptFeedback": feedback, "createTime": "t"})
    )


def test_thoughts_text_and_signatures_come_in_their_order() -> None:
    found = heard(
        says({"text": "hm", "thought": True}, {"text": "", "thought": True}, end=None),
        says({"text": "a", "thoughtSignature": "QUJD"}, {"thoughtSignature": "REVG"}, end=None),
        says({"text": ""}, {}, {"partMetadata": 1}),
    )

    assert found[1:] == [
        ReasoningDelta("hm"),
        TextDelta("a"),
        ReasoningSigned("gemini:QUJD"),
        ReasoningSigned("gemini:REVG"),
        Finished("stop"),
    ]


def test_calls_come_whole_and_those_without_an_id_are_given_one() -> None:
    found = heard(
        says(call(id="1", args={"a": [1]}) | {"thoughtSignature": "QUJD"}, call(id=""), end=None)
        | {"responseId": "r/1"},
        says({"text": "and"}),
    )

    assert found[1:] == [
        ToolCallStarted(0, "1", "f", "gemini:QUJD"),
        ToolCallDelta(0, '{"a":[1]}'),
        ToolCallStarted(1, "call_r1_1", "f"),
        ToolCallDelta(1, "{}"),
        TextDelta("and"),
        Finished("tool_calls"),
    ]
    assert heard(says(call()))[1] == ToolCallStarted(0, "call_0", "f")


@pytest.mark.parametrize("spoiled", [call(name=""), {"functionCall": {}}, call(args=[1])])
def test_a_call_that_makes_no_sense_is_an_error(spoiled: Json) -> None:
    with pytest.raises(ResponseError):
        heard(says(spoiled))


def test_parts_that_only_this_dialect_has_come_whole() -> None:
    code = {"executableCode": {"code": "1"}, "thoughtSignature": "QUJD"}

    assert heard(says({"text": "a"}, code))[2:] == [
        NativeReported(Native("gemini", {"type": "executableCode", **code})),
        Finished("stop"),
    ]


@pytest.mark.parametrize(
    ("word", "reason", "told"),
    [
        ("STOP", "stop", None),
        ("MAX_TOKENS", "length", None),
        ("CONTINUATION", "length", "CONTINUATION"),
        ("SAFETY", "content_filter", None),
        ("SPII", "content_filter", "SPII"),
        ("OTHER", "stop", "OTHER"),
        ("FINISH_REASON_UNSPECIFIED", "stop", None),
        ("NEW_REASON", "stop", "NEW_REASON"),
    ],
)
def test_the_end_has_a_reason_and_the_word_that_says_more(
    word: str, reason: FinishReason, told: str | None
) -> None:
    assert heard(says({"text": "a"}, end=word))[-1] == Finished(reason, told)


@pytest.mark.parametrize(
    "word", ["MALFORMED_FUNCTION_CALL", "UNEXPECTED_TOOL_CALL", "MALFORMED_RESPONSE"]
)
def test_an_answer_that_the_model_spoiled_is_an_error(word: str) -> None:
    with pytest.raises(ResponseError, match=f"spoiled its answer .{word}: no such tool") as caught:
        heard(says({"text": "a"}, end=word, finishMessage="no such tool"))

    assert caught.value.retryable


def test_a_missing_signature_is_the_requests_fault() -> None:
    with pytest.raises(ResponseStatusError, match="signature is missing") as caught:
        heard(says({"text": "a"}, end="MISSING_THOUGHT_SIGNATURE"))

    assert caught.value.status == 400
    assert not caught.value.retryable


def test_the_first_count_and_the_last_are_told() -> None:
    counts = [
        {"usageMetadata": {"promptTokenCount": 7, "candidatesTokenCount": n}} for n in (1, 2, 3)
    ]

    found = heard(*(says({"text": "a"}, end=None) | count for count in counts), says())

    assert found[1] == UsageReported(Usage(7, 1))
    assert found[-2:] == [UsageReported(Usage(7, 3)), Finished("stop")]
    once = heard(says({"text": "a"}) | counts[0])
    assert [type(event) for event in once] == [Started, UsageReported, TextDelta, Finished]


def test_likelihoods_are_told_with_their_text() -> None:
    likely = {"chosenCandidates": [{"token": "a", "logProbability": -1}]}

    found = heard(says({"text": "a"}, logprobsResult=likely), says(end=None, logprobsResult={}))

    assert found[2:-1] == [LogprobsReported((TokenLogprob("a", -1.0),))]


def test_what_is_told_of_the_whole_answer_comes_once_before_its_end() -> None:
    found = heard(
        says(
            {"text": "a"},
            end=None,
            safetyRatings=[1],
            citationMetadata={"citations": [1], "x": 1},
            groundingMetadata=None,
        ),
        says(
            {"text": "b"},
            end=None,
            safetyRatings=[2],
            citationMetadata={"citations": [2], "x": 2, "y": 3},
        ),
        says(urlContextMetadata={"u": 1}, finishMessage="done", avgLogprobs=-0.5),
    )

    assert found[1:] == [
        TextDelta("a"),
        TextDelta("b"),
        native("safetyRatings", [2]),
        native("citationMetadata", {"citations": [1, 2], "x": 2, "y": 3}),
        native("finishMessage", "done"),
        native("avgLogprobs", -0.5),
        native("urlContextMetadata", {"u": 1}),
        Finished("stop"),
    ]


def test_other_candidates_are_other_choices_and_end_by_themselves() -> None:
    def other(*parts: Json, **more: object) -> Json:
        return {"candidates": [{"content": {"parts": list(parts)}, "index": 1, **more}]}

    found = heard(
        {
            "candidates": [
                *says({"text": "a"}, end=None)["candidates"],
                *other({"text": "b"})["candidates"],
            ]
        },
        other(call(), finishReason="STOP", safetyRatings=[1]),
        other({"text": "late"}),
        says(),
    )

    assert found[1:] == [
        TextDelta("a"),
        OtherChoice(1, TextDelta("b")),
        OtherChoice(1, ToolCallStarted(0, "call_0", "f")),
        OtherChoice(1, ToolCallDelta(0, "{}")),
        OtherChoice(1, native("safetyRatings", [1])),
        OtherChoice(1, Finished("tool_calls")),
        Finished("stop"),
    ]
    with pytest.raises(StreamTruncatedError):
        heard(says({"text": "a"}), other({"text": "b"}))
    with pytest.raises(ResponseError, match="no candidate -1"):
        heard({"candidates": [{"index": -1}]})


def test_a_refused_prompt_is_an_answer_without_content() -> None:
    for word, told in (("SAFETY", None), ("BLOCKLIST", "BLOCKLIST")):
        found = heard({"promptFeedback": {"blockReason": word}})

        assert found == [
            Started(
                "asked",
                None,
                ("user",),
                Native("gemini", {"promptFeedback": {"blockReason": word}}),
            ),
            Finished("content_filter", told),
        ]
    with pytest.raises(StreamTruncatedError):
        heard({"promptFeedback": {"blockReason": ""}})
    with pytest.raises(StreamTruncatedError):
        heard({"promptFeedback": "none"})
    assert heard(says({"text": "a"}) | {"promptFeedback": {"blockReason": "SAFETY"}})[-1] == (
        Finished("stop")
    )


def test_an_answer_without_content_is_an_error_unless_it_was_filtered() -> None:
    for end, word in (("STOP", "stop"), ("OTHER", "OTHER")):
        with pytest.raises(ResponseError, match=f"an empty answer .finish reason '{word}'"):
            heard(says({"text": "hm", "thought": True}, end=end))
    with pytest.raises(ResponseError, match=r"an empty answer .finish reason 'length'"):
        heard({"candidates": [{"finishReason": "MAX_TOKENS"}]})

    assert heard({"candidates": [{"finishReason": "SAFETY"}]})[-1] == Finished("content_filter")


def test_thoughts_that_used_up_the_limit_are_an_answer() -> None:
    """Also those that the service only counts."""
    shown = heard(says({"text": "hm", "thought": True}, end="MAX_TOKENS"))
    counted = heard(
        {
            "candidates": [{"finishReason": "MAX_TOKENS"}],
            "usageMetadata": {"promptTokenCount": 1, "thoughtsTokenCount": 9},
        }
    )

    assert shown[-2:] == [ReasoningDelta("hm"), Finished("length")]
    assert counted[-1] == Finished("length")


def test_an_answer_without_an_end_was_cut() -> None:
    with pytest.raises(StreamTruncatedError):
        heard(says({"text": "a"}, end=None))


def test_an_error_may_stand_in_place_of_a_response() -> None:
    with pytest.raises(ResponseStatusError, match="overloaded") as caught:
        heard({"error": {"code": 503, "message": "overloaded", "status": "UNAVAILABLE"}})

    assert caught.value.status == 503


def test_a_part_is_found_in_its_line() -> None:
    line = Line(b'{}\n{"candidates":[{},{"content":{"parts":[1,{"x":{}}]}}]}')

    assert line.part(1, 1, 1) == {"x": {}}
