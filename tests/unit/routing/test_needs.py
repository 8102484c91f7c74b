"""What a chat needs of whoever answers it."""

import pytest

from dragoman.chat import ChatRequest
from dragoman.messages import (
    Image,
    Message,
    Part,
    Reasoning,
    Refusal,
    Text,
    ToolCall,
    ToolResult,
)
from dragoman.native import Native
from dragoman.routing.needs import CHARS_A_TOKEN, Needs, needs_of
from dragoman.tools import Tool

LONG = "x" * 10 * CHARS_A_TOKEN


def chat(*parts: Part, **fields: object) -> ChatRequest:
    request = ChatRequest(model="m", messages=(Message("user", parts),))
    return ChatRequest(**{**{f: getattr(request, f) for f in request.__struct_fields__}, **fields})


def test_a_plain_question_needs_nothing() -> None:
    assert needs_of(chat(Text("Why?"))) == Needs()


def test_each_feature_is_named_once_with_its_first_place() -> None:
    asked = chat(
        Text("look"),
        Image(url="https://a.test/1.png"),
        Image(url="https://a.test/2.png"),
        tools=(Tool(name="one"), Tool(name="two")),
        seed=7,
    )

    assert needs_of(asked).features == (
        ("seed", "seed"),
        ("tools", "tools"),
        ("image_url", "messages[0].content[1]"),
    )


@pytest.mark.parametrize(
    ("part", "tokens"),
    [
        (Text(LONG), 10),
        (Text(LONG[1:]), 9),
        (Reasoning(LONG), 10),
        (Refusal(LONG), 10),
        (ToolCall("c", "name", LONG), 10),
        (ToolResult("c", (Text(LONG), Text(LONG))), 20),
        (Image(content=b"x" * 10_000, media_type="image/png"), 0),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Part) else str(value),
)
def test_the_length_is_never_more_than_it_is(part: Part, tokens: int) -> None:
    """A model is left out by it, so it counts only text, and that as short as it can be."""
    assert needs_of(chat(part)).tokens == tokens


@pytest.mark.parametrize(
    ("native", "place"),
    [
        (Native("gemini", {"type": "code"}), "messages[0].content[0]"),
        (Native("gemini", {"type": {"no": "word"}}), "messages[0].content[0]"),
        (Native("gemini", {"type": "hint"}, frozenset({"hint"})), None),
    ],
)
def test_a_piece_that_one_dialect_alone_can_say_needs_it(native: Native, place: str | None) -> None:
    found = needs_of(chat(native)).dialects

    assert found == ((("gemini", place),) if place else ())


def test_fields_that_one_dialect_alone_can_say_need_it() -> None:
    native = Native("ollama", {"keep_alive": 5, "raw": True}, frozenset({"keep_alive"}))
    turn = Message("user", (Text("hi"),), native=Native("gemini", {"mark": 1}))

    asked = ChatRequest(model="m", messages=(turn,), native=native)

    assert needs_of(asked).dialects == (("ollama", "raw"), ("gemini", "messages[0].mark"))
