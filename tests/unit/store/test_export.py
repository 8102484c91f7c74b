"""A conversation as a file."""

import msgspec

from dragoman.store.export import to_json, to_markdown
from dragoman.store.rows import Conversation, Turn

HEAD = Conversation(id="c1", title="The  sky\n# is it?", created=0.0, updated=1.0)


def turn(role: str, *parts: dict[str, object], **fields: object) -> Turn:
    made = Turn(
        id="t1",
        conversation="c1",
        parent=None,
        role=role,
        content=[dict(part) for part in parts],
        created=1_795_200_000.0,
        updated=1_795_200_000.0,
    )
    return msgspec.structs.replace(made, **fields)


TURNS = [
    turn("user", {"type": "text", "text": "Why **blue**?"}, {"type": "image", "data": "aGk="}),
    turn(
        "assistant",
        {"type": "reasoning", "text": "Hm.\n\nWell."},
        {"type": "text", "text": "Because."},
        model="work/small",
        state="broken",
        error="the line was cut",
    ),
    turn("assistant", model="work/small", state="stopped"),
]


def test_markdown_has_a_heading_for_each_turn_and_its_text_as_it_was_written() -> None:
    assert to_markdown(HEAD, TURNS) == (
        "# The sky # is it?\n\n"
        "## user, 2026-11-20 18:40 UTC\n\nWhy **blue**?\n\n*(image)*\n\n"
        "## work/small, 2026-11-20 18:40 UTC\n\n> Hm.\n>\n> Well.\n\nBecause.\n\n"
        "*(broken off: the line was cut)*\n\n"
        "## work/small, 2026-11-20 18:40 UTC\n\n*(stopped)*\n"
    )


def test_a_conversation_without_a_title_has_a_heading() -> None:
    assert to_markdown(msgspec.structs.replace(HEAD, title=" "), []) == "# A conversation\n"


def test_json_has_everything() -> None:
    told = msgspec.json.decode(to_json(HEAD, TURNS))

    assert msgspec.convert(told, Conversation) == HEAD
    assert msgspec.convert(told["turns"], list[Turn]) == TURNS


def test_what_is_no_text_is_told_in_words() -> None:
    call: dict[str, object] = {"type": "tool_call", "name": "look", "arguments": '{"a": "```"}'}
    said = to_markdown(HEAD, [turn("assistant", call, {"type": "refusal", "text": "No."})])

    assert said.endswith('*(tool call: look)*\n\n````json\n{"a": "```"}\n````\n\nNo.\n')


def test_a_second_answer_to_the_same_words_is_called_one() -> None:
    said = to_markdown(
        HEAD,
        [
            turn("assistant", {"type": "text", "text": "One."}, parent="u1"),
            turn("assistant", {"type": "text", "text": "Two."}, parent="u1"),
            turn("user", {"type": "text", "text": "Hm."}, parent="u1"),
        ],
    )

    assert "## assistant, 2026" in said
    assert "## assistant (version 2), 2026" in said
    assert "## user, 2026" in said


def test_json_has_the_pictures_where_they_are_given() -> None:
    picture: dict[str, object] = {"type": "image", "bytes": 2, "piece": 1}
    turns = [turn("user", picture, {"type": "text", "text": "What?"})]

    told = msgspec.json.decode(to_json(HEAD, turns, {("t1", 1): "aGk="}))
    bare = msgspec.json.decode(to_json(HEAD, turns))

    assert told["turns"][0]["content"][0] == picture | {"data": "aGk="}
    assert told["turns"][0]["content"][1] == {"type": "text", "text": "What?"}
    assert bare["turns"][0]["content"][0] == picture
