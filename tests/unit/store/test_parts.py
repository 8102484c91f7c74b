"""Parts of turns: made of pieces, and read for their words."""

from dragoman.store.parts import (
    Part,
    Parts,
    arguments_piece,
    call_piece,
    joined,
    parts_of,
    words_of,
)
from dragoman.store.rows import Piece


def test_pieces_of_one_kind_are_one_part() -> None:
    pieces = [
        Piece("reasoning", "Let me "),
        Piece("reasoning", "see."),
        Piece("text", "Once"),
        Piece("text", " upon"),
        Piece("reasoning", "Hm."),
        Piece("text", " a time"),
    ]

    assert parts_of(pieces) == [
        {"type": "reasoning", "text": "Let me see."},
        {"type": "text", "text": "Once upon"},
        {"type": "reasoning", "text": "Hm."},
        {"type": "text", "text": " a time"},
    ]
    assert parts_of([]) == []


CALLS = [
    Piece("text", "Let me look."),
    call_piece("c1", "weather"),
    call_piece("c2", "time"),
    arguments_piece(0, '{"city":'),
    arguments_piece(1, "{}"),
    arguments_piece(0, ' "Oslo: north"}'),
    Piece("refusal", "I"),
    Piece("refusal", " will not."),
]


def test_calls_grow_side_by_side() -> None:
    assert parts_of(CALLS) == [
        {"type": "text", "text": "Let me look."},
        {
            "type": "tool_call",
            "id": "c1",
            "name": "weather",
            "arguments": '{"city": "Oslo: north"}',
        },
        {"type": "tool_call", "id": "c2", "name": "time", "arguments": "{}"},
        {"type": "refusal", "text": "I will not."},
    ]


def test_fewer_pieces_say_the_same() -> None:
    few = joined(CALLS)

    assert parts_of(few) == parts_of(CALLS)
    assert [piece.kind for piece in few] == [
        *("text", "tool_call", "tool_call", "arguments", "arguments", "arguments", "refusal"),
    ]
    assert joined([arguments_piece(2, "a"), arguments_piece(2, ":b")]) == [
        arguments_piece(2, "a:b")
    ]
    pictures = [Piece("image", "aGk="), Piece("image", "aGk=")]
    assert joined(pictures) == pictures


def test_a_part_tells_where_each_piece_went_and_how_much_there_is() -> None:
    parts = Parts()

    assert [parts.add(piece) for piece in CALLS] == [0, 1, 2, 1, 2, 1, 3, 3]
    assert parts.chars == sum(len(piece.text) for piece in CALLS)


def test_a_part_of_very_many_pieces_is_their_sum() -> None:
    part = Part("text")
    assert part.text == ""

    for number in range(10_000):
        part.add(str(number % 10))

    assert part.text == "0123456789" * 1000
    assert part.told() == {"type": "text", "text": part.text}


def test_the_words_are_those_of_the_texts() -> None:
    content: list[dict[str, object]] = [
        {"type": "text", "text": "one"},
        {"type": "reasoning", "text": "two"},
        {"type": "text", "text": 3},
        {"type": "text"},
        {},
        {"type": "text", "text": "four"},
    ]

    assert words_of(content) == "one\nfour"
