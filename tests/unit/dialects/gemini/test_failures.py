"""Errors: the service's own, and those that a program is told."""

import json
from typing import Any, NamedTuple

import msgspec
import pytest
from google.genai import errors as sdk

from dragoman.dialects.gemini.failures import decode_failure, encode_failure, failure_inside
from dragoman.errors import (
    AuthError,
    ChallengeError,
    ChatError,
    ContentFilterError,
    InputError,
    ModelNotSupportedError,
    RateLimitError,
    ResponseError,
    ResponseStatusError,
)
from dragoman.wire.http import HttpReply, ReplyHead

TYPES = "type.googleapis.com/google.rpc."


def read(status: int, body: object, **headers: str) -> ChatError | None:
    text = body if isinstance(body, bytes) else msgspec.json.encode(body)
    return decode_failure(HttpReply(ReplyHead(status, headers, ""), text), 0.0)


def error(code: int, status: str, message: str = "no", **more: object) -> dict[str, Any]:
    return {"error": {"code": code, "message": message, "status": status, **more}}


class Case(NamedTuple):
    claim: str
    status: int
    body: object
    kind: type[ChatError]
    code: str | None = None
    retry_after: float | None = None


WAIT = [{"@type": f"{TYPES}Help"}, "?", {"@type": f"{TYPES}RetryInfo", "retryDelay": "29.5s"}]
CASES = [
    Case(
        "a wrong key is a 400",
        400,
        error(400, "INVALID_ARGUMENT", details=[{"reason": "API_KEY_INVALID"}]),
        AuthError,
    ),
    Case("an unknown caller", 401, error(401, "UNAUTHENTICATED"), AuthError),
    Case(
        "a caller without a key",
        403,
        error(403, "PERMISSION_DENIED", "Please use API Key"),
        AuthError,
    ),
    Case(
        "a file of another's",
        403,
        error(403, "PERMISSION_DENIED", "no access to the File"),
        ResponseStatusError,
        "PERMISSION_DENIED",
    ),
    Case(
        "a used-up quota with how long to wait",
        429,
        error(429, "RESOURCE_EXHAUSTED", details=WAIT),
        RateLimitError,
        "RESOURCE_EXHAUSTED",
        29.5,
    ),
    Case(
        "a quota with another status",
        400,
        error(400, "RESOURCE_EXHAUSTED", details={}),
        RateLimitError,
        "RESOURCE_EXHAUSTED",
    ),
    Case(
        "an overloaded model, in a list as streams have it",
        503,
        [error(503, "UNAVAILABLE", details=[{"retryDelay": 5}, {"retryDelay": "soon"}])],
        ResponseStatusError,
        "UNAVAILABLE",
    ),
    Case(
        "too long a prompt",
        400,
        error(
            400,
            "INVALID_ARGUMENT",
            "The input token count (9) exceeds the maximum number of tokens allowed (8).",
        ),
        ResponseStatusError,
        "context_length_exceeded",
    ),
    Case(
        "a refused text",
        400,
        error(400, "INVALID_ARGUMENT", details=[{"reason": "CONTENT_FILTER"}]),
        ContentFilterError,
    ),
    Case("no status in it", 500, {"error": "broken"}, ResponseStatusError),
    Case("no JSON", 502, b"<html>", ResponseStatusError),
    Case("an empty list", 404, [], ResponseStatusError),
    Case(
        "odd fields",
        400,
        {"error": {"code": True, "message": 5, "status": None}},
        ResponseStatusError,
    ),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.claim)
def test_a_reply_is_the_error_that_it_says(case: Case) -> None:
    found = read(case.status, case.body)

    assert type(found) is case.kind
    assert getattr(found, "code", None) == case.code
    assert getattr(found, "retry_after", None) == case.retry_after
    assert getattr(found, "status", case.status) == case.status


def test_the_header_says_better_how_long_to_wait() -> None:
    found = read(429, error(429, "RESOURCE_EXHAUSTED", details=WAIT), **{"retry-after": "3"})

    assert isinstance(found, RateLimitError)
    assert found.retry_after == 3.0


