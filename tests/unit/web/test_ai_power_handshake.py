"""From a page to facts, and what happens to a refused nonce."""

import html
import json
from typing import Any

import msgspec
import pytest
from tests.unit.web.ai_power_kit import AJAX, JSON_TYPE, SITE, drive, make_call, make_reply

from dragoman.account import Secret
from dragoman.errors import AuthError, ChatError, ResponseError, ResponseStatusError
from dragoman.providers.call import StaleSession
from dragoman.providers.web.ai_power_facts import SiteFacts
from dragoman.providers.web.ai_power_handshake import NONCE_LIFE_S, read_site, renew
from dragoman.wire.http import HttpReply

OLD, NEW = "1111111111", "2222222222"


def box(nonce: str = OLD, *, script: str = "") -> str:
    return (
        f"<script>wpaicgParams = {script or '{}'}</script>"
        f'<div class="wpaicg-chat-shortcode" data-nonce="{nonce}" data-post-id="7"></div>'
    )


def page(nonce: str = OLD, *, url: str = f"{SITE}/", script: str = "") -> HttpReply:
    return make_reply(box(nonce, script=script), url=url)


def modern_page(**config: object) -> HttpReply:
    shown = html.escape(json.dumps({"botId": 5, **config}))
    return make_reply(f'<div data-config="{shown}"></div>', url=f"{SITE}/")


def nonce_reply(nonce: str) -> HttpReply:
    body = json.dumps({"success": True, "data": {"nonce": nonce}})
    return make_reply(body, content_type=JSON_TYPE)


NO_ACTION = make_reply("0", 400)
REFUSED = StaleSession(AuthError("403"))
PLAIN = StaleSession(ResponseError("Nothing inputted"))
UNKNOWN = StaleSession(ResponseStatusError("400", status=400))


def facts(nonce: str = OLD, kind: str = "shortcode") -> SiteFacts:
    known = SiteFacts(
        kind="shortcode", nonce=Secret(nonce), ajax_url=AJAX, site_url=SITE, post_id="", bot_id="0"
    )
    return msgspec.structs.replace(known, kind=kind)


def test_a_page_gives_facts_for_eleven_hours() -> None:
    known, requests = drive(read_site(make_call(now=100.0)), [page()])

    assert known == SiteFacts(
        expires_at=100.0 + NONCE_LIFE_S,
        kind="shortcode",
        nonce=Secret(OLD),
        ajax_url=AJAX,
        site_url=f"{SITE}/",
        post_id="7",
        bot_id="0",
    )
    assert [(request.method, request.url) for request in requests] == [("GET", f"{SITE}/")]
    assert OLD not in repr(known)


class Where(msgspec.Struct, frozen=True):
    """Where the page was found and what it says, and where the chat then goes."""

    name: str
    page_url: str
    said: str
    ajax_url: str
    base_url: str = SITE
    setting: str | None = None


WHERE = [
    Where("as the page says", f"{SITE}/", f"{SITE}/rizq", f"{SITE}/rizq"),
    Where("a path", f"{SITE}/", "/rizq?lang=de", f"{SITE}/rizq?lang=de"),
    Where("not another host", f"{SITE}/", "https://evil.test/ajax", AJAX),
    Where("not without TLS", f"{SITE}/", "http://example.test/ajax", AJAX),
    Where("not a broken address", f"{SITE}/", "http://[oops", AJAX),
    Where("in a folder", f"{SITE}/wp/", "", f"{SITE}/wp{AJAX[len(SITE) :]}", f"{SITE}/wp"),
    Where("a page that moved", "https://www.example.test/", "", AJAX.replace("//", "//www.")),
    Where("the setting, a path", f"{SITE}/", f"{SITE}/a", f"{SITE}/rizq", setting="/rizq"),
    Where("the setting", f"{SITE}/", "", "http://x.test/a", setting="http://x.test/a"),
]


@pytest.mark.parametrize("case", WHERE, ids=lambda case: case.name)
def test_the_dispatcher_is_found(case: Where) -> None:
    settings: dict[str, Any] = {"ajax_url": case.setting} if case.setting else {}
    call = make_call(base_url=case.base_url, **settings)
    script = json.dumps({"ajax_url": case.said})

    known, _ = drive(read_site(call), [page(url=case.page_url, script=script)])

    assert known.ajax_url == case.ajax_url


def test_the_pages_cookies_are_kept_for_its_own_origin() -> None:
    reply = page()
    cookies = {"guest": "1"}
    reply = msgspec.structs.replace(
        reply, head=msgspec.structs.replace(reply.head, cookies=cookies)
    )

    here, _ = drive(read_site(make_call()), [reply])
    elsewhere, _ = drive(read_site(make_call(ajax_url="https://x.test/a")), [reply])

    assert here.cookies == (("guest", Secret("1")),)
    assert elsewhere.cookies == ()


