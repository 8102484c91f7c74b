"""What a site says instead of an answer, streaming or not: never text, always the right error."""

from typing import Any

import pytest
from tests.web.wordpress_site import ANSWER, ask, ask_once, complaints, steps

from dragoman import emulators
from dragoman.errors import ContentFilterError, RateLimitError

STREAMS = [True, False]
WORDS = 'No "credit" left in C:\\ for you'


@pytest.mark.parametrize("stream", STREAMS)
async def test_a_used_up_quota_is_a_rate_limit_under_the_same_visitor(stream: bool) -> None:
    async with emulators.run("chatgptt", scenario={"stream": stream, "quota": 1}) as site:
        first = await ask(site)
        second = await ask(site)
        third = await ask(site)

    assert first.text == ANSWER
    for outcome in (second, third):
        assert isinstance(outcome.error, RateLimitError)
        assert outcome.error.retry_after is None
        assert outcome.deltas == []
    assert complaints(site.journal) == []


@pytest.mark.parametrize("stream", STREAMS)
@pytest.mark.parametrize("dialect", ["D1", "D4"])
async def test_a_flagged_message_has_no_answer(dialect: str, stream: bool) -> None:
    """A streaming site goes on with the model's answer all the same."""
    scenario = {"dialect": dialect, "stream": stream, "banned_word": "sky"}
    outcome = await ask_once("chatgptt", scenario)

    assert outcome.deltas == []
    # Without a stream it looks like any other refusal.
    expected = "ContentFilterError" if stream else "ResponseError"
    assert type(outcome.error).__name__ == expected
    assert "flagged" in str(outcome.error)


async def test_a_flagged_stream_is_read_no_further() -> None:
    outcome = await ask_once("chatgptfree", {"banned_word": True, "stall": {"after_events": 3}})

    assert isinstance(outcome.error, ContentFilterError)


@pytest.mark.parametrize(
    ("kind", "error"), [("modflag", "ContentFilterError"), ("pineconeError", "ResponseError")]
)
@pytest.mark.parametrize("stream", STREAMS)
@pytest.mark.parametrize("dialect", ["D1", "D4"])
async def test_a_refusal_event_wins_over_the_answer_behind_it(
    dialect: str, stream: bool, kind: str, error: str
) -> None:
    scenario = {"dialect": dialect, "stream": stream, "refusal_event": kind}
    outcome = await ask_once("chatgptt", scenario)

    assert outcome.deltas == []
    # Without a stream it looks like any other refusal.
    assert type(outcome.error).__name__ == (error if stream else "ResponseError")


@pytest.mark.parametrize("stream", STREAMS)
async def test_a_banned_address_has_no_answer(stream: bool) -> None:
    outcome = await ask_once("chatgptt", {"stream": stream, "banned_ip": True})

    assert outcome.deltas == []
    assert type(outcome.error).__name__ == "ResponseError"
    assert "not allowed" in str(outcome.error)


@pytest.mark.parametrize("dialect", ["D1", "D3", "D4"])
@pytest.mark.parametrize(
    "how",
    [
        True,
        {"message": WORDS},
        {"message": "one\ntwo"},
        {"message": ""},
        {"message": "words", "ending": "limited"},
        {"message": "words", "raw_first": True},
        {"message": "words", "raw_first": True, "final_newline": True},
    ],
)
async def test_an_error_in_the_dress_of_an_answer_is_an_error(dialect: str, how: Any) -> None:
    outcome = await ask_once("chatgptfree", {"dialect": dialect, "error_as_content": how})

    assert outcome.deltas == []
    assert type(outcome.error).__name__ == "ResponseError"


async def test_the_words_of_a_dressed_error_are_told_once() -> None:
    outcome = await ask_once("chatgptfree", {"error_as_content": {"message": "No credit left."}})

    assert str(outcome.error).count("No credit left.") == 1


@pytest.mark.parametrize("stream", STREAMS)
@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ("no_api_key", "ResponseError"),
        ("upstream_error", "ResponseError"),
        ("upstream_unreachable", "ResponseError"),
        ("upstream_html", "ResponseError"),
        ("data_null", "ResponseError"),
        ("data_empty", "ResponseError"),
        ("critical_error", "ResponseStatusError"),
        ("died", "ResponseError"),
        ("zero", "ResponseError"),
        ("plugin_off", "ResponseStatusError"),
    ],
)
@pytest.mark.parametrize("dialect", ["D1", "D4"])
async def test_a_site_in_trouble_is_an_error(
    dialect: str, stream: bool, fault: str, error: str
) -> None:
    scenario = {"dialect": dialect, "stream": stream, "site_fault": fault}
    async with emulators.run("chatgptt", scenario=scenario) as site:
        outcome = await ask(site)

    assert outcome.deltas == []
    assert type(outcome.error).__name__ == error
    assert steps(site.journal).count("chat") == 1
    assert complaints(site.journal) == []


