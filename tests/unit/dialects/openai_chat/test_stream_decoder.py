"""A stream's bytes to events: its end, its errors, its choices, a whole answer in its place."""

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from tests.unit.dialects.kit import cut, heard
from tests.unit.dialects.openai_chat.wire import DONE, STOP, decode, piece

from dragoman.dialects.openai_chat.stream_decoder import Decoder
from dragoman.errors import (
    AuthError,
    ChatError,
    RateLimitError,
    ResponseError,
    ResponseStatusError,
    StreamTruncatedError,
)
from dragoman.events import (
    Event,
    Finished,
    Grammar,
    OtherChoice,
    ReasoningDelta,
    RefusalDelta,
    Started,
    TextDelta,
    Usage,
    UsageReported,
)
from dragoman.native import Native


class Case(msgspec.Struct):
    name: str
    wire: bytes
    expect: list[Event]


class Refusal(msgspec.Struct):
    name: str
    wire: bytes
    error: type[ChatError]
    words: str
    before: list[Event] = []


HELLO = piece('{"role":"assistant","content":"Hel"}') + piece('{"content":"lo"}')
USAGE = (
    b'data: {"id":"c1","model":"m","choices":[],"usage":{"prompt_tokens":3,"completion_tokens":2,'
    b'"prompt_tokens_details":{"cached_tokens":1},"completion_tokens_details":null}}\n\n'
)
THOUGHT_USAGE = (
    b'data: {"choices":[],"usage":{"prompt_tokens":3,"completion_tokens":9,'
    b'"completion_tokens_details":{"reasoning_tokens":9}}}\n\n'
)
TIER = {"service_tier": "flex", "system_fingerprint": "fp"}
SAID: list[Event] = [Started("m", "c1"), TextDelta("Hel"), TextDelta("lo")]

CASES = [
    Case("text to its end", HELLO + STOP + DONE, [*SAID, Finished()]),
    Case("no [DONE] after a finish reason is an end", HELLO + STOP, [*SAID, Finished()]),
    Case("[DONE] without a finish reason is an end", HELLO + DONE, [*SAID, Finished()]),
    Case("the length was reached", HELLO + piece(reason='"length"'), [*SAID, Finished("length")]),
    Case("a finish reason of a newer service", HELLO + piece(reason='"eos"'),
         [*SAID, Finished("stop", "eos")]),
    Case(
        "usage comes after the finish reason",
        HELLO + STOP + USAGE + DONE,
        [*SAID, UsageReported(Usage(3, 2, 1)), Finished()],
    ),
    Case("what follows the end is ignored", HELLO + STOP + DONE + HELLO, [*SAID, Finished()]),
    Case(
        "other choices are told apart",
        HELLO.replace(b'"index":0', b'"index":1') + HELLO + DONE,
        [
            Started("m", "c1"),
            OtherChoice(1, TextDelta("Hel")),
            OtherChoice(1, TextDelta("lo")),
            *SAID[1:],
            OtherChoice(1, Finished()),
            Finished(),
        ],
    ),
    Case(
        "what else is known of the answer",
        HELLO.replace(b'"id"', b'"system_fingerprint":"fp","service_tier":"flex","id"') + DONE,
        [
            Started("m", "c1", (), Native("openai_chat", TIER, frozenset(TIER))),
            *SAID[1:],
            Finished(),
        ],
    ),
    Case(
        "a first chunk of the prompt alone, as Azure sends it",
        b'data: {"id":"","model":"","choices":[],"prompt_filter_results":[]}\n\n' + HELLO + DONE,
        [*SAID, Finished()],
    ),
    Case(
        "usage before any choice",
        USAGE + HELLO + DONE,
        [Started("m", "c1"), UsageReported(Usage(3, 2, 1)), *SAID[1:], Finished()],
    ),
    Case(
        "a whole answer in place of a stream",
        b'{"id":"c1","model":"m",\n "choices":[{"index":0,"message":{"role":"assistant",'
        b'"content":"Hello"},"finish_reason":"length"}]}',
        [Started("m", "c1"), TextDelta("Hello"), Finished("length")],
    ),
    Case(
        "thoughts are apart from the text",
        piece('{"reasoning_content":"hm","content":null}') + piece('{"content":"Hi"}') + DONE,
        [Started("m", "c1"), ReasoningDelta("hm"), TextDelta("Hi"), Finished()],
    ),
    Case(
        "a refusal is an answer",
        piece('{"refusal":"I will not."}') + STOP + DONE,
        [Started("m", "c1"), RefusalDelta("I will not."), Finished()],
    ),
    Case(
        "a filtered answer may be empty",
        piece(reason='"content_filter"') + DONE,
        [Started("m", "c1"), Finished("content_filter")],
    ),
    Case(
        "thoughts that used up the limit",
        piece('{"reasoning_content":"hm"}') + piece(reason='"length"') + DONE,
        [Started("m", "c1"), ReasoningDelta("hm"), Finished("length")],
    ),
    Case(
        "thoughts that used up the limit, only counted",
        piece(reason='"length"') + THOUGHT_USAGE + DONE,
        [
            Started("m", "c1"),
            UsageReported(Usage(3, 9, reasoning_tokens=9)),
            Finished("length"),
        ],
    ),
    Case(
        "a service that names neither model nor answer",
        b'data: {"choices":[{"delta":{"content":"Hi"}}]}\n\n' + DONE,
        [Started("asked", None), TextDelta("Hi"), Finished()],
    ),
    Case(
        "an error that is null is none",
        b'data: {"error":null,"choices":[{}]}\n\n' + HELLO + DONE,
        [Started("asked"), TextDelta("Hel"), TextDelta("lo"), Finished()],
    ),
]  # fmt: skip

