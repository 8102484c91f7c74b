"""Every sample of the plugin's wire, cut anywhere, means what the table says."""

import itertools
import random

import hypothesis.strategies as st
import msgspec
import pytest
from hypothesis import given
from tests.unit.web.ai_power_kit import (
    SAMPLES,
    SSE_TYPE,
    TYPES,
    Decoded,
    decode,
    make_call,
    make_head,
    outline,
)

from dragoman.providers.call import Decoder
from dragoman.providers.web.ai_power_modern import ModernDecoder
from dragoman.providers.web.ai_power_relay import RelayDecoder

GREETING = "Hello, wörld \U0001f600\N{LINE SEPARATOR}."


class Case(msgspec.Struct, frozen=True):
    """A sample, its text, how it ends, and words that the error has."""

    sample: str
    text: str
    kind: str = "whole"
    words: str = ""


CASES = [
    Case("stream_plain.sse", GREETING),
    Case("stream_with_trailer.sse", GREETING),
    Case("stream_with_php_notices.sse", GREETING),
    Case("stream_legacy_text.sse", "Hello"),
    Case("stream_cut_with_trailer.sse", "Hello", "StreamTruncatedError", "end sign"),
    Case("stream_upstream_error.sse", "", "ResponseError", "The model is overloaded."),
    Case("error_as_content.sse", "", "ResponseError", "You exceeded your quota."),
    Case("error_as_content_limited.sse", "", "ResponseError", "You exceeded your quota."),
    Case("error_as_content_quoted.sse", "", "ResponseError", "No"),
    Case("error_as_content_glued.sse", "", "ResponseError", "You exceeded your quota."),
    Case("error_as_content_raw_first.sse", "", "ResponseError", "You exceeded your quota."),
    Case("error_as_content_empty.sse", "", "ResponseError", "without a text"),
    Case("quota.sse", "", "RateLimitError", "Ваш лимит исчерпан."),
    Case("flagged_then_answer.sse", "", "ContentFilterError", "Flagged."),
    Case("banned_then_answer.sse", "", "ResponseError", "Not you."),
    Case("assistant.sse", "Hello"),
    Case("assistant_empty_done.sse", "Hello"),
    Case("assistant_error.sse", "", "ResponseError", "Run failed."),
    Case("success.json", GREETING),
    Case("success_with_notice.json", GREETING),
    Case("success_empty.json", "", "ResponseError", "empty answer"),
    Case("upstream_error.json", "", "ResponseError", "It's <overloaded>."),
    Case("nonce_refused.json", "", "stale ResponseError", "Nonce verification failed"),
    Case("quota.json", "", "RateLimitError", "You have reached your limit."),
    Case("modern.sse", "Hello"),
    Case("modern_refused.sse", "", "stale ResponseError", "Security check failed."),
    Case("modern_error.sse", "", "ResponseError", "The model is overloaded."),
    Case("modern_plain.json", "Hello"),
    Case("modern_refused.json", "", "ResponseError", "Security check failed."),
]
DECODED = [path for path in sorted(SAMPLES.iterdir()) if path.suffix in (".sse", ".json")]


def decoder_of(sample: str, content_type: str | None = None) -> Decoder:
    kind = ModernDecoder if sample.startswith("modern") else RelayDecoder
    content_type = content_type or TYPES[f".{sample.rpartition('.')[2]}"]
    return kind(make_call(), make_head(content_type=content_type))


def read(sample: str, pieces: list[bytes], content_type: str | None = None) -> Decoded:
    return decode(decoder_of(sample, content_type), pieces)


def cut_at(body: bytes, cuts: list[int]) -> list[bytes]:
    places = sorted({0, len(body), *(cut % (len(body) + 1) for cut in cuts)})
    return [body[start:end] for start, end in itertools.pairwise(places)]


def test_every_sample_is_in_the_table() -> None:
    assert {path.name for path in DECODED} == {case.sample for case in CASES}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.sample)
@pytest.mark.parametrize("content_type", [None, SSE_TYPE, "application/json", "text/html"])
def test_a_sample_means_the_same_whatever_its_type_says(
    case: Case, content_type: str | None
) -> None:
    decoded = read(case.sample, [(SAMPLES / case.sample).read_bytes()], content_type)

    assert decoded.kind == case.kind
    if case.kind == "whole" or content_type != "application/json":
        assert decoded.text == case.text
    assert case.words in decoded.words
    assert "SECRET" not in decoded.words


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.sample)
def test_a_sample_means_the_same_byte_by_byte(case: Case) -> None:
    body = (SAMPLES / case.sample).read_bytes()
    whole = read(case.sample, [body])
    single = read(case.sample, [body[n : n + 1] for n in range(len(body))])

    assert outline(single) == outline(whole)
    assert (single.kind, single.words) == (whole.kind, whole.words)


@given(st.sampled_from(DECODED), st.lists(st.integers(0, 10_000), max_size=8))
def test_any_cut_of_the_bytes_gives_the_same(path: object, cuts: list[int]) -> None:
    sample = path.name  # type: ignore[attr-defined]  # a Path; hypothesis shows objects better
    body = (SAMPLES / sample).read_bytes()
    whole = read(sample, [body])
    pieces = read(sample, cut_at(body, cuts))

    assert outline(pieces) == outline(whole)
    assert (pieces.kind, pieces.words) == (whole.kind, whole.words)


@given(
    st.sampled_from(DECODED),
    st.randoms(use_true_random=False),
    st.integers(1, 6),
    st.sampled_from([None, SSE_TYPE, "application/json", "text/html"]),
)
def test_damaged_bytes_give_events_or_an_error_of_ours(
    path: object, chance: random.Random, times: int, content_type: str | None
) -> None:
    sample = path.name  # type: ignore[attr-defined]  # a Path; hypothesis shows objects better
    body = bytearray((SAMPLES / sample).read_bytes())
    for _ in range(times):
        damage(body, chance)
    whole = read(sample, [bytes(body)], content_type)
    pieces = read(
        sample, cut_at(bytes(body), [chance.randrange(10_000) for _ in range(4)]), content_type
    )

    assert outline(pieces) == outline(whole)
    assert (pieces.kind, pieces.words) == (whole.kind, whole.words)


@given(st.binary(max_size=300), st.sampled_from(["x.sse", "x.json", "modern.sse", "modern.json"]))
def test_any_bytes_give_events_or_an_error_of_ours(body: bytes, sample: str) -> None:
    assert read(sample, [body]).kind


SPOILS = [
    b"NaN", b"\\ud83d", b"\xff\xfe", b"[" * 2000, b"{", b"}", b'"', b"\\", b"\n", b"\r",
    b"\r\n\r\n", b"null", b"1e999", b"data: ", b"event: message\n", b"[DONE]", b":",
    b"[LIMITED]", b"\0",
    b"-1", b'"error":', b'{"status":"error","msg":"x"}', b"0", b"<html>", b"\xef\xbb\xbf",
]  # fmt: skip


def damage(body: bytearray, chance: random.Random) -> None:
    place = chance.randrange(len(body) + 1)
    match chance.randrange(4):
        case 0:
            body[place:place] = chance.choice(SPOILS)
        case 1:
            del body[place : place + chance.randrange(40)]
        case 2:
            body[place : place + 1] = bytes([chance.randrange(256)])
        case _:
            body[place : place + chance.randrange(20)] = chance.choice(SPOILS)
