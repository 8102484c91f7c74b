import json

import msgspec
import pytest
from anthropic.types import ErrorResponse

from dragoman.dialects.anthropic_messages.failures import (
    decode_error,
    decode_failure,
    encode_error,
    encode_failure,
)
from dragoman.errors import (
    AuthError,
    ChatError,
    ContentFilterError,
    InputError,
    ModelNotSupportedError,
    PaymentRequiredError,
    RateLimitError,
    ResponseError,
    ResponseStatusError,
    StreamTruncatedError,
)
from dragoman.wire.http import HttpReply, ReplyHead


class Case(msgspec.Struct):
    about: str
    status: int
    word: str
    message: str
    expected: type[ChatError]
    facts: dict[str, object] = {}


CASES = [
    Case("a wrong key", 401, "authentication_error", "invalid x-api-key", AuthError),
    Case("no credit", 400, "billing_error", "Your credit is low", PaymentRequiredError),
    Case(
        "too many requests",
        429,
        "rate_limit_error",
        "slow down",
        RateLimitError,
        {"retry_after": 7.0, "code": "rate_limit_error"},
    ),
    Case(
        "too much to do",
        529,
        "overloaded_error",
        "Overloaded",
        ResponseStatusError,
        {"status": 529, "retryable": True, "code": "overloaded_error", "retry_after": 7.0},
    ),
    Case(
        "a long text",
        400,
        "invalid_request_error",
        "prompt is too long: 210000 tokens > 200000 maximum",
        ResponseStatusError,
        {"status": 400, "code": "context_length_exceeded"},
    ),
    Case(
        "a filtered answer",
        400,
        "invalid_request_error",
        "Output blocked by content filtering policy",
        ContentFilterError,
    ),
    Case(
        "a wrong request",
        400,
        "invalid_request_error",
        "max_tokens: Field required",
        ResponseStatusError,
        {"status": 400, "code": "invalid_request_error", "retryable": False},
    ),
    Case(
        "no such model",
        404,
        "not_found_error",
        "model: x",
        ResponseStatusError,
        {"status": 404, "code": "not_found_error"},
    ),
    Case(
        "a failure",
        500,
        "api_error",
        "Internal server error",
        ResponseStatusError,
        {"status": 500, "retryable": True},
    ),
]
IDS = [case.about for case in CASES]


def body(word: str, message: str) -> bytes:
    error = {"type": word, "message": message}
    return json.dumps({"type": "error", "error": error, "request_id": "req_1"}).encode()


@pytest.mark.parametrize("case", CASES, ids=IDS)
def test_a_failure_is_the_error_that_its_words_say(case: Case) -> None:
    head = ReplyHead(case.status, {"retry-after": "7"}, "")

    error = decode_failure(HttpReply(head, body(case.word, case.message)), 0.0)

    assert type(error) is case.expected
    assert {name: getattr(error, name) for name in case.facts} == case.facts
    assert case.message.split(":")[0] in str(error)


@pytest.mark.parametrize("case", CASES, ids=IDS)
def test_an_error_inside_an_answer_is_the_same(case: Case) -> None:
    error = decode_error(body(case.word, case.message))

    assert type(error) is case.expected
    told = {name: value for name, value in case.facts.items() if name != "retry_after"}
    assert {name: getattr(error, name) for name in told} == told


def test_a_reply_that_is_none_is_no_failure() -> None:
    assert decode_failure(HttpReply(ReplyHead(200, {}, ""), b"{}"), 0.0) is None
    assert decode_error(b'{"type":"message"}') is None
    assert decode_error(b"<html>") is None


def test_an_error_without_a_known_word_is_still_one() -> None:
    later = decode_error(b'{"error":{"type":"later_error"}}')
    plain = decode_error(b'{"error":"so it is"}')

    assert type(later) is ResponseError
    assert "later_error" in str(later)
    assert "so it is" in str(plain)
    html = decode_failure(HttpReply(ReplyHead(502, {}, "Bad Gateway"), b"<html>"), 0.0)
    assert isinstance(html, ResponseStatusError)
    assert html.code is None


# an error, its status, its word
TOLD = [
    (InputError("messages: is missing", place="messages"), 400, "invalid_request_error"),
    (AuthError("no key"), 401, "authentication_error"),
    (ModelNotSupportedError("no model x"), 404, "not_found_error"),
    (RateLimitError("wait", retry_after=1.2), 429, "rate_limit_error"),
    (ResponseStatusError("x", status=418), 418, "invalid_request_error"),
    (ResponseStatusError("x", status=413), 413, "request_too_large"),
    (ResponseStatusError("x", status=529), 529, "overloaded_error"),
    (ResponseStatusError("x", status=507), 507, "api_error"),
    (StreamTruncatedError("cut"), 502, "api_error"),
]


@pytest.mark.parametrize(("error", "status", "word"), TOLD)
def test_an_error_is_told_in_the_words_of_the_service(
    error: ChatError, status: int, word: str
) -> None:
    failure = encode_failure(error)

    assert failure.status == status
    told = json.loads(failure.body)
    assert told["error"] == {"type": word, "message": str(error)}
    # A request that is too large has a word that the official type lacks.
    ErrorResponse.model_validate(told) if word != "request_too_large" else None
    assert failure.body == encode_error(error)


def test_how_long_to_wait_is_a_header() -> None:
    assert encode_failure(RateLimitError("wait", retry_after=1.2)).headers == {"retry-after": "2"}


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (ContentFilterError("SAFETY"), "Output blocked by content filtering policy: SAFETY"),
        (ContentFilterError("a content filter"), "a content filter"),
        (
            ResponseStatusError("9 > 8", status=400, code="context_length_exceeded"),
            "prompt is too long: 9 > 8",
        ),
        (
            ResponseStatusError("prompt is too long", status=400, code="context_length_exceeded"),
            "prompt is too long",
        ),
    ],
    ids=range(4),
)
def test_what_has_no_type_is_said_in_the_services_words(error: ChatError, words: str) -> None:
    """Programs know it by them; so do we."""
    said = encode_failure(error)

    again = decode_failure(HttpReply(ReplyHead(said.status, {}, ""), said.body), 0.0)
    assert json.loads(said.body)["error"]["message"] == words
    assert type(again) is type(error)
