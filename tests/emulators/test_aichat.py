"""Aichat's far side: one JSON endpoint behind a cookie."""

from typing import Any, NamedTuple
from urllib.parse import urlencode

import pytest
from tests.emulators.wire import AICHAT_COOKIE, aichat, exchange, post_json, request

from dragoman import emulators

NUMBERS = {"temperature": 1, "top_p": 1, "presence_penalty": 0, "frequency_penalty": 0}


async def test_it_echoes_in_one_piece() -> None:
    async with emulators.run("aichat") as emulator:
        reply = await exchange(emulator.url, aichat("User: hé\nAssistant:"))

        assert reply.json() == {"response": True, "message": "User: hé\nAssistant:"}
        assert reply.headers["content-type"] == "application/json"


async def test_it_answers_a_set_text() -> None:
    async with emulators.run("aichat", scenario={"answer": "as set"}) as emulator:
        assert (await exchange(emulator.url, aichat())).json()["message"] == "as set"


@pytest.mark.parametrize("cookie", ["a=b", "cf_clearance=old"])
async def test_without_the_cookie_it_refuses(cookie: str) -> None:
    async with emulators.run("aichat") as emulator:
        sent = aichat().replace(AICHAT_COOKIE.encode(), f"Cookie: {cookie}".encode())
        refused = await exchange(emulator.url, sent)
        emulator.scenario(refused_by="challenge")
        challenged = await exchange(emulator.url, sent)

        assert (refused.status, refused.json()["response"]) == (403, False)
        assert (challenged.status, challenged.headers["cf-mitigated"]) == (403, "challenge")


class Flag(NamedTuple):
    flag: object
    reply: dict[str, Any]


REFUSED = "the scenario refuses"
FLAGS = [
    Flag(True, {"response": True, "message": "one two three"}),
    Flag(False, {"response": False, "message": REFUSED}),
    Flag(None, {"response": None, "message": REFUSED}),
    Flag("", {"response": "", "message": REFUSED}),
    Flag("absent", {"message": REFUSED}),
    Flag("text", {"response": "one two three"}),
]


@pytest.mark.parametrize("case", FLAGS, ids=lambda case: repr(case.flag))
async def test_the_response_flag_has_many_forms(case: Flag) -> None:
    async with emulators.run("aichat", scenario={"response_flag": case.flag}) as emulator:
        assert (await exchange(emulator.url, aichat())).json() == case.reply


@pytest.mark.parametrize(
    ("field", "value"),
    [("message", 5), ("temperature", "1"), ("top_p", None), ("presence_penalty", True)],
)
async def test_a_wrong_field_is_refused_and_noted(field: str, value: object) -> None:
    async with emulators.run("aichat") as emulator:
        sent = post_json("/api/text", {"message": "hi", **NUMBERS, field: value}, AICHAT_COOKIE)
        reply = await exchange(emulator.url, sent)

        assert reply.status == 400
        assert field in reply.json()["message"]
        assert field in emulator.journal[0]["complaints"][0]


async def test_a_field_that_it_has_not_is_noted() -> None:
    async with emulators.run("aichat") as emulator:
        reply = await exchange(emulator.url, aichat(model="gpt-4"))

        assert reply.status == 200
        assert emulator.journal[0]["complaints"] == ["the service has no field 'model'"]


async def test_a_form_is_taken_and_text_is_not() -> None:
    form = urlencode({"message": "hi", **NUMBERS}).encode()
    async with emulators.run("aichat") as emulator:
        kinds = ("application/x-www-form-urlencoded", "text/plain")
        replies = [
            await exchange(
                emulator.url,
                request("POST", "/api/text", f"Content-Type: {kind}", AICHAT_COOKIE, body=form),
            )
            for kind in kinds
        ]

        assert [reply.status for reply in replies] == [200, 400]


async def test_it_may_ask_for_a_recaptcha() -> None:
    async with emulators.run("aichat", scenario={"recaptcha": True}) as emulator:
        without = await exchange(emulator.url, aichat())
        with_one = await exchange(emulator.url, aichat(recaptcha_token="by the user"))  # noqa: S106 - no password

        assert (without.json()["response"], with_one.json()["response"]) == (False, True)


async def test_other_paths_and_methods() -> None:
    async with emulators.run("aichat") as emulator:
        sent = [("GET", "/chat"), ("GET", "/api/text"), ("GET", "/else")]
        seen = [(await exchange(emulator.url, request(*one, AICHAT_COOKIE))).status for one in sent]

        assert seen == [200, 405, 404]


async def test_for_goes_by_the_cookie() -> None:
    scenario = {"status": 500, "for": "let-me-in"}
    async with emulators.run("aichat", scenario=scenario) as emulator:
        mine = await exchange(emulator.url, aichat())
        other = await exchange(emulator.url, post_json("/api/text", {}))

        assert (mine.status, other.status) == (500, 403)
