"""Aichat against its emulator: the one request, and every knob with what the client must do."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from msgspec import Struct

from dragoman import emulators
from dragoman.emulators.emulator import Emulator
from dragoman.errors import (
    AuthError,
    ChallengeError,
    ChatError,
    RateLimitError,
    ResponseError,
    ResponseStatusError,
    StreamTruncatedError,
    TimeoutError,
    TransportError,
)
from dragoman.messages import Messages
from dragoman.providers.web.aichat import Aichat
from dragoman.sessions.cookies import PROCESS_COOKIES, set_cookies

PROMPT = "Once upon a time there was \N{GRINNING FACE} a dragoman. שלום"
ASKED: Messages = [{"role": "user", "content": PROMPT}]
COOKIES = {"cf_clearance": "let-me-in"}


@pytest.fixture
async def site() -> AsyncIterator[Emulator[Any]]:
    async with emulators.run("aichat", scenario={}) as emulator:
        yield emulator


@pytest.fixture(autouse=True)
def _no_cookies_kept() -> Any:
    yield
    PROCESS_COOKIES.clear()


async def answer(emulator: Emulator[Any], **given: Any) -> str:
    keywords: dict[str, Any] = {"base_url": emulator.url, "cookies": COOKIES, "timeout": 5.0}
    return await Aichat.create_async("gpt-3.5-turbo", ASKED, **keywords | given)


async def failure(emulator: Emulator[Any], **given: Any) -> ChatError:
    with pytest.raises(ChatError) as caught:
        await answer(emulator, **given)
    return caught.value


async def test_one_post_is_all_there_is(site: Emulator[Any]) -> None:
    text = await answer(site, temperature=0.7, top_p=0)

    (entry,) = site.journal
    assert text == PROMPT
    assert (entry["method"], entry["path"], entry["complaints"]) == ("POST", "/api/text", [])
    assert entry["body"] == {
        "message": PROMPT,
        "temperature": 0.7,
        "presence_penalty": 0,
        "top_p": 0,
        "frequency_penalty": 0,
    }


async def test_history_and_system_message_are_in_the_prompt(site: Emulator[Any]) -> None:
    messages: Messages = [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "a"},
        {"role": "assistant", "content": "b"},
        {"role": "user", "content": "c"},
    ]

    text = await Aichat.create_async("", messages, base_url=site.url, cookies=COOKIES)

    assert text == "System: Be brief.\nUser: a\nAssistant: b\nUser: c\nAssistant:"


async def test_kept_cookies_are_taken_where_none_are_passed(site: Emulator[Any]) -> None:
    set_cookies("127.0.0.1", COOKIES)

    assert await answer(site, cookies=None) == PROMPT


async def test_cookies_of_another_site_are_not_taken(site: Emulator[Any]) -> None:
    set_cookies("chat-gpt.org", COOKIES)

    error = await failure(site, cookies=None)

    assert isinstance(error, AuthError)
    assert site.journal == []


async def test_a_cookie_file_is_taken(
    site: Emulator[Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "cookies.txt"
    row = "127.0.0.1\tFALSE\t/\tFALSE\t0\tcf_clearance\tlet-me-in\n"
    path.write_text(f"# Netscape HTTP Cookie File\n{row}")
    path.chmod(0o600)
    monkeypatch.setenv("DRAGOMAN_COOKIES", str(path))

    assert await answer(site, cookies={}) == PROMPT


async def test_without_cookies_nothing_is_sent(site: Emulator[Any]) -> None:
    with pytest.raises(RuntimeError, match="no cookies"):
        await answer(site, cookies=None)

    assert site.journal == []


async def test_an_installation_may_want_no_cookies(site: Emulator[Any]) -> None:
    error = await failure(site, cookies=None, cookies_required="no")

    assert "the site refused the cookies (none)" in str(error)
    assert len(site.journal) == 1


async def test_an_installations_token_is_sent(site: Emulator[Any]) -> None:
    site.scenario({"recaptcha": True})

    assert await answer(site, **{"recaptcha_token": "mine"}) == PROMPT
    assert "mine" in site.journal[0]["body"].values()


async def test_the_environment_names_the_installation(
    site: Emulator[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DRAGOMAN_AICHAT_BASE_URL", site.url)

    assert await Aichat.create_async("", ASKED, cookies=COOKIES) == PROMPT


def test_synchronous_callers_get_the_answer(dragoman_emulator: Any) -> None:
    emulator = dragoman_emulator("aichat")

    pieces = Aichat.create_completion("", ASKED, base_url=emulator.url, cookies=COOKIES)

    assert list(pieces) == [PROMPT]


ANSWERS: list[dict[str, Any]] = [
    {"response_flag": True},
    {"response_flag": "text"},
    {"split": 1},
    {"split": "all"},
    {"encoding": "gzip"},
    {"encoding": "deflate"},
    {"encoding": "br"},
    {"slow": {"before_headers_s": 0.05, "before_first_s": 0.05}},
    {"connection": "close_after_reply"},
    {"cut": {"after_events": 1, "how": "end"}},
]


@pytest.mark.parametrize("scenario", ANSWERS, ids=str)
async def test_the_answer_arrives_whole(scenario: dict[str, Any], site: Emulator[Any]) -> None:
    site.scenario(scenario)

    assert await answer(site) == PROMPT


async def test_unicode_stays_text(site: Emulator[Any]) -> None:
    site.scenario({"unicode": True})

    text = await answer(site)

    assert {"\u2028", "\x85", "\x00"} <= set(text)


@pytest.mark.parametrize("size", [66_560, 204_800, 4_194_304])
async def test_a_long_answer_is_an_answer(size: int, site: Emulator[Any]) -> None:
    site.scenario({"long_line": size})

    assert len(await answer(site)) >= size - len(PROMPT)


class Fault(Struct):
    name: str
    scenario: dict[str, Any]
    error: type[ChatError]
    says: str = ""
    keywords: dict[str, Any] = {}


FAULTS = [
    *(Fault(f"response {flag!r}", {"response_flag": flag}, ResponseError, "the scenario refuses")
      for flag in (False, None, "", "absent")),
    Fault("recaptcha", {"recaptcha": True}, ResponseError, "recaptcha_token"),
    Fault("wrong cookies", {}, AuthError, "cf_clearance", {"cookies": {"cf_clearance": "no"}}),
    Fault("wrong cookies, challenge", {"refused_by": "challenge"}, ChallengeError, "",
          {"cookies": {"cf_clearance": "no"}}),
    *(Fault(f"challenge {number}", {"challenge": challenge}, ChallengeError)
      for number, challenge in enumerate(({}, {"status": 503}, {"status": 200},
          {"status": 200, "cf_mitigated": False}, {"status": 403, "cf_mitigated": False},
          {"coding": "br"}, {"status": 200, "cf_mitigated": False, "coding": "br"}))),
    *(Fault(f"page {kind}", {"html_instead": kind}, ResponseError, "HTML")
      for kind in (True, "login", "maintenance")),
    *(Fault(f"nothing: {body}", {"empty_body": body}, ResponseError)
      for body in (True, "0", 204)),
    *(Fault(f"{status} as {body}", {"status": status, "status_body": body}, error, str(status))
      for status, error in ((404, ResponseStatusError), (429, RateLimitError),
                            (500, ResponseStatusError), (502, ResponseStatusError))
      for body in ("dialect", "json", "html", "text", "empty")),
    *(Fault(f"401 as {body}", {"status": 401, "status_body": body}, AuthError, "cookies")
      for body in ("dialect", "html", "empty")),
    Fault("a redirect", {"redirect": {}}, ResponseStatusError, "302"),
    *(Fault(f"malformed {kind}", {"malformed": {"kind": kind}}, ResponseError)
      for kind in ("json", "utf8", "not_object", "nan", "lone_surrogate")),
    *(Fault(f"cut: {how}", {"cut": {"after_bytes": 20, "how": how}}, StreamTruncatedError)
      for how in ("fin", "rst", "length_too_long")),
    Fault("cut, with a proper end", {"cut": {"after_bytes": 20, "how": "end"}}, ResponseError),
    Fault("stall", {"stall": {"headers": False}}, TimeoutError, "", {"timeout": 0.3}),
    Fault("stall in the body", {"stall": {"after_events": 0}}, TimeoutError, "",
          {"timeout": 0.3}),
    Fault("a coding by a wrong name", {"encoding": {"coding": "gzip", "header": "br"}},
          ResponseError),
    Fault("20 MiB", {"long_line": 20 * 1024 * 1024}, ResponseError, "longer than"),
    Fault("reset", {"connection": "reset"}, TransportError),
    Fault("closed", {"connection": "close"}, TransportError),
]  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
async def test_what_is_no_answer_is_one_error_after_one_request(
    fault: Fault, site: Emulator[Any]
) -> None:
    site.scenario(fault.scenario)

    error = await failure(site, **fault.keywords)

    assert type(error) is fault.error
    assert fault.says in str(error)
    assert str(error).startswith("aichat at 127.0.0.1: chat: ")
    assert len(str(error)) < 400
    assert "let-me-in" not in f"{error!r} {error} {error.hint}"
    assert len(site.journal) == 1


@pytest.mark.parametrize(("sent", "expect"), [(7, 7.0), ("soon", None), (None, None)])
async def test_retry_after_is_carried_and_not_slept(
    sent: object, expect: float | None, site: Emulator[Any]
) -> None:
    site.scenario({"status": 429, "retry_after": sent})

    error = await failure(site)

    assert isinstance(error, RateLimitError)
    assert error.retry_after == expect


async def test_a_cancelled_call_closes_the_connection(site: Emulator[Any]) -> None:
    site.scenario({"stall": {"headers": False}})
    task = asyncio.create_task(answer(site))
    await site.wait_until(lambda emulator: emulator.answers == 1)

    task.cancel()

    with pytest.raises(asyncio.CancelledError):
        await task
    await site.wait_closed()
