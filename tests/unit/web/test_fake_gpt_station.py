"""Logging in to a shared station: every reply to its three steps, without a socket."""

from collections.abc import Sequence
from urllib.parse import parse_qs

import pytest
from msgspec import Struct
from tests.unit.web.fake_gpt_kit import (
    BASE,
    NOW,
    bearer,
    call,
    drive,
    jwt,
    loads,
    logged_in,
    made,
    reply,
    session,
)

from dragoman.account import Account
from dragoman.errors import (
    AuthError,
    ChallengeError,
    ChatError,
    HandshakeError,
    RateLimitError,
    ResponseError,
    ResponseStatusError,
)
from dragoman.providers.call import Step
from dragoman.providers.web.fake_gpt_station import log_in
from dragoman.wire.http import HttpReply

HTML = "text/html; charset=utf-8"


def names(steps: Sequence[Step]) -> list[str]:
    return [step.name for step in steps]


def fields(step: Step) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(step.request.body.decode()).items()}


def account(step: Step) -> str:
    return fields(step)["token_key"]


def test_a_login_is_three_requests() -> None:
    steps, login = drive(log_in(call()), [loads("a"), logged_in(sid="1"), session("tok")])

    assert [(step.name, step.request.method, step.request.url) for step in steps] == [
        ("loads", "GET", f"{BASE}/api/loads?t={int(NOW)}"),
        ("login", "POST", f"{BASE}/auth/login"),
        ("session", "GET", f"{BASE}/api/auth/session"),
    ]
    assert login == made("tok", "a", sid="1")


def test_the_login_is_a_form_with_the_account_and_a_password_of_its_own() -> None:
    first, _ = drive(log_in(call()), [loads("a"), logged_in(), session()])
    second, _ = drive(log_in(call()), [loads("a"), logged_in(), session()])

    one, two = fields(first[1]), fields(second[1])
    assert first[1].request.headers == {"Content-Type": "application/x-www-form-urlencoded"}
    assert account(first[1]) == "a"
    assert set(one) == {"token_key", "session_password"}
    assert len(one["session_password"]) == 32
    assert one["session_password"] != two["session_password"]


def test_the_callers_cookies_and_those_of_each_reply_travel_together() -> None:
    own = Account.of(cookies={"mine": "0"})
    replies = [
        reply(200, {"loads": [{"token_id": "a", "count": 0}]}, cookies={"load": "1"}),
        logged_in(sid="2"),
        reply(200, {"accessToken": "tok"}, cookies={"more": "3"}),
    ]

    steps, login = drive(log_in(call(own)), replies)

    assert [dict(step.request.cookies) for step in steps] == [
        {"mine": "0"},
        {"mine": "0", "load": "1"},
        {"mine": "0", "load": "1", "sid": "2"},
    ]
    assert login.cookies == {"mine": "0", "load": "1", "sid": "2", "more": "3"}


def test_a_dead_accounts_cookies_do_not_go_to_the_next() -> None:
    replies = [loads("a", "b"), logged_in(sid="dead"), reply(200, {}), logged_in(), session()]

    steps, login = drive(log_in(call()), replies)

    assert dict(steps[3].request.cookies) == {}
    assert login.cookies == {}
    assert login.tried == ("a", "b")


def test_the_least_busy_accounts_come_first_and_equals_in_random_order() -> None:
    rows = [
        {"token_id": name, "count": count} for name, count in zip("abcd", (9, 1, 1, 5), strict=True)
    ]
    first = set()
    for _ in range(60):
        steps, _ = drive(log_in(call()), [reply(200, {"loads": rows}), logged_in(), session()])
        first.add(account(steps[1]))

    assert first == {"b", "c"}


def test_a_jwt_is_stale_a_minute_before_its_end() -> None:
    token = jwt({"exp": NOW + 3600})

    _, login = drive(log_in(call()), [loads("a"), logged_in(), session(token)])

    assert login.expires_at == NOW + 3540


@pytest.mark.parametrize(
    "token",
    [jwt({"exp": NOW - 5}), jwt({"exp": NOW + 30}), jwt({}), "fk-share"],
    ids=["past", "inside the minute", "no exp", "no JWT"],
)
def test_an_end_that_is_past_or_not_known_is_left_to_the_service(token: str) -> None:
    _, login = drive(log_in(call()), [loads("a"), logged_in(), session(token)])

    assert login.expires_at is None


