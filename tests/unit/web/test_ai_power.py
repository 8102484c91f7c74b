"""The provider that the sites share: what it checks first, and what its failures mean."""

import msgspec
import pytest
from tests.unit.web.ai_power_kit import (
    AJAX,
    HTML_TYPE,
    JSON_TYPE,
    SAMPLES,
    SITE,
    drive,
    make_call,
    make_head,
    make_reply,
)
from tests.unit.web.test_ai_power_requests import FACTS

from dragoman.account import Account, Secret
from dragoman.chat import ChatRequest
from dragoman.errors import AuthError, InputError
from dragoman.messages import Message, Text
from dragoman.providers.call import StaleSession
from dragoman.providers.web.ai_power import AiPower
from dragoman.providers.web.ai_power_facts import ModernChat
from dragoman.providers.web.ai_power_modern import ModernDecoder
from dragoman.providers.web.ai_power_relay import RelayDecoder
from dragoman.providers.web.chat_gptt import ChatGptt
from dragoman.providers.web.chatgpt_free import ChatgptFree
from dragoman.wire.http import HttpReply

LINK = (SAMPLES / "nonce_refused_with_link.html").read_bytes()


class Case(msgspec.Struct, frozen=True):
    """A reply that is no answer, and the error that it is."""

    name: str
    reply: HttpReply
    error: str


def challenged(status: int) -> HttpReply:
    return HttpReply(make_head(status, HTML_TYPE, **{"cf-mitigated": "challenge"}), b"<p>x</p>")


CASES = [
    Case(
        "a dead nonce",
        make_reply((SAMPLES / "nonce_refused.html").read_bytes(), 403),
        "stale AuthError",
    ),
    Case("a dead nonce with a link", make_reply(LINK, 403), "stale AuthError"),
    Case(
        "a dead nonce in Russian", make_reply("Срок действия ссылки истёк.", 403), "stale AuthError"
    ),
    Case("minus one", make_reply("-1", 403), "stale AuthError"),
    Case("a challenge", challenged(403), "ChallengeError"),
    Case("a challenge at 200", challenged(200), "ChallengeError"),
    Case("a challenge by its words", make_reply("<p>Just a moment...</p>", 403), "ChallengeError"),
    Case(
        "a firewall's page",
        make_reply("<!DOCTYPE html><html>No</html>", 403),
        "ResponseStatusError",
    ),
    Case("a long page", make_reply("<p>" + "x" * 5000, 403), "ResponseStatusError"),
    Case("an empty 403", make_reply("", 403), "ResponseStatusError"),
    Case("plain text", make_reply("Forbidden", 403, "text/plain"), "ResponseStatusError"),
    Case("about a login", make_reply('{"message":"log in"}', 403, JSON_TYPE), "AuthError"),
    Case("an unknown action", make_reply("0", 400), "stale ResponseStatusError"),
    Case("a bad request", make_reply("Bad Request", 400), "ResponseStatusError"),
    Case("a redirect", make_reply("", 302), "ResponseStatusError"),
    Case("too many", make_reply("", 429), "RateLimitError"),
    Case("to be paid", make_reply("", 402), "PaymentRequiredError"),
    Case("a critical error", make_reply("<p>critical error</p>", 500), "ResponseStatusError"),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_failure_is_known_by_its_shape(case: Case) -> None:
    found = ChatGptt().failure(make_call(), case.reply)

    if isinstance(found, StaleSession):
        assert f"stale {type(found.error).__name__}" == case.error
    else:
        assert type(found).__name__ == case.error


def test_an_answer_is_no_failure() -> None:
    assert ChatGptt().failure(make_call(), make_reply("x", 200)) is None


def test_a_reply_is_decoded_by_the_generation_that_was_asked() -> None:
    provider = ChatGptt()
    modern = make_head(url=f"{AJAX}?action=aipkit_frontend_chat_stream&x=1")

    assert isinstance(provider.decoder(make_call(), make_head()), RelayDecoder)
    assert isinstance(provider.decoder(make_call(), modern), ModernDecoder)


def test_a_chat_with_an_older_plugin_needs_no_preparation() -> None:
    assert ChatGptt().prepare(make_call(), FACTS) is None


def test_the_protocol_runs_through_its_steps() -> None:
    provider, call = ChatGptt(), make_call()
    page = make_reply('<p class="wpaicg-chatbox" data-nonce="abc">', url=f"{SITE}/")

    facts, _ = drive(provider.handshake(call), [page])
    signal = StaleSession(AuthError("403"))
    steps = provider.refresh(call, FACTS, signal, fresh=True)
    newer, _ = drive(steps, [page])
    chat = msgspec.structs.replace(FACTS, chat=ModernChat(Secret("key"), "talk"))

    assert facts == newer
    assert facts.nonce == Secret("abc")
    assert provider.request(call, facts).method == "POST"
    assert provider.request(call, chat).method == "GET"


def test_a_modern_site_is_left_the_message_first() -> None:
    reply = make_reply('{"success":true,"data":{"cache_key":"key"}}', content_type=JSON_TYPE)
    facts = msgspec.structs.replace(FACTS, kind="modern")

    steps = ChatGptt().prepare(make_call(), facts)
    assert steps is not None
    ready, _ = drive(steps, [reply])

    assert ready.chat is not None


@pytest.mark.parametrize("ajax_url", ["http://user:password@x.test/", "ftp://x.test/"])
def test_a_setting_that_is_no_address_is_refused(ajax_url: str) -> None:
    with pytest.raises(InputError):
        ChatGptt().check(make_call(ajax_url=ajax_url))


def test_a_blank_prompt_is_refused_when_the_call_is_made() -> None:
    chat = ChatRequest(model="gpt-4o", messages=(Message("user", (Text(" \n"),)),))

    with pytest.raises(InputError):
        ChatGptt().call(chat, Account.of(base_url="https://example.test"))


@pytest.mark.parametrize("provider", [ChatgptFree, ChatGptt])
def test_no_option_of_a_chat_is_expressed(provider: type[AiPower]) -> None:
    assert frozenset() == provider.EXPRESSES
    assert provider.supports_message_history
    assert provider.supports_system_message
    assert set(provider.SETTINGS) == {
        "page_path",
        "bot_id",
        "chatbot_identity",
        "ajax_url",
        "client_id",
    }
