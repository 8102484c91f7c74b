"""Every generation of the plugin, every shape of its page, every language: one answer."""

import pytest
from tests.web.wordpress_site import ANSWER, PROVIDERS, ask, ask_once, complaints, steps

from dragoman import emulators

DIALECTS = ["D0", "D1", "D2", "D3", "D4-1.8.91", "D4", "D5-2.3", "D5", "D5-2.4.1"]
CLASSIC_CHAT = ["page", "chat"]
MODERN_CHAT = [
    "page",
    "aipkit_get_frontend_chat_nonce",
    "aipkit_cache_sse_message",
    "aipkit_frontend_chat_stream",
]


@pytest.mark.parametrize("name", PROVIDERS)
@pytest.mark.parametrize("stream", [True, False])
@pytest.mark.parametrize("dialect", DIALECTS)
async def test_every_generation_of_the_plugin_answers(
    name: str, dialect: str, stream: bool
) -> None:
    async with emulators.run(name, scenario={"dialect": dialect, "stream": stream}) as site:
        outcome = await ask(site)

    assert outcome.error is None
    assert outcome.text == ANSWER
    assert steps(site.journal) == (MODERN_CHAT if dialect.startswith("D5") else CLASSIC_CHAT)
    assert complaints(site.journal) == []


async def test_a_streaming_site_is_handed_out_in_deltas() -> None:
    outcome = await ask_once("chatgptfree", {"stream": True})

    assert outcome.deltas == ["Why", " is", " the", " sky", " blue", " today?"]


@pytest.mark.parametrize(
    "shape",
    [
        "double",
        "single",
        "none",
        "spaces",
        "entities",
        "order",
        "second_box",
        "widget",
        "search_nonce",
        "missing_post_id",
        "empty_post_id",
    ],
)
async def test_every_shape_of_the_box_is_read(shape: str) -> None:
    outcome = await ask_once("chatgptt", {"attributes": shape})

    assert (outcome.error, outcome.text) == (None, ANSWER)


async def test_a_page_without_a_nonce_is_named_in_the_error() -> None:
    outcome = await ask_once("chatgptt", {"attributes": "missing_nonce"})

    assert type(outcome.error).__name__ == "HandshakeError"
    assert "data-nonce" in str(outcome.error)
    assert isinstance(outcome.error, RuntimeError)


async def test_a_bot_asked_for_is_talked_to_through_its_own_box() -> None:
    async with emulators.run("chatgptt", scenario={"attributes": "second_box"}) as site:
        outcome = await ask(site, bot_id=10420)

    fields = site.journal[-1]["body"]
    assert outcome.text == ANSWER
    assert isinstance(fields, dict)
    assert (fields["bot_id"], fields["post_id"]) == ("10420", "261")
    assert fields["chatbot_identity"] == "custom_bot_10420"
    assert fields["action"] == "wpaicg_chat_shortcode_message"


@pytest.mark.parametrize("locale", ["en", "de", "ru"])
@pytest.mark.parametrize("stream", [True, False])
async def test_a_translated_site_gives_the_same_error(locale: str, stream: bool) -> None:
    banned = {"locale": locale, "stream": stream, "quota": True, "dialect": "D1"}
    expired = {"locale": locale, "dialect": "D1", "nonce_expire_after": {"uses": 0}}

    assert type((await ask_once("chatgptt", banned)).error).__name__ == "RateLimitError"
    assert type((await ask_once("chatgptt", expired)).error).__name__ == "ResponseError"


@pytest.mark.parametrize("site", [{"remember": False}, {"chat_logs": True}], ids=repr)
@pytest.mark.parametrize("dialect", ["D1", "D4"])
async def test_what_a_site_does_with_its_history_field_changes_no_answer(
    dialect: str, site: dict[str, bool]
) -> None:
    """Earlier turns are in the message; the field stays empty."""
    turns = [
        {"role": "user", "content": "Привет"},
        {"role": "assistant", "content": "Hi"},
        {"role": "user", "content": "Why?"},
    ]
    async with emulators.run("chatgptt", scenario={"dialect": dialect, **site}) as emulator:
        outcome = await ask(emulator, turns)

    notes = emulator.journal[-1]["notes"]["model_got"]
    assert outcome.error is None
    assert "Привет" in outcome.text
    assert len(notes["turns"]) == 2


@pytest.mark.parametrize("dialect", ["D5-2.3", "D5", "D5-2.4.1"])
async def test_events_beside_a_modern_answer_are_passed_over(dialect: str) -> None:
    sides = [
        "status",
        "warning",
        "openai_response_id",
        "google_interaction_id",
        "grounding_metadata",
        "citations",
    ]
    outcome = await ask_once("chatgptt", {"dialect": dialect, "side_events": sides})

    assert (outcome.error, outcome.text) == (None, ANSWER)


@pytest.mark.parametrize("dialect", DIALECTS)
async def test_any_text_comes_back_as_the_site_got_it(dialect: str) -> None:
    outcome = await ask_once("chatgptfree", {"dialect": dialect, "unicode": True})

    assert outcome.error is None
    assert "\N{LINE SEPARATOR}" in outcome.text
    assert "\0" in outcome.text


async def test_newlines_reach_plugins_from_1_8_96_on() -> None:
    prompt = [
        {"role": "system", "content": 'Be "brief" \\ <b>kind</b>.'},
        {"role": "user", "content": "Hi\nthere %41"},
    ]
    async with emulators.run("chatgptt", scenario={"dialect": "D4"}) as site:
        outcome = await ask(site, prompt)

    assert outcome.text == 'System: Be "brief" \\ <b>kind</b>.\nUser: Hi\nthere %41\nAssistant:'


async def test_a_page_elsewhere_is_reached_by_its_path() -> None:
    async with emulators.run("chatgptt") as site:
        outcome = await ask(site, page_path="/chat")

    assert outcome.text == ANSWER
    assert site.journal[0]["path"] == "/chat"


async def test_a_moved_page_is_followed_and_a_moved_chat_is_not() -> None:
    page = await ask_once("chatgptt", {"redirect": {"status": 301}, "at": ["page"]})
    chat = await ask_once("chatgptt", {"redirect": {"status": 302}, "at": ["chat"]})

    assert page.text == ANSWER
    assert type(chat.error).__name__ == "ResponseStatusError"


async def test_the_callers_cookies_go_with_both_requests() -> None:
    async with emulators.run("chatgptfree") as site:
        outcome = await ask(site, cookies={"wordpress_logged_in_x": "ann%7C1%7Ctoken%7Cmac"})

    assert outcome.text == ANSWER
    assert {entry["headers"]["cookie"] for entry in site.journal} == {
        "wordpress_logged_in_x=ann%7C1%7Ctoken%7Cmac"
    }
