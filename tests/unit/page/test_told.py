"""Turns as the page is told them."""

from typing import Any

import msgspec
import pytest

from dragoman.errors import ChatError, InputError, RateLimitError
from dragoman.page import told
from dragoman.page.told import Rendered, encode_told, told_error, told_turn
from dragoman.store.rows import Turn


def turn(id: str = "t1", role: str = "assistant", **fields: Any) -> Turn:
    made = Turn(
        id=id, conversation="c1", parent=None, role=role, content=[], created=1.0, updated=2.0
    )
    return msgspec.structs.replace(made, **fields)


SAID = [
    {"type": "reasoning", "text": "Hm."},
    {"type": "text", "text": "*So.*"},
    {"type": "tool_call", "id": "c1", "name": "look", "arguments": "{}"},
    {"type": "refusal", "text": "*No.*"},
]


async def test_an_answer_has_html_where_it_is_markdown() -> None:
    (said,) = await Rendered().told([turn(content=SAID)])

    assert [part.get("html") for part in said["parts"]] == [
        ['<p dir="auto">Hm.</p>\n'],
        ['<p dir="auto"><em>So.</em></p>\n'],
        None,
        None,
    ]
    assert [part["type"] for part in said["parts"]] == [part["type"] for part in SAID]


async def test_what_a_user_wrote_stays_a_text_and_what_runs_has_no_html_yet() -> None:
    asked = turn(role="user", content=SAID[1:2])
    runs = turn(id="t2", state="running", content=SAID[1:2])

    first, second = await Rendered().told([asked, runs])

    assert first["parts"] == SAID[1:2]
    assert second["parts"] == [SAID[1] | {"html": []}]


async def test_html_is_made_once_and_only_so_much_of_it_is_kept(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made: list[str] = []

    def render(text: str) -> list[str]:
        made.append(text)
        return [text]

    monkeypatch.setattr(told, "render", render)
    monkeypatch.setattr(told, "_KEPT_CHARS", 9)
    rendered = Rendered()
    one, two = (turn(id=id, content=[{"type": "text", "text": id * 3}]) for id in ("aa", "bb"))

    for asked in ([one], [one], [two], [two], [one]):
        await rendered.told(asked)

    assert made == ["aaaaaa", "bbbbbb", "aaaaaa"]


async def test_much_of_it_is_made_in_a_thread_and_is_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    said = turn(content=[{"type": "text", "text": "*word* " * 1000}])
    at_once = await Rendered().told([said])
    monkeypatch.setattr(told, "INLINE_CHARS", 10**9)

    assert await Rendered().told([said]) == at_once


def test_a_picture_is_told_by_its_address() -> None:
    part = {"type": "image", "media_type": "image/png", "bytes": 5, "piece": 2}

    assert told_turn(turn(role="user", content=[part]))["parts"] == [
        {
            "type": "image",
            "media_type": "image/png",
            "url": "/page/api/turns/t1/pictures/2",
            "bytes": 5,
        }
    ]


def test_an_error_is_told_apart_from_the_story() -> None:
    error = {"kind": "AuthError", "message": "no", "hint": None}
    story = {"error": error, "finish_reason": ""}

    said = told_turn(turn(state="broken", error="no", story=story))
    dead = told_turn(turn(state="broken", error="interrupted"))
    other = told_turn(turn(state="broken", error="the disk is full"))

    assert (said["error"], said["story"]) == (error, {"finish_reason": ""})
    assert dead["error"]["kind"] == "interrupted"
    assert dead["error"]["message"] == "the answer was interrupted: whoever wrote it is gone"
    assert other["error"]["message"] == "the disk is full"
    assert told_turn(turn())["error"] is None


def test_an_error_tells_who_said_it_and_how_long_to_wait() -> None:
    limited = RateLimitError("slow down", retry_after=2.5)
    limited.located(provider="work", host="here", step="chat")
    limited.hint = "Wait"

    assert told_error(limited) == {
        "kind": "RateLimitError",
        "message": "work at here: chat: slow down",
        "hint": "Wait",
        "retry_after": 2.5,
    }
    plain: ChatError = InputError("no")
    assert told_error(plain) == {"kind": "InputError", "message": "no", "hint": None}


def test_a_large_value_is_the_same_json_in_slices(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(told, "_SLICE_CHARS", 3)
    monkeypatch.setattr(told, "_SLICE_BLOCKS", 2)
    part: dict[str, Any] = {"type": "text", "text": 'a"\n\\é🙂' * 5, "html": ["<p>"] * 7, "n": 1}
    whole = {"turn": {"id": "t1", "parts": [part, {"type": "x"}]}}
    expected = msgspec.json.encode(whole)

    assert encode_told(whole, [whole["turn"]]) == expected
