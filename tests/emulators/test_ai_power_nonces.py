"""How AI Power refuses a nonce, by version, and how long one is good."""

from typing import Any

import pytest
from tests.emulators.wordpress_visitor import ACTION, AJAX, visiting

JSON = "application/json; charset=UTF-8"
HTML = "text/html; charset=UTF-8"
POST_ONLY = ["D4-1.8.91", "D4"]

NONCE_FAILED = {
    "en": "Nonce verification failed",
    "de": "Die Prüfung der Einmalkennung ist fehlgeschlagen",
    "ru": "Проверка одноразового кода не пройдена",
}


@pytest.mark.parametrize("locale", ["en", "de", "ru"])
@pytest.mark.parametrize("dialect", ["D1", "D2", "D3"])
async def test_a_wrong_nonce_is_json_of_two_keys_before_d4_even_where_the_site_streams(
    dialect: str, locale: str
) -> None:
    async with visiting(dialect=dialect, locale=locale, stream=True) as visitor:
        reply = await visitor.chat(_wpnonce="0123456789")

    assert (reply.status, reply.content_type) == (200, JSON)
    assert reply.json() == {"status": "error", "msg": NONCE_FAILED[locale]}


async def test_the_first_version_calls_it_a_security_check() -> None:
    async with visiting(dialect="D0") as visitor:
        reply = await visitor.chat(_wpnonce="0123456789")

    assert reply.json() == {"status": "error", "msg": "Security check"}


@pytest.mark.parametrize("dialect", POST_ONLY)
@pytest.mark.parametrize(
    ("locale", "begin"),
    [("en", "The link you followed"), ("de", "Der Link, dem"), ("ru", "Срок действия ссылки")],
)
async def test_a_wrong_nonce_is_a_403_fragment_since_d4(
    dialect: str, locale: str, begin: str
) -> None:
    async with visiting(dialect=dialect, locale=locale) as visitor:
        reply = await visitor.chat(_wpnonce="0123456789")

    assert (reply.status, reply.content_type) == (403, HTML)
    assert reply.body.decode().startswith(begin)
    assert b"<" not in reply.body


@pytest.mark.parametrize(("referer", "linked"), [("{url}/chat", True), ("http://x.test/", False)])
async def test_the_fragment_links_back_to_a_page_of_the_same_host_only(
    referer: str, *, linked: bool
) -> None:
    async with visiting("chatgptt") as visitor:
        referer = referer.format(url=visitor.emulator.url)
        form = {"action": ACTION, "_wpnonce": "bad", "message": "x"}
        reply = await visitor.send("POST", AJAX, data=form, headers={"Referer": referer})

    link = f'</p><p><a href="{referer}">Please try again.</a>'
    assert (link in reply.body.decode()) is linked
    assert b"<html" not in reply.body


@pytest.mark.parametrize(
    ("shape", "status", "body"),
    [
        ("D1", 200, b'{"status":"error","msg":"Nonce verification failed"}'),
        ("D4", 403, b"The link you followed has expired."),
        ("-1", 403, b"-1"),
    ],
)
async def test_a_nonce_expires_after_its_uses_and_the_next_page_has_a_new_one(
    shape: str, status: int, body: bytes
) -> None:
    expire = {"uses": 2, "shape": shape}
    async with visiting("chatgptt", nonce_expire_after=expire) as visitor:
        first = await visitor.nonce()

        replies = [await visitor.chat(_wpnonce=first) for _ in range(3)]
        second = await visitor.nonce()
        after = await visitor.chat(_wpnonce=second)

    assert [reply.status for reply in replies] == [200, 200, status]
    assert replies[2].body == body
    assert second != first
    assert after.json()["status"] == "success"


async def test_after_0_uses_no_nonce_is_ever_good() -> None:
    async with visiting("chatgptt", nonce_expire_after={"uses": 0}) as visitor:
        replies = [await visitor.chat() for _ in range(3)]

    assert [reply.status for reply in replies] == [403] * 3


async def test_a_nonce_can_expire_after_seconds() -> None:
    async with visiting("chatgptt", nonce_expire_after={"seconds": 60}) as visitor:
        nonce = await visitor.nonce()

        visitor.emulator.scenario(nonce_expire_after={"seconds": 60}, clock_s=61)

        assert (await visitor.chat(_wpnonce=nonce)).status == 403


@pytest.mark.parametrize(
    ("knob", "cured"), [(True, True), ({"cure": True}, True), ({"cure": False}, False)]
)
async def test_a_page_cache_serves_a_dead_nonce_until_a_query_gets_past_it(
    knob: Any, *, cured: bool
) -> None:
    async with visiting("chatgptt", nonce_stale_page=knob) as visitor:
        stale = await visitor.nonce()

        assert await visitor.nonce() == stale
        assert (await visitor.chat(_wpnonce=stale)).status == 403

        busted = await visitor.nonce("/?nocache=1")
        assert (busted != stale) is cured
        assert (await visitor.chat(_wpnonce=busted)).status == (200 if cured else 403)
