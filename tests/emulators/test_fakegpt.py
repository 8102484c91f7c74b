"""FakeGPT's far side, dialects `station` and `token`: handshake, checks, stream."""

import base64
import json
import time
from typing import Any, NamedTuple
from urllib.parse import urlencode
from uuid import UUID

import pytest
from tests.emulators.wire import (
    conversation,
    exchange,
    growth,
    post_json,
    request,
)

from dragoman import emulators

LOADS = request("GET", "/api/loads?t=1700000000")
Running = emulators.Emulator[Any]


def login(account: str, password: str = "pw") -> bytes:  # noqa: S107 - no secret
    form = urlencode({"token_key": account, "session_password": password}).encode()
    kind = "Content-Type: application/x-www-form-urlencoded"
    return request("POST", "/auth/login", kind, body=form)


def session(cookie: str) -> bytes:
    return request("GET", "/api/auth/session", f"Cookie: {cookie}")


def with_cookie(sent: bytes, cookie: str) -> bytes:
    return sent.replace(b"\r\n\r\n", f"\r\nCookie: {cookie}\r\n\r\n".encode(), 1)


async def handshake(emulator: Running, number: int = 0, password: str = "pw") -> tuple[str, str]:  # noqa: S107 - no secret
    """The cookie and the token of one account."""
    loads = (await exchange(emulator.url, LOADS)).json()["loads"]
    logged_in = await exchange(emulator.url, login(loads[number]["token_id"], password))
    cookie = logged_in.headers["set-cookie"].partition(";")[0]
    answered = await exchange(emulator.url, session(cookie))
    return cookie, answered.json()["accessToken"]


async def test_the_handshake_leads_to_an_answer_without_a_complaint() -> None:
    async with emulators.run("fakegpt") as emulator:
        cookie, token = await handshake(emulator)
        reply = await exchange(emulator.url, with_cookie(conversation(bearer=token), cookie))

        assert growth(reply.text)[-1] == "one two three"
        assert reply.headers["content-type"] == "text/event-stream; charset=utf-8"
        assert [entry["complaints"] for entry in emulator.journal] == [[]] * 4


async def test_loads_show_the_least_used_first_and_rise_with_a_login() -> None:
    async with emulators.run("fakegpt") as emulator:
        before = (await exchange(emulator.url, LOADS)).json()["loads"]
        await handshake(emulator)
        after = (await exchange(emulator.url, LOADS)).json()["loads"]
        emulator.scenario(clock_s=100)
        decayed = (await exchange(emulator.url, LOADS)).json()["loads"]

        assert [load["count"] for load in before] == [0, 10, 20]
        assert {len(load["token_id"]) for load in before} == {32}
        assert [load["count"] for load in after] == [1, 10, 20]
        assert decayed == before


async def test_a_login_redirects_with_a_guarded_cookie() -> None:
    async with emulators.run("fakegpt") as emulator:
        loads = (await exchange(emulator.url, LOADS)).json()["loads"]

        reply = await exchange(emulator.url, login(loads[0]["token_id"]))

        assert (reply.status, reply.headers["location"]) == (302, "/")
        assert reply.headers["set-cookie"].endswith("; Path=/; HttpOnly; SameSite=Lax")


async def test_the_session_tells_the_tokens_true_end() -> None:
    async with emulators.run("fakegpt", scenario={"token_expire": {"lifetime_s": 60}}) as emulator:
        _, token = await handshake(emulator)

        claims = json.loads(base64.urlsafe_b64decode(token.split(".")[1] + "=="))

        assert abs(claims["exp"] - time.time() - 60) < 5


async def test_a_session_without_a_login_is_empty() -> None:
    async with emulators.run("fakegpt") as emulator:
        without = await exchange(emulator.url, session("a=b"))
        stolen = await exchange(emulator.url, session("session=stolen"))

        assert without.json() == stolen.json() == {}
        assert [len(entry["complaints"]) for entry in emulator.journal] == [0, 1]


async def test_accounts_are_dead_where_the_scenario_says() -> None:
    pool = {"accounts": ["login", "session", "chat", "alive"]}
    async with emulators.run("fakegpt", scenario={"pool": pool}) as emulator:
        loads = (await exchange(emulator.url, LOADS)).json()["loads"]
        seen: list[object] = []
        for load in loads:
            logged_in = await exchange(emulator.url, login(load["token_id"]))
            cookie = logged_in.headers.get("set-cookie", "").partition(";")[0]
            if not cookie:
                seen.append((logged_in.status, logged_in.text))
                continue
            token = (await exchange(emulator.url, session(cookie))).json().get("accessToken")
            if not token:
                seen.append("no token")
                continue
            chat = await exchange(emulator.url, with_cookie(conversation(bearer=token), cookie))
            seen.append(chat.status)

        assert seen == [(200, "400"), "no token", 401, 200]


async def test_a_pool_may_be_empty() -> None:
    async with emulators.run("fakegpt", scenario={"pool": {"accounts": []}}) as emulator:
        assert (await exchange(emulator.url, LOADS)).json() == {"loads": []}


class Login(NamedTuple):
    shape: str
    status: int
    body: str


