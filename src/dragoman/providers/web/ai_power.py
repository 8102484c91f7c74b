"""AI Power, the WordPress plugin behind ChatgptFree and ChatGptt: the protocol they share.

    page ── box with a nonce ──> one POST ──> a stream or one JSON object      up to plugin 1.9.18
         └─ modern box ── [nonce] ──> message, key ──> GET of its stream       plugin 2.3 and later

Which plugin a site runs shows in its page and its replies; nothing is assumed. A nonce is good
for 12 to 24 hours and any number of chats; it is kept for 11 and renewed once if the site refuses
it. The model is the site owner's choice and never on the wire. Two limits: plugins before 1.8.96
make one blank of each run of newlines in a message, and an add-on that asks for a captcha in the
answer's place cannot be told from an answer.
Source: AI Power plugin 1.8.79-2.4.71 on WordPress 6.1, behaviour observed 2026-11-21.
"""

from collections.abc import Mapping
from typing import ClassVar

from dragoman.account import Setting
from dragoman.errors import AuthError, ChatError, ResponseStatusError
from dragoman.providers.base import AsyncGeneratorProvider, ProviderModelMixin
from dragoman.providers.call import Call, Decoder, Handshake, StaleSession
from dragoman.providers.web.ai_power_facts import SiteFacts, ajax_address, page_address
from dragoman.providers.web.ai_power_handshake import read_site, renew
from dragoman.providers.web.ai_power_modern import (
    STREAM_ACTION,
    ModernDecoder,
    leave_message,
    stream_request,
)
from dragoman.providers.web.ai_power_relay import RelayDecoder
from dragoman.providers.web.ai_power_requests import chat_request
from dragoman.wire.http import HttpReply, HttpRequest, ReplyHead
from dragoman.wire.status import status_error

__all__ = ["AiPower"]

MAX_FRAGMENT_BYTES = 4096


class AiPower(AsyncGeneratorProvider[SiteFacts], ProviderModelMixin):
    """A site with AI Power; subclasses say which."""

    supports_message_history = True
    supports_system_message = True
    TAKES_PROMPT = True
    SPEAKS = "AI Power (WordPress plugin) over admin-ajax.php"
    SETTINGS: ClassVar[Mapping[str, Setting]] = {
        "page_path": Setting(str, "/", "the page with the chat box, below the base URL"),
        "bot_id": Setting(int, None, "the bot to talk to; without it the one of the page"),
        "chatbot_identity": Setting(
            str, None, "`shortcode`, `widget` or `custom_bot_<id>`; without it as the page has it"
        ),
        "ajax_url": Setting(
            str, None, "the dispatcher, an address or a path; without it as the page says"
        ),
        "client_id": Setting(
            str, None, "the visitor's name, by which the site counts; one is made if none is given"
        ),
    }

    def check(self, call: Call) -> None:
        """Refuse settings that are no addresses."""
        ajax_address(call, page_address(call), "")

    def handshake(self, call: Call) -> Handshake[SiteFacts]:
        """The page, and for a modern box a nonce of its own."""
        return (yield from read_site(call))

    def refresh(
        self, call: Call, stale: SiteFacts, signal: StaleSession, fresh: bool
    ) -> Handshake[SiteFacts]:
        """The page once more, if need be past its caches; raises if its nonce is the same."""
        return (yield from renew(call, stale, signal, fresh=fresh))

    def prepare(self, call: Call, facts: SiteFacts) -> Handshake[SiteFacts] | None:
        """Nothing, or for a modern site the message, which gives a key for its answer."""
        return leave_message(call, facts) if facts.kind == "modern" else None

    def request(self, call: Call, facts: SiteFacts) -> HttpRequest:
        """The chat itself."""
        if facts.chat is not None:
            return stream_request(call, facts, facts.chat)
        return chat_request(call, facts)

    def failure(self, call: Call, reply: HttpReply) -> ChatError | StaleSession | None:
        """A refused nonce (403 with a fragment), an unknown action (400 `0`), or its status."""
        problem = status_error(reply, call.now)
        # Not its subclasses: a challenge page is one, too.
        if type(problem) is not ResponseStatusError:
            return problem
        match problem.status, reply.body.strip():
            case 400, b"0":
                problem.message = "400: the site has no such chat; or the message is too long"
                return StaleSession(problem)
            case 403, body if _is_fragment(reply.head, body):
                return StaleSession(AuthError("403: the site does not accept its nonce"))
            case _:
                return problem

    def decoder(self, call: Call, head: ReplyHead) -> Decoder:
        """A decoder for the generation whose request this reply answers."""
        if STREAM_ACTION in head.url.partition("?")[2]:
            return ModernDecoder(call, head)
        return RelayDecoder(call, head)


def _is_fragment(head: ReplyHead, body: bytes) -> bool:
    """Whether this is WordPress' short piece of HTML, and not a page of some server in front."""
    start = body.lower()
    return (
        head.media_type == "text/html"
        and 0 < len(body) <= MAX_FRAGMENT_BYTES
        and b"<html" not in start
        and b"<!doctype" not in start
    )
