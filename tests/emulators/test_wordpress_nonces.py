"""Nonces: who they are good for, and when."""

import hmac

import pytest
from tests.emulators.wordpress_visitor import visiting

from dragoman.emulators.wordpress_nonces import GUEST, Nonces, Visitor, visitor_of

ACTION = "wpaicg-chatbox"
HOUR_S = 3600.0
# 2026-11-21 at 00:00 UTC, where a tick turns.
MIDNIGHT_S = 1_795_219_200.0
LOGIN = {"wordpress_logged_in_0ab": "ada|1795300000|session-1|signature"}

nonces = Nonces("salt")


def test_a_nonce_is_ten_hex_characters() -> None:
    nonce = nonces.create(ACTION, GUEST, now_s=MIDNIGHT_S)

    assert len(nonce) == 10
    assert set(nonce) <= set("0123456789abcdef")


@pytest.mark.parametrize("made_h", [1.0, 6.0, 11.9])
@pytest.mark.parametrize(
    ("shown_h", "good"), [(0.1, True), (12.1, True), (23.9, True), (24.1, False), (36.0, False)]
)
def test_a_nonce_lives_until_the_second_turn_of_its_tick(
    made_h: float, shown_h: float, *, good: bool
) -> None:
    nonce = nonces.create(ACTION, GUEST, now_s=MIDNIGHT_S + made_h * HOUR_S)

    shown_s = MIDNIGHT_S + max(shown_h, made_h) * HOUR_S

    assert nonces.verify(nonce, ACTION, GUEST, now_s=shown_s) is good


def test_a_coming_nonce_is_not_good_yet() -> None:
    nonce = nonces.create(ACTION, GUEST, now_s=MIDNIGHT_S + HOUR_S)

    assert not nonces.verify(nonce, ACTION, GUEST, now_s=MIDNIGHT_S - HOUR_S)


def test_a_stale_nonce_is_dead_at_once() -> None:
    stale = nonces.stale(ACTION, GUEST, now_s=MIDNIGHT_S + HOUR_S)

    assert not nonces.verify(stale, ACTION, GUEST, now_s=MIDNIGHT_S + HOUR_S)


@pytest.mark.parametrize(
    ("action", "visitor", "secret"),
    [
        ("another-action", GUEST, "salt"),
        (ACTION, Visitor(7, "t"), "salt"),
        (ACTION, GUEST, "other salt"),
    ],
)
def test_a_nonce_is_of_one_action_one_visitor_and_one_site(
    action: str, visitor: Visitor, secret: str
) -> None:
    nonce = nonces.create(ACTION, GUEST, now_s=MIDNIGHT_S)

    assert not Nonces(secret).verify(nonce, action, visitor, now_s=MIDNIGHT_S)


def test_a_nonce_is_of_one_login_session() -> None:
    nonce = nonces.create(ACTION, Visitor(7, "t"), now_s=MIDNIGHT_S)

    assert nonces.verify(nonce, ACTION, Visitor(7, "t"), now_s=MIDNIGHT_S)
    assert not nonces.verify(nonce, ACTION, Visitor(7, "u"), now_s=MIDNIGHT_S)


def test_it_is_ten_of_the_last_twelve_digits_of_an_hmac() -> None:
    digits = hmac.new(b"salt", b"41556|wpaicg-chatbox|7|t", "md5").hexdigest()

    made = nonces.create(ACTION, Visitor(7, "t"), now_s=41_556 * 12 * HOUR_S)

    assert made == digits[20:30]


def test_it_is_compared_exactly() -> None:
    nonce = nonces.create(ACTION, GUEST, now_s=MIDNIGHT_S)

    for wrong in ("", nonce.upper() + "0", nonce[:9], f" {nonce}"):
        assert not nonces.verify(wrong, ACTION, GUEST, now_s=MIDNIGHT_S)


def test_a_filter_shortens_the_life() -> None:
    short = Nonces("salt", life_s=60.0)
    nonce = short.create(ACTION, GUEST, now_s=30_001.0)

    assert short.verify(nonce, ACTION, GUEST, now_s=30_031.0)
    assert not short.verify(nonce, ACTION, GUEST, now_s=30_091.0)


def test_a_login_cookie_names_user_and_session() -> None:
    ada = visitor_of(LOGIN)

    assert visitor_of({"cf_clearance": "x"}) == GUEST
    assert ada == Visitor(ada.user_id, "session-1")
    assert ada.user_id != 0
    assert visitor_of({"wordpress_logged_in_0ab": "ada%7C1%7Csession-2%7Cs"}) != ada


async def test_all_guests_share_one_nonce_and_use_it_often() -> None:
    async with visiting("chatgptt") as visitor:
        nonce = await visitor.nonce()
        other = await visitor.nonce(headers={"Cookie": "shop=1"})

        replies = [await visitor.chat(_wpnonce=nonce) for _ in range(3)]

    assert other == nonce
    assert [reply.json()["status"] for reply in replies] == ["success"] * 3


async def test_a_nonce_of_a_login_is_refused_without_its_cookie_and_the_other_way_round() -> None:
    cookie = {"Cookie": "; ".join(f"{name}={value}" for name, value in LOGIN.items())}
    async with visiting("chatgptt") as visitor:
        ada = await visitor.nonce(headers=cookie)
        guest = await visitor.nonce()

        async def status(nonce: str, headers: dict[str, str]) -> int:
            form = {"action": "wpaicg_chat_shortcode_message", "_wpnonce": nonce, "message": "x"}
            path = "/wp-admin/admin-ajax.php"
            return (await visitor.send("POST", path, data=form, headers=headers)).status

        seen = [
            await status(ada, cookie),
            await status(ada, {}),
            await status(guest, cookie),
            await status(guest, {}),
        ]

    assert seen == [200, 403, 403, 200]


async def test_a_day_later_by_the_emulators_clock_the_nonce_is_dead() -> None:
    async with visiting("chatgptt") as visitor:
        nonce = await visitor.nonce()

        visitor.emulator.scenario(clock_s=11 * HOUR_S)
        soon = await visitor.chat(_wpnonce=nonce)
        visitor.emulator.scenario(clock_s=25 * HOUR_S)
        late = await visitor.chat(_wpnonce=nonce)

    assert [soon.status, late.status] == [200, 403]