LOGINS = [
    Login("html", 200, "this account cannot log in"),
    Login("400", 200, "400"),
    Login("code_500", 200, '{"code":500,'),
    Login("429", 429, "Too many requests"),
]


@pytest.mark.parametrize("case", LOGINS, ids=lambda case: case.shape)
async def test_a_login_fails_in_many_shapes(case: Login) -> None:
    async with emulators.run("fakegpt", scenario={"login_shape": case.shape}) as emulator:
        loads = (await exchange(emulator.url, LOADS)).json()["loads"]

        reply = await exchange(emulator.url, login(loads[0]["token_id"]))

        assert reply.status == case.status
        assert case.body in reply.text
        assert "set-cookie" not in reply.headers


@pytest.mark.parametrize("sent", [login("unknown"), post_json("/auth/login", {"token_key": "x"})])
async def test_a_bad_login_looks_like_a_page(sent: bytes) -> None:
    async with emulators.run("fakegpt") as emulator:
        reply = await exchange(emulator.url, sent)

        assert (reply.status, reply.headers["content-type"]) == (200, "text/html; charset=UTF-8")


async def test_the_session_has_other_shapes() -> None:
    async with emulators.run("fakegpt", scenario={"session_shape": "credential"}) as emulator:
        loads = (await exchange(emulator.url, LOADS)).json()["loads"]
        logged_in = await exchange(emulator.url, login(loads[0]["token_id"]))
        missing = await exchange(emulator.url, session("session=session-1"))
        credential = logged_in.headers["set-cookie"].partition(";")[0].removeprefix("credential=")
        chat = await exchange(emulator.url, conversation(bearer=credential))
        emulator.scenario(session_shape="empty")
        empty = await exchange(emulator.url, session("a=b"))
        emulator.scenario(session_shape="secret")
        secret = await exchange(emulator.url, session("a=b"))

        assert (missing.status, chat.status, empty.json()) == (404, 200, {})
        assert secret.json()["accessToken"] == "secret"
        assert secret.headers["x-server"] == "pandora/1.3.5"


async def refused_chat(emulator: Running, bearer: str) -> tuple[int, str]:
    reply = await exchange(emulator.url, conversation(bearer=bearer))
    return reply.status, reply.json()["detail"]["code"] if reply.status != 200 else ""


async def test_a_token_is_good_for_n_chats() -> None:
    async with emulators.run("fakegpt", scenario={"token_expire": {"uses": 2}}) as emulator:
        _, token = await handshake(emulator)
        seen = [await refused_chat(emulator, token) for _ in range(3)]
        _, fresh = await handshake(emulator, 1)

        assert seen == [(200, ""), (200, ""), (401, "token_expired")]
        assert await refused_chat(emulator, fresh) == (200, "")


async def test_a_token_dies_with_its_time() -> None:
    async with emulators.run("fakegpt", scenario={"token_expire": {"lifetime_s": -1}}) as emulator:
        _, token = await handshake(emulator)

        assert await refused_chat(emulator, token) == (401, "token_expired")


async def test_a_token_may_be_no_jwt() -> None:
    async with emulators.run("fakegpt", scenario={"token_expire": {"jwt": False}}) as emulator:
        _, token = await handshake(emulator)

        assert token.startswith("fk-")
        assert await refused_chat(emulator, token) == (200, "")


async def test_no_token_is_a_401() -> None:
    async with emulators.run("fakegpt") as emulator:
        assert await refused_chat(emulator, "") == (401, "invalid_token")


async def test_the_standard_header_will_do() -> None:
    async with emulators.run("fakegpt") as emulator:
        sent = conversation().replace(b"X-Authorization", b"Authorization")

        assert (await exchange(emulator.url, sent)).status == 200


class Wrong(NamedTuple):
    name: str
    fields: dict[str, Any]
    field: str


GOOD_MESSAGE = {
    "id": str(UUID(int=1)),
    "author": {"role": "user"},
    "content": {"content_type": "text", "parts": ["hi"]},
}
WRONG = [
    Wrong("an unknown action", {"action": "talk"}, "action"),
    Wrong("no message", {"messages": []}, "messages"),
    Wrong("two messages", {"messages": [GOOD_MESSAGE] * 2}, "messages"),
    Wrong("an id that is none", {"messages": [{**GOOD_MESSAGE, "id": "1"}]}, "id"),
    Wrong("another role", {"messages": [{**GOOD_MESSAGE, "author": {}}]}, "author"),
    Wrong("no text", {"messages": [{**GOOD_MESSAGE, "content": {"parts": []}}]}, "content"),
    Wrong("a parent that is none", {"parent_message_id": "x"}, "parent_message_id"),
    Wrong("a conversation that is none", {"conversation_id": 5}, "conversation_id"),
    Wrong("no model", {"model": None}, "model"),
]


@pytest.mark.parametrize("case", WRONG, ids=lambda case: case.name)
async def test_a_wrong_chat_is_a_422_and_noted(case: Wrong) -> None:
    async with emulators.run("fakegpt") as emulator:
        reply = await exchange(emulator.url, conversation(**case.fields))

        assert reply.status == 422
        assert case.field in [one["loc"][1] for one in reply.json()["detail"]]
        assert len(emulator.journal[0]["complaints"]) == len(reply.json()["detail"])


