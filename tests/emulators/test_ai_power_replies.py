"""Every reply of AI Power in one piece, as it stands on the wire."""

from typing import Any

import aiohttp
import pytest
from tests.emulators.wordpress_visitor import ACTION, AJAX, Visitor, visiting

from dragoman.emulators.ai_power_prompt import GREETING

JSON = "application/json; charset=UTF-8"
HTML = "text/html; charset=UTF-8"
CLASSIC = ["D0", "D1", "D2", "D3", "D4-1.8.91", "D4"]
POST_ONLY = ["D4-1.8.91", "D4"]


def success(text: str | None) -> dict[str, Any]:
    return {
        "status": "success",
        "msg": "Something went wrong",
        "greeting_message": GREETING,
        "data": text,
        "log": False,
    }


@pytest.mark.parametrize("dialect", CLASSIC)
async def test_an_answer_is_an_object_that_keeps_its_start_message(dialect: str) -> None:
    async with visiting(dialect=dialect, stream=False) as visitor:
        reply = await visitor.chat("two words")

    assert (reply.status, reply.content_type) == (200, JSON)
    assert reply.json() == success("two words")


async def test_chatgptt_answers_in_json_by_default_and_chatgptfree_in_a_stream() -> None:
    async with visiting("chatgptt") as tt, visiting("chatgptfree") as free:
        assert (await tt.chat()).content_type == JSON
        assert (await free.chat()).content_type == "text/event-stream;charset=UTF-8"


async def test_an_answer_can_be_given() -> None:
    async with visiting("chatgptt", answer="Forty-two.") as visitor:
        assert (await visitor.chat()).json()["data"] == "Forty-two."


async def test_php_writes_json_with_slashes_and_letters_escaped_and_without_a_length() -> None:
    async with visiting("chatgptt") as visitor:
        reply = await visitor.chat("a/b é")

    assert rb'"data":"a\/b \u00e9"' in reply.body
    assert "Content-Length" not in reply.headers
    assert reply.headers["X-Robots-Tag"] == "noindex"
    assert reply.headers["X-Content-Type-Options"] == "nosniff"
    assert reply.headers["Cache-Control"].startswith("no-cache")


@pytest.mark.parametrize("stream", [True, False])
@pytest.mark.parametrize(
    ("dialect", "site_fault", "reply"),
    [
        (
            "D4",
            "no_api_key",
            {
                "status": "error",
                "msg": "Unable to initialize the AI instance. Please check the API key.",
            },
        ),
        ("D0", "no_api_key", {"status": "error", "msg": "Missing API Setting"}),
        ("D1", "embeddings", {"status": "success", "data": "the text", "msg": "the text"}),
    ],
)
async def test_some_replies_are_json_whether_the_site_streams_or_not(
    dialect: str, site_fault: str, reply: dict[str, str], *, stream: bool
) -> None:
    async with visiting(dialect=dialect, stream=stream, site_fault=site_fault) as visitor:
        seen = await visitor.chat("the text")

    assert (seen.status, seen.content_type, seen.json()) == (200, JSON, reply)


@pytest.mark.parametrize("dialect", CLASSIC)
async def test_an_empty_message_is_refused_in_json_even_where_the_site_streams(
    dialect: str,
) -> None:
    async with visiting(dialect=dialect, stream=True) as visitor:
        reply = await visitor.chat("")

    expected = {"status": "error", "msg": "It appears that nothing was inputted."}
    assert (reply.content_type, reply.json()) == (JSON, expected)


@pytest.mark.parametrize(
    ("scenario", "expected"),
    [
        ({"site_fault": "data_null"}, success(None)),
        ({"site_fault": "data_empty"}, success("")),
        ({"site_fault": "upstream_html"}, success(None)),
        ({"captcha_text": True}, None),
        ({"captcha_text": "Prove it."}, success("Prove it.")),
    ],
)
async def test_an_answer_may_be_none(scenario: Any, expected: Any) -> None:
    async with visiting("chatgptt", **scenario) as visitor:
        reply = (await visitor.chat()).json()

    if expected is None:
        assert "captcha" in reply["data"]
    else:
        assert reply == expected


