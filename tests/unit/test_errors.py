"""The tree of errors: what catches what, what survives a copy, what a message says."""

import builtins
import copy
import pickle

import pytest

from dragoman import errors
from dragoman.errors import (
    AuthError,
    ChallengeError,
    ChatError,
    ContentFilterError,
    HandshakeError,
    InputError,
    MissingRequirementsError,
    ModelNotSupportedError,
    PaymentRequiredError,
    RateLimitError,
    ResponseError,
    ResponseStatusError,
    StreamTruncatedError,
    TimeoutError,
    TransportError,
    excerpt,
    quoted,
)

# Every class, what else catches it, and whether asking again may help.
TREE: list[tuple[type[ChatError], type[BaseException], bool]] = [
    (ChatError, Exception, False),
    (InputError, ValueError, False),
    (ModelNotSupportedError, ValueError, False),
    (MissingRequirementsError, ImportError, False),
    (TransportError, OSError, True),
    (TimeoutError, TransportError, True),
    (TimeoutError, builtins.TimeoutError, True),
    (HandshakeError, RuntimeError, False),
    (AuthError, RuntimeError, False),
    (ResponseError, RuntimeError, True),
    (ContentFilterError, ResponseError, False),
    (StreamTruncatedError, ResponseError, True),
    (ResponseStatusError, ChatError, False),
    (RateLimitError, ResponseStatusError, True),
    (PaymentRequiredError, ResponseStatusError, False),
    (ChallengeError, ResponseStatusError, False),
]
CLASSES = list(dict.fromkeys(kind for kind, _, _ in TREE))


@pytest.mark.parametrize(("kind", "other", "retryable"), TREE)
def test_an_error_is_caught_by_what_the_tree_promises(
    kind: type[ChatError], other: type[BaseException], retryable: bool
) -> None:
    with pytest.raises(other) as caught:
        raise kind("no")

    assert isinstance(caught.value, ChatError)
    assert caught.value.retryable is retryable


def test_the_tree_is_whole_and_drawn_in_the_docstring() -> None:
    named = {name for name in errors.__all__ if name.endswith("Error")}

    assert {kind.__name__ for kind in CLASSES} == named
    assert all(name in (errors.__doc__ or "") for name in named)


@pytest.mark.parametrize("kind", CLASSES)
@pytest.mark.parametrize(
    "again",
    [copy.copy, lambda error: pickle.loads(pickle.dumps(error))],  # noqa: S301 - our own pickle
)
def test_a_copy_has_everything(kind: type[ChatError], again: object) -> None:
    """Waiters get copies of one error, and errors cross processes."""
    error = kind("no").located(provider="p", host="h", step="s")
    error.text, error.hint = "so far", "do this"
    if isinstance(error, ResponseStatusError):
        error.status, error.retry_after, error.code = 503, 1.5, "busy"

    assert callable(again)
    other = again(error)

    assert type(other) is kind
    assert str(other) == str(error) == "p at h: s: no"
    assert vars(other) == vars(error)
    assert other.args == error.args


@pytest.mark.parametrize(
    ("provider", "host", "step", "expected"),
    [
        (None, None, "", "no"),
        ("p", None, "", "p: no"),
        (None, "h", "", "at h: no"),
        ("p", "h", "", "p at h: no"),
        (None, None, "login", "login: no"),
        ("p", "h", "chat", "p at h: chat: no"),
    ],
)
def test_a_message_begins_with_its_place(
    provider: str | None, host: str | None, step: str, expected: str
) -> None:
    error = TransportError("no").located(provider=provider, host=host, step=step)

    assert str(error) == expected
    assert error.message == "no"


def test_who_knows_the_place_first_is_right() -> None:
    error = ChatError("no").located(provider=None, host="login.test", step="login")

    error.located(provider="p", host="chat.test", step="chat")

    assert (error.provider, error.host, error.step) == ("p", "login.test", "login")


@pytest.mark.parametrize(
    ("status", "retryable"), [(400, False), (408, True), (425, True), (499, False), (500, True)]
)
def test_a_status_says_whether_asking_again_may_help(status: int, retryable: bool) -> None:
    error = ResponseStatusError("no", status=status, retry_after=2.0, code="c")

    assert error.retryable is retryable
    assert (error.status, error.retry_after, error.code) == (status, 2.0, "c")


def test_a_challenge_at_503_is_not_retried_and_a_quota_at_403_is() -> None:
    assert not ChallengeError("no", status=503, retry_after=1.0, code="c").retryable
    assert RateLimitError("no", status=403).retryable
    assert RateLimitError("no").status == 429


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("", ""),
        ("a \n\t b", "a b"),
        (b"\xc3\xa9\xff", "é\ufffd"),
        ("x" * 200, "x" * 200),
        ("x" * 201, "x" * 199 + "…"),
        (" " * 10_000 + "x", "x"),
        (b"x" * 1_000_000, "x" * 199 + "…"),
        ("\x1b[31mred\x00", "\ufffd[31mred\ufffd"),
        ("half a pair: \ud800", "half a pair: \ufffd"),
        ("日本語", "日本語"),
    ],
)
def test_an_excerpt_is_short_printable_and_one_line(body: str | bytes, expected: str) -> None:
    assert excerpt(body) == expected


@pytest.mark.parametrize(
    "token",
    [
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl",
        "sk-proj-abcdefghijklmnop1234",
        "Bearer abcdefgh12345678",
    ],
)
def test_an_excerpt_masks_what_has_the_shape_of_a_token(token: str) -> None:
    shown = excerpt(f'you sent "{token}", which is old')

    assert token[-8:] not in shown
    assert shown.endswith("which is old")


def test_an_excerpt_leaves_ordinary_words_alone() -> None:
    words = "the bearer of the key sk-1 is eyJust a task-force"

    assert excerpt(words) == words


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, "null"),
        ("a", "'a'"),
        ({"a": [1, 2.5, True]}, "{'a': [1, 2.5, True]}"),
        (b"ab", "b'ab'"),
        (10**5000, "a number of very many digits"),
        ([[[[[[1]]]]]], "[[[[[...]]]]]"),
        (list(range(9)), "[0, 1, 2, 3, 4, 5, ...]"),
    ],
    ids=range(7),
)
def test_a_value_is_quoted_as_python_writes_it(value: object, shown: str) -> None:
    assert quoted(value) == shown


@pytest.mark.parametrize("value", ["x" * 10**6, b"x" * 10**6, ["x" * 1000] * 1000, {"\x1b[2J": 1}])
def test_a_quoted_value_is_short_and_cannot_write_to_a_terminal(value: object) -> None:
    assert len(quoted(value)) <= 200
    assert quoted(value).isprintable()


def test_a_secret_in_a_quoted_value_is_masked() -> None:
    assert "A" * 20 not in quoted({"key": "sk-" + "A" * 20})