REFUSALS = [
    Refusal("a cut", HELLO, StreamTruncatedError, "without its end", SAID),
    Refusal("nothing at all", b"", StreamTruncatedError, "without its end"),
    Refusal("an empty answer", STOP + DONE, ResponseError, "empty answer", [Started("m", "c1")]),
    Refusal("only an end", DONE, ResponseError, "empty answer"),
    Refusal(
        "only thoughts",
        piece('{"reasoning_content":"hm"}') + STOP + DONE,
        ResponseError,
        "'stop'",
        [Started("m", "c1"), ReasoningDelta("hm")],
    ),
    Refusal(
        "only thoughts, as parts",
        piece('{"content":[{"type":"thinking","thinking":"hm"}]}') + STOP + DONE,
        ResponseError,
        "'stop'",
        [Started("m", "c1"), ReasoningDelta("hm")],
    ),
    Refusal(
        "a limit that nothing used up",
        piece(reason='"length"') + DONE,
        ResponseError,
        "'length'",
        [Started("m", "c1")],
    ),
    Refusal(
        "another choice is cut",
        piece('{"content":"Hi"}')
        + piece('{"content":"Ho"}').replace(b'"index":0', b'"index":1')
        + STOP,
        StreamTruncatedError,
        "without its end",
        [Started("m", "c1"), TextDelta("Hi"), OtherChoice(1, TextDelta("Ho"))],
    ),
    Refusal(
        "a broken event with the name of none",
        HELLO + b"event: delta\ndata: {]\n\n",
        ResponseError,
        "makes no sense",
        SAID,
    ),
    Refusal(
        "an error that calls itself a ping",
        HELLO + b'event: ping\ndata: {"error":"out"}\n\n',
        ResponseError,
        ": out",
        SAID,
    ),
    Refusal("no JSON", HELLO + b"data: <p>\n\n", ResponseError, "makes no sense: '<p>'", SAID),
    Refusal("half a character", piece('{"content":"\\ud83d"}'), ResponseError, "makes no sense"),
    Refusal("HTML", b"<html>Oops</html>\n", ResponseError, "no stream: '<html>Oops"),
    Refusal(
        "JSON in place of a stream",
        b'{"error":{"message":"no such model","code":404}}',
        ResponseStatusError,
        "no such model",
    ),
    Refusal(
        "an error inside the stream",
        HELLO + b'data: {"error":{"message":"slow down","type":"rate_limit_error"}}\n\n',
        RateLimitError,
        "slow down",
        SAID,
    ),
    Refusal(
        "an error with a status as text",
        b'data: {"error":{"message":"who?","code":"401"}}\n\n',
        AuthError,
        "who?",
    ),
    Refusal("an error that is a text", b'data: {"error":"out"}\n\n', ResponseError, ": out"),
    Refusal(
        "an error of a kind unknown",
        b'data: {"error":{"type":"odd"}}\n\n',
        ResponseError,
        "inside the stream: odd",
    ),
    Refusal(
        "a status that is none",
        b'data: {"error":{"message":"hm","code":"9999"}}\n\n',
        ResponseError,
        "inside the stream: hm",
    ),
    Refusal("an error of no shape", b'data: {"error":[1]}\n\n', ResponseError, "stream: '[1]'"),
    Refusal(
        "llama.cpp's own field for errors",
        b'error: {"error":{"code":500,"message":"oh"}}\n\n',
        ResponseStatusError,
        "oh",
    ),
    Refusal(
        "an error that its name tells",
        b'event: error\ndata: {"message":"slow down","code":"rate_limit_exceeded"}\n\n',
        RateLimitError,
        "slow down",
    ),
    Refusal("a nameless error", b"event: error\ndata: {}\n\n", ResponseError, "no reason given"),
    Refusal("an empty object", b"{}", ResponseError, "no stream: '{}'"),
    Refusal(
        "a choice that cannot be",
        HELLO + piece("{}").replace(b'"index":0', b'"index":-1'),
        ResponseError,
        "there is no choice -1",
        SAID,
    ),
    Refusal(
        "an answer that the service broke off",
        HELLO + piece(reason='"error"') + DONE,
        ResponseError,
        "broke off its answer (error)",
        SAID,
    ),
]