@pytest.mark.parametrize(
    ("scenario", "msg"),
    [
        ({"error_as_content": {"message": 'a "b" <c> & d'}}, "a &quot;b&quot; &lt;c&gt; &amp; d"),
        ({"error_as_content": {"message": ""}}, ""),
        ({"error_event": {"message": "overloaded"}}, "overloaded"),
        ({"assistant_mode": {"error": "the run failed"}}, "the run failed"),
    ],
)
async def test_an_upstream_error_has_log_and_greeting(scenario: Any, msg: str) -> None:
    async with visiting("chatgptt", **scenario) as visitor:
        reply = (await visitor.chat()).json()

    assert reply.pop("log")
    assert reply == {"status": "error", "msg": msg, "greeting_message": GREETING}


async def test_an_upstream_out_of_reach_is_a_curl_error() -> None:
    async with visiting("chatgptt", site_fault="upstream_unreachable") as visitor:
        reply = (await visitor.chat()).json()

    assert reply["msg"].startswith("cURL error 7: ")


@pytest.mark.parametrize(
    ("site_fault", "status", "body"),
    [
        ("died", 200, b""),
        ("zero", 200, b"0"),
        ("plugin_off", 400, b"0"),
    ],
)
async def test_a_handler_can_end_without_a_word(site_fault: str, status: int, body: bytes) -> None:
    async with visiting("chatgptt", site_fault=site_fault) as visitor:
        reply = await visitor.chat()

    assert (reply.status, reply.content_type, reply.body) == (status, HTML, body)


@pytest.mark.parametrize(
    ("scenario", "fields"),
    [({"site_fault": "critical_error"}, {}), ({}, {"bot_id": "2"})],
)
async def test_a_handler_that_dies_in_php_is_a_500_fragment(
    scenario: Any, fields: dict[str, str]
) -> None:
    async with visiting("chatgptt", **scenario) as visitor:
        reply = await visitor.chat(**fields)

    assert (reply.status, reply.content_type) == (500, HTML)
    assert b"There has been a critical error on this website." in reply.body
    assert b"<html" not in reply.body


async def test_php_prints_its_notice_before_the_json() -> None:
    async with visiting("chatgptt", php_notice=True) as visitor:
        reply = await visitor.chat("x")

    notice, _, json_text = reply.body.partition(b"\n{")
    assert notice.startswith(b"\nDeprecated: ")
    assert b" on line " in notice
    assert json_text.endswith(b'"data":"x","log":false}')


@pytest.mark.parametrize("message", ["hello", ""])
async def test_the_quota_has_no_status_and_comes_before_the_empty_message(message: str) -> None:
    async with visiting("chatgptt", quota=True) as visitor:
        reply = await visitor.chat(message)

    assert reply.json() == {"msg": "You have reached your token limit.", "tokenLimitReached": True}


async def test_a_quota_is_kept_for_each_client_id_and_for_none_without() -> None:
    async with visiting("chatgptt", quota=2) as visitor:

        async def limited(**fields: str) -> bool:
            return "tokenLimitReached" in (await visitor.chat(**fields)).json()

        one = [await limited(wpaicg_chat_client_id="one") for _ in range(3)]
        two = [await limited(wpaicg_chat_client_id="two") for _ in range(2)]
        nobody = [await limited() for _ in range(4)]

    assert one == [False, False, True]
    assert two == [False, False]
    assert nobody == [False] * 4


@pytest.mark.parametrize(
    ("scenario", "message", "headers", "msg"),
    [
        ({"banned_word": True}, "hi", {}, "Your message has been flagged as inappropriate."),
        ({"banned_word": "darn"}, "oh DARN it", {}, "Your message has been flagged as inap"),
        ({"banned_word": "darn"}, "oh darn, it", {}, None),
        ({"banned_ip": True}, "hi", {}, "You are not allowed"),
        ({"banned_ip": "192.0.2.1"}, "hi", {"X-Forwarded-For": "192.0.2.1"}, "You are not"),
        ({"banned_ip": "192.0.2.1"}, "hi", {}, None),
        ({"banned_ip": "192.0.2.1", "locale": "de", "banned_word": "x"}, "x", {}, "Deine Nachr"),
    ],
)
async def test_a_banned_word_or_address_is_a_plain_refusal(
    scenario: Any, message: str, headers: dict[str, str], msg: str | None
) -> None:
    async with visiting("chatgptt", **scenario) as visitor:
        form = {"action": ACTION, "_wpnonce": await visitor.nonce(), "message": message}
        reply = (await visitor.send("POST", AJAX, data=form, headers=headers)).json()

    if msg is None:
        assert reply["status"] == "success"
    else:
        assert set(reply) == {"status", "msg"}
        assert reply["msg"].startswith(msg)


