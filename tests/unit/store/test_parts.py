"""Parts of turns: made of pieces, and read for their words."""

from dragoman.store.parts import parts_of, words_of
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