@pytest.mark.parametrize("stream", STREAMS)
async def test_an_answer_from_the_sites_own_documents_is_an_answer(stream: bool) -> None:
    outcome = await ask_once("chatgptt", {"stream": stream, "site_fault": "embeddings"})

    assert (outcome.text, outcome.error) == (ANSWER, None)


@pytest.mark.parametrize("stream", STREAMS)
@pytest.mark.parametrize("dialect", ["D1", "D4", "D5"])
async def test_notices_of_php_are_not_part_of_the_answer(dialect: str, stream: bool) -> None:
    scenario = {"dialect": dialect, "stream": stream, "php_notice": True}
    outcome = await ask_once("chatgptt", scenario)

    assert (outcome.text, outcome.error) == (ANSWER, None)


@pytest.mark.parametrize("trailer", [True, False, "error", "empty", "differs"])
async def test_what_follows_the_end_of_an_answer_adds_nothing(trailer: Any) -> None:
    outcome = await ask_once("chatgptfree", {"dialect": "D1", "trailer": trailer})

    assert (outcome.text, outcome.error) == (ANSWER, None)


async def test_a_trailer_that_says_success_does_not_mend_a_cut() -> None:
    outcome = await ask_once("chatgptfree", {"dialect": "D1", "trailer": "after_cut"})

    assert type(outcome.error).__name__ == "StreamTruncatedError"
    assert outcome.error is not None
    assert outcome.error.text == outcome.text == "Why is the"  # type: ignore[attr-defined]  # the class is checked above


@pytest.mark.parametrize("stream", STREAMS)
async def test_an_assistant_answers_like_any_bot(stream: bool) -> None:
    outcome = await ask_once("chatgptt", {"stream": stream, "assistant_mode": True})

    assert (outcome.text, outcome.error) == (ANSWER, None)


@pytest.mark.parametrize("stream", STREAMS)
async def test_an_assistants_error_is_an_error(stream: bool) -> None:
    scenario = {"stream": stream, "assistant_mode": {"error": "run failed"}}
    outcome = await ask_once("chatgptt", scenario)

    assert outcome.deltas == []
    assert "run failed" in str(outcome.error)


async def test_a_captcha_as_text_cannot_be_told_from_an_answer() -> None:
    """A limit that is documented: the site says it is the answer."""
    outcome = await ask_once("chatgptt", {"captcha_text": "Are you human?"})

    assert outcome.text == "Are you human?"


@pytest.mark.parametrize(
    ("knobs", "error"),
    [
        ({"quota": True}, "RateLimitError"),
        ({"site_fault": "upstream_error"}, "ResponseError"),
        ({"site_fault": "plugin_off"}, "HandshakeError"),
        ({"nonce_expire_after": {"uses": 0}}, "AuthError"),
        ({"banned_word": "sky"}, "ResponseStatusError"),
        ({"banned_ip": True}, "ResponseStatusError"),
        ({"site_fault": "upstream_unreachable"}, "ResponseError"),
        ({"site_fault": "data_empty"}, "ResponseError"),
        ({"site_fault": "critical_error"}, "ResponseStatusError"),
        ({"site_fault": "died"}, "ResponseError"),
        ({"site_fault": "zero"}, "ResponseError"),
    ],
)
@pytest.mark.parametrize("locale", ["en", "de"])
@pytest.mark.parametrize("dialect", ["D5-2.3", "D5", "D5-2.4.1"])
async def test_a_modern_site_refuses_by_its_own_shapes(
    dialect: str, locale: str, knobs: dict[str, Any], error: str
) -> None:
    outcome = await ask_once("chatgptt", {"dialect": dialect, "locale": locale, **knobs})

    assert outcome.deltas == []
    assert type(outcome.error).__name__ == error


async def test_a_modern_message_has_one_name_in_both_attempts() -> None:
    scenario = {"dialect": "D5", "nonce_expire_after": {"uses": 1}}
    async with emulators.run("chatgptt", scenario=scenario) as site:
        outcomes = [await ask(site), await ask(site)]

    names = [
        entry["body"]["user_client_message_id"]
        for entry in site.journal
        if isinstance(entry["body"], dict) and "user_client_message_id" in entry["body"]
    ]
    assert [outcome.text for outcome in outcomes] == [ANSWER, ANSWER]
    assert len(names) == 3
    assert names[0] != names[1] == names[2]
    assert complaints(site.journal) == []


async def test_the_sites_secret_text_is_in_no_error() -> None:
    cut = {"stream": False, "cut": {"after_bytes": 150, "how": "end"}}
    for scenario in ({"site_fault": "upstream_error"}, {"site_fault": "data_null"}, cut):
        outcome = await ask_once("chatgptt", scenario)
        assert outcome.error is not None
        assert "greeting" not in str(outcome.error)
