"""A refused nonce: renewed once, past a page cache if need be, and never a third chat request."""

import asyncio
import time

import pytest
from tests.web.wordpress_site import ANSWER, ask, complaints, steps

from dragoman import emulators
from dragoman.emulators.emulator import JournalEntry

SHAPES = ["D1", "D4", "-1"]


def client_ids(journal: list[JournalEntry]) -> set[object]:
    return {
        entry["body"]["wpaicg_chat_client_id"]
        for entry in journal
        if isinstance(entry["body"], dict) and "wpaicg_chat_client_id" in entry["body"]
    }


async def test_a_nonce_serves_many_chats() -> None:
    async with emulators.run("chatgptt") as site:
        for _ in range(3):
            assert (await ask(site)).text == ANSWER

    assert steps(site.journal) == ["page", "chat", "chat", "chat"]


@pytest.mark.parametrize("shape", SHAPES)
async def test_a_dead_nonce_is_renewed_once_and_the_answer_arrives(shape: str) -> None:
    scenario = {"nonce_expire_after": {"uses": 1, "shape": shape}}
    async with emulators.run("chatgptt", scenario=scenario) as site:
        first = await ask(site)
        second = await ask(site)

    assert (first.text, second.text, second.error) == (ANSWER, ANSWER, None)
    assert steps(site.journal) == ["page", "chat", "chat", "page", "chat"]
    assert len(client_ids(site.journal)) == 1
    assert complaints(site.journal) == []


@pytest.mark.parametrize(
    ("shape", "error"), [("D1", "ResponseError"), ("D4", "AuthError"), ("-1", "AuthError")]
)
async def test_a_second_refusal_is_an_error_after_two_chats(shape: str, error: str) -> None:
    scenario = {"nonce_expire_after": {"uses": 0, "shape": shape}}
    async with emulators.run("chatgptt", scenario=scenario) as site:
        outcome = await ask(site)

    assert type(outcome.error).__name__ == error
    assert isinstance(outcome.error, RuntimeError)
    assert steps(site.journal) == ["page", "chat", "page past caches", "chat"]
    assert complaints(site.journal) == []


@pytest.mark.parametrize("dialect", ["D1", "D4"])
async def test_a_cached_page_is_fetched_past_its_cache(dialect: str) -> None:
    scenario = {"dialect": dialect, "nonce_stale_page": True}
    async with emulators.run("chatgptt", scenario=scenario) as site:
        outcome = await ask(site)

    assert (outcome.text, outcome.error) == (ANSWER, None)
    assert steps(site.journal) == ["page", "chat", "page past caches", "chat"]
    assert site.journal[2]["headers"]["cache-control"] == "no-cache"


@pytest.mark.parametrize(("dialect", "error"), [("D1", "ResponseError"), ("D4", "AuthError")])
async def test_a_cache_without_a_cure_is_an_error_after_one_chat(dialect: str, error: str) -> None:
    scenario = {"dialect": dialect, "nonce_stale_page": {"cure": False}}
    async with emulators.run("chatgptt", scenario=scenario) as site:
        outcome = await ask(site)

    assert type(outcome.error).__name__ == error
    assert steps(site.journal) == ["page", "chat", "page past caches"]


async def test_a_refused_nonce_of_an_earlier_call_is_fetched_plainly_and_then_past_the_cache() -> (
    None
):
    async with emulators.run("chatgptt") as site:
        await ask(site)
        site.scenario(nonce_stale_page=True, nonce_expire_after={"uses": 0})
        site.clear_journal()
        outcome = await ask(site)

    assert type(outcome.error).__name__ == "AuthError"
    assert steps(site.journal)[:2] == ["chat", "page"]
    assert steps(site.journal).count("chat") == 2


async def test_a_nonce_that_dies_in_an_answer_does_not_end_it() -> None:
    scenario = {"nonce_dies_mid_stream": {"after_events": 2}}
    async with emulators.run("chatgptfree", scenario=scenario) as site:
        assert (await ask(site)).text == ANSWER


async def test_after_eleven_hours_the_page_is_read_anew_and_the_visitor_stays(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with emulators.run("chatgptt") as site:
        await ask(site)
        now_s = time.time()
        monkeypatch.setattr("dragoman.sessions.store.time.time", lambda: now_s + 11 * 3600)
        await ask(site)

    assert steps(site.journal) == ["page", "chat", "page", "chat"]
    assert len(client_ids(site.journal)) == 1


async def test_many_calls_with_a_dead_nonce_share_one_renewal() -> None:
    async with emulators.run("chatgptt") as site:
        await ask(site)
        site.scenario(clock_s=2 * 86_400)
        site.clear_journal()
        outcomes = await asyncio.gather(*(ask(site) for _ in range(5)))

    assert [outcome.text for outcome in outcomes] == [ANSWER] * 5
    assert steps(site.journal).count("page") == 1
    assert len(client_ids(site.journal)) == 1


async def test_many_first_calls_share_one_page() -> None:
    async with emulators.run("chatgptfree") as site:
        outcomes = await asyncio.gather(*(ask(site) for _ in range(5)))

    assert [outcome.text for outcome in outcomes] == [ANSWER] * 5
    assert steps(site.journal).count("page") == 1


async def test_a_visitor_that_the_caller_names_is_used() -> None:
    async with emulators.run("chatgptt") as site:
        await ask(site, client_id="ann")

    assert client_ids(site.journal) == {"ann"}


async def test_a_plugin_that_was_renewed_meanwhile_is_talked_to_in_its_new_way() -> None:
    async with emulators.run("chatgptt", scenario={"dialect": "D4"}) as site:
        await ask(site)
        site.scenario(dialect="D5")
        outcome = await ask(site)

    assert (outcome.text, outcome.error) == (ANSWER, None)


@pytest.mark.parametrize("cached", [True, False])
async def test_a_plugin_switched_off_is_an_error_without_a_second_chat(cached: bool) -> None:
    async with emulators.run("chatgptt") as site:
        if cached:
            await ask(site)
        site.scenario(site_fault="plugin_off")
        site.clear_journal()
        outcome = await ask(site)

    assert type(outcome.error).__name__ == "ResponseStatusError"
    assert steps(site.journal).count("chat") == 1
    assert "plugin" in str(outcome.error) or "no such chat" in str(outcome.error)


async def test_a_dead_nonce_of_a_modern_site_is_renewed() -> None:
    async with emulators.run("chatgptt", scenario={"dialect": "D5"}) as site:
        await ask(site)
        site.scenario(dialect="D5", clock_s=2 * 86_400)
        site.clear_journal()
        outcome = await ask(site)

    assert (outcome.text, outcome.error) == (ANSWER, None)
    assert steps(site.journal).count("aipkit_cache_sse_message") == 2
