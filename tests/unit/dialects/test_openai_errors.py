"""OpenAI's error object: the type by the status, the code by the kind."""

import pytest

from dragoman.dialects.openai_errors import error_object
from dragoman.errors import (
    AuthError,
    ChatError,
    InputError,
    RateLimitError,
    ResponseStatusError,
    TransportError,
)

TYPES = {529: "overloaded_error"}


@pytest.mark.parametrize(
    ("error", "kind", "code"),
    [
        (InputError("no", place="tools"), "invalid_request_error", None),
        (AuthError("no"), "invalid_request_error", "invalid_api_key"),
        (RateLimitError("no"), "invalid_request_error", "rate_limit_exceeded"),
        (RateLimitError("no", code="quota"), "invalid_request_error", "quota"),
        (ResponseStatusError("no", status=529), "overloaded_error", None),
        (TransportError("no"), "server_error", None),
    ],
    ids=lambda value: type(value).__name__,
)
def test_an_error_is_an_object_of_four_fields(
    error: ChatError, kind: str, code: str | None
) -> None:
    place = "tools" if isinstance(error, InputError) else None

    assert error_object(error, TYPES) == {
        "message": "no",
        "type": kind,
        "param": place,
        "code": code,
    }
