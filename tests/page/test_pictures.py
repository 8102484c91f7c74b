"""Pictures: shown to a model, seen again, and fetched from elsewhere only when they may be."""

import base64
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from dragoman.page import pictures
from dragoman.transport.public_get import PublicGet
from tests.gateway.pictures import NAMES, PNG, Hosts, here, hosts, url
from tests.page.talk import Room, open_room
from tests.transport.far_side import reply

__all__ = ["hosts"]

GIF = b"GIF89a" + b"\0" * 10


def picture(content: bytes, **fields: str) -> dict[str, str]:
    """A picture as a page sends it."""
    return {"type": "image", "data": base64.b64encode(content).decode(), **fields}


@pytest.fixture
async def room(tmp_path: Path) -> AsyncIterator[Room]:
    async with open_room(tmp_path) as room:
        yield room


async def test_a_picture_reaches_the_model_and_stays_in_the_conversation(room: Room) -> None:
    text = {"type": "text", "text": "What is this?"}
    asked, (answer,) = await room.talk.say(parts=[text, picture(PNG), picture(GIF)])
    first = await room.talk.ended(answer)

    await room.talk.whole("And now?", parent=first["id"])

    (_, shown, other) = asked["parts"]
    assert shown == {
        "type": "image",
        "media_type": "image/png",
        "url": f"/page/api/turns/{asked['id']}/pictures/1",
        "bytes": len(PNG),
    }
    assert other["url"].endswith("/2")
    data = f"data:image/png;base64,{base64.b64encode(PNG).decode()}"
    for entry in room.far.journal:
        content = entry["body"]["messages"][0]["content"]
        assert content[0] == text
        assert content[1]["image_url"]["url"] == data
        assert len(content) == 3
        assert entry["complaints"] == []


async def test_a_picture_that_was_shown_is_seen_again(room: Room) -> None:
    asked, (answer,) = await room.talk.say(parts=[picture(PNG, media_type="image/jpeg")])
    await room.talk.ended(answer)

    status, body, headers = await room.place.file(asked["parts"][0]["url"])

    assert (status, body) == (200, PNG)
    assert headers["content-type"] == "image/png"
    assert "private" in headers["cache-control"]
    assert "immutable" in headers["cache-control"]
    assert headers["x-content-type-options"] == "nosniff"
    status, _, _ = await room.place.ask("GET", f"/turns/{asked['id']}/pictures/2")
    assert status == 404


async def test_a_listed_conversation_has_no_picture_in_it(room: Room) -> None:
    asked, (answer,) = await room.talk.say(parts=[picture(PNG)])
    await room.talk.ended(answer)

    first = (await room.talk.turns())[0]

    assert first == asked
    assert "data" not in first["parts"][0]


@pytest.mark.parametrize(
    "part",
    [
        picture(b"<svg xmlns='http://www.w3.org/2000/svg'/>", media_type="image/svg+xml"),
        picture(b"<html>", media_type="image/png"),
        picture(b"%PDF-1.7"),
        picture(b""),
        {"type": "image", "data": "no base64!"},
    ],
    ids=["svg", "html", "pdf", "empty", "no base64"],
)
async def test_what_is_no_picture_is_refused_whatever_it_is_called(
    room: Room, part: dict[str, Any]
) -> None:
    status, told = await room.talk.try_say(parts=[{"type": "text", "text": "this?"}, part])

    assert status == 400
    assert told["error"]["message"] == (
        "parts[1].data: this is no picture that can be shown: png, jpeg, gif or webp"
    )
    assert await room.talk.turns() == []


async def test_a_picture_that_is_too_large_is_refused_in_words(room: Room) -> None:
    status, told = await room.talk.try_say(parts=[picture(PNG + b"\0" * 30_000_000)])

    assert (status, told["error"]["kind"]) == (413, "TooLargeError")
    assert "33554432 bytes" in told["error"]["message"]
    assert await room.talk.turns() == []


async def test_a_large_picture_comes_through_whole(room: Room) -> None:
    large = PNG + bytes(range(256)) * 40_000

    asked, (answer,) = await room.talk.say(parts=[picture(large)])
    await room.talk.ended(answer)

    _, body, _ = await room.place.file(asked["parts"][0]["url"])
    assert body == large


async def test_a_model_that_sees_nothing_says_so_in_its_turn(tmp_path: Path) -> None:
    async with open_room(tmp_path) as room:
        turn = await room.talk.whole(parts=[picture(PNG)], models=["echo"])

    assert turn["state"] == "broken"
    assert turn["error"]["kind"] == "InputError"


def _reaching(monkeypatch: pytest.MonkeyPatch) -> None:
    """Names of this machine stand for the public internet."""
    getting = PublicGet(look_up=NAMES, allows=here)
    monkeypatch.setattr(pictures, "PublicGet", lambda: getting)


async def test_a_picture_from_elsewhere_is_fetched_when_it_is_asked_for(
    room: Room, hosts: Hosts, monkeypatch: pytest.MonkeyPatch
) -> None:
    far = await hosts.says(reply(PNG))
    _reaching(monkeypatch)

    status, body, headers = await room.place.file(f"/page/api/picture?url={url(far.port)}")

    assert (status, body, headers["content-type"]) == (200, PNG, "image/png")


async def test_what_is_there_and_no_picture_is_not_shown(
    room: Room, hosts: Hosts, monkeypatch: pytest.MonkeyPatch
) -> None:
    far = await hosts.says(reply(b"<html><script>"))
    _reaching(monkeypatch)

    status, told, _ = await room.place.ask("GET", f"/picture?url={url(far.port)}")

    assert (status, told["error"]["message"][:31]) == (400, "what is there is no picture: pn")


async def test_what_is_too_large_elsewhere_is_not_read(
    room: Room, hosts: Hosts, monkeypatch: pytest.MonkeyPatch
) -> None:
    far = await hosts.says(reply(PNG + b"\0" * 5000))
    _reaching(monkeypatch)
    monkeypatch.setattr(pictures, "MOST_BYTES", 1000)

    status, told, _ = await room.place.ask("GET", f"/picture?url={url(far.port)}")

    assert (status, "longer than 1000 bytes" in told["error"]["message"]) == (400, True)


async def test_nothing_of_this_machine_is_fetched(room: Room, hosts: Hosts) -> None:
    far = await hosts.says(reply(PNG))

    for address in (f"http://127.0.0.1:{far.port}/a.png", "file:///etc/passwd", ""):
        status, told, _ = await room.place.ask("GET", f"/picture?url={address}")
        assert (status, told["error"]["kind"]) == (400, "InputError")

    assert not far.connections


async def test_who_fetches_nothing_for_programs_fetches_nothing_for_a_page(tmp_path: Path) -> None:
    async with open_room(tmp_path, fetch_images=False) as room:
        status, _, _ = await room.place.ask("GET", "/picture?url=https://example.com/a.png")

    assert status == 403
