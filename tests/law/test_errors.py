"""The law of errors: what a provider refuses the face refuses, whichever dialects they speak.

The provider's words come from its own documentation; the program's are read by its client half, so
that its own SDK would raise the class that it has for them.
"""

from collections.abc import Callable, Mapping
from itertools import product

import msgspec
import pytest

from dragoman.chat import ChatRequest
from dragoman.dialects.dialect import Stamp, StreamDecoder
from dragoman.dialects.table import DIALECTS, load_dialect
from dragoman.errors import (
    AuthError,
    ChatError,
    ContentFilterError,
    InputError,
    PaymentRequiredError,
    RateLimitError,
    ResponseStatusError,
)
from dragoman.events import Event, Started, TextDelta
from dragoman.messages import Message, Text
from dragoman.wire.http import HttpReply, ReplyHead

FIVE = [name for name in DIALECTS if name != "ollama_generate"]
PAIRS = list(product(FIVE, FIVE))
ASKED = ChatRequest(model="m", messages=(Message("user", (Text("hi"),)),))
STAMP = Stamp("made", 0.0)
Body = Mapping[str, object]


class Case(msgspec.Struct):
    """A kind of error, and what all five dialects have to make of it."""

    name: str
    status: int
    expected: type[ChatError]
    retry_after: float | None = None
    code: str | None = None


CASES = [
    Case("a wrong field", 400, ResponseStatusError),
    Case("a wrong key", 401, AuthError),
    Case("no credit", 402, PaymentRequiredError),
    Case("a forbidden country", 403, ResponseStatusError),
    Case("an unknown model", 404, ResponseStatusError),
    Case("a body that is too large", 413, ResponseStatusError),
    Case("too many requests", 429, RateLimitError, retry_after=7.0),
    Case("a bug", 500, ResponseStatusError),
    Case("a pause", 503, ResponseStatusError, retry_after=3.0),
    Case("overload", 529, ResponseStatusError),
    Case("too long a chat", 400, ResponseStatusError, code="context_length_exceeded"),
    Case("a text that is refused", 400, ContentFilterError),
]
BY_NAME = {case.name: case for case in CASES}


def openai(message: str, word: str, code: str | None = None, param: str | None = None) -> Body:
    return {"error": {"message": message, "type": word, "code": code, "param": param}}


def anthropic(message: str, word: str) -> Body:
    return {"type": "error", "error": {"type": word, "message": message}, "request_id": "req_1"}


def google(status: int, message: str, word: str, *details: Body) -> Body:
    return {"error": {"code": status, "message": message, "status": word, "details": details}}


