"""Whole answers, which the SDK takes."""

from typing import Any

import msgspec
import pytest
from google.genai.types import GenerateContentResponse

from dragoman.chat import ChatReply, ChatRequest
from dragoman.dialects.dialect import Stamp
from dragoman.dialects.gemini.reply_encoder import encode_reply, encode_usage, finish_word
from dragoman.dialects.gemini.stream_decoder import decode_reply
from dragoman.errors import ResponseError
from dragoman.events import Finished, FinishReason, TokenLogprob, Usage
from dragoman.messages import Message, Part, Reasoning, Refusal, Text, ToolCall
from dragoman.native import Native

CHAT = ChatRequest(model="m", messages=())
STAMP = Stamp("made", 0.0)


def reply(*parts: Part, **more: Any) -> ChatReply:
    return ChatReply(model="m", message=Message("assistant", parts), **more)


def said(answer: ChatReply) -> dict[str, Any]:
    body = encode_reply(answer, CHAT, STAMP)
    GenerateContentResponse.model_validate_json(body)
    return msgspec.json.decode(body)  # type: ignore[no-any-return]  # an object


def test_an_answer_is_a_candidate_with_its_parts() -> None:
    found = said(
        reply(
            Reasoning("hm", "gemini:QUJD"),
            Text("a"),
            Refusal("b"),
            ToolCall("1", "f", '{"x":1}', "openai_responses:z"),
            finish_reason="tool_calls",
            usage=Usage(3, 4, reasoning_tokens=1),
        )
    )

    assert found == {
        "candidates": [
            {
                "content": {
                    "parts": [
                        {"text": "hm", "thought": True, "thoughtSignature": "QUJD"},
                        {"text": "a"},
                        {"text": "b"},
                        {
                            "functionCall": {"id": "1", "name": "f", "args": {"x": 1}},
                            "thoughtSignature": "b3BlbmFpX3Jlc3BvbnNlczp6",
                        },
                    ],
                    "role": "model",
                },
                "finishReason": "STOP",
                "index": 0,
            }
        ],
        "usageMetadata": {
            "promptTokenCount": 3,
            "candidatesTokenCount": 3,
            "thoughtsTokenCount": 1,
            "totalTokenCount": 7,
        },
        "modelVersion": "m",
        "responseId": "made",
    }


def test_what_is_told_of_the_answer_stands_in_its_candidate() -> None:
    rated = Native("gemini", {"type": "safetyRatings", "safetyRatings": []})
    code = Native("gemini", {"type": "executableCode", "executableCode": {"code": "1"}})

    found = said(reply(Text("a"), code, rated, Native("ollama", {"x": 1}), id="r"))

    candidate = found["candidates"][0]
    assert candidate["content"]["parts"] == [{"text": "a"}, {"executableCode": {"code": "1"}}]
    assert candidate["safetyRatings"] == []
    assert found["responseId"] == "r"


def test_each_of_several_answers_is_a_candidate() -> None:
    found = said(reply(Text("a"), others=(reply(Text("b"), finish_reason="length"),)))

    assert [one["index"] for one in found["candidates"]] == [0, 1]
    assert found["candidates"][1]["finishReason"] == "MAX_TOKENS"


def test_likelihoods_are_told_with_what_stood_beside_them() -> None:
    tokens = (TokenLogprob("a", -1.0, (TokenLogprob("b", -2.0),)), TokenLogprob("c", -3.0))

    found = said(reply(Text("ac"), logprobs=tokens))
    plain = said(reply(Text("c"), logprobs=tokens[1:]))

    assert found["candidates"][0]["logprobsResult"] == {
        "chosenCandidates": [
            {"token": "a", "logProbability": -1.0},
            {"token": "c", "logProbability": -3.0},
        ],
        "topCandidates": [
            {"candidates": [{"token": "b", "logProbability": -2.0}]},
            {"candidates": []},
        ],
    }
    assert "topCandidates" not in plain["candidates"][0]["logprobsResult"]


def test_a_refused_prompt_has_no_candidate() -> None:
    feedback = {"blockReason": "OTHER"}
    native = Native("gemini", {"promptFeedback": feedback, "createTime": "2026-01-01T00:00:00Z"})
    refused = reply(finish_reason="content_filter", native=native)

    found = said(refused)

    assert "candidates" not in found
    assert found["promptFeedback"] == feedback
    assert found["createTime"] == "2026-01-01T00:00:00Z"
    assert decode_reply(encode_reply(refused, CHAT, STAMP), "m").native == native
    rated = Native("gemini", {"promptFeedback": {"safetyRatings": []}})
    assert "candidates" in said(reply(Text("a"), native=rated))


def test_an_answer_that_was_filtered_elsewhere_is_a_candidate_without_content() -> None:
    assert said(reply(finish_reason="content_filter"))["candidates"] == [
        {"finishReason": "SAFETY", "index": 0}
    ]


@pytest.mark.parametrize("arguments", ["{", "[1]", "null"])
def test_arguments_that_are_no_object_cannot_be_told(arguments: str) -> None:
    with pytest.raises(ResponseError, match="arguments for the tool f are no JSON object"):
        said(reply(ToolCall("1", "f", arguments)))


@pytest.mark.parametrize(
    ("reason", "word", "told"),
    [
        ("stop", None, "STOP"),
        ("stop", "OTHER", "OTHER"),
        ("tool_calls", "OTHER", "STOP"),
        ("length", "max_tokens", "MAX_TOKENS"),
        ("content_filter", "SPII", "SPII"),
        ("content_filter", "refusal", "SAFETY"),
    ],
)
def test_the_services_own_word_is_said_for_the_same_reason_only(
    reason: FinishReason, word: str | None, told: str
) -> None:
    assert finish_word(Finished(reason, word)) == told


def test_counts_of_sounds_are_told_beside_those_of_text() -> None:
    assert encode_usage(Usage(10, 5, 2, None, 1, 6, 5)) == {
        "promptTokenCount": 10,
        "candidatesTokenCount": 5,
        "cachedContentTokenCount": 2,
        "promptTokensDetails": [
            {"modality": "TEXT", "tokenCount": 4},
            {"modality": "AUDIO", "tokenCount": 6},
        ],
        "candidatesTokensDetails": [
            {"modality": "TEXT", "tokenCount": 0},
            {"modality": "AUDIO", "tokenCount": 5},
        ],
        "totalTokenCount": 15,
    }
    assert encode_usage(Usage()) == {"totalTokenCount": 0}
