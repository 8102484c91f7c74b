"""Errors in Ollama's form, in both directions, and as the official package reads them."""

import httpx
import msgspec
import ollama
import pytest

from dragoman.dialects.ollama.failures import (
    decode_failure,
    encode_error,
    encode_failure,
    encode_line,
    error_inside,
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


def failure(status: int, body: bytes, **headers: str) -> ChatError | None:
    return decode_failure(HttpReply(ReplyHead(status, headers, "http://x.test/"), body), 0.0)


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, ResponseStatusError),
        (401, AuthError),
        (404, ResponseStatusError),
        (429, RateLimitError),
        (502, ResponseStatusError),
    ],
)
def test_a_status_is_an_error_with_the_services_words(status: int, kind: type[ChatError]) -> None:
    error = failure(status, b'{"error":"model \'m\' not found"}')

    assert type(error) is kind
    assert "model 'm' not found" in str(error)


def test_an_answer_is_no_failure() -> None:
    assert failure(200, b"{}") is None


@pytest.mark.parametrize(
    ("status", "words", "code"),
    [
        (400, "the input length exceeds the context length", "context_length_exceeded"),
        (400, "input exceeds maximum context length", "context_length_exceeded"),
        (400, "prompt too long; exceeded max context length by 4", "context_length_exceeded"),
        (413, "the prompt exceeds the available context length", "context_length_exceeded"),
        (400, "num_ctx must be at least 4", None),
        (500, "the input length exceeds the context length", None),
    ],
    ids=str,
)
def test_a_conversation_that_is_too_long_has_a_code(
    status: int, words: str, code: str | None
) -> None:
    error = failure(status, b'{"error":"%b"}' % words.encode())

    assert isinstance(error, ResponseStatusError)
    assert error.code == code
    assert error.status == (400 if code else status)


def test_a_wait_is_kept_in_both_directions() -> None:
    error = failure(429, b'{"error":"slow down"}', **{"retry-after": "6.5"})

    assert isinstance(error, RateLimitError)
    assert error.retry_after == 6.5
    assert encode_failure(error).headers == {"retry-after": "7"}


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (InputError("messages: is empty", place="messages"), 400),
        (AuthError("no key"), 401),
        (ModelNotSupportedError("no model"), 404),
        (ResponseStatusError("missing", status=404), 404),
        (RateLimitError("slow down"), 429),
        (ResponseError("nonsense"), 502),
        (TimeoutError("too slow"), 504),
        (ContentFilterError("no"), 400),
    ],
    ids=lambda value: type(value).__name__,
)
def test_the_official_package_reads_an_error_with_its_status(error: ChatError, status: int) -> None:
    said = encode_failure(error)
    reply = httpx.Response(said.status, headers=dict(said.headers), content=said.body)
    client = ollama.Client(transport=httpx.MockTransport(lambda _: reply))

    with pytest.raises(ollama.ResponseError) as caught:
        client.chat("m", [{"role": "user", "content": "Hi"}])

    assert (caught.value.status_code, caught.value.error) == (status, str(error))


def test_a_hint_stands_behind_the_words() -> None:
    error = ResponseError("it broke")
    error.hint = "Ask again."

    assert encode_error(error) == b'{"error":"it broke. Ask again."}'


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (ContentFilterError("no"), {"error": "no", "status": 400, "code": "content_filter"}),
        (
            ResponseStatusError("too long", status=400, code="context_length_exceeded"),
            {"error": "too long", "status": 400, "code": "context_length_exceeded"},
        ),
        (RateLimitError("slow down", code="word"), {"error": "slow down", "status": 429}),
        (ResponseError("nonsense"), {"error": "nonsense"}),
    ],
    ids=lambda value: type(value).__name__,
)
def test_a_line_of_ours_tells_what_kind_of_error_it_is(
    error: ChatError, said: dict[str, object]
) -> None:
    """The service's own programs read `error` alone."""
    line = encode_line(error)

    found = error_inside(line)
    assert msgspec.json.decode(line) == said
    assert type(found) is type(error)


@pytest.mark.parametrize("line", [b"{}", b'{"error":null}', b'{"error":""}'])
def test_a_line_without_an_error_has_none(line: bytes) -> None:
    assert error_inside(line) is None


@pytest.mark.parametrize("status", ["429", 429.0, True, 200, 600, "null"])
def test_what_is_no_status_of_an_error_is_passed_over(status: object) -> None:
    error = error_inside(msgspec.json.encode({"error": {"message": "it broke"}, "status": status}))

    assert type(error) is ResponseError
    assert "it broke" in str(error)