def test_an_answer_is_no_error_and_a_challenge_is_one() -> None:
    challenge = read(403, error(403, "PERMISSION_DENIED"), **{"cf-mitigated": "challenge"})

    assert read(200, {"candidates": []}) is None
    assert read(200, error(200, "OK")) is None
    assert isinstance(challenge, ChallengeError)


@pytest.mark.parametrize(
    ("raw", "kind", "status"),
    [
        (b'{"code":503,"message":"x","status":"UNAVAILABLE"}', ResponseStatusError, 503),
        (b'{"code":8,"message":"x","status":"RESOURCE_EXHAUSTED"}', RateLimitError, 429),
        (b'{"code":504,"message":"x"}', ResponseStatusError, 504),
        (b'{"code":401,"message":"x"}', AuthError, None),
        (b'{"code":200,"message":"x"}', ResponseError, None),
        (b'{"message":""}', ResponseError, None),
        (b'"x"', ResponseError, None),
        (b"nonsense", ResponseError, None),
    ],
)
def test_an_error_inside_an_answer_is_known(
    raw: bytes, kind: type[ChatError], status: int | None
) -> None:
    found = failure_inside(raw)

    assert type(found) is kind
    assert getattr(found, "status", None) == status


TOLD = [
    (InputError("no", place="contents[0]"), 400, "INVALID_ARGUMENT"),
    (InputError("no"), 400, "INVALID_ARGUMENT"),
    (AuthError("no"), 401, "UNAUTHENTICATED"),
    (ModelNotSupportedError("no"), 404, "NOT_FOUND"),
    (ContentFilterError("no"), 400, "INVALID_ARGUMENT"),
    (RateLimitError("no", retry_after=2.5), 429, "RESOURCE_EXHAUSTED"),
    (
        ResponseStatusError("no", status=400, code="context_length_exceeded"),
        400,
        "INVALID_ARGUMENT",
    ),
    (ResponseStatusError("no", status=418, code="x"), 418, "FAILED_PRECONDITION"),
    (ResponseStatusError("no", status=529), 529, "UNKNOWN"),
    (ResponseError("no"), 502, "UNKNOWN"),
]


@pytest.mark.parametrize(("failure", "status", "word"), TOLD, ids=lambda value: str(value))
def test_a_program_is_told_the_error_in_the_services_words(
    failure: ChatError, status: int, word: str
) -> None:
    told = encode_failure(failure)

    with pytest.raises(sdk.APIError) as caught:
        sdk.APIError.raise_error(told.status, json.loads(told.body), None)
    assert type(caught.value) is (sdk.ClientError if status < 500 else sdk.ServerError)
    assert (caught.value.code, caught.value.status, caught.value.message) == (status, word, "no")


@pytest.mark.parametrize("failure", [one[0] for one in TOLD[2:7]], ids=lambda value: str(value))
def test_what_a_program_is_told_is_read_again(failure: ChatError) -> None:
    told = encode_failure(failure)

    found = decode_failure(HttpReply(ReplyHead(told.status, {}, ""), told.body), 0.0)

    if isinstance(failure, ModelNotSupportedError):
        assert type(found) is ResponseStatusError
    else:
        assert type(found) is type(failure)
    for name in ("retry_after",):
        assert getattr(found, name, None) == getattr(failure, name, None)
    if isinstance(failure, ResponseStatusError) and failure.code:
        assert getattr(found, "code", None) == failure.code


def test_details_say_where_and_how_long() -> None:
    wrong = json.loads(encode_failure(TOLD[0][0]).body)["error"]
    slow = encode_failure(RateLimitError("no", retry_after=2.5))

    assert wrong["details"] == [
        {
            "@type": f"{TYPES}BadRequest",
            "fieldViolations": [{"field": "contents[0]", "description": "no"}],
        }
    ]
    assert json.loads(slow.body)["error"]["details"] == [
        {"@type": f"{TYPES}RetryInfo", "retryDelay": "2.5s"}
    ]
    assert slow.headers["retry-after"] == "3"
    assert "details" not in json.loads(encode_failure(ResponseError("no")).body)["error"]
