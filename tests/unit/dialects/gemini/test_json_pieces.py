"""The objects of a list while it comes."""

import pytest

from dragoman.dialects.gemini.json_pieces import JsonPieces
from dragoman.errors import ResponseError

TRICKY = rb'{"a": "}]\"{\\", "b": [{"c": {}}]}'


@pytest.mark.parametrize("body", [b"[" + TRICKY + b",\r\n{}] ", b"  [ " + TRICKY + b"\n{} ]x"])
def test_objects_are_found_however_the_list_is_cut(body: bytes) -> None:
    for size in range(1, len(body) + 1):
        pieces = JsonPieces()

        found = [
            piece
            for start in range(0, len(body), size)
            for piece in pieces.feed(body[start : start + size])
        ]

        assert found == [TRICKY, b"{}"]
        assert pieces.over


def test_one_object_by_itself_is_the_whole() -> None:
    pieces = JsonPieces()

    assert pieces.feed(b'{"a": 1} and more') == [b'{"a": 1}']
    assert pieces.over
    assert pieces.feed(b"{}") == []


def test_what_has_not_ended_is_kept() -> None:
    pieces = JsonPieces()

    assert pieces.feed(b'[{"a": "') == []
    assert pieces.feed(b"") == []
    assert pieces.rest == b'{"a": "'
    assert not pieces.over


@pytest.mark.parametrize("body", [b"[1]", b"[[{}]]", b"]", b"x"])
def test_what_is_neither_list_nor_object_is_an_error(body: bytes) -> None:
    with pytest.raises(ResponseError, match="no answer"):
        JsonPieces().feed(body)


def test_an_object_without_an_end_does_not_fill_the_memory(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("dragoman.dialects.gemini.json_pieces.MAX_EVENT_BYTES", 10)

    with pytest.raises(ResponseError, match="exceeds 10 bytes"):
        JsonPieces().feed(b'{"a": "0123456789')