WIRES = [case.wire for case in CASES] + [case.wire for case in REFUSALS]


@pytest.mark.parametrize(
    ("chunks", "said", "error"),
    [
        ([HELLO + STOP + b"data: [DO", b"NE]\n\n" + HELLO], [*SAID, Finished()], None),
        ([HELLO, HELLO + b"data: {7}\n\n"], [*SAID, *SAID[1:]], ResponseError),
    ],
    ids=["behind the end", "with a broken one"],
)
def test_events_that_come_together(
    chunks: list[bytes], said: list[Event], error: type[ChatError] | None
) -> None:
    events, problem = decode(chunks)

    assert events == said
    assert isinstance(problem, error) if error else problem is None


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_stream_becomes_events(case: Case) -> None:
    events, error = decode([case.wire])

    assert error is None
    assert events == case.expect
    Grammar().check(events)


@pytest.mark.parametrize("case", REFUSALS, ids=lambda case: case.name)
def test_what_is_no_answer_is_an_error_after_what_was_said(case: Refusal) -> None:
    events, error = decode([case.wire])

    assert events == case.before
    assert type(error) is case.error
    assert case.words in str(error)


@given(st.sampled_from([*CASES, *REFUSALS]), st.lists(st.integers(0, 4096), max_size=8))
def test_any_cut_gives_the_same_events(case: Case | Refusal, places: list[int]) -> None:
    whole, error = decode([case.wire])

    events, cut_error = decode(cut(case.wire, places))

    assert events == whole
    assert (type(cut_error), str(cut_error)) == (type(error), str(error))


@given(st.lists(st.binary(max_size=64), max_size=6))
@example([b'data: {"choices":' + b"[" * 4000])
@example([b'data: {"error":' + b"[" * 4000 + b"]" * 4000 + b"}\n\n"])
def test_any_bytes_give_events_or_a_chat_error(chunks: list[bytes]) -> None:
    events, error = decode(chunks)

    assert error is not None or isinstance(events[-1], Finished)


@given(st.lists(st.sampled_from(WIRES), max_size=4))
def test_every_sequence_is_legal(wires: list[bytes]) -> None:
    events, _ = decode(wires)

    Grammar().check(events)


def test_started_names_what_was_left_out() -> None:
    decoder = Decoder("m", dropped=("seed",))

    events = decoder.feed(HELLO)

    assert events[0] == Started("m", "c1", ("seed",))


def test_a_broken_ping_is_passed_over() -> None:
    decoder = Decoder("asked")

    events = heard(decoder, b"event: ping\ndata: 12:05\n\n" + HELLO + STOP + DONE)

    assert events == [*SAID, Finished()]
    assert decoder.skipped == 1


@pytest.mark.parametrize("rest", [USAGE[:-9], DONE[:-5], DONE[:-2]])
def test_what_the_end_cut_off_behind_the_finish_reason_says_nothing(rest: bytes) -> None:
    """Nothing is said any more, and to ask again would cost a whole answer."""
    decoder = Decoder("asked")

    assert heard(decoder, HELLO + STOP + rest) == [*SAID, Finished()]
    assert decoder.skipped == (rest != DONE[:-2])


def test_what_the_end_cut_off_before_it_is_an_error() -> None:
    with pytest.raises(ResponseError, match="makes no sense"):
        heard(Decoder("asked"), HELLO + STOP[:-9])