OPENAI: Mapping[str, Body] = {
    "a wrong field": openai("Bad value", "invalid_request_error", None, "temperature"),
    "a wrong key": openai("Incorrect key", "invalid_request_error", "invalid_api_key"),
    "no credit": openai("Pay first", "invalid_request_error"),
    "a forbidden country": openai("Not here", "invalid_request_error", "unsupported_country"),
    "an unknown model": openai("No such", "invalid_request_error", "model_not_found"),
    "a body that is too large": openai("Too large", "invalid_request_error"),
    "too many requests": openai("Slow down", "requests", "rate_limit_exceeded"),
    "a bug": openai("Sorry", "server_error"),
    "a pause": openai("Later", "server_error"),
    "overload": openai("Overloaded", "server_error"),
    "too long a chat": openai("Too long", "invalid_request_error", "context_length_exceeded"),
}
SENT: Mapping[str, Mapping[str, Body]] = {
    "openai_chat": {
        **OPENAI,
        "a text that is refused": openai("No", "invalid_request_error", "content_filter"),
    },
    "openai_responses": {
        **OPENAI,
        "a text that is refused": openai("No", "invalid_request_error", "invalid_prompt"),
    },
    "anthropic_messages": {
        "a wrong field": anthropic("temperature: too high", "invalid_request_error"),
        "a wrong key": anthropic("invalid x-api-key", "authentication_error"),
        "no credit": anthropic("Your credit is too low", "billing_error"),
        "a forbidden country": anthropic("Not here", "permission_error"),
        "an unknown model": anthropic("model: m", "not_found_error"),
        "a body that is too large": anthropic("Too large", "request_too_large"),
        "too many requests": anthropic("Slow down", "rate_limit_error"),
        "a bug": anthropic("Internal server error", "api_error"),
        "a pause": anthropic("Later", "api_error"),
        "overload": anthropic("Overloaded", "overloaded_error"),
        "too long a chat": anthropic(
            "prompt is too long: 9 tokens > 8 maximum", "invalid_request_error"
        ),
        "a text that is refused": anthropic(
            "Output blocked by content filtering policy", "invalid_request_error"
        ),
    },
    "gemini": {
        "a wrong field": google(400, "Invalid value at 'temperature'", "INVALID_ARGUMENT"),
        "a wrong key": google(401, "Invalid credentials", "UNAUTHENTICATED"),
        "no credit": google(402, "Pay first", "FAILED_PRECONDITION"),
        "a forbidden country": google(403, "Not here", "PERMISSION_DENIED"),
        "an unknown model": google(404, "models/m is not found", "NOT_FOUND"),
        "a body that is too large": google(413, "Too large", "INVALID_ARGUMENT"),
        "too many requests": google(429, "Slow down", "RESOURCE_EXHAUSTED"),
        "a bug": google(500, "An internal error has occurred", "INTERNAL"),
        "a pause": google(503, "The model is overloaded", "UNAVAILABLE"),
        "overload": google(529, "Overloaded", "UNAVAILABLE"),
        "too long a chat": google(
            400,
            "The input token count (9) exceeds the maximum number of tokens allowed (8).",
            "INVALID_ARGUMENT",
        ),
        "a text that is refused": google(
            400, "No", "INVALID_ARGUMENT", {"reason": "CONTENT_FILTER"}
        ),
    },
    "ollama": {
        **{case.name: {"error": case.name} for case in CASES},
        "too long a chat": {"error": "input length exceeds the context length"},
        "a text that is refused": {"error": "refused", "code": "content_filter"},
    },
}
"""What each service sends; a refusal has words of its own only where there is a place for them."""


def word(*path: str | int) -> Callable[[bytes], object]:
    def read(body: bytes) -> object:
        found = msgspec.json.decode(body)
        for name in path:
            found = found[name]
        return found

    return read


_OPENAI_TYPES = {
    401: "authentication_error",
    402: "billing_error",
    403: "permission_error",
    429: "rate_limit_error",
}
_OPENAI_CODES = {
    "too long a chat": "context_length_exceeded",
    "a text that is refused": "content_filter",
    "a wrong key": "invalid_api_key",
}
_ANTHROPIC_TYPES = {
    401: "authentication_error",
    402: "billing_error",
    403: "permission_error",
    404: "not_found_error",
    413: "request_too_large",
    429: "rate_limit_error",
    500: "api_error",
    503: "overloaded_error",
    529: "overloaded_error",
}
_GOOGLE_WORDS = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    429: "RESOURCE_EXHAUSTED",
    500: "INTERNAL",
    503: "UNAVAILABLE",
}


def said_of(dialect: str, case: Case) -> Body:
    """What the body of this dialect has to say of the case, as the paths of words in it."""
    match dialect:
        case "openai_chat" | "openai_responses":
            usual = "server_error" if case.status >= 500 else "invalid_request_error"
            busy = {503: "overloaded_error", 529: "overloaded_error"}
            types = {**_OPENAI_TYPES, **(busy if dialect == "openai_chat" else {})}
            said: dict[str, object] = {"error.type": types.get(case.status, usual)}
            if case.name in _OPENAI_CODES:
                said["error.code"] = _OPENAI_CODES[case.name]
            return said
        case "anthropic_messages":
            kind = _ANTHROPIC_TYPES.get(case.status, "invalid_request_error")
            return {"type": "error", "error.type": kind}
        case "gemini":
            named = (
                {"error.status": _GOOGLE_WORDS[case.status]} if case.status in _GOOGLE_WORDS else {}
            )
            return {"error.code": case.status, **named}
        case _:
            return {}