@pytest.mark.parametrize(
    ("replies", "nonce"),
    [
        ([modern_page(nonce=OLD), nonce_reply(NEW)], NEW),
        ([modern_page(nonce=OLD), NO_ACTION], OLD),
        ([modern_page(), nonce_reply(NEW)], NEW),
    ],
)
def test_a_modern_site_is_asked_for_a_nonce(replies: list[HttpReply], nonce: str) -> None:
    known, requests = drive(read_site(make_call()), replies)

    assert (known.kind, known.bot_id, known.nonce) == ("modern", "5", Secret(nonce))
    assert requests[1].body == b"action=aipkit_get_frontend_chat_nonce"


class Bad(msgspec.Struct, frozen=True):
    """Replies to the handshake, and the error that they are."""

    name: str
    replies: list[HttpReply]
    error: str
    words: str = ""


BAD = [
    Bad("no box", [make_reply("<p>Hello</p>")], "HandshakeError", "page_path"),
    Bad("an empty page", [make_reply("")], "ResponseError", "empty"),
    Bad("no page", [make_reply("gone", 404)], "ResponseStatusError", "404"),
    Bad("a challenge", [make_reply("<title>Just a moment...</title>")], "ChallengeError"),
    Bad("a busy site", [make_reply("", 429)], "RateLimitError"),
    Bad("a modern box without a nonce", [modern_page(), NO_ACTION], "HandshakeError", "no nonce"),
    Bad(
        "a challenge before the nonce",
        [modern_page(nonce=OLD), make_reply("<title>Just a moment...</title>", 403)],
        "ChallengeError",
    ),
]


@pytest.mark.parametrize("case", BAD, ids=lambda case: case.name)
def test_a_page_that_is_none_is_an_error(case: Bad) -> None:
    with pytest.raises(ChatError) as caught:
        drive(read_site(make_call()), case.replies)

    assert type(caught.value).__name__ == case.error
    assert case.words in caught.value.message


def test_a_page_with_a_box_may_speak_of_challenges() -> None:
    body = f"<p>Just a moment...</p>{box()}"

    known, _ = drive(read_site(make_call()), [make_reply(body, url=f"{SITE}/")])

    assert known.nonce == Secret(OLD)


class Renewal(msgspec.Struct, frozen=True):
    """A refused nonce, the pages then served, and the new nonce or the error."""

    name: str
    signal: StaleSession
    fresh: bool
    pages: list[HttpReply]
    end: str
    kind: str = "shortcode"


RENEWALS = [
    Renewal("kept: the page has another", REFUSED, False, [page(NEW)], NEW),
    Renewal("kept: only past the cache", REFUSED, False, [page(), page(NEW)], NEW),
    Renewal("kept: nowhere", REFUSED, False, [page(), page()], "AuthError"),
    Renewal("fresh: past the cache", REFUSED, True, [page(NEW)], NEW),
    Renewal("fresh: nowhere", REFUSED, True, [page()], "AuthError"),
    Renewal("a plain refusal, kept", PLAIN, False, [page(), page()], "ResponseError"),
    Renewal("a plain refusal, fresh", PLAIN, True, [page()], "ResponseError"),
    Renewal("a refusal by a dead nonce", PLAIN, True, [page(NEW)], NEW),
    Renewal("unknown action, fresh", UNKNOWN, True, [], "ResponseStatusError"),
    Renewal("unknown action, kept", UNKNOWN, False, [page(NEW)], "ResponseStatusError"),
    Renewal("renewed plugin", UNKNOWN, False, [modern_page(), nonce_reply(NEW)], NEW),
    Renewal(
        "unknown action of a modern site",
        UNKNOWN,
        False,
        [modern_page(), nonce_reply(NEW)],
        "ResponseStatusError",
        "modern",
    ),
]


@pytest.mark.parametrize("case", RENEWALS, ids=lambda case: case.name)
def test_a_refused_nonce_is_replaced_or_an_error(case: Renewal) -> None:
    steps = renew(make_call(), facts(kind=case.kind), case.signal, fresh=case.fresh)
    try:
        known, _ = drive(steps, case.pages)
        end = known.nonce.reveal()
    except ChatError as error:
        end = type(error).__name__

    assert end == case.end


def test_past_the_caches_means_a_query_and_a_header() -> None:
    steps = renew(make_call(page_path="/chat?a=1"), facts(), REFUSED, fresh=True)

    _, (request,) = drive(steps, [page(NEW)])

    assert request.url.startswith(f"{SITE}/chat?a=1&_=")
    assert request.headers["Cache-Control"] == "no-cache"
