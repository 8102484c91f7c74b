"""What FakeGpt's refusals of a chat mean, row by row."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Struct
from tests.unit.web.fake_gpt_kit import call, reply

from dragoman.account import Account
from dragoman.errors import (
    AuthError,
    ChallengeError,
    ChatError,
    RateLimitError,
    ResponseStatusError,
)
from dragoman.providers.call import StaleSession
from dragoman.providers.web.fake_gpt import FakeGpt
from dragoman.providers.web.fake_gpt_errors import stream_error
from dragoman.wire.http import HttpReply


class Case(Struct):
    name: str
    reply: HttpReply
    error: type[ChatError]
    says: str = ""
    stale: bool = False
    """Whether a new login may help."""
    status: int = 0
    retry_after: float | None = None
    code: str | None = None


def detail(message: str, code: str) -> dict[str, object]:
    inner = {"message": message, "type": "invalid_request_error", "param": None, "code": code}
    return {"detail": inner}


CASES = [
    *(
        Case(code, reply(401, detail("m", code)), AuthError, stale=True)
        for code in (
            "token_expired",
            "invalid_jwt",
            "invalid_token",
            "invalid_api_key",
            "expired_session_key",
        )
    ),
    Case("401 text", reply(401, b"token is expired"), AuthError, "token is expired", stale=True),
    Case("401 empty", reply(401, b""), AuthError, stale=True),
    Case("403 account", reply(403, {"detail": "account deactivated"}), AuthError, stale=True),
    Case(
        "403 unusual activity",
        reply(403, {"detail": "Unusual activity has been detected from your device."}),
        ResponseStatusError,
        "Unusual activity",
        status=403,
    ),
    Case(
        "403 unusual activity of an account",
        reply(403, {"detail": "Unusual activity has been detected on your account."}),
        ResponseStatusError,
        status=403,
    ),
    Case("403 text", reply(403, b"no", kind="text/plain"), ResponseStatusError, status=403),
    Case("403 page", reply(403, b"<p>", kind="text/html"), ResponseStatusError, status=403),
    Case(
        "challenge by its header",
        reply(403, b"", kind="text/html", headers={"cf-mitigated": "challenge"}),
        ChallengeError,
        status=403,
    ),
    Case(
        "challenge by its words",
        reply(503, b"<title>Just a moment...</title>", kind="text/html"),
        ChallengeError,
        status=503,
    ),
    Case(
        "404",
        reply(404, {"detail": "Conversation not found"}),
        ResponseStatusError,
        "Conversation not found",
        status=404,
    ),
    Case(
        "413",
        reply(413, detail("The message is too long", "message_length_exceeds_limit")),
        ResponseStatusError,
        "prompt too long: The message",
        status=413,
        code="message_length_exceeds_limit",
    ),
    Case("413 empty", reply(413, b""), ResponseStatusError, "prompt too long", status=413),
    Case(
        "413 as 400",
        reply(400, detail("m", "message_length_exceeds_limit")),
        ResponseStatusError,
        "prompt too long",
        status=413,
        code="message_length_exceeds_limit",
    ),
    Case("400", reply(400, {"detail": "bad"}), ResponseStatusError, "400: bad", status=400),
    Case(
        "422",
        reply(422, {"detail": [{"loc": ["body"], "msg": "no uuid", "type": "t"}]}),
        ResponseStatusError,
        "no uuid",
        status=422,
    ),
    Case(
        "429 an hour",
        reply(429, {"detail": "Too many requests in 1 hour. Try again later."}),
        RateLimitError,
        "in 1 hour",
        status=429,
    ),
    Case(
        "429 one at a time",
        reply(429, {"detail": "Only one message at a time."}),
        RateLimitError,
        status=429,
    ),
    Case(
        "429 clears in",
        reply(429, {"detail": {"clears_in": 42}}),
        RateLimitError,
        status=429,
        retry_after=42.0,
    ),
    Case(
        "429 header",
        reply(429, {"detail": {"clears_in": 42}}, headers={"retry-after": "7"}),
        RateLimitError,
        status=429,
        retry_after=7.0,
    ),
    Case(
        "429 garbage",
        reply(429, b"", headers={"retry-after": "soon"}),
        RateLimitError,
        status=429,
    ),
    Case(
        "500 of open Pandora",
        reply(500, {"code": 500, "message": "'prompt'"}),
        ResponseStatusError,
        "'prompt'",
        status=500,
        code="500",
    ),
    Case("502", reply(502, b"Bad Gateway", kind="text/plain"), ResponseStatusError, status=502),
    Case("302", reply(302, b""), ResponseStatusError, status=302),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_refusal_of_the_chat(case: Case) -> None:
    found = FakeGpt().failure(call(), case.reply)

    assert isinstance(found, StaleSession) is case.stale
    error = found.error if isinstance(found, StaleSession) else found
    assert type(error) is case.error
    assert case.says in str(error)
    if isinstance(error, ResponseStatusError):
        assert (error.status, error.retry_after, error.code) == (
            case.status,
            case.retry_after,
            case.code,
        )


@pytest.mark.parametrize("settings", [{"access_token": "t"}, {"dialect": "talk"}], ids=repr)
def test_without_a_login_there_is_nothing_to_refresh(settings: dict[str, str]) -> None:
    account = Account.of(settings=dict(settings))

    found = FakeGpt().failure(call(account), reply(401, detail("m", "token_expired")))

    assert isinstance(found, AuthError)


def test_a_2xx_is_no_refusal() -> None:
    assert FakeGpt().failure(call(), reply(200, b"data: x")) is None


@pytest.mark.parametrize(
    ("wait", "expect"), [(30, 30.0), (0, 0.0), (-1, None), (10**400, None), ("9", None)]
)
def test_a_waiting_time_inside_a_stream_is_seconds_or_nothing(
    wait: object, expect: float | None
) -> None:
    error = stream_error({"message": "Too many requests", "clears_in": wait})

    assert isinstance(error, RateLimitError)
    assert error.retry_after == expect


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_whatever_an_error_says_it_is_a_chat_error(error: object) -> None:
    assert isinstance(stream_error(error), ChatError)


@given(st.integers(200, 599), st.binary(), st.sampled_from(["application/json", "text/html"]))
def test_whatever_a_reply_is_it_is_an_answer_or_a_chat_error(
    status: int, body: bytes, kind: str
) -> None:
    found = FakeGpt().failure(call(), reply(status, body, kind=kind))

    assert found is None or isinstance(found, ChatError | StaleSession)
