"""Messages: what callers and programs may write, and what is said when they are wrong."""

from collections.abc import Iterator
from types import MappingProxyType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dragoman.dialects.openai_chat.message_decoder import decode_messages, read_messages
from dragoman.dialects.openai_chat.tables import HINTS
from dragoman.dialects.reading import Field
from dragoman.errors import InputError
from dragoman.messages import (
    Audio,
    Image,
    Message,
    Messages,
    Part,
    Reasoning,
    Refusal,
    Text,
    ToolCall,
    ToolResult,
)
from dragoman.native import Native

HI = Message("user", (Text("hi"),))


def own(fields: dict[str, object], *hints: str) -> Native:
    return Native("openai_chat", fields, frozenset(hints))


@pytest.mark.parametrize(
    ("item", "expected"),
    [
        ({"role": "user", "content": "hi"}, HI),
        (
            {"role": "user", "content": "hi", "name": "x"},
            Message("user", (Text("hi"),), own({"name": "x"}, "name")),
        ),
        ({"role": "user", "content": [{"type": "text", "text": "hi"}]}, HI),
        (
            {"role": "user", "content": ({"type": "text", "text": "hi", "x": 1},)},
            Message("user", (Text("hi", own({"x": 1}, "x")),)),
        ),
        (MappingProxyType({"role": "user", "content": "hi"}), HI),
        (
            Message("user", (Text("hi"),), own({"x": 1})),
            Message("user", (Text("hi"),), own({"x": 1})),
        ),
        (
            {"role": "tool", "content": "hi", "tool_call_id": "a"},
            Message("tool", (ToolResult("a", (Text("hi"),)),)),
        ),
        (Message("tool", (ToolResult("a", ()),)), Message("tool", (ToolResult("a", ()),))),
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
        ToolCall("1", "f", "{}"), ToolResult("1", (Text("c"),)), Text("d"),
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
        ([{"role": "user", "content": 7}], "message 1: content: must be text or a list of parts"),
        ([{"role": "user", "content": b"hi"}], "not bytes"),
        ([{"role": "user", "content": {"type": "text"}}], "not dict"),
        ([{"role": "user", "content": ["hi"]}], r"message 1: content\[0\]: unknown part 'str'"),
        ([{"role": "user", "content": [{"type": "txt"}]}], "unknown part 'txt'; known: 'text', "),
        ([{"role": "user", "content": [{}]}], "unknown part None"),
        (
            [HI, {"role": "user", "content": [{"type": "text"}]}],
            r"message 2: content\[0\].text: is missing",
        ),
        ([{"role": "user", "content": [{"type": "text", "text": 7}]}], "expected text, not 7"),
        ([Message("user", (Text(7),))], "expected text, not 7"),  # type: ignore[arg-type]  # the claim
        ([{"role": "user", "content": "\ud800"}], "half of a surrogate pair"),
        ([HI, Message("user", (Text("\udfff"),))], "message 2: .* holds half of a surrogate pair"),
        ([{"role": "function", "content": "hi", "name": "f"}], "no call of 'f' before it"),
        (
            [{"role": "assistant", "tool_calls": [{"id": "a"}]}],
            r"message 1: tool_calls\[0\].function: is missing",
        ),
    ],
)
def test_what_is_wrong_is_said_before_anything_is_sent(messages: object, words: str) -> None:
    with pytest.raises(InputError, match=words) as caught:
        decode_messages(messages)  # type: ignore[arg-type]  # wrong ones are the claim

    assert str(caught.value.place).startswith("messages")


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


TALK: list[dict[str, object]] = [
    {"role": "developer", "content": "Be brief."},
    {"role": "user", "content": [{"type": "text", "text": "Hi"}, {"type": "x", "x": 1}]},
    {
        "role": "assistant",
        "content": None,
        "name": "bot",
        "reasoning_content": "hm",
        "tool_calls": [
            {"id": "a", "type": "function", "function": {"name": "f", "arguments": "{}"}},
            {"id": "b", "type": "custom", "custom": {"name": "sh", "input": "ls"}},
        ],
    },
    {"role": "tool", "tool_call_id": "a", "content": "1", "odd": True},
    {
        "role": "tool",
        "tool_call_id": "b",
        "content": [
            {"type": "text", "text": "2"},
            {"type": "image_url", "image_url": {"url": "https://x.test/i.png"}},
        ],
    },
    {"role": "assistant", "refusal": "No.", "audio": {"id": "au"}},
    {"role": "assistant", "function_call": {"name": "g", "arguments": '{"x":1}'}},
    {"role": "function", "name": "g", "content": "3"},
]


