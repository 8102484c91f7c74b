"""What the WordPress emulators complain of in the journal."""

from collections.abc import Iterable
from contextlib import suppress

import aiohttp
import pytest
from tests.emulators.wordpress_visitor import ACTION, AJAX, Visitor, visiting


async def post(visitor: Visitor, cookie: str = "", /, **fields: str) -> None:
    form = {"action": ACTION, "_wpnonce": await visitor.nonce(), "message": "hello", **fields}
    headers = {"Cookie": cookie} if cookie else {}
    await visitor.send("POST", AJAX, data=form, headers=headers)


def only(complaints: Iterable[str], *words: str) -> bool:
    """Each complaint has its word, in order, and there is no other."""
    complaints = list(complaints)
    return len(complaints) == len(words) and all(
        word in complaint for word, complaint in zip(words, complaints, strict=True)
    )


async def test_an_honest_chat_has_no_complaint_and_shows_what_the_model_got() -> None:
    async with visiting() as visitor:
        await post(visitor, wpaicg_chat_client_id="ada", wpaicg_chat_history="[]", chat_id="7")

        entry = visitor.emulator.journal[-1]
        assert entry["complaints"] == []
        assert (entry["method"], entry["path"]) == ("POST", AJAX)
        assert entry["body"]["message"] == "hello"
        assert entry["notes"]["model_got"]["message"] == "hello"


@pytest.mark.parametrize(
    ("fields", "word"),
    [
        ({"model": "gpt-4o"}, "field model"),
        ({"temperature": "0.2"}, "field temperature"),
        ({"max_tokens": "5"}, "field max_tokens"),
        ({"wpaicg_chat_shortcode_options[model]": "gpt-4"}, "overrides the owner's settings"),
    ],
)
async def test_what_is_the_owners_to_choose_is_not_sent(fields: dict[str, str], word: str) -> None:
    async with visiting() as visitor:
        await post(visitor, **fields)

        assert only(visitor.complaints(), word)


@pytest.mark.parametrize("missing", ["message", "_wpnonce"])
async def test_a_missing_field(missing: str) -> None:
    async with visiting() as visitor:
        form = {"action": ACTION, "_wpnonce": await visitor.nonce(), "message": "x"}
        del form[missing]
        await visitor.send("POST", AJAX, data=form)

        assert only(visitor.complaints(), f"missing field {missing}")


async def test_a_chat_in_json() -> None:
    async with visiting() as visitor:
        query = {"action": ACTION, "_wpnonce": await visitor.nonce()}
        await visitor.send("POST", AJAX, params=query, json={"message": "x"})

        assert only(visitor.complaints(), "wrong content type", "missing field message")


@pytest.mark.parametrize(("dialect", "words"), [("D1", []), ("D4", ["POST fields only"])])
async def test_a_get_where_fields_are_read_from_post(dialect: str, words: list[str]) -> None:
    async with visiting(dialect=dialect) as visitor:
        query = {"action": ACTION, "_wpnonce": await visitor.nonce(), "message": "x"}
        await visitor.send("GET", AJAX, params=query)

        assert only(visitor.complaints(), *words)


async def test_a_third_attempt_of_a_chat_refused_twice() -> None:
    async with visiting("chatgptt", nonce_expire_after={"uses": 0}) as visitor:
        complaints = []
        for _ in range(3):
            await post(visitor, chat_id="7")
            complaints.append(visitor.complaints())

        assert complaints[:2] == [[], []]
        assert only(complaints[2], "third attempt")

        await post(visitor, chat_id="8")
        assert visitor.complaints() == []


async def test_a_second_attempt_that_is_let_in_starts_the_count_anew() -> None:
    async with visiting("chatgptt", nonce_expire_after={"uses": 0}, on=[1, 3]) as visitor:
        for _ in range(4):
            await post(visitor, chat_id="7")
            assert visitor.complaints() == []


@pytest.mark.parametrize(("how", "words"), [("fin", ["replay"]), (None, [])])
async def test_a_chat_sent_again_after_a_part_of_its_answer(
    how: str | None, words: list[str]
) -> None:
    cut = {"after_events": 2, "how": how} if how else None
    async with visiting(cut=cut) as visitor:
        for _ in range(2):
            with suppress(aiohttp.ClientPayloadError):
                await post(visitor, message="one two three", chat_id="7")

        assert only(visitor.complaints(), *words)


async def test_a_message_refused_for_the_quota_comes_under_another_client_id() -> None:
    async with visiting("chatgptt", quota=True) as visitor:
        await post(visitor, wpaicg_chat_client_id="one")
        await post(visitor, wpaicg_chat_client_id="one")
        assert visitor.complaints() == []

        await post(visitor, wpaicg_chat_client_id="two")
        assert only(visitor.complaints(), "quota dodge")


async def test_a_session_with_a_new_client_id_for_each_chat() -> None:
    cookie = "cf_clearance=x"
    async with visiting("chatgptt") as visitor:
        complaints = []
        for client_id in ("one", "two", "three"):
            await post(visitor, cookie, wpaicg_chat_client_id=client_id)
            complaints.append(visitor.complaints())

        assert complaints[:2] == [[], []]
        assert only(complaints[2], "quota dodge")


async def test_two_visitors_of_one_session_may_each_keep_a_client_id() -> None:
    cookie = "cf_clearance=x"
    async with visiting("chatgptt") as visitor:
        for client_id in ("one", "two", "one", "two"):
            await post(visitor, cookie, wpaicg_chat_client_id=client_id)
            assert visitor.complaints() == []
