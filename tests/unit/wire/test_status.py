"""A reply that is no answer becomes the right error, and shows no more than it should."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dragoman.errors import (
    AuthError,
    ChallengeError,
    ChatError,
    PaymentRequiredError,
    RateLimitError,
    ResponseError,
    ResponseStatusError,
)
from dragoman.wire.http import HttpReply, ReplyHead
from dragoman.wire.status import (
    CHALLENGE_MARKS,
    challenge,
    decode_retry_after,
    error_words,
    html_error,
    status_error,
)

NOW = 1_700_000_000.0  # Tue, 14 Nov 2023 22:13:20 GMT
YEAR_S = 366 * 86400


def reply(status: int, body: object = b"", reason: str = "", **headers: str) -> HttpReply:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    return HttpReply(ReplyHead(status, names, "https://site.test/x", reason), content)


class Case:
    """A reply and the error it is."""

    def __init__(self, claim: str, kind: type[ChatError], got: HttpReply, **facts: object) -> None:
        self.claim = claim
        self.kind = kind
        self.got = got
        self.facts = facts


CASES = [
    Case("401", AuthError, reply(401, b"no")),
    Case("403 about a token", AuthError, reply(403, {"detail": "Token is expired"})),
    Case("403 about a key", AuthError, reply(403, {"error": {"code": "invalid_api_key"}})),
    Case("403 about a login", AuthError, reply(403, {"message": "You are not logged in"})),
    Case("403 about an account", AuthError, reply(403, {"error": "Account deactivated"})),
    Case("403 unauthorized", AuthError, reply(403, {"error": "Unauthorized"})),
    Case(
        "403 about the address",
        ResponseStatusError,
        reply(403, {"detail": "Unusual activity has been detected from your device."}),
        status=403,
    ),
    Case(
        "403 about too many tokens",
        ResponseStatusError,
        reply(403, {"error": {"message": "Too many tokens; monkeys are the authors."}}),
        status=403,
    ),
    Case("403 as text", ResponseStatusError, reply(403, b"token expired"), status=403),
    Case("402", PaymentRequiredError, reply(402, {"error": {"code": "pay"}}), code="pay"),
    Case("404", ResponseStatusError, reply(404), status=404, retryable=False),
    Case("408", ResponseStatusError, reply(408), status=408, retryable=True),
    Case("302", ResponseStatusError, reply(302), status=302, retryable=False),
    Case("429", RateLimitError, reply(429), status=429, retry_after=None, retryable=True),
    Case("429 in seconds", RateLimitError, reply(429, retry_after="7"), retry_after=7.0),
    Case(
        "429 until a date",
        RateLimitError,
        reply(429, retry_after="Tue, 14 Nov 2023 22:14:20 GMT"),
        retry_after=60.0,
    ),
    Case(
        "429 with clears_in",
        RateLimitError,
        reply(429, {"detail": {"clears_in": 9}}),
        retry_after=9.0,
    ),
    Case(
        "429 with both",
        RateLimitError,
        reply(429, {"detail": "no", "clears_in": 9}, retry_after="2"),
        retry_after=2.0,
    ),
    Case(
        "503 with a wait",
        ResponseStatusError,
        reply(503, b"busy", retry_after="3"),
        status=503,
        retry_after=3.0,
        retryable=True,
    ),
    Case("520", ResponseStatusError, reply(520), status=520, retryable=True),
    Case(
        "an inner code is kept",
        ResponseStatusError,
        reply(500, {"code": 404, "message": "no route"}),
        status=500,
        code="404",
    ),
    Case(
        "a challenge by its header, at any status",
        ChallengeError,
        reply(418, cf_mitigated="Challenge"),
        status=418,
        retryable=False,
    ),
    *[
        Case(
            f"a challenge page at {status}",
            ChallengeError,
            reply(status, b"<title>Just a moment...</title>", content_type="text/html; charset=x"),
            status=status,
        )
        for status in (200, 403, 429, 503)
    ],
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.claim)
def test_the_error_of_a_status(case: Case) -> None:
    error = status_error(case.got, NOW)

    assert type(error) is case.kind
    assert {name: getattr(error, name) for name in case.facts} == case.facts


@pytest.mark.parametrize("status", [200, 201, 204, 299])
def test_2xx_is_no_error(status: int) -> None:
    assert status_error(reply(status, {"error": "no"}), NOW) is None


@pytest.mark.parametrize("mark", CHALLENGE_MARKS)
def test_each_mark_of_a_challenge_is_known(mark: bytes) -> None:
    page = reply(403, b"<html>" + mark + b"</html>", content_type="text/html")

    assert challenge(page.head, page.body)


@pytest.mark.parametrize(
    "page",
    [
        reply(403, CHALLENGE_MARKS[0], content_type="application/json"),
        reply(500, CHALLENGE_MARKS[0], content_type="text/html"),
        reply(403, b"<html>go away</html>", content_type="text/html"),
        reply(403, b"", cf_mitigated="none"),
    ],
)
def test_what_only_looks_like_a_challenge_is_none(page: HttpReply) -> None:
    assert challenge(page.head, page.body) is None


def test_html_in_place_of_json_is_said_to_be_that() -> None:
    page = reply(200, b"<html>hello</html>", content_type="text/html")
    gate = reply(200, CHALLENGE_MARKS[0], content_type="text/html")

    error = html_error(page.head, page.body, "a stream")

    assert type(error) is ResponseError
    assert str(error) == "HTML instead of a stream: '<html>hello</html>'"
    assert type(html_error(gate.head, gate.body, "JSON")) is ChallengeError


@pytest.mark.parametrize(
    ("body", "message", "code"),
    [
        (b"plain\n text", "plain text", None),
        (b"", "", None),
        ({"detail": "a"}, "a", None),
        ({"detail": {"message": "a", "code": "c"}}, "a", "c"),
        ({"detail": [{"loc": ["x"], "msg": "a", "type": "t"}]}, "a", None),
        ({"detail": []}, "", None),
        ({"detail": [[{"message": "deep"}]]}, "", None),
        ({"error": "a"}, "a", None),
        ({"error": "a", "code": "c"}, "a", "c"),
        ({"error": {"error": "a", "code": 7}}, "a", "7"),
        ({"error": {"message": {"text": "a whole body"}}}, "", None),
        ({"error": {"message": "", "msg": "a"}}, "a", None),
        ({"error": None, "message": "a"}, "a", None),
        ({"error": True}, "", None),
        ({"error": 1.5}, "", None),
        ({"error": 10**400}, "", None),
        ({"message": "a", "code": {"x": 1}}, "a", None),
        (["a"], "a", None),
        ([], "", None),
        ("a", "a", None),
        (None, "", None),
        (-1, "-1", None),
    ],
)
def test_the_words_of_an_error_are_found_in_every_shape(
    body: object, message: str, code: str | None
) -> None:
    words = error_words(reply(500, body))

    assert (words.message, words.code) == (message, code)
    assert words.is_json is not isinstance(body, bytes)


@pytest.mark.parametrize("wait", [True, -1, 10**400, YEAR_S + 1, "7", None, [7]])
def test_a_clears_in_that_is_no_wait_is_none(wait: object) -> None:
    assert error_words(reply(429, {"detail": {"clears_in": wait}})).wait_s is None


@pytest.mark.parametrize(
    "body",
    [
        b"long " * 10_000,
        {"error": {"message": "long " * 10_000, "code": "long " * 10_000}},
        {"secret": "s3" * 100},
        b"\x1b[2J" + b"\x00" * 10,
        {"message": "\x1b]0;title\x07 and \u202e more"},
    ],
)
def test_a_message_holds_little_of_a_body_and_nothing_that_a_terminal_obeys(body: object) -> None:
    error = status_error(reply(500, body, "Internal Server Error"), NOW)

    assert isinstance(error, ResponseStatusError)
    assert len(str(error)) <= len("500 Internal Server Error: ") + 200
    assert len(error.code or "") <= 200
    assert str(error).isprintable()
    assert "s3" not in str(error)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        (None, None),
        ("", None),
        ("0", 0.0),
        ("120", 120.0),
        (" 1.5 ", 1.5),
        ("-1", None),
        ("nan", None),
        ("inf", None),
        ("1e3", None),
        ("1_0", None),
        ("٣", None),
        ("soon", None),
        (str(YEAR_S), float(YEAR_S)),
        (str(YEAR_S + 1), None),
        ("9" * 400, None),
        ("9" * 5000, None),
        ("1700000060", None),
        ("Tue, 14 Nov 2023 22:14:20 GMT", 60.0),
        ("Tue, 14 Nov 2023 22:14:20 -0000", 60.0),
        ("Tuesday, 14-Nov-23 22:14:20 GMT", 60.0),
        ("Tue, 14 Nov 2023 23:14:20 +0100", 60.0),
        ("Tue, 14 Nov 2023 22:12:20 GMT", 0.0),
        ("Fri, 31 Dec 9999 23:59:59 GMT", None),
        ("Tue, 14 Nov 2023 22:14:20 +9999999999999999999999", None),
        ("Tue, 99 Nov 2023 22:14:20 GMT", None),
    ],
)
def test_a_wait_is_seconds_or_a_date(value: str | None, seconds: float | None) -> None:
    assert decode_retry_after(value, NOW) == seconds


@given(
    st.text() | st.from_regex(r"(Mon, )?\d+ (Jan|Xxx) \d+ \d+:\d+(:\d+)? [+-]?\w+", fullmatch=True)
)
def test_any_header_is_a_wait_or_none(value: str) -> None:
    seconds = decode_retry_after(value, NOW)

    assert seconds is None or 0 <= seconds <= YEAR_S


@given(
    st.integers(100, 599),
    st.binary()
    | st.recursive(
        st.none()
        | st.booleans()
        | st.integers()
        | st.floats(allow_nan=False, allow_infinity=False)
        | st.text(),
        lambda inner: (
            st.lists(inner)
            | st.dictionaries(
                st.sampled_from(["detail", "error", "message", "msg", "code", "clears_in"]), inner
            )
        ),
    ),
)
def test_any_body_is_an_error_or_none(status: int, body: object) -> None:
    error = status_error(reply(status, body), NOW)

    assert (error is None) == (200 <= status < 300)
    assert len(str(error or "")) <= 205