def read(*messages: object) -> tuple[Message, ...]:
    return read_messages(Field(list(messages), "messages"), HINTS)


def test_a_programs_messages() -> None:
    assert read(*TALK) == (
        Message("system", (Text("Be brief."),)),
        Message("user", (Text("Hi"), own({"type": "x", "x": 1}))),
        Message(
            "assistant",
            (
                Reasoning("hm"),
                ToolCall("a", "f", "{}"),
                own({"id": "b", "type": "custom", "custom": {"name": "sh", "input": "ls"}}),
            ),
            own({"name": "bot"}, "name"),
        ),
        Message("tool", (ToolResult("a", (Text("1"),), native=own({"odd": True})),)),
        Message("tool", (ToolResult("b", (Text("2"), Image(url="https://x.test/i.png"))),)),
        Message("assistant", (Refusal("No."), own({"type": "audio", "audio": {"id": "au"}}))),
        Message("assistant", (ToolCall("call_6", "g", '{"x":1}'),)),
        Message("tool", (ToolResult("call_6", (Text("3"),)),)),
    )


@pytest.mark.parametrize(
    ("messages", "place"),
    [
        ([], "messages"),
        ([7], "messages[0]"),
        ([{}], "messages[0].role"),
        ([{"role": "robot"}], "messages[0].role"),
        ([{"role": "user"}], "messages[0].content"),
        ([{"role": "user", "content": 7}], "messages[0].content"),
        ([{"role": "user", "content": ["hi"]}], "messages[0].content[0]"),
        ([{"role": "user", "content": [{"type": 7}]}], "messages[0].content[0]"),
        ([{"role": "tool", "content": "hi"}], "messages[0].tool_call_id"),
        (
            [*TALK, {"role": "tool", "content": "x", "tool_call_id": "z"}],
            "messages[8].tool_call_id",
        ),
        (
            [*TALK, {"role": "tool", "content": [{"type": "refusal", "refusal": "x"}],
                     "tool_call_id": "a"}],
            "messages[8].content",
        ),
        ([{"role": "assistant", "reasoning_details": 7}], "messages[0].reasoning_details"),
        ([{"role": "assistant", "reasoning_details": [7]}], "messages[0].reasoning_details[0]"),
    ],
)  # fmt: skip
def test_what_is_wrong_in_a_programs_messages_is_placed(messages: list[object], place: str) -> None:
    with pytest.raises(InputError) as caught:
        read(*messages)

    assert caught.value.place == place
    assert place in str(caught.value)


def text(said: str, signature: str | None = None) -> dict[str, object]:
    return {"type": "reasoning.text", "text": said, "signature": signature}


HIDDEN: dict[str, object] = {"type": "reasoning.encrypted", "data": "anthropic_messages:QQ"}


@pytest.mark.parametrize(
    ("fields", "expect"),
    [
        ({"reasoning_content": "hm"}, [Reasoning("hm")]),
        ({"reasoning": "hm", "reasoning_details": []}, [Reasoning("hm")]),
        ({"reasoning_details": [text("hm", "QQ")]}, [Reasoning("hm", "openai_chat:QQ")]),
        (
            {"reasoning_details": [text("h"), text("m", "QQ"), HIDDEN]},
            [Reasoning("hm", "openai_chat:QQ"), Reasoning("", "anthropic_messages:QQ")],
        ),
        ({"reasoning": "hm", "reasoning_details": [text("hm")]}, [Reasoning("hm")]),
        (
            {"reasoning_content": "hm", "reasoning_details": [text("", "gemini:QQ")]},
            [Reasoning("hm", "gemini:QQ")],
        ),
        (
            {"reasoning_content": "hm", "reasoning_details": [HIDDEN]},
            [Reasoning("hm"), Reasoning("", "anthropic_messages:QQ")],
        ),
    ],
)
def test_thoughts_of_an_earlier_turn(fields: dict[str, object], expect: list[Part]) -> None:
    """A program that gathers a stream has the text in one field and its proof in the other."""
    (message,) = read({"role": "assistant", "content": "Hi", **fields})

    assert list(message.parts) == [*expect, Text("Hi")]
