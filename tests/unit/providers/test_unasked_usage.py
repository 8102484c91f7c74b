"""Usage that only we asked for is taken out of a stream, and nothing else is."""

from typing import Any

import msgspec
import pytest

from dragoman.providers.unasked_usage import add_question, without_usage

CHUNK = b'data: {"id":"c","choices":[{"index":0,"delta":{"content":"%b"}}]%b}\n\n'
COUNTS = b'{"id":"c","choices":[],"usage":{"prompt_tokens":1,"completion_tokens":2}}'
DONE = b"data: [DONE]\n\n"


def chunk(text: bytes, more: bytes = b"") -> bytes:
    return CHUNK % (text, more)


def fields(**options: Any) -> dict[str, msgspec.Raw]:
    return {name: msgspec.Raw(msgspec.json.encode(value)) for name, value in options.items()}


@pytest.mark.parametrize(
    ("given", "sent"),
    [
        ({}, {"include_usage": True}),
        ({"stream_options": None}, {"include_usage": True}),
        ({"stream_options": {"include_usage": False}}, {"include_usage": True}),
        (
            {"stream_options": {"include_obfuscation": False, "own": [1]}},
            {"include_obfuscation": False, "own": [1], "include_usage": True},
        ),
    ],
)
def test_usage_is_asked_for_beside_what_the_caller_asks(
    given: dict[str, Any], sent: dict[str, Any]
) -> None:
    request = fields(**given)

    assert add_question(request)
    assert msgspec.json.decode(request["stream_options"]) == sent


@pytest.mark.parametrize("given", [{"include_usage": True}, "nonsense", [1]])
def test_a_question_of_the_callers_or_a_wrong_one_stays_as_it_is(given: Any) -> None:
    request = fields(stream_options=given)

    assert not add_question(request)
    assert request == fields(stream_options=given)


@pytest.mark.parametrize("space", [b"", b" "])
@pytest.mark.parametrize("end", [b"\n\n", b"\r\n\r\n", b"\r\r"])
def test_the_counts_and_the_empty_fields_are_gone(space: bytes, end: bytes) -> None:
    null = b"," + space + b'"usage":' + space + b"null"
    stream = chunk(b"a", null) + chunk(b"b", null) + b"data: " + COUNTS + b"\n\n" + DONE

    unseen = without_usage(stream.replace(b"\n\n", end))

    assert unseen == (chunk(b"a") + chunk(b"b") + DONE).replace(b"\n\n", end)


@pytest.mark.parametrize(
    "stream",
    [
        chunk(b"a") + DONE,
        # Some services count without being asked, beside the last word.
        chunk(b"a", b',"usage":{"prompt_tokens":1}') + DONE,
        # Azure says what it made of the question in a chunk without a choice.
        b'data: {"choices":[],"prompt_filter_results":[{"usage":1}]}\n\n',
        chunk(rb",\"usage\":null") + DONE,
        b'data: {"usage"\n\n',
        b': "usage"\n\n',
        b"",
    ],
)
def test_everything_else_stays_as_it_came(stream: bytes) -> None:
    assert without_usage(stream) == stream


def test_chunks_that_count_nothing_lose_their_empty_field() -> None:
    assert without_usage(chunk(b"a", b',"usage":null') + DONE) == chunk(b"a") + DONE


def test_the_counts_may_be_last_and_without_their_end() -> None:
    assert without_usage(chunk(b"a") + b"data:" + COUNTS) == chunk(b"a")
