"""What goes on the wire: the fields of a chat, who the visitor is, which cookies go where."""

from typing import Any
from urllib.parse import parse_qsl

import msgspec
import pytest
from tests.unit.web.ai_power_kit import AJAX, SITE, make_call

from dragoman.account import Secret
from dragoman.providers.call import Call
from dragoman.providers.web.ai_power_facts import (
    ModernChat,
    SiteFacts,
    account_cookies,
    chat_label,
    client_id,
    page_address,
    session_id,
)
from dragoman.providers.web.ai_power_modern import stream_request
from dragoman.providers.web.ai_power_requests import chat_request, page_request

FACTS = SiteFacts(
    kind="shortcode",
    nonce=Secret("0123456789"),
    ajax_url=AJAX,
    site_url=f"{SITE}/",
    post_id="7",
    bot_id="0",
    cookies=(("guest", Secret("1")),),
)


def fields(call: Call, **facts: Any) -> dict[str, str]:
    request = chat_request(call, msgspec.structs.replace(FACTS, **facts))
    return dict(parse_qsl(request.body.decode(), keep_blank_values=True, strict_parsing=True))


def test_a_chat_is_one_form() -> None:
    call = make_call(prompt="Grüße & \n%41+\U0001f600")

    request = chat_request(call, FACTS)

    assert (request.method, request.url) == ("POST", AJAX)
    assert request.headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert fields(call) == {
        "action": "wpaicg_chat_shortcode_message",
        "_wpnonce": "0123456789",
        "post_id": "7",
        "url": f"{SITE}/",
        "message": "Grüße & \n%41+\U0001f600",
        "bot_id": "0",
        "chatbot_identity": "shortcode",
        "wpaicg_chat_client_id": client_id(call),
        "wpaicg_chat_history": "[]",
        "chat_id": chat_label(call),
    }


def test_a_widget_has_its_own_action() -> None:
    sent = fields(make_call(), kind="widget", bot_id="5")

    assert (sent["action"], sent["chatbot_identity"]) == ("wpaicg_chatbox_message", "widget")


def test_a_custom_bot_has_its_own_identity_unless_told_otherwise() -> None:
    assert fields(make_call(), bot_id="5")["chatbot_identity"] == "custom_bot_5"
    told = make_call(chatbot_identity="shortcode")
    assert fields(told, bot_id="5")["chatbot_identity"] == "shortcode"


def test_a_visitor_stays_himself() -> None:
    """The site counts its quota by this name: a new one for each request would dodge it."""
    name = client_id(make_call(now=1.0))

    assert name == client_id(make_call(now=2.0, prompt="other"))
    assert len(name) == 10
    assert name.isalnum()
    assert name.isascii()
    assert name != client_id(make_call(cookies={"a": "b"}))
    assert name != client_id(make_call(base_url="https://other.test"))
    assert session_id(make_call()) == session_id(make_call(now=2.0))
    assert client_id(make_call(client_id="ann")) == session_id(make_call(client_id="ann")) == "ann"


def test_both_attempts_of_a_call_have_one_label_and_two_calls_have_two() -> None:
    labels = {chat_label(make_call(now=float(n))) for n in range(50)}

    assert chat_label(make_call(now=3.0)) == chat_label(make_call(now=3.0))
    assert len(labels) > 40
    assert all(1 <= int(label) <= 100_000 for label in labels)


@pytest.mark.parametrize(
    ("base_url", "url", "sent"),
    [
        ("https://a.test", "https://a.test/x", True),
        ("https://a.test", "https://a.test:443/x", True),
        ("http://a.test", "https://a.test/x", True),
        ("https://a.test", "http://a.test/x", False),
        ("http://a.test", "https://b.test/x", False),
        ("https://a.test", "https://www.a.test/x", False),
        ("http://a.test:8080", "https://a.test/x", False),
        ("http://a.test:8080", "http://a.test:8081/x", False),
    ],
)
def test_the_accounts_cookies_go_home_only(base_url: str, url: str, sent: bool) -> None:
    call = make_call(base_url=base_url, cookies={"login": "secret"})

    assert bool(account_cookies(call, url)) is sent


def test_the_accounts_cookies_win_over_the_pages() -> None:
    request = chat_request(make_call(cookies={"guest": "mine", "login": "x"}), FACTS)

    assert request.cookies == {"guest": "mine", "login": "x"}


@pytest.mark.parametrize(
    ("path", "address"),
    [
        (None, f"{SITE}/"),
        ("/", f"{SITE}/"),
        ("chat", f"{SITE}/chat"),
        ("/chat/?a=b", f"{SITE}/chat/?a=b"),
    ],
)
def test_the_page_is_below_the_base_url(path: str | None, address: str) -> None:
    call = make_call(page_path=path) if path else make_call()

    assert page_address(call) == address
    assert page_request(call).url == address


def test_a_modern_stream_is_a_get_with_its_key() -> None:
    facts = msgspec.structs.replace(FACTS, kind="modern", ajax_url=f"{AJAX}?lang=de", bot_id="5")
    call = make_call(now=12.5)

    request = stream_request(call, facts, ModernChat(Secret("key"), "talk"))

    address, _, query = request.url.partition("?")
    assert (request.method, address) == ("GET", AJAX)
    assert dict(parse_qsl(query)) == {
        "lang": "de",
        "action": "aipkit_frontend_chat_stream",
        "cache_key": "key",
        "bot_id": "5",
        "session_id": session_id(call),
        "conversation_uuid": "talk",
        "post_id": "7",
        "_ajax_nonce": "0123456789",
        "_ts": "12500",
    }
    assert "key" not in repr(request)