async def test_a_new_talk_may_have_no_parent() -> None:
    async with emulators.run("fakegpt") as emulator:
        assert (await exchange(emulator.url, conversation(parent_message_id=None))).status == 200


@pytest.mark.parametrize("status", [404, 422])
async def test_an_unknown_model_is_refused(status: int) -> None:
    async with emulators.run("fakegpt", scenario={"unknown_model": status}) as emulator:
        assert (await exchange(emulator.url, conversation(model="gpt-9"))).status == status


async def test_every_model_of_the_list_answers() -> None:
    async with emulators.run("fakegpt") as emulator:
        listed = (await exchange(emulator.url, request("GET", "/api/models"))).json()
        slugs = [model["slug"] for model in listed["models"]]

        statuses = [
            (await exchange(emulator.url, conversation(model=slug))).status for slug in slugs
        ]

        assert "mock-model" in slugs
        assert listed["categories"][0]["default_model"] == "text-davinci-002-render-sha"
        assert set(statuses) == {200}


@pytest.mark.parametrize(
    ("refusal", "status"),
    [
        ("unusual_activity", 403),
        ("account", 403),
        ("not_found", 404),
        ("too_long", 413),
        ("validation", 422),
        ("hour_limit", 429),
        ("one_message", 429),
        ("clears_in", 429),
    ],
)
async def test_the_chat_is_refused_in_many_ways(refusal: str, status: int) -> None:
    async with emulators.run("fakegpt", scenario={"refusal": refusal}) as emulator:
        reply = await exchange(emulator.url, conversation())

        assert reply.status == status
        assert reply.json()["detail"]


async def test_a_fourth_chat_within_ten_seconds_is_too_many() -> None:
    async with emulators.run("fakegpt", scenario={"rate_limit": True}) as emulator:
        seen = [(await exchange(emulator.url, conversation())).status for _ in range(4)]

        assert seen == [200, 200, 200, 429]


async def test_a_web_socket_may_be_offered_instead() -> None:
    async with emulators.run("fakegpt", scenario={"wss": True}) as emulator:
        assert "wss_url" in (await exchange(emulator.url, conversation())).json()


async def test_the_same_pair_of_account_and_password_has_the_same_talks() -> None:
    async with emulators.run("fakegpt") as emulator:
        _, first = await handshake(emulator, password="mine")  # noqa: S106 - no secret
        listed = conversation(bearer=first, history_and_training_disabled=False)
        await exchange(emulator.url, listed)
        _, again = await handshake(emulator, password="mine")  # noqa: S106 - no secret
        _, other = await handshake(emulator, password="else")  # noqa: S106 - no secret

        totals = [
            (await exchange(emulator.url, asked("/api/conversations", token))).json()["total"]
            for token in (first, again, other)
        ]

        assert totals == [1, 1, 0]


def asked(path: str, token: str) -> bytes:
    return request("GET", path, f"Authorization: Bearer {token}")


def complaints(emulator: Running) -> list[str]:
    return [said for entry in emulator.journal for said in entry["complaints"]]


async def test_a_cache_buster_that_is_no_time_is_noted() -> None:
    async with emulators.run("fakegpt") as emulator:
        await exchange(emulator.url, request("GET", "/api/loads?t=1.5"))

        assert "whole seconds" in complaints(emulator)[0]


async def test_a_followed_redirect_is_noted() -> None:
    async with emulators.run("fakegpt") as emulator:
        await exchange(emulator.url, request("GET", "/", "Cookie: session=session-1"))

        assert "redirect" in complaints(emulator)[0]


async def test_a_third_attempt_is_noted() -> None:
    async with emulators.run("fakegpt", scenario={"token_expire": {"uses": 0}}) as emulator:
        for number in range(3):
            await exchange(emulator.url, conversation(number=number))

        assert [len(entry["complaints"]) for entry in emulator.journal] == [0, 0, 1]
        assert "third attempt" in complaints(emulator)[0]


async def test_a_replayed_message_is_noted() -> None:
    async with emulators.run("fakegpt") as emulator:
        for _ in range(2):
            await exchange(emulator.url, conversation())

        assert "again" in complaints(emulator)[0]


@pytest.mark.parametrize(("cookie", "said"), [("a=b", "missing"), ("session=x", "another")])
async def test_the_cookie_of_another_session_is_noted(cookie: str, said: str) -> None:
    async with emulators.run("fakegpt") as emulator:
        _, token = await handshake(emulator)
        await exchange(emulator.url, with_cookie(conversation(bearer=token), cookie))

        assert said in complaints(emulator)[0]


async def test_dialect_token_has_the_conversation_alone() -> None:
    async with emulators.run("fakegpt", scenario={"dialect": "token"}) as emulator:
        other_prefix = conversation().replace(b"/api/", b"/backend-api/", 1)
        replies = [
            await exchange(emulator.url, sent) for sent in (conversation(), other_prefix, LOADS)
        ]

        assert [reply.status for reply in replies] == [200, 200, 404]
