"""Messages: what callers may write, and what is said when they are wrong."""

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dragoman.errors import InputError
from dragoman.messages import (
    Audio,
    Image,
    Message,
    Messages,
    Reasoning,
    Text,
    ToolCall,
    ToolResult,
    decode_messages,
    is_unicode,
)

HI = Message("user", (Text("hi"),))


@pytest.mark.parametrize(
    ("item", "expected"),
    [
        ({"role": "user", "content": "hi"}, HI),
        ({"role": "user", "content": "hi", "name": "x"}, HI),
        ({"role": "user", "content": [{"type": "text", "text": "hi"}]}, HI),
        ({"role": "user", "content": ({"type": "text", "text": "hi", "x": 1},)}, HI),
        (
            {"role": "user", "content": [Text("h"), Text("i")]},
            Message("user", (Text("h"), Text("i"))),
        ),
        ({"role": "user", "content": []}, Message("user", ())),
        ({"role": "user", "content": ""}, Message("user", (Text(""),))),
        ({"role": "assistant", "content": None}, Message("assistant", ())),
        ({"role": "developer", "content": "hi"}, Message("system", (Text("hi"),))),
        ({"role": "tool", "content": "hi"}, Message("tool", (Text("hi"),))),
        (HI, HI),
        (Message("developer", (Text("hi"),)), Message("system", (Text("hi"),))),  # type: ignore[arg-type]  # what a caller may do
    ],
)
def test_what_callers_write_becomes_values(item: object, expected: Message) -> None:
    assert decode_messages([item]) == (expected,)  # type: ignore[list-item]  # rows of many types


def test_every_part_is_kept() -> None:
    parts = (
        Text("a"), Image(url="https://x.test/i.png"), Audio(b"", "audio/wav"), Reasoning("b"),
        ToolCall("1", "f", "{}"), ToolResult("1", "c"), Text("d"),
    )  # fmt: skip

    (message,) = decode_messages([Message("user", parts)])

    assert message.parts == parts
    assert message.text == "ad"


def test_messages_may_come_from_a_generator() -> None:
    def said() -> Iterator[Message]:
        yield HI
        yield HI

    assert decode_messages(said()) == (HI, HI)  # type: ignore[arg-type]  # more than is promised


@pytest.mark.parametrize(
    ("messages", "words"),
    [
        ([], "no message: give at least one"),
        ("hi", "messages must be a list .*, not str"),
        (b"hi", "not bytes"),
        ({"role": "user", "content": "hi"}, "not dict"),
        (None, "not NoneType"),
        (7, "not int"),
        (["hi"], "message 1 must be a mapping with 'role' and 'content', not str"),
        ([HI, 7], "message 2 must be a mapping"),
        ([{"content": "hi"}], "message 1 has no 'role'"),
        ([{"role": "user"}], "message 1 has no 'content'"),
        ([{"role": "robot", "content": "hi"}], "unknown role 'robot'; known: system, user"),
        ([{"role": ["user"], "content": "hi"}], "unknown role"),
        ([Message("robot", ())], "unknown role 'robot'"),  # type: ignore[arg-type]  # the claim
        ([{"role": "user", "content": 7}], "content must be text or a list of parts, not int"),
        ([{"role": "user", "content": b"hi"}], "not bytes"),
        ([{"role": "user", "content": {"type": "text"}}], "not dict"),
        ([{"role": "user", "content": ["hi"]}], "message 1: unknown part 'str'"),
        ([{"role": "user", "content": [{"type": "image_url"}]}], "unknown part 'image_url'"),
        ([{"role": "user", "content": [{}]}], "unknown part None"),
        ([{"role": "user", "content": [{"type": "text"}]}], "needs 'text' as a string"),
        ([{"role": "user", "content": [{"type": "text", "text": 7}]}], "needs 'text' as a string"),
        ([Message("user", (Text(7),))], "needs 'text' as a string"),  # type: ignore[arg-type]  # the claim
        ([{"role": "user", "content": "\ud800"}], "half of a surrogate pair"),
        ([HI, Message("user", (Text("\udfff"),))], "message 2 holds half of a surrogate pair"),
    ],
)
def test_what_is_wrong_is_said_before_anything_is_sent(messages: object, words: str) -> None:
    with pytest.raises(InputError, match=words):
        decode_messages(messages)  # type: ignore[arg-type]  # wrong ones are the claim


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["role", "content", "type", "text"]), inner)
    ),
    max_leaves=8,
)


@given(JSON)
def test_any_json_is_messages_or_an_input_error(value: Messages) -> None:
    try:
        decoded = decode_messages(value)
    except InputError:
        return
    assert decode_messages(decoded) == decoded


@given(st.text(st.characters(codec=None)))
def test_a_text_is_unicode_if_it_has_utf_8(text: str) -> None:
    has_utf_8 = text.encode("utf-8", "ignore").decode() == text

    assert is_unicode(text) is has_utf_8
