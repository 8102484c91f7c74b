"""The fields of a response, and the values they are."""

import msgspec
import pytest

from dragoman.dialects.gemini.reply_fields import (
    UsageMetadata,
    decode_arguments,
    decode_chunk,
    decode_logprobs,
    decode_raw,
    decode_usage,
)
from dragoman.errors import ResponseError
from dragoman.events import TokenLogprob, Usage


def usage(**fields: object) -> Usage:
    return decode_usage(msgspec.convert(fields, UsageMetadata))


def test_thoughts_are_output_and_what_tools_gave_back_is_input() -> None:
    found = usage(
        promptTokenCount=10,
        toolUsePromptTokenCount=5,
        candidatesTokenCount=3,
        thoughtsTokenCount=4,
        cachedContentTokenCount=2,
        totalTokenCount=22,
        promptTokensDetails=[
            {"modality": "TEXT", "tokenCount": 4},
            {"modality": "AUDIO", "tokenCount": 6},
        ],
        candidatesTokensDetails=[{"modality": "TEXT"}],
    )

    assert found == Usage(15, 7, cached_tokens=2, reasoning_tokens=4, input_audio_tokens=6)


def test_what_was_not_counted_is_not_known() -> None:
    assert usage() == Usage()
    assert usage(thoughtsTokenCount=4) == Usage(output_tokens=4, reasoning_tokens=4)
    assert usage(promptTokenCount=4) == Usage(input_tokens=4)


def test_likelihoods_come_with_what_stood_beside_them() -> None:
    raw = msgspec.Raw(
        b'{"chosenCandidates":[{"token":"a","logProbability":-0.5,"tokenId":7},{"token":"b"}],'
        b'"topCandidates":[{"candidates":[{"token":"a","logProbability":-0.5}]}]}'
    )

    assert decode_logprobs(raw) == (
        TokenLogprob("a", -0.5, (TokenLogprob("a", -0.5),)),
        TokenLogprob("b", 0.0),
    )


@pytest.mark.parametrize("raw", [b"null", b"{}", b'{"topCandidates":[{}]}'])
def test_no_likelihoods_are_none(raw: bytes) -> None:
    assert decode_logprobs(msgspec.Raw(raw)) == ()


@pytest.mark.parametrize(
    ("raw", "text"),
    [(b"", "{}"), (b"null", "{}"), (b'{\n "a" : 1.0 }', '{"a":1.0}')],
)
def test_arguments_are_a_text_without_blanks(raw: bytes, text: str) -> None:
    assert decode_arguments(msgspec.Raw(raw)) == text


@pytest.mark.parametrize("raw", [b"[1]", b'"{}"', b'{"a":"\\ud800"}', b"\xff"])
def test_arguments_that_are_no_object_are_an_error(raw: bytes) -> None:
    with pytest.raises(ResponseError):
        decode_arguments(msgspec.Raw(raw))


def test_what_makes_no_sense_is_an_error() -> None:
    with pytest.raises(ResponseError, match="makes no sense"):
        decode_chunk(b'{"candidates": 5}')
    with pytest.raises(ResponseError, match="makes no sense"):
        decode_raw(b"\xff")
    with pytest.raises(ResponseError, match="make no sense"):
        decode_logprobs(msgspec.Raw(b"[]"))
    assert decode_raw(b"") is None
