"""Errors: what a reply means, what stands inside a stream, and how ours are said."""

import msgspec
import pytest

from dragoman.dialects.openai_chat.failures import (
    TYPES,
    decode_failure,
    encode_failure,
    error_inside,
)
from dragoman.dialects.openai_errors import error_object
from dragoman.errors import (
    AuthError,
    ChallengeError,
    ChatError,
    ContentFilterError,
    InputError,
    MissingRequirementsError,
    ModelNotSupportedError,
    PaymentRequiredError,
    RateLimitError,
    ResponseError,
    ResponseStatusError,
    TimeoutError,
    TransportError,
)
from dragoman.wire.http import HttpReply, ReplyHead


class Case(msgspec.Struct):
    name: str
    status: int
    body: object
    error: type[ChatError]
    code: str | None = None


def failure(status: int, body: object, headers: dict[str, str] | None = None) -> HttpReply:
    return HttpReply(ReplyHead(status, headers or {}, "http://x.test"), msgspec.json.encode(body))


def said(code: str | None, kind: str = "invalid_request_error") -> dict[str, object]:
    return {"error": {"message": "No.", "type": kind, "param": None, "code": code}}


TOO_LONG = "context_length_exceeded"
NO_MONEY = "insufficient_quota"

CASES = [
    Case("an unknown key", 401, said("invalid_api_key"), AuthError, "invalid_api_key"),
    Case("an unknown key, as others say it", 400, said("invalid_api_key"), AuthError,
         "invalid_api_key"),
    Case("too many requests", 429, said("rate_limit_exceeded"), RateLimitError,
         "rate_limit_exceeded"),
    Case("no money left", 429, said(NO_MONEY), RateLimitError, NO_MONEY),
    Case("no money left, with 403", 403, said(NO_MONEY), RateLimitError, NO_MONEY),
    Case("to be paid", 402, said(None), PaymentRequiredError),
    Case("too long", 400, said(TOO_LONG), ResponseStatusError, TOO_LONG),
    Case("too long, as llama.cpp says it", 500, said(None, "exceed_context_size_error"),
         ResponseStatusError, TOO_LONG),
    *(
        Case(f"too long, as {who} says it", 400, {"error": {"message": text, "code": 400}},
             ResponseStatusError, TOO_LONG)
        for who, text in (
            ("vLLM", "This model's maximum context length is 10 tokens. However, you requested 12"),
            ("xAI", "This model's maximum prompt length is 10 but the request contains 12 tokens."),
            ("Ollama", "the input length exceeds the context length"),
            ("a server's own", "the request exceeds the available context size"),
        )
    ),
    Case("too long, said at the top", 400, {"message": "maximum context length is 1", "code": 400},
         ResponseStatusError, TOO_LONG),
    Case("too long a text, said of a server's fault", 500,
         {"error": {"message": "maximum context length", "code": 500}}, ResponseStatusError, "500"),
    Case("too many tokens asked for", 400, {"error": {"message": "max_tokens is too large"}},
         ResponseStatusError),
    Case("a filter", 400, said("content_filter"), ContentFilterError),
    Case("an unknown model", 404, said("model_not_found"), ResponseStatusError, "model_not_found"),
    Case("overloaded", 529, said(None, "overloaded_error"), ResponseStatusError),
    Case("an error that is a text", 500, {"error": "oh"}, ResponseStatusError),
    Case("an error of another shape", 500, {"error": [1]}, ResponseStatusError),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_reply_that_is_no_answer(case: Case) -> None:
    found = decode_failure(failure(case.status, case.body), 0.0)

    assert type(found) is case.error
    assert getattr(found, "code", None) == case.code


def test_the_wait_that_a_service_asks_for_is_kept() -> None:
    found = decode_failure(failure(429, said("insufficient_quota"), {"retry-after": "7"}), 0.0)

    assert isinstance(found, RateLimitError)
    assert found.retry_after == 7.0


def test_an_answer_is_no_error_and_a_challenge_is_one_of_its_own() -> None:
    assert decode_failure(failure(200, {}), 0.0) is None
    challenge = failure(403, {}, {"cf-mitigated": "challenge"})
    assert type(decode_failure(challenge, 0.0)) is ChallengeError


@pytest.mark.parametrize(
    ("raw", "error", "words"),
    [
        ({"message": "No.", "code": "context_length_exceeded"}, ResponseStatusError, "No."),
        ({"message": "No.", "code": "content_filter"}, ContentFilterError, "No."),
        ({"message": "No.", "type": "insufficient_quota"}, RateLimitError, "No."),
        ({"message": "No.", "type": "timeout_error"}, ResponseStatusError, "504: No."),
        ({"message": "No.", "code": 529}, ResponseStatusError, "529: No."),
        ({"message": "No.", "code": "529"}, ResponseStatusError, "529: No."),
        ({"message": "No.", "code": 7}, ResponseError, "inside the stream: No."),
        ({"code": 7}, ResponseError, "inside the stream: 7"),
        ({}, ResponseError, "no reason given"),
        ("out", ResponseError, "inside the stream: out"),
        ([], ResponseError, r"inside the stream: '\[\]'"),
    ],
)
def test_an_error_inside_a_stream(raw: object, error: type[ChatError], words: str) -> None:
    found = error_inside(msgspec.json.encode(raw))

    assert type(found) is error
    with pytest.raises(error, match=words):
        raise found


@pytest.mark.parametrize("raw", [b"null", b'""'])
def test_nothing_is_no_error(raw: bytes) -> None:
    assert error_inside(raw) is None


OURS: list[tuple[ChatError, int, str, str | None]] = [
    (InputError("no", place="messages[0]"), 400, "invalid_request_error", None),
    (ModelNotSupportedError("no"), 404, "invalid_request_error", "model_not_found"),
    (AuthError("no"), 401, "authentication_error", "invalid_api_key"),
    (ContentFilterError("no"), 400, "invalid_request_error", "content_filter"),
    (RateLimitError("no"), 429, "rate_limit_error", "rate_limit_exceeded"),
    (RateLimitError("no", code="insufficient_quota"), 429, "rate_limit_error",
     "insufficient_quota"),
    (ResponseStatusError("no", status=400, code="context_length_exceeded"), 400,
     "invalid_request_error", "context_length_exceeded"),
    (ResponseStatusError("no", status=403), 403, "permission_error", None),
    (ResponseStatusError("no", status=529), 529, "overloaded_error", None),
    (PaymentRequiredError("no"), 402, "billing_error", None),
    (TimeoutError("no"), 504, "timeout_error", None),
    (TransportError("no"), 502, "server_error", None),
    (MissingRequirementsError("no"), 501, "server_error", None),
]  # fmt: skip


@pytest.mark.parametrize(
    ("error", "status", "kind", "code"), OURS, ids=lambda value: type(value).__name__
)
def test_our_errors_are_said_as_the_service_says_its_own(
    error: ChatError, status: int, kind: str, code: str | None
) -> None:
    said_ = encode_failure(error)

    body = msgspec.json.decode(said_.body)["error"]
    assert said_.status == status
    assert body == {
        "message": "no",
        "type": kind,
        "param": "messages[0]" if isinstance(error, InputError) else None,
        "code": code,
    }


def test_a_program_is_told_how_long_to_wait() -> None:
    assert encode_failure(RateLimitError("no", retry_after=1.2)).headers == {"retry-after": "2"}


@pytest.mark.parametrize(
    "error",
    [
        AuthError("no"),
        ContentFilterError("no"),
        RateLimitError("no"),
        RateLimitError("no", code="insufficient_quota"),
        ResponseStatusError("no", status=400, code="context_length_exceeded"),
        ResponseStatusError("no", status=503),
    ],
    ids=repr,
)
def test_what_is_said_inside_a_stream_is_heard_as_the_same_error(error: ChatError) -> None:
    heard = error_inside(msgspec.json.encode(error_object(error, TYPES)))

    assert type(heard) is type(error)
    assert getattr(heard, "status", 0) == getattr(error, "status", 0)


@pytest.mark.parametrize(
    ("param", "place"), [("messages", "messages"), (None, None), ("", None), ({"a": 1}, None)]
)
def test_where_the_service_saw_the_fault_is_told_again(param: object, place: str | None) -> None:
    found = decode_failure(failure(400, {"error": {"message": "no", "param": param}}), 0.0)

    assert isinstance(found, ResponseStatusError)
    assert found.place == place
    assert msgspec.json.decode(encode_failure(found).body)["error"]["param"] == place
