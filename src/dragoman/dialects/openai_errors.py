"""The error object of OpenAI's two dialects, of a body and inside a stream.

    {"message": ..., "type": "invalid_request_error", "param": "messages", "code": null}

Source: OpenAI guide "Error codes", read 2026-11-21.
"""

from collections.abc import Mapping

from dragoman.dialects.failures import failure_message, failure_status
from dragoman.errors import (
    AuthError,
    ChatError,
    ContentFilterError,
    InputError,
    ModelNotSupportedError,
    RateLimitError,
    ResponseStatusError,
)

__all__ = ["error_object"]

_CODES: tuple[tuple[type[ChatError], str], ...] = (
    (ModelNotSupportedError, "model_not_found"),
    (AuthError, "invalid_api_key"),
    (ContentFilterError, "content_filter"),
    (RateLimitError, "rate_limit_exceeded"),
)


def error_object(error: ChatError, types: Mapping[int, str]) -> dict[str, object]:
    """An error as the object; `types` are the words for a status, where it is not the usual one."""
    status = failure_status(error)
    usual = "invalid_request_error" if status < 500 else "server_error"
    own = error.code if isinstance(error, ResponseStatusError | AuthError) else None
    return {
        "message": failure_message(error),
        "type": types.get(status, usual),
        "param": error.place if isinstance(error, InputError | ResponseStatusError) else None,
        "code": own or next((code for kind, code in _CODES if isinstance(error, kind)), None),
    }