@pytest.mark.parametrize(
    ("token", "expires", "stale"),
    [
        ("fk-share", "2023-11-14T23:13:20.000Z", NOW + 3540),
        ("fk-share", "2023-11-14T23:13:20", NOW + 3540),
        (jwt({}), "2023-11-15T00:13:20+01:00", NOW + 3540),
        (jwt({"exp": NOW + 7200}), "2023-11-14T23:13:20Z", NOW + 7140),
        (jwt({"exp": NOW - 5}), "2023-11-14T23:13:20Z", None),
        ("fk-share", "2023-11-14T22:14:00Z", None),
        ("fk-share", "2023-11-14T22:00:00Z", None),
        ("fk-share", "soon", None),
        ("fk-share", 1_800_000_000, None),
    ],
    ids=[
        "of a token that is no JWT",
        "without a zone: UTC",
        "of a JWT without an end, in another zone",
        "the JWT's own comes first",
        "the JWT's own is past",
        "inside the minute",
        "past",
        "no time",
        "a number",
    ],
)
def test_the_session_says_the_end_of_a_token_that_does_not(
    token: str, expires: object, stale: float | None
) -> None:
    _, login = drive(log_in(call()), [loads("a"), logged_in(), session(token, expires)])

    assert login.expires_at == stale


def test_a_station_may_want_the_password_as_a_cookie() -> None:
    asked = call(Account.of(settings={"password_cookie": "yes"}))
    replies = [loads("a", "b"), reply(400, b""), logged_in(sid="1"), session()]

    steps, login = drive(log_in(asked), replies)

    assert dict(steps[1].request.cookies) == {
        "session_password": fields(steps[1])["session_password"]
    }
    password = fields(steps[2])["session_password"]
    assert dict(steps[2].request.cookies) == {"session_password": password}
    assert dict(steps[3].request.cookies) == {"session_password": password, "sid": "1"}
    assert login.cookies == {"session_password": password, "sid": "1"}


class Dead(Struct):
    name: str
    replies: list[HttpReply]


DEAD = [
    Dead("login says 400", [reply(200, b"400", kind="text/plain")]),
    Dead("login says 400 in words", [reply(200, b"error 400: bad key", kind="text/html")]),
    Dead("login says 400 as JSON", [reply(200, 400)]),
    Dead("login status 400", [reply(400, {"detail": "x"})]),
    Dead("login status 401", [reply(401, b"")]),
    Dead("login status 404", [reply(404, b"not found", kind="text/plain")]),
    Dead("login status 403 about the account", [reply(403, {"detail": "account deactivated"})]),
    Dead("login code 500", [reply(200, {"code": 500, "message": "Invalid access token: x"})]),
    Dead("session {}", [logged_in(), reply(200, {})]),
    Dead("session without a token", [logged_in(), reply(200, {"accessToken": None})]),
    Dead("session with a wrong type", [logged_in(), reply(200, {"accessToken": ["x"]})]),
    Dead("session 401", [logged_in(), reply(401, {"detail": "x"})]),
    Dead(
        "a login page that names a 400, then {}",
        [reply(200, b"<html style='font-weight:400'>wrong key", kind=HTML), reply(200, {})],
    ),
]


@pytest.mark.parametrize("dead", DEAD, ids=lambda dead: dead.name)
def test_a_dead_account_makes_room_for_the_next(dead: Dead) -> None:
    steps, login = drive(log_in(call()), [loads("a", "b"), *dead.replies, logged_in(), session()])

    assert names(steps)[-2:] == ["login", "session"]
    assert account(steps[-2]) == "b"
    assert login.tried == ("a", "b")


ALIVE = [
    ("redirect", logged_in()),
    ("a page", reply(200, b"<html>400 chats</html>", kind=HTML)),
    ("nothing", reply(200, b"")),
    ("204", reply(204, b"")),
    ("code 0", reply(200, {"code": 0, "url": "/"})),
    ("other JSON", reply(200, [1])),
    ("text", reply(200, b"welcome", kind="text/plain")),
]


@pytest.mark.parametrize("login", [row[1] for row in ALIVE], ids=[row[0] for row in ALIVE])
def test_what_does_not_say_that_the_account_is_dead_is_decided_by_the_session(
    login: HttpReply,
) -> None:
    _, entered = drive(log_in(call()), [loads("a", "b"), login, session()])

    assert entered.tried == ("a",)


def test_a_station_without_a_session_step_gives_its_token_as_a_cookie() -> None:
    replies = [loads("a"), logged_in(credential="cred"), reply(404, b"", kind="text/plain")]

    _, login = drive(log_in(call()), replies)

    assert bearer(login) == "cred"


class Fault(Struct):
    name: str
    replies: list[HttpReply]
    error: type[ChatError]
    says: str = ""
    hint: str | None = None


