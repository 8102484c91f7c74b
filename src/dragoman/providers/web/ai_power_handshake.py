"""The way to a nonce of AI Power: the page, its box, and what to do when the nonce is refused.

Pure: generators that yield requests and are sent replies. A refused nonce is fetched anew once
from the page and, if that has the same one, once past the page's caches; never a third time.
Source: AI Power plugin 1.8.79-2.4.71 on WordPress 6.1, behaviour observed 2026-11-21.
"""

import msgspec

from dragoman.account import Secret
from dragoman.errors import AuthError, ChatError, HandshakeError, ResponseError, ResponseStatusError
from dragoman.providers.call import Call, Handshake, StaleSession, Step
from dragoman.providers.web.ai_power_facts import SiteFacts, ajax_address
from dragoman.providers.web.ai_power_modern import read_nonce
from dragoman.providers.web.ai_power_page import choose_box, read_page
from dragoman.providers.web.ai_power_requests import page_request
from dragoman.wire.http import HttpReply, origin
from dragoman.wire.status import challenge, status_error

__all__ = ["NONCE_LIFE_S", "read_site", "renew"]

# A nonce is good for 12 to 24 hours from its making: below the shorter, with a margin.
NONCE_LIFE_S = 11 * 3600.0

_NO_NONCE = Secret("")


def read_site(call: Call, *, past_caches: bool = False) -> Handshake[SiteFacts]:
    """The facts of the site's page; `HandshakeError` says what it lacks."""
    reply = yield Step("page", page_request(call, past_caches=past_caches))
    problem = None if 200 <= reply.head.status < 300 else status_error(reply, call.now)
    if problem is not None:
        raise problem
    facts = _facts(call, reply)
    if facts.kind == "modern":
        nonce = (yield from read_nonce(call, facts)) or facts.nonce
        facts = msgspec.structs.replace(facts, nonce=nonce)
    if facts.nonce == _NO_NONCE:
        raise HandshakeError(f"no nonce in the chat box of {_shown(reply)}")
    return facts


def renew(
    call: Call, stale: SiteFacts, signal: StaleSession, *, fresh: bool
) -> Handshake[SiteFacts]:
    """Facts with another nonce than the refused one; `fresh`: that was read just now."""
    if isinstance(signal.error, ResponseStatusError):
        return (yield from _other_generation(call, stale, signal.error, fresh=fresh))
    if not fresh:
        facts = yield from read_site(call)
        if facts.nonce != stale.nonce:
            return facts
    facts = yield from read_site(call, past_caches=True)
    if facts.nonce != stale.nonce:
        return facts
    raise _same_nonce(signal.error)


def _other_generation(
    call: Call, stale: SiteFacts, error: ChatError, *, fresh: bool
) -> Handshake[SiteFacts]:
    """The chat is unknown there: since the page was read the plugin may have been renewed."""
    if not fresh:
        facts = yield from read_site(call)
        if facts.kind == "modern" and stale.kind != "modern":
            return facts
    raise error


def _same_nonce(error: ChatError) -> ChatError:
    if isinstance(error, ResponseError):
        # A plain refusal looks the same; its own words are the better guess.
        return error
    return AuthError("the page serves an old nonce, and the site refuses it")


def _facts(call: Call, reply: HttpReply) -> SiteFacts:
    page = read_page(reply.body)
    asked = call.setting("bot_id")
    box = choose_box(page, asked)
    if box is None:
        raise _no_box(reply)
    page_url = reply.head.url
    ajax_url = ajax_address(call, page_url, box.ajax_url or page.ajax_url)
    cookies = reply.head.cookies if origin(ajax_url) == origin(page_url) else {}
    return SiteFacts(
        expires_at=call.now + NONCE_LIFE_S,
        kind=box.kind,
        nonce=box.nonce or _NO_NONCE,
        ajax_url=ajax_url,
        site_url=box.site_url or page_url,
        post_id=box.post_id,
        bot_id=asked or box.bot_id,
        cookies=tuple((name, Secret(value)) for name, value in sorted(cookies.items())),
    )


def _no_box(reply: HttpReply) -> ChatError:
    found = challenge(reply.head, reply.body)
    if found is not None:
        return found
    if not reply.body.strip():
        return ResponseError("empty reply in place of the page")
    return HandshakeError(
        f"no chat box of AI Power (an element with data-nonce or data-config) in {_shown(reply)}; "
        "if it is on another page, say so with the setting page_path"
    )


def _shown(reply: HttpReply) -> str:
    return reply.head.url.partition("?")[0]
