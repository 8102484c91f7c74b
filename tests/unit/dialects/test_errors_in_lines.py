"""An error that a service writes into a stream as plain lines, without `data:`."""

from typing import NamedTuple

import pytest
from tests.unit.dialects import kit

from dragoman.dialects.openai_chat import failures as chat
from dragoman.dialects.openai_responses import failures as responses
from dragoman.dialects.table import load_dialect
from dragoman.errors import ChatError, RateLimitError, ResponseError, StreamTruncatedError
from dragoman.events import Event


class Case(NamedTuple):
    name: str
    lines: bytes
    expect: type[ChatError]


CASES = [
    Case("openai_chat", b'{\n "error": {"code": "rate_limit_exceeded"}\n}\n', RateLimitError),
    Case("openai_responses", b'{"error": {"code": "rate_limit_exceeded"}}\n', RateLimitError),
    Case("openai_responses", b'{"error": "broken down"}\n', ResponseError),
    Case("anthropic_messages", b'{"error": {"type": "rate_limit_error"}}\n', RateLimitError),
    Case("gemini", b'{"error": {"code": 429, "status": "RESOURCE_EXHAUSTED"}}\n', RateLimitError),
]


def read(dialect: str, body: bytes) -> list[Event]:
    return kit.heard(load_dialect(dialect).decoder("m"), body)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.name}: {case.lines!r}")
def test_it_is_that_error(case: Case) -> None:
    with pytest.raises(case.expect):
        read(case.name, case.lines)


@pytest.mark.parametrize("name", ["openai_chat", "openai_responses", "anthropic_messages"])
def test_other_lines_behind_events_are_a_cut(name: str) -> None:
    with pytest.raises(ResponseError):
        read(name, b"Internal error\n\n")


@pytest.mark.parametrize("words", [b"upstream connect error\n", b'{"no": "error"}\n'])
def test_words_behind_the_events_of_gemini_are_a_cut(words: bytes) -> None:
    said = b'data: {"candidates": [{"content": {"parts": [{"text": "so far"}]}}]}\n\n'

    with pytest.raises(StreamTruncatedError):
        read("gemini", said + words)


@pytest.mark.parametrize("module", [chat, responses], ids=lambda module: module.__name__)
def test_what_is_no_json_is_no_such_error(module: object) -> None:
    error_in_lines = module.error_in_lines  # type: ignore[attr-defined]  # both have it

    for line in (b"<html>", b"{", b"\xff", b"7"):
        assert error_in_lines(line) is None
    assert error_in_lines(b"{}") is None


def test_an_unnamed_event_of_responses_is_an_error_if_it_says_so() -> None:
    decoder = load_dialect("openai_responses").decoder("m")

    with pytest.raises(RateLimitError):
        decoder.feed(b'data: {"error": {"code": "rate_limit_exceeded"}}\n\n')
    with pytest.raises(ResponseError, match="broken down"):
        read("openai_responses", b'data: {"error": "broken down"}\n\n')
