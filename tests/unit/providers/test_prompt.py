"""`format_prompt`, row by row."""

import pytest

from dragoman.errors import InputError
from dragoman.messages import Audio, Image, Message, Messages, Reasoning, Refusal, Text
from dragoman.providers.prompt import format_prompt


def said(*turns: tuple[str, object]) -> Messages:
    roles = {"s": "system", "d": "developer", "u": "user", "a": "assistant", "t": "tool"}
    return [{"role": roles[role], "content": content} for role, content in turns]


PARTS = [{"type": "text", "text": "b"}, {"type": "text", "text": "c"}]


@pytest.mark.parametrize(
    ("messages", "flags", "expected"),
    [
        (said(("u", "a")), {}, "a"),
        (said(("s", "a")), {}, "a"),
        (said(("a", "a")), {}, "a"),
        (said(("u", " a\n")), {}, " a\n"),
        (said(("u", "a")), {"do_continue": True}, "a"),
        (said(("u", "a")), {"include_system": False}, "a"),
        (said(("s", "S"), ("u", "a")), {}, "System: S\nUser: a\nAssistant:"),
        (said(("d", "S"), ("u", "a")), {}, "System: S\nUser: a\nAssistant:"),
        (
            said(("u", "a"), ("a", "b"), ("u", "c")),
            {},
            "User: a\nAssistant: b\nUser: c\nAssistant:",
        ),
        (said(("u", "a"), ("t", "b")), {}, "User: a\nTool: b\nAssistant:"),
        (said(("u", "a"), ("a", " "), ("u", "c")), {}, "User: a\nUser: c\nAssistant:"),
        (said(("u", "a"), ("a", None), ("u", "c")), {}, "User: a\nUser: c\nAssistant:"),
        (said(("u", "a"), ("a", "")), {}, "User: a\nAssistant:"),
        (said(("u", "a")), {"add_special_tokens": True}, "User: a\nAssistant:"),
        (said(("u", "a")), {"add_special_tokens": True, "do_continue": True}, "User: a"),
        (said(("u", "a"), ("a", "b")), {"do_continue": True}, "User: a\nAssistant: b"),
        (said(("s", "S"), ("u", "a")), {"include_system": False}, "User: a\nAssistant:"),
        (said(("d", "S"), ("u", "a")), {"include_system": False}, "User: a\nAssistant:"),
        (said(("u", PARTS)), {}, "bc"),
        (said(("u", "a"), ("u", PARTS)), {}, "User: a\nUser: bc\nAssistant:"),
        ([Message("user", (Text("a"),))], {}, "a"),
        (
            [Message("assistant", (Reasoning("hm"), Refusal("no"))), Message("user", (Text("a"),))],
            {},
            "Assistant: no\nUser: a\nAssistant:",
        ),
        ((message for message in said(("u", "a"), ("u", "b"))), {}, "User: a\nUser: b\nAssistant:"),
        ((message for message in said(("u", "a"))), {}, "a"),
    ],
)
def test_a_prompt_is_what_the_table_says(
    messages: Messages, flags: dict[str, bool], expected: str
) -> None:
    assert format_prompt(messages, **flags) == expected


@pytest.mark.parametrize(
    ("messages", "flags", "words"),
    [
        ([], {}, "no message"),
        (said(("u", "")), {}, "every message is blank"),
        (said(("u", None)), {}, "every message is blank"),
        (said(("u", " "), ("a", "\n")), {}, "every message is blank"),
        (said(("s", "S")), {"include_system": False}, "every message is blank"),
        (said(("s", "S"), ("d", "D")), {"include_system": False}, "every message is blank"),
        (said(("u", [{"type": "txt"}])), {}, "unknown part"),
        ([Message("user", (Text("a"), Image(url="x")))], {}, r"message 1 holds .* \(Image\)"),
        (
            [Message("user", (Text("a"),)), Message("assistant", (Audio(b"b", "audio/wav"),))],
            {},
            r"message 2 holds .* \(Audio\)",
        ),
        ([{"role": "robot", "content": "a"}], {}, "unknown role"),
    ],
)
def test_what_makes_no_prompt_is_said(
    messages: Messages, flags: dict[str, bool], words: str
) -> None:
    with pytest.raises(InputError, match=words):
        format_prompt(messages, **flags)


def test_its_flags_may_be_given_in_order() -> None:
    assert format_prompt(said(("s", "S"), ("u", "a")), True, True, False) == "User: a"
