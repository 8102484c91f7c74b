"""A request that no face has heard, refused in the words of the one that its address belongs to."""

from collections.abc import Mapping

from dragoman.dialects.dialect import Failure
from dragoman.dialects.table import load_dialect
from dragoman.errors import ChatError
from dragoman.gateway.headers import request_id_of

__all__ = ["refusal", "refusal_headers"]

_OWNERS = (
    ("/v1/messages", "anthropic_messages"),
    ("/v1beta/", "gemini"),
    ("/v1/models/", "gemini"),
    ("/api/", "ollama"),
)


def refusal(path: str, error: ChatError) -> Failure:
    """The error as a whole reply; what belongs to no face is told as OpenAI does."""
    dialect = next((name for start, name in _OWNERS if path.startswith(start)), "openai_chat")
    return load_dialect(dialect).encode_failure(error)


def refusal_headers(failure: Failure, headers: Mapping[str, str]) -> dict[str, str]:
    """The headers of such a reply; `headers` are those of the request, in small letters."""
    return {
        "content-type": "application/json",
        **failure.headers,
        "x-request-id": request_id_of(headers),
        # Asked again it is as wrong; the official programs try some statuses anew.
        "x-should-retry": "false",
    }