def refused(dialect: str, case: Case) -> ChatError:
    """The error that our client half makes of what the dialect's service sends."""
    wait = {} if case.retry_after is None else {"retry-after": f"{case.retry_after:g}"}
    body = msgspec.json.encode(SENT[dialect][case.name])
    return heard(dialect, case.status, wait, body)


def heard(dialect: str, status: int, headers: Mapping[str, str], body: bytes) -> ChatError:
    head = ReplyHead(status, {"content-type": "application/json", **headers}, "https://api.test/")
    error = load_dialect(dialect).decode_failure(HttpReply(head, body), 0.0)
    assert error is not None
    return error


def facts(error: ChatError) -> tuple[object, ...]:
    """What a caller decides by."""
    if not isinstance(error, ResponseStatusError):
        return type(error), error.retryable
    long = error.code == "context_length_exceeded"
    return type(error), error.retryable, error.status, error.retry_after, long


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
@pytest.mark.parametrize("pair", PAIRS, ids="-".join)
def test_an_error_of_the_provider_is_one_of_the_face(pair: tuple[str, str], case: Case) -> None:
    first, second = pair
    error = refused(second, case)

    failure = load_dialect(first).encode_failure(error)

    assert type(error) is case.expected
    assert failure.status == case.status
    wait = None if case.retry_after is None else f"{case.retry_after:g}"
    assert failure.headers.get("retry-after") == wait
    for path, said in said_of(first, case).items():
        assert word(*path.split("."))(failure.body) == said
    again = heard(first, failure.status, failure.headers, failure.body)
    assert facts(again) == facts(error)
    if case.code:
        assert isinstance(error, ResponseStatusError)
        assert error.code == case.code


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
@pytest.mark.parametrize("pair", PAIRS, ids="-".join)
def test_an_error_inside_an_answer_is_one_of_the_face(pair: tuple[str, str], case: Case) -> None:
    """And what was said before it stays said."""
    first, second = (load_dialect(name) for name in pair)
    begun: list[Event] = [Started("m"), TextDelta("Once upon")]
    theirs, ours = second.encoder(ASKED, STAMP), first.encoder(ASKED, STAMP)
    provider, program = second.decoder("m"), first.decoder("m")
    error = refused(pair[1], case)

    events = provider.feed(theirs.feed(begun))
    found = raised(provider, theirs.fail(error))
    told = program.feed(ours.feed(events))
    again = raised(program, ours.fail(found))

    assert [event for event in told if isinstance(event, TextDelta)] == begun[1:]
    assert type(again) is type(found)
    assert again.retryable == found.retryable
    assert again.retryable == error.retryable


def raised(decoder: StreamDecoder, body: bytes) -> ChatError:
    try:
        decoder.feed(body)
        decoder.close()
    except ChatError as error:
        return error
    pytest.fail("no error was heard")


@pytest.mark.parametrize("dialect", FIVE)
def test_a_wrong_place_is_named(dialect: str) -> None:
    """In a field of its own where there is one, and always in the words."""
    error = InputError("tools[0].name: expected a text", place="tools[0].name")

    failure = load_dialect(dialect).encode_failure(error)

    assert failure.status == 400
    assert b"tools[0].name" in failure.body
    if dialect.startswith("openai"):
        assert word("error", "param")(failure.body) == "tools[0].name"
    if dialect == "gemini":
        assert word("error", "details", 0, "fieldViolations", 0, "field")(failure.body) == (
            "tools[0].name"
        )
