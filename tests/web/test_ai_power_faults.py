"""What befalls any service on the wire, seen through ChatgptFree (stream) and ChatGptt (JSON)."""

import asyncio
import time
from contextlib import aclosing
from typing import Any

import pytest
from tests.web.wordpress_site import ANSWER, QUESTION, ask, ask_once, complaints, steps

from dragoman import emulators
from dragoman.errors import ResponseError, ResponseStatusError
from dragoman.providers.web.chatgpt_free import ChatgptFree

SITES = [("chatgptfree", "D2"), ("chatgptt", "D4"), ("chatgptfree", "D5")]


@pytest.mark.parametrize(("name", "dialect"), SITES)
@pytest.mark.parametrize("at", ["page", "chat"])
@pytest.mark.parametrize("body", ["dialect", "json", "html", "text", "empty"])
@pytest.mark.parametrize("status", [402, 403, 404, 429, 500, 503])
async def test_a_status_is_its_error(
    name: str, dialect: str, at: str, body: str, status: int
) -> None:
    scenario = {"dialect": dialect, "status": status, "status_body": body, "at": [at]}
    async with emulators.run(name, scenario=scenario) as site:
        outcome = await ask(site)

    assert isinstance(outcome.error, ResponseStatusError)
    assert outcome.error.status == status
    assert outcome.error.step == at
    assert steps(site.journal).count("chat") <= 1
    assert complaints(site.journal) == []


@pytest.mark.parametrize(("sent", "told"), [(7, 7.0), ("soon", None), ("-1", None)])
async def test_retry_after_is_carried_and_not_slept(sent: object, told: float | None) -> None:
    started = time.monotonic()
    outcome = await ask_once("chatgptt", {"retry_after": sent, "at": ["chat"]})

    assert isinstance(outcome.error, ResponseStatusError)
    assert outcome.error.retry_after == told
    assert time.monotonic() - started < 5


@pytest.mark.parametrize(("name", "dialect"), SITES)
@pytest.mark.parametrize("at", ["page", "chat", "nonce", "cache"])
@pytest.mark.parametrize("status", [403, 503, 200])
@pytest.mark.parametrize("marked", [True, False])
@pytest.mark.parametrize("coding", ["identity", "br"])
async def test_a_challenge_is_reported_and_not_repeated(
    name: str, dialect: str, at: str, status: int, marked: bool, coding: str
) -> None:
    if at in ("nonce", "cache") and dialect != "D5":
        pytest.skip("a step of D5 only")
    challenge = {"status": status, "cf_mitigated": marked, "coding": coding}
    scenario = {"dialect": dialect, "challenge": challenge, "at": [at]}
    async with emulators.run(name, scenario=scenario) as site:
        outcome = await ask(site)

    assert type(outcome.error).__name__ == "ChallengeError"
    assert len(site.journal) == len(set(steps(site.journal)))


@pytest.mark.parametrize(("name", "dialect"), SITES)
@pytest.mark.parametrize(
    "knobs",
    [{"html_instead": True}, {"empty_body": True}, {"empty_body": "0"}, {"empty_body": 204}],
)
async def test_html_or_nothing_is_no_answer(name: str, dialect: str, knobs: dict[str, Any]) -> None:
    chat = await ask_once(name, {"dialect": dialect, "at": ["chat"], **knobs})
    page = await ask_once(name, {"dialect": dialect, "at": ["page"], **knobs})

    assert type(chat.error).__name__ == "ResponseError"
    assert type(page.error).__name__ in ("ResponseError", "HandshakeError")


@pytest.mark.parametrize(("name", "dialect"), SITES)
@pytest.mark.parametrize(
    "knobs",
    [
        {"split": 1},
        {"split": 7},
        {"split": "all"},
        {"line_ends": "\r\n"},
        {"line_ends": "\r"},
        {"line_ends": "mixed"},
        {"line_ends": "no_blank_at_end"},
        {"line_ends": "none_at_end"},
        {"noise": True},
        {"noise": True, "split": 1},
        {"encoding": "gzip"},
        {"encoding": "deflate"},
        {"encoding": {"coding": "gzip", "flush": "end"}},
        {"long_line": 70_000},
        {"long_line": 200_000},
        {"long_line": 4_000_000},
        {"unicode": True, "split": 1},
        {"slow": {"before_headers_s": 0.05, "between_events_s": 0.01}},
        {"connection": "drop_reused", "at": ["page"]},
    ],
)
async def test_the_answer_is_the_same_however_it_comes(
    name: str, dialect: str, knobs: dict[str, Any]
) -> None:
    outcome = await ask_once(name, {"dialect": dialect, **knobs})

    assert outcome.error is None
    if not knobs.keys() & {"long_line", "unicode"}:
        assert outcome.text == ANSWER
    assert len(outcome.text) >= knobs.get("long_line", len(ANSWER)) // 2


