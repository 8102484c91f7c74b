"""What is asked at the page, before anything is kept."""

import base64
from typing import Any

import pytest

from dragoman.errors import InputError
from dragoman.messages import Image, Message, Text
from dragoman.page.asked import (
    SaidImage,
    SaidText,
    build,
    check_options,
    read_parts,
    title_of,
)
from dragoman.page.settings import Changes, merged

PNG = b"\x89PNG\r\n\x1a\nmore"
SENT = base64.b64encode(PNG).decode()


async def test_texts_and_pictures_are_read_in_their_order() -> None:
    said = await read_parts([SaidImage(SENT, "image/jpeg"), SaidText(" "), SaidText("What?")])

    assert said.parts == (Image(content=PNG, media_type="image/png"), Text("What?"))
    assert said.pictures == [SENT]
    assert said.content == [
        {"type": "image", "media_type": "image/png", "bytes": len(PNG), "piece": 1},
        {"type": "text", "text": "What?"},
    ]


@pytest.mark.parametrize(
    ("parts", "place"),
    [
        ([], "parts"),
        ([SaidText("\n")], "parts"),
        ([SaidText("Hi"), SaidText("\ud800")], "parts[1].text"),
        ([SaidImage("!")], "parts[0].data"),
        ([SaidImage("aGk=")], "parts[0].data"),
        ([SaidImage("")], "parts[0].data"),
    ],
)
async def test_what_cannot_be_said_is_named(parts: list[Any], place: str) -> None:
    with pytest.raises(InputError) as caught:
        await read_parts(parts)

    assert caught.value.place == place


@pytest.mark.parametrize(
    ("options", "checked"),
    [
        ({}, {}),
        ({"temperature": 1, "stop": [], "seed": None}, {"temperature": 1}),
        ({"reasoning_effort": "low", "top_k": 3}, {"reasoning_effort": "low", "top_k": 3}),
    ],
)
def test_options_that_say_nothing_are_left_out(options: Any, checked: Any) -> None:
    assert check_options(options) == checked


@pytest.mark.parametrize(
    ("options", "place"),
    [
        ({"temperature": 9}, "temperature"),
        ({"stop": [""]}, "stop"),
        ({"n": 2}, "options.n"),
        ({"tools": []}, "options.tools"),
    ],
)
def test_an_option_that_is_wrong_is_named(options: Any, place: str) -> None:
    with pytest.raises(InputError) as caught:
        check_options(options)

    assert caught.value.place == place


def test_a_chat_begins_with_its_system_text() -> None:
    asked = Message("user", (Text("Hi"),))

    with_one = build([asked], "Be brief.", {"max_tokens": 5})
    without = build([asked], "  ", {})

    assert [message.role for message in with_one.messages] == ["system", "user"]
    assert with_one.max_tokens == 5
    assert without.messages == (asked,)
    with pytest.raises(InputError, match="system"):
        build([asked], "\ud800", {})


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("Hello", "Hello"),
        ("  two\n words ", "two words"),
        ("x" * 60, "x" * 60),
        ("x" * 61, "x" * 60 + "…"),
        ("word " * 30, "word word word word word word word word word word word word…"),
        ("", ""),
    ],
)
def test_a_title_is_the_first_words(text: str, title: str) -> None:
    assert title_of([{"type": "image"}, {"type": "text", "text": text}]) == title
    assert title_of([{"type": "image"}]) == ""


def test_settings_are_changed_one_by_one() -> None:
    kept = merged({}, Changes(model="a", options={"seed": 1, "stop": None}))

    changed = merged(kept, Changes(system="Be brief."))

    assert kept["options"] == {"seed": 1}
    assert changed == kept | {"system": "Be brief."}
