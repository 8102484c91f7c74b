"""What the emulator of AI Power 2.3 and later complains of in the journal."""

from contextlib import suppress

import aiohttp
import pytest
from tests.emulators.test_ai_power_modern import CACHE, PLAIN, STREAM, Chat, chatting
from tests.emulators.test_ai_power_watch import only
from tests.emulators.wordpress_visitor import AJAX


async def ask(chat: Chat, message_id: str = "m1", message: str = "one two") -> list[str]:
    """Leave a message and read its stream; the complaints of both requests."""
    journal = chat.visitor.emulator.journal
    seen = len(journal)
    reply = await chat.post(CACHE, message=message, user_client_message_id=message_id)
    if reply.status == 200:
        with suppress(aiohttp.ClientPayloadError):
            await chat.stream(reply.json()["data"]["cache_key"])
    return [complaint for entry in journal[seen:] for complaint in entry["complaints"]]


async def test_an_honest_chat_has_no_complaint() -> None:
    async with chatting() as chat:
        assert await ask(chat) == []
        assert await ask(chat, "m2") == []
        await chat.post(PLAIN, message="hello")
        assert chat.visitor.complaints() == []


@pytest.mark.parametrize(
    ("action", "missing"),
    [
        (CACHE, "message"),
        (CACHE, "_ajax_nonce"),
        (CACHE, "bot_id"),
        (CACHE, "user_client_message_id"),
        (PLAIN, "session_id"),
        (PLAIN, "conversation_uuid"),
        (STREAM, "cache_key"),
        (STREAM, "session_id"),
        (STREAM, "conversation_uuid"),
    ],
)
async def test_a_missing_field(action: str, missing: str) -> None:
    async with chatting() as chat:
        fields = {"message": "x", "user_client_message_id": "m1", missing: ""}
        if action == STREAM:
            await chat.stream(**{"cache_key": "k", **fields})
        else:
            await chat.post(action, **fields)

        assert only(chat.visitor.complaints(), f"missing field {missing}")


async def test_what_is_the_owners_to_choose_is_not_sent() -> None:
    async with chatting() as chat:
        await chat.post(CACHE, message="x", user_client_message_id="m1", temperature="1")

        assert only(chat.visitor.complaints(), "field temperature")


async def test_a_message_in_json() -> None:
    async with chatting() as chat:
        await chat.visitor.send("POST", AJAX, params={"action": CACHE}, json={"message": "x"})

        assert "wrong content type" in chat.visitor.complaints()[0]


async def test_a_stream_by_post_and_a_message_by_get() -> None:
    async with chatting() as chat:
        await chat.post(STREAM, cache_key="k")
        by_post = chat.visitor.complaints()
        query = {"action": CACHE, "_ajax_nonce": chat.nonce, "bot_id": chat.bot_id}
        query |= {"message": "x", "user_client_message_id": "m1"}
        await chat.visitor.send("GET", AJAX, params=query)

        assert only(by_post, "a stream is read by GET")
        assert only(chat.visitor.complaints(), "only a stream is read by GET")


async def test_a_key_that_was_used() -> None:
    async with chatting() as chat:
        key = await chat.cached("hello")
        await chat.stream(key)
        assert chat.visitor.complaints() == []

        await chat.stream(key)
        assert only(chat.visitor.complaints(), "used before")


async def test_a_third_attempt_of_a_message_refused_twice() -> None:
    async with chatting(nonce_expire_after={"uses": 0}) as chat:
        seen = [await ask(chat) for _ in range(3)]

        assert seen[:2] == [[], []]
        assert only(seen[2], "third attempt")
        assert await ask(chat, "m2") == []


@pytest.mark.parametrize(("cut", "words"), [(True, ["replay"]), (False, [])])
async def test_a_message_left_again_after_a_part_of_its_answer(cut: bool, words: list[str]) -> None:
    place = {"after_events": 2, "how": "fin"} if cut else None
    async with chatting(cut=place) as chat:
        first, again = [await ask(chat) for _ in range(2)]

        assert first == []
        assert only(again, *words)


async def test_a_session_with_a_new_name_for_each_chat() -> None:
    async with chatting() as chat:
        complaints = []
        for name in ("one", "two", "three"):
            query = {"action": STREAM, "_ajax_nonce": chat.nonce, "bot_id": chat.bot_id}
            query |= {"cache_key": name, "conversation_uuid": "c", "session_id": name}
            await chat.visitor.send("GET", AJAX, params=query, headers={"Cookie": "a=b"})
            complaints.append(chat.visitor.complaints())

        assert complaints[:2] == [[], []]
        assert only(complaints[2], "quota dodge")