@pytest.mark.parametrize(("name", "dialect"), SITES)
async def test_a_line_above_the_limit_is_an_error(name: str, dialect: str) -> None:
    outcome = await ask_once(name, {"dialect": dialect, "long_line": 20 * 1024 * 1024})

    assert type(outcome.error).__name__ == "ResponseError"


@pytest.mark.parametrize("dialect", ["D1", "D4", "D5"])
@pytest.mark.parametrize(
    "how", ["end", "fin", "rst", "no_chunk_end", "mid_chunk", "close_delimited"]
)
async def test_a_cut_stream_is_never_a_short_success(dialect: str, how: str) -> None:
    cut = {"after_events": 4, "how": how}
    outcome = await ask_once("chatgptfree", {"dialect": dialect, "trailer": False, "cut": cut})

    assert outcome.error is not None
    assert ANSWER.startswith(outcome.text)
    if how != "rst":
        assert type(outcome.error).__name__ == "StreamTruncatedError"


@pytest.mark.parametrize("how", ["fin", "end"])
async def test_a_stream_cut_behind_its_finish_reason_is_whole(how: str) -> None:
    cut = {"after_events": -1, "how": how}
    outcome = await ask_once("chatgptfree", {"dialect": "D4", "cut": cut})

    assert (outcome.text, outcome.error) == (ANSWER, None)


@pytest.mark.parametrize("how", ["end", "fin", "length_too_long"])
async def test_a_cut_object_is_no_answer(how: str) -> None:
    outcome = await ask_once("chatgptt", {"cut": {"after_bytes": 60, "how": how}})

    assert outcome.deltas == []
    assert type(outcome.error).__name__ == "StreamTruncatedError"


@pytest.mark.parametrize(("name", "dialect"), SITES)
@pytest.mark.parametrize("kind", ["json", "utf8", "not_object", "nan", "lone_surrogate"])
@pytest.mark.parametrize("at_event", [1, 3])
async def test_a_broken_event_is_an_error(
    name: str, dialect: str, kind: str, at_event: int
) -> None:
    if name == "chatgptt" and at_event > 1:
        pytest.skip("a whole body is one event")
    malformed = {"at_event": at_event, "kind": kind}
    outcome = await ask_once(name, {"dialect": dialect, "malformed": malformed})

    assert isinstance(outcome.error, ResponseError)


@pytest.mark.parametrize("form", ["object", "string", "line"])
@pytest.mark.parametrize("after", [0, 3])
@pytest.mark.parametrize("dialect", ["D1", "D4", "D5"])
async def test_an_error_in_the_stream_keeps_the_text_before_it(
    dialect: str, form: str, after: int
) -> None:
    error_event = {"after_events": after, "form": form, "message": "the model broke down"}
    scenario = {"dialect": dialect, "trailer": False, "error_event": error_event}
    outcome = await ask_once("chatgptfree", scenario)

    assert outcome.error is not None
    assert ANSWER.startswith(outcome.text)
    if not (form == "line" and after):
        assert "the model broke down" in str(outcome.error)


@pytest.mark.parametrize("at", ["page", "chat"])
@pytest.mark.parametrize("how", ["reset", "close"])
async def test_a_lost_connection_is_a_transport_error_and_no_chat_is_replayed(
    at: str, how: str
) -> None:
    async with emulators.run("chatgptt", scenario={"connection": how, "at": [at]}) as site:
        outcome = await ask(site)

    assert type(outcome.error).__name__ == "TransportError"
    assert steps(site.journal).count("chat") <= 1


async def test_a_connection_that_dies_between_two_steps_is_no_reason_to_chat_twice() -> None:
    """The chat's request may have arrived: only a GET may be sent again."""
    async with emulators.run("chatgptt", scenario={"connection": "close_after_reply"}) as site:
        outcome = await ask(site)

    assert outcome.text == ANSWER or type(outcome.error).__name__ == "TransportError"
    assert steps(site.journal).count("chat") <= 1


@pytest.mark.parametrize(("name", "dialect"), SITES)
async def test_silence_above_the_limit_is_a_timeout(name: str, dialect: str) -> None:
    scenario = {"dialect": dialect, "stall": {"after_events": 0}}
    async with emulators.run(name, scenario=scenario) as site:
        outcome = await ask(site, timeout=(5, 0.2))

    assert type(outcome.error).__name__ == "TimeoutError"
    assert isinstance(outcome.error, TimeoutError)


async def test_leaving_closes_the_connection() -> None:
    async with emulators.run("chatgptfree", scenario={"stall": {"after_events": 4}}) as site:
        texts = ChatgptFree.create_async_generator("", QUESTION, base_url=site.url)
        async with aclosing(texts) as open_texts:
            first = await anext(open_texts)
        await site.wait_closed()

    assert first == "Why"


async def test_cancelling_closes_the_connection() -> None:
    async with emulators.run("chatgptfree", scenario={"stall": {"after_events": 0}}) as site:
        task = asyncio.create_task(ask(site))
        await site.wait_until(lambda site: site.answers == 1)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await site.wait_closed()
