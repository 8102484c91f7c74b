"""Errors in OpenAI's words."""

import msgspec
import pytest

from dragoman.dialects.openai_responses.failures import (
    Said,
    decode_failure,
    encode_failure,
    said_error,
)
from dragoman.errors import (
    AuthError,
    ChatError,
    ContentFilterError,
    InputError,
    ModelNotSupportedError,
    RateLimitError,
    ResponseError,
    ResponseStatusError,
    TimeoutError,
)
from dragoman.wire.http import HttpReply, ReplyHead


def reply(status: int, body: object, **headers: str) -> HttpReply:
    said = body if isinstance(body, bytes) else msgspec.json.encode(body)
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    return HttpReply(ReplyHead(status, names, ""), said)


def error(code: str | None, kind: str = "invalid_request_error") -> dict[str, object]:
    return {"error": {"message": "Oh", "type": kind, "param": None, "code": code}}


@pytest.mark.parametrize(
    ("status", "body", "kind", "code"),
    [
        (401, error("invalid_api_key"), AuthError, "invalid_api_key"),
        (429, error("insufficient_quota"), RateLimitError, "insufficient_quota"),
        (403, error("insufficient_quota"), RateLimitError, "insufficient_quota"),
        (400, error("context_length_exceeded"), ResponseStatusError, "context_length_exceeded"),
        (400, error("invalid_prompt"), ContentFilterError, None),
        (400, error(None, "content_filter"), ContentFilterError, None),
        (404, error("model_not_found"), ResponseStatusError, "model_not_found"),
        (500, b"oh", ResponseStatusError, None),
        (500, {}, ResponseStatusError, None),
        (529, error(None, "overloaded_error"), ResponseStatusError, None),
    ],
)
def test_a_reply_is_the_error_that_it_says(
    status: int, body: object, kind: type[ChatError], code: str | None
) -> None:
    found = decode_failure(reply(status, body), 0.0)

    assert type(found) is kind
    assert getattr(found, "code", None) == code
    assert getattr(found, "status", status) == status


def test_a_reply_says_how_long_to_wait() -> None:
    found = decode_failure(reply(429, error(None), retry_after="7"), 0.0)

    assert isinstance(found, RateLimitError)
    assert found.retry_after == 7


def test_an_answer_is_no_error() -> None:
    assert decode_failure(reply(200, {}), 0.0) is None


@pytest.mark.parametrize(
    ("said", "kind", "status"),
    [
        (Said("Oh", code="server_error"), ResponseStatusError, 500),
        (Said("Oh", code=503), ResponseStatusError, 503),
        (Said("Oh", "rate_limit_error"), RateLimitError, 429),
        (Said("Oh", "invalid_request_error", "unheard_of"), ResponseStatusError, 400),
        (Said("Oh", code="context_length_exceeded"), ResponseStatusError, 400),
        (Said("Oh", code="invalid_image_url"), ResponseStatusError, 400),
        (Said("Oh", code="invalid_api_key"), AuthError, None),
        (Said("Oh", code="bio_policy"), ContentFilterError, None),
        (Said("Oh", code="unheard_of"), ResponseError, None),
        (Said(), ResponseError, None),
    ],
)
def test_an_error_inside_an_answer_is_the_error_that_it_says(
    said: Said, kind: type[ChatError], status: int | None
) -> None:
    found = said_error(said)

    assert type(found) is kind
    assert getattr(found, "status", None) == status


def test_an_error_keeps_the_words_of_the_service() -> None:
    assert "Oh" in str(said_error(Said("Oh", code="server_error")))
    assert "unheard_of" in str(said_error(Said(code="unheard_of")))
    assert "no reason given" in str(said_error(Said()))


@pytest.mark.parametrize(
    ("error", "status", "words"),
    [
        (
            InputError("no", place="input[0]"),
            400,
            {"type": "invalid_request_error", "param": "input[0]", "code": None},
        ),
        (AuthError("no"), 401, {"type": "authentication_error", "code": "invalid_api_key"}),
        (ModelNotSupportedError("no"), 404, {"code": "model_not_found"}),
        (RateLimitError("no"), 429, {"type": "rate_limit_error", "code": "rate_limit_exceeded"}),
        (
            RateLimitError("no", code="insufficient_quota"),
            429,
            {"type": "rate_limit_error", "code": "insufficient_quota"},
        ),
        (ContentFilterError("no"), 400, {"code": "content_filter"}),
        (ResponseStatusError("no", status=503), 503, {"type": "server_error", "code": None}),
        (TimeoutError("no"), 504, {"type": "server_error", "code": None}),
        (ResponseError("no"), 502, {"type": "server_error", "code": None}),
    ],
)
def test_an_error_is_said_so(error: ChatError, status: int, words: dict[str, object]) -> None:
    failure = encode_failure(error)

    said = msgspec.json.decode(failure.body)["error"]
    assert failure.status == status
    assert said == {"message": "no", "param": None, "type": "invalid_request_error"} | words


def test_a_face_says_how_long_to_wait() -> None:
    failure = encode_failure(RateLimitError("no", retry_after=1.2))

    assert failure.headers == {"retry-after": "2"}


@pytest.mark.parametrize(("param", "place"), [("input[0]", "input[0]"), (None, None), ("", None)])
def test_where_the_service_saw_the_fault_is_told_again(
    param: str | None, place: str | None
) -> None:
    found = decode_failure(reply(400, {"error": {"message": "no", "param": param}}), 0.0)

    assert isinstance(found, ResponseStatusError)
    assert found.place == place
    assert msgspec.json.decode(encode_failure(found).body)["error"]["param"] == place