CHALLENGE = reply(403, b"<title>Just a moment...</title>", kind=HTML)
FAULTS = [
    Fault("no loads", [reply(200, {"loads": []})], HandshakeError, "no shared account"),
    Fault("loads missing", [reply(200, {"x": 1})], HandshakeError, "no shared account"),
    Fault("loads of a wrong type", [reply(200, {"loads": {"a": 1}})], HandshakeError),
    Fault(
        "rows of wrong types",
        [reply(200, {"loads": [1, {}, {"token_id": 7}, {"token_id": ""}]})],
        HandshakeError,
    ),
    Fault("loads no JSON", [reply(200, b"oops", kind="text/plain")], HandshakeError, "no shared"),
    Fault("loads a page", [reply(200, b"<html>", kind=HTML)], ResponseError, "HTML instead"),
    Fault("loads empty", [reply(200, b" ")], ResponseError, "empty reply"),
    Fault("loads 429", [reply(429, {"detail": {"clears_in": 9}})], RateLimitError),
    Fault("loads 500", [reply(500, b"Internal Server Error")], ResponseStatusError, "500"),
    Fault("loads 404", [reply(404, b"")], ResponseStatusError, "404", "dialect=talk"),
    Fault(
        "loads of open Pandora",
        [reply(500, {"code": 404, "message": "404 Not Found"})],
        ResponseStatusError,
        "500",
        "dialect=talk",
    ),
    Fault("loads challenge", [CHALLENGE], ChallengeError),
    Fault("login 429", [loads("a"), reply(429, b"")], RateLimitError),
    Fault("login 500", [loads("a"), reply(500, b"Internal Server Error")], ResponseStatusError),
    Fault("login challenge", [loads("a"), CHALLENGE], ChallengeError),
    Fault("session page", [loads("a"), logged_in(), reply(200, b"<p>", kind=HTML)], ResponseError),
    Fault("session empty", [loads("a"), logged_in(), reply(200, b"")], ResponseError, "empty"),
    Fault("session 0", [loads("a"), logged_in(), reply(200, b"0")], ResponseError, "no object"),
    Fault("session no JSON", [loads("a"), logged_in(), reply(200, b"{")], ResponseError),
    Fault("session 404", [loads("a"), logged_in(), reply(404, b"")], ResponseStatusError, "404"),
    Fault("session 500", [loads("a"), logged_in(), reply(500, b"")], ResponseStatusError, "500"),
    Fault("session 429", [loads("a"), logged_in(), reply(429, b"")], RateLimitError),
    Fault(
        "session of open Pandora",
        [
            loads("a"),
            logged_in(),
            reply(200, {"accessToken": "secret"}, headers={"x-server": "pandora/1.3.5"}),
        ],
        HandshakeError,
        "talk",
        "dialect=talk",
    ),
    Fault(
        "a token that breaks out of its header",
        [loads("a"), logged_in(), session("a\r\nX-Evil: 1")],
        ResponseError,
    ),
    Fault(
        "a cookie that breaks out of its header",
        [loads("a"), logged_in(credential="a b"), reply(404, b"")],
        ResponseError,
    ),
    Fault("one dead account", [loads("a"), reply(400, b"")], AuthError, "no live shared account"),
    Fault(
        "three dead accounts of four",
        [loads(*"abcd"), reply(400, b""), reply(400, b""), reply(400, b"")],
        AuthError,
        "3 tried",
    ),
]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_what_is_no_login_is_an_error(fault: Fault) -> None:
    with pytest.raises(fault.error) as caught:
        drive(log_in(call()), fault.replies)

    assert type(caught.value) is fault.error
    assert fault.says in str(caught.value)
    assert (fault.hint or "") in (caught.value.hint or "")


def test_an_account_called_secret_is_a_token_like_any_other_on_another_server() -> None:
    _, login = drive(log_in(call()), [loads("a"), logged_in(), session("secret")])

    assert bearer(login) == "secret"


def test_spent_accounts_are_not_taken_again_and_count() -> None:
    with pytest.raises(AuthError, match="3 tried"):
        drive(log_in(call(), spent=("a", "b")), [loads(*"abcd"), reply(400, b"")])


def test_a_new_login_after_a_spent_one_takes_another_account() -> None:
    steps, login = drive(log_in(call(), spent=("a",)), [loads("a", "b"), logged_in(), session()])

    assert account(steps[1]) == "b"
    assert login.tried == ("a", "b")


def test_the_last_resort_is_taken_only_where_there_is_no_other() -> None:
    replies = [loads("a"), logged_in(), session()]

    steps, _ = drive(log_in(call(), spent=("a",), last_resort="a"), replies)

    assert account(steps[1]) == "a"


def test_no_secret_shows_in_a_repr() -> None:
    steps, login = drive(log_in(call()), [loads("a"), logged_in(sid="cookie1"), session("tok1")])

    shown = f"{login!r} {steps!r}"
    assert "tok1" not in shown
    assert "cookie1" not in shown
    assert fields(steps[1])["session_password"] not in shown
