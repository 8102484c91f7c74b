import pytest

from dragoman.chat import ChatRequest
from dragoman.dialects.anthropic_messages.tables import NAME
from dragoman.dialects.anthropic_messages.turn_encoder import encode_turns
from dragoman.errors import InputError
from dragoman.messages import Image, Message, Text, ToolCall, ToolResult
from dragoman.native import Native


def system(text: str) -> Message:
    return Message("system", (Text(text),))


def user(text: str) -> Message:
    return Message("user", (Text(text),))


def assistant(text: str) -> Message:
    return Message("assistant", (Text(text),))


CALL = Message("assistant", (ToolCall("t", "f", "{}"),))
RESULT = Message("tool", (ToolResult("t", (Text("sunny"),)),))


def turns(*messages: Message, model: str = "m") -> tuple[list[str], list[tuple[str, list[object]]]]:
    """The texts of the system, and of each turn its role and its texts or kinds of blocks."""
    opening, found = encode_turns(ChatRequest(model=model, messages=messages))
    return (
        [str(block["text"]) for block in opening],
        [
            (turn.role, [block.get("text", block["type"]) for block in turn.blocks])
            for turn in found
        ],
    )


def test_system_messages_at_the_beginning_are_the_system() -> None:
    assert turns(system("a"), system("b"), user("Hi")) == (["a", "b"], [("user", ["Hi"])])


def test_messages_of_one_role_are_one_turn_and_results_come_first() -> None:
    assert turns(user("a"), user("b"), CALL, user("c"), RESULT, user("d"))[1] == [
        ("user", ["a", "b"]),
        ("assistant", ["tool_use"]),
        ("user", ["tool_result", "c", "d"]),
    ]


def test_a_later_system_message_follows_the_turn_of_the_user() -> None:
    assert turns(user("a"), assistant("b"), system("s"), system("t"), user("c"), user("d")) == (
        [],
        [
            ("user", ["a"]),
            ("assistant", ["b"]),
            ("user", ["c", "d"]),
            ("system", ["s", "t"]),
        ],
    )
    assert turns(user("a"), system("s"), assistant("b"))[1] == [
        ("user", ["a"]),
        ("system", ["s"]),
        ("assistant", ["b"]),
    ]


def test_a_system_message_without_a_turn_to_follow_is_marked_text() -> None:
    assert turns(user("a"), assistant("b"), system("s"))[1][-1] == (
        "user",
        ["<system>\ns\n</system>"],
    )


def test_so_it_is_for_models_that_take_no_system_turns() -> None:
    said = turns(system("o"), user("a"), system("s"), assistant("b"), model="claude-sonnet-4-5")

    assert said == (
        ["o"],
        [("user", ["a", "<system>\ns\n</system>"]), ("assistant", ["b"])],
    )


def test_turns_without_content_are_left_out() -> None:
    assert turns(user("a"), assistant(""), user("b"))[1] == [("user", ["a", "b"])]


def test_native_fields_of_a_turn_are_kept() -> None:
    first = Message("user", (Text("a"),), Native(NAME, {"x": 1}))
    second = Message("user", (Text("b"),), Native("gemini", {"y": 1}))

    _, found = encode_turns(ChatRequest(model="m", messages=(first, second)))

    assert found[0].native == {"x": 1}


@pytest.mark.parametrize(
    ("messages", "place"),
    [
        ((system("a"),), "messages"),
        ((user(""),), "messages"),
        ((Message("system", (Image(url="https://x/y"),)), user("a")), "messages[0]"),
    ],
)
def test_what_cannot_be_said_is_refused_by_its_place(
    messages: tuple[Message, ...], place: str
) -> None:
    with pytest.raises(InputError) as caught:
        turns(*messages)

    assert caught.value.place == place
