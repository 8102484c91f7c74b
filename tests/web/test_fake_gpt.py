"""FakeGpt against its emulator: the sequence, and every knob with what the client must do."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Any

import pytest
from msgspec import Struct
from tests.web.fake_gpt_visit import ASKED, CHAT, LOGIN, PROMPT, answer, complaints, failure, paths

from dragoman import emulators
from dragoman.emulators.emulator import Emulator
from dragoman.errors import (
    RateLimitError,
    TransportError,
)
from dragoman.providers.web.fake_gpt import FakeGpt


@pytest.fixture
async def station() -> AsyncIterator[Emulator[Any]]:
    async with emulators.run("fakegpt", scenario={}) as emulator:
        yield emulator


async def test_a_login_is_made_once_and_serves_the_calls_after_it(station: Emulator[Any]) -> None:
    first = await answer(station)
    second = await answer(station, model="gpt-4")

    assert (first, second) == (PROMPT, PROMPT)
    assert paths(station) == [*LOGIN, CHAT, CHAT]
    assert complaints(station) == []


async def test_the_items_are_deltas_and_none_is_empty(station: Emulator[Any]) -> None:
    generator = FakeGpt().create_async_generator("gpt-3.5-turbo", ASKED, base_url=station.url)

    async with aclosing(generator) as texts:
        items = [text async for text in texts]

    assert len(items) > 3
    assert all(items)
    assert "".join(items) == PROMPT


async def test_nothing_is_sent_before_the_first_step(station: Emulator[Any]) -> None:
    generator = FakeGpt.create_async_generator("", ASKED, base_url=station.url)

    await generator.aclose()

    assert station.journal == []


async def test_the_environment_names_the_installation(
    station: Emulator[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DRAGOMAN_FAKEGPT_BASE_URL", station.url)

    assert await FakeGpt.create_async("", ASKED) == PROMPT


def test_two_loops_one_after_the_other_share_nothing(dragoman_emulator: Any) -> None:
    emulator = dragoman_emulator("fakegpt")

    answers = [asyncio.run(answer(emulator)) for _ in range(2)]

    assert answers == [PROMPT, PROMPT]
    assert paths(emulator) == [*LOGIN, CHAT] * 2


def test_synchronous_callers_get_the_answer_in_one_piece(dragoman_emulator: Any) -> None:
    emulator = dragoman_emulator("fakegpt")

    assert list(FakeGpt.create_completion("", ASKED, base_url=emulator.url)) == [PROMPT]


class Case(Struct):
    name: str
    scenario: dict[str, Any]
    text: str = PROMPT
    keywords: dict[str, Any] = {}
    paths: list[str] | None = None


ANSWERS = [
    Case("dialect talk", {"dialect": "talk"}, keywords={"dialect": "talk"},
         paths=["/api/conversation/talk"]),
    Case("dialect token", {"dialect": "token"}, keywords={"access_token": "t"}, paths=[CHAT]),
    Case("dialect token, another prefix", {"dialect": "token"},
         keywords={"api_key": "t", "api_prefix": "/backend-api"},
         paths=["/backend-api/conversation"]),
    Case("no JWT", {"token_expire": {"jwt": False}}),
    Case("no JWT, and a session without a zone", {"token_expire": {"jwt": False, "zone": False}}),
    Case("no JWT, and a session whose end is past for us, and not for the service",
         {"token_expire": {"jwt": False, "lifetime_s": 30}}),
    Case("a station that wants the token alone", {"variant": ["bare_token"]},
         keywords={"token_scheme": "none"}, paths=[*LOGIN, CHAT]),
    Case("a station that wants the password as a cookie", {"variant": ["password_cookie"]},
         keywords={"password_cookie": "yes"}, paths=[*LOGIN, CHAT]),
    Case("a token whose end is past for us, and not for the service",
         {"token_expire": {"lifetime_s": 30}}),
    Case("a dead login", {"pool": {"accounts": ["login", "alive"]}},
         paths=[*LOGIN[:2], *LOGIN[1:], CHAT]),
    Case("a dead session", {"pool": {"accounts": ["session", "alive"]}},
         paths=[*LOGIN, *LOGIN[1:], CHAT]),
    Case("a dead chat", {"pool": {"accounts": ["chat", "alive"]}},
         paths=[*LOGIN, CHAT, *LOGIN, CHAT]),
    Case("a dead login, then a dead chat", {"pool": {"accounts": ["login", "chat", "alive"]}},
         paths=[*LOGIN[:2], *LOGIN[1:], CHAT, *LOGIN, CHAT]),
    Case("a token as a cookie", {"session_shape": "credential"}),
    Case("an account refused", {"refusal": "account", "on": [1]}, paths=[*LOGIN, CHAT] * 2),
    Case("a 401 once", {"status": 401, "at": ["chat"], "on": [1]}, paths=[*LOGIN, CHAT] * 2),
    *(Case(f"side event {kind}", {"side_events": [kind]})
      for kind in ("moderation", "flagged", "title", "variants", "ping", "markers")),
    Case("no echo", {"echo_first": False}),
    Case("no finish in the middle", {"finish_details_mid": False}),
    *(Case(f"end sign {sign}", {"end_sign": sign})
      for sign in ("end_turn", "status", "is_complete", "none")),
    *(Case(f"finish {kind}", {"finish": kind}) for kind in ("max_tokens", "interrupted")),
    Case("duplicates", {"duplicates": 3}),
    Case("out of order", {"out_of_order": True}),
    Case("rewritten and back", {"rewrite": "mid"}),
    *(Case(f"messages {kind}", {"messages": kind}) for kind in ("tool", "code", "objects")),
    Case("half a character", {"half_character": True}),
    *(Case(f"malformed {kind}", {"malformed": {"at_event": 4, "kind": kind}})
      for kind in ("json", "utf8", "not_object", "nan", "lone_surrogate")),
    *(Case(f"chunks of {size}", {"split": size}) for size in (1, 3, 4096, "all")),
    *(Case(f"line ends {ends!r}", {"line_ends": ends})
      for ends in ("\r\n", "\r", "mixed", "no_blank_at_end", "none_at_end")),
    Case("noise", {"noise": True}),
    Case("noise and single bytes", {"noise": True, "split": 1, "line_ends": "mixed"}),
    *(Case(f"coding {coding}", {"encoding": coding}) for coding in ("gzip", "deflate", "br")),
    Case("coding in one block", {"encoding": {"coding": "gzip", "flush": "end"}}),
    Case("slow", {"slow": {"before_headers_s": 0.05, "before_first_s": 0.05}}),
    Case("cut between the end's event and [DONE]", {"cut": {"after_events": -1, "how": "fin"}}),
    Case("body ended before [DONE]", {"cut": {"after_events": -1, "how": "end"}}),
    Case("reset before [DONE]", {"cut": {"after_events": -1, "how": "no_chunk_end"}}),
    Case("login redirects", {"redirect": {"status": 302}, "at": ["loads", "session"]}),
]  # fmt: skip


@pytest.mark.parametrize("case", ANSWERS, ids=lambda case: case.name)
async def test_the_answer_arrives_whole(case: Case, station: Emulator[Any]) -> None:
    station.scenario(case.scenario)

    text = await answer(station, **case.keywords)

    assert text == case.text
    assert complaints(station) == []
    if case.paths is not None:
        assert paths(station) == case.paths


async def test_two_messages_have_a_blank_line_between_them(station: Emulator[Any]) -> None:
    station.scenario({"messages": "two"})

    text = await answer(station)

    assert text.count("\n\n") == 1
    assert text.replace("\n\n", "") == PROMPT


async def test_unicode_that_cuts_lines_elsewhere_stays_text(station: Emulator[Any]) -> None:
    station.scenario({"unicode": True})

    text = await answer(station)

    assert text.startswith(PROMPT)
    assert {"\u2028", "\x85", "\x00"} <= set(text)


@pytest.mark.parametrize("size", [66_560, 204_800, 4_194_304])
async def test_a_long_line_is_an_answer(size: int, station: Emulator[Any]) -> None:
    station.scenario({"long_line": size})

    text = await answer(station)

    assert len(text) >= size - len(PROMPT)


@pytest.mark.parametrize(
    ("sent", "expect"),
    [(7, 7.0), (0, 0.0), ("soon", None), (None, None), ("Tue, 21 Nov 2000 10:00:00 GMT", 0.0)],
)
async def test_retry_after_is_carried_and_not_slept(
    sent: object, expect: float | None, station: Emulator[Any]
) -> None:
    station.scenario({"status": 429, "retry_after": sent, "at": ["chat"]})

    error = await failure(station)

    assert isinstance(error, RateLimitError)
    assert error.retry_after == expect
    assert paths(station) == [*LOGIN, CHAT]


async def test_seconds_until_a_limit_clears_are_carried(station: Emulator[Any]) -> None:
    station.scenario({"refusal": "clears_in"})

    error = await failure(station)

    assert isinstance(error, RateLimitError)
    assert error.retry_after


async def test_a_rewritten_answer_is_whole_for_who_collects_it(station: Emulator[Any]) -> None:
    station.scenario({"rewrite": "final"})

    text = await FakeGpt.create_async("", ASKED, base_url=station.url)

    assert text == f"Rather: {PROMPT}"


async def test_no_word_of_an_error_before_the_first_delta_is_handed_out(
    station: Emulator[Any],
) -> None:
    station.scenario({"error_event": {"after_events": 0, "message": "broke"}})

    error = await failure(station)

    assert error.text == ""


async def test_a_token_that_dies_between_two_calls_costs_one_refresh(
    station: Emulator[Any],
) -> None:
    station.scenario({"token_expire": {"uses": 1}})

    texts = [await answer(station), await answer(station)]

    assert texts == [PROMPT, PROMPT]
    assert paths(station) == [*LOGIN, CHAT, CHAT, *LOGIN, CHAT]
    accounts = [
        entry["body"]["token_key"] for entry in station.journal if entry["path"] == LOGIN[1]
    ]
    assert len(set(accounts)) == 2


async def test_a_token_whose_session_ends_is_renewed_before_the_service_refuses_it(
    station: Emulator[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    station.scenario({"token_expire": {"jwt": False, "zone": False, "lifetime_s": 600}})
    first = await answer(station)
    later = time.time() + 541
    monkeypatch.setattr(time, "time", lambda: later)

    second = await answer(station)

    assert (first, second) == (PROMPT, PROMPT)
    assert paths(station) == [*LOGIN, CHAT] * 2


async def test_a_pool_of_one_is_logged_in_to_again_when_its_token_dies(
    station: Emulator[Any],
) -> None:
    station.scenario({"token_expire": {"uses": 1}, "pool": {"accounts": ["alive"]}})

    texts = [await answer(station), await answer(station)]

    assert texts == [PROMPT, PROMPT]


async def test_calls_at_once_share_one_login(station: Emulator[Any]) -> None:
    texts = await asyncio.gather(*(answer(station) for _ in range(8)))

    assert texts == [PROMPT] * 8
    assert sorted(paths(station)) == sorted([*LOGIN, *[CHAT] * 8])


async def test_calls_at_once_over_a_dead_session_share_one_refresh(station: Emulator[Any]) -> None:
    await answer(station)
    station.scenario({"pool": {"accounts": ["alive", "alive"]}})
    # The new scenario knows nobody: the token that the client holds is no longer good.
    station.scenario({"status": 401, "at": ["chat"], "on": [1, 2, 3, 4]})
    station.clear_journal()

    texts = await asyncio.gather(*(answer(station) for _ in range(4)))

    assert texts == [PROMPT] * 4
    assert [path for path in paths(station) if path != CHAT] == LOGIN
    assert paths(station).count(CHAT) == 8


async def test_a_reader_who_leaves_closes_the_connection(station: Emulator[Any]) -> None:
    station.scenario({"slow": {"between_events_s": 0.2}})
    generator = FakeGpt.create_async_generator("", ASKED, base_url=station.url)

    async with aclosing(generator) as texts:
        await anext(texts)
    await station.wait_idle()

    assert station.abandoned == 1


async def test_a_cancelled_call_closes_the_connection(station: Emulator[Any]) -> None:
    station.scenario({"stall": {"after_events": 4}})
    task = asyncio.create_task(answer(station))
    await station.wait_until(lambda emulator: emulator.answers == 1)

    task.cancel()

    with pytest.raises(asyncio.CancelledError):
        await task
    await station.wait_idle()


async def test_a_connection_closed_behind_each_reply_repeats_no_post(
    station: Emulator[Any],
) -> None:
    """The close may or may not arrive before the next request is sent."""
    station.scenario({"connection": "close_after_reply"})

    with contextlib.suppress(TransportError):
        assert await answer(station) == PROMPT

    assert paths(station).count(LOGIN[1]) <= 1
    assert paths(station).count(CHAT) <= 1


async def test_nobody_there_is_a_transport_error() -> None:
    async with emulators.run("fakegpt", scenario={}) as gone:
        url = gone.url

    with pytest.raises(TransportError, match="loads"):
        await FakeGpt.create_async("", ASKED, base_url=url)


async def test_a_foreign_certificate_is_refused_and_an_own_authority_accepted() -> None:
    async with emulators.run("fakegpt", scenario={}, tls=True) as emulator:
        with pytest.raises(TransportError):
            await FakeGpt.create_async("", ASKED, base_url=emulator.url)

        text = await FakeGpt.create_async("", ASKED, base_url=emulator.url, verify=emulator.ca_file)

    assert text == PROMPT


async def test_no_secret_is_in_an_error(station: Emulator[Any]) -> None:
    station.scenario({"pool": {"accounts": ["chat"] * 3}})

    error = await failure(station, cookies={"mine": "my-cookie"})

    said = f"{error!r} {error} {error.hint}"
    bodies = [entry["body"] for entry in station.journal]
    secrets = [
        body["session_password"]
        for body in bodies
        if isinstance(body, dict) and "session_password" in body
    ]
    tokens = [entry["headers"].get("x-authorization", "") for entry in station.journal]
    assert secrets
    assert all(secret not in said for secret in [*secrets, *filter(None, tokens), "my-cookie"])