async def _dispatch(visitor: Visitor, case: str) -> Any:
    nonce = await visitor.nonce()
    fields = {"action": ACTION, "_wpnonce": nonce, "message": "x"}
    match case:
        case "no action":
            return await visitor.send("POST", AJAX, data={"message": "x"})
        case "unknown action":
            return await visitor.send("POST", AJAX, data=fields | {"action": "nonsense"})
        case "an action of d5":
            action = {"action": "aipkit_cache_sse_message"}
            return await visitor.send("POST", AJAX, data=fields | action)
        case "JSON body":
            return await visitor.send("POST", AJAX, json=fields)
        case "body too big":
            return await visitor.chat("x" * 8_400_000)
    raise AssertionError(case)


@pytest.mark.parametrize(
    "case", ["no action", "unknown action", "an action of d5", "JSON body", "body too big"]
)
async def test_the_dispatcher_answers_400_and_0_to_what_it_does_not_know(case: str) -> None:
    async with visiting("chatgptt") as visitor:
        reply = await _dispatch(visitor, case)

    assert (reply.status, reply.content_type, reply.body) == (400, HTML, b"0")


async def test_a_message_of_3_mb_passes() -> None:
    async with visiting("chatgptt") as visitor:
        reply = await visitor.chat("x" * 3_000_000)

    assert len(reply.json()["data"]) == 3_000_000


async def test_multipart_works_and_action_and_nonce_may_stand_in_the_query() -> None:
    async with visiting("chatgptt") as visitor:
        nonce = await visitor.nonce()
        fields = {"action": ACTION, "_wpnonce": nonce, "message": "x"}
        form = aiohttp.FormData(fields, default_to_multipart=True)
        multipart = await visitor.send("POST", AJAX, data=form)
        query = {"action": ACTION, "_wpnonce": nonce}
        mixed = await visitor.send("POST", AJAX, params=query, data={"message": "y"})

    assert multipart.json()["data"] == "x"
    assert mixed.json()["data"] == "y"


@pytest.mark.parametrize("dialect", CLASSIC)
async def test_get_works_until_d3_and_finds_no_message_in_d4(dialect: str) -> None:
    async with visiting(dialect=dialect, stream=False) as visitor:
        query = {"action": ACTION, "_wpnonce": await visitor.nonce(), "message": "by get"}
        reply = await visitor.send("GET", AJAX, params=query)
        wrong = await visitor.send("GET", AJAX, params=query | {"_wpnonce": "bad"})

        if dialect in POST_ONLY:
            assert reply.json()["msg"] == "It appears that nothing was inputted."
            assert wrong.status == 403
        else:
            assert reply.json()["data"] == "by get"
            assert wrong.json()["status"] == "error"


async def test_options_of_a_foreign_origin_is_an_empty_403_but_its_post_is_served() -> None:
    foreign = {"Origin": "http://elsewhere.test"}
    async with visiting("chatgptt") as visitor:
        options = await visitor.send("OPTIONS", AJAX, headers=foreign)
        form = {"action": ACTION, "_wpnonce": await visitor.nonce(), "message": "x"}
        post = await visitor.send("POST", AJAX, data=form, headers=foreign)

    assert (options.status, options.body) == (403, b"")
    assert post.json()["status"] == "success"


async def test_only_the_first_version_sets_cookies() -> None:
    async with visiting(dialect="D0") as visitor:
        first = (await visitor.chat()).headers
        visitor.emulator.scenario(dialect="D1", stream=False)
        later = (await visitor.chat()).headers

    assert "PHPSESSID" in str(first)
    assert "wpaicg_conversation_url_shortcode" in str(first)
    assert "Set-Cookie" not in later


@pytest.mark.parametrize(
    "scenario", [{"status": 503}, {"status": 403}, {"status": 429, "retry_after": 7}]
)
async def test_a_status_of_the_scenario_is_a_whole_page_of_the_front(scenario: Any) -> None:
    """A short 403 fragment would read as a dead nonce."""
    async with visiting("chatgptt") as visitor:
        nonce = await visitor.nonce()
        visitor.emulator.scenario(**scenario)
        reply = await visitor.chat(_wpnonce=nonce)

    assert reply.status == scenario["status"]
    assert b"<html>" in reply.body
