"""`LineDecoder` against the plainest thing that could be right: split the whole text at once."""

import re
import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from dragoman.errors import ResponseError
from dragoman.wire.lines import MAX_LINE_BYTES, LineDecoder

# Bytes that mean something here, and some that `str.splitlines` would take for a line's end.
TEXTS = st.lists(
    st.sampled_from(
        [b"\r", b"\n", b"\r\n", b"a", b"bc", b"\xe2\x80\xa8", b"\x85", b"\x0b\x0c", b""]
    )
).map(b"".join)
CUTS = st.lists(st.integers(0, 40))


def cut(text: bytes, cuts: list[int]) -> list[bytes]:
    """The text in pieces, some of them empty."""
    places = sorted(min(place, len(text)) for place in cuts)
    return [text[start:end] for start, end in zip([0, *places], [*places, len(text)], strict=True)]


def decode(chunks: list[bytes], max_bytes: int = MAX_LINE_BYTES) -> list[bytes]:
    decoder = LineDecoder(max_bytes)
    lines = [line for chunk in chunks for line in decoder.feed(chunk)]
    return lines + decoder.close()


@given(TEXTS, CUTS)
@example(b"a\r\nb", [2])
@example(b"\r\r\n\n\r", [1, 2, 3, 4])
def test_lines_are_the_same_however_the_bytes_are_cut(text: bytes, cuts: list[int]) -> None:
    whole = re.split(rb"\r\n|\r|\n", text)
    expected = whole[:-1] if whole[-1] == b"" else whole

    assert decode(cut(text, cuts)) == expected


def test_a_carriage_return_waits_for_its_line_feed() -> None:
    decoder = LineDecoder()

    assert decoder.feed(b"a\r") == []
    assert decoder.feed(b"") == []
    assert decoder.feed(b"\nb") == [b"a"]
    assert decoder.close() == [b"b"]


def test_a_carriage_return_that_nothing_follows_ends_its_line() -> None:
    decoder = LineDecoder()

    assert decoder.feed(b"a\r") == []
    assert decoder.feed(b"b\r") == [b"a"]
    assert decoder.close() == [b"b"]


def test_a_line_ends_nowhere_else() -> None:
    """U+2028, U+0085 and a form feed may stand inside a text."""
    text = "one\u2028two\u0085three\x0bfour\x0cfive".encode()

    assert decode([text + b"\n"]) == [text]


@given(st.integers(0, 6), st.sampled_from([b"", b"\n", b"\r", b"\r\n"]), CUTS)
@example(4, b"\r\n", [5])
def test_the_limit_is_the_same_however_the_bytes_are_cut(
    length: int, end: bytes, cuts: list[int]
) -> None:
    chunks = cut(b"x" * length + end, cuts)

    if length > 4:
        with pytest.raises(ResponseError, match="longer than 4 bytes"):
            decode(chunks, max_bytes=4)
    else:
        assert decode(chunks, max_bytes=4) == ([b"x" * length] if length or end else [])


def test_a_line_that_never_ends_is_refused_before_it_fills_the_memory() -> None:
    decoder = LineDecoder(max_bytes=1000)

    for _ in range(10):
        assert decoder.feed(b"x" * 100) == []
    with pytest.raises(ResponseError):
        decoder.feed(b"x")

    assert decoder.close() == []


def test_lines_inside_the_limit_pass_in_a_chunk_beyond_it() -> None:
    assert decode([b"four\n" * 3], max_bytes=4) == [b"four"] * 3


def test_a_long_line_costs_its_length_and_not_its_square() -> None:
    """4 MiB in 1 KiB chunks: linear takes milliseconds, quadratic minutes."""
    decoder = LineDecoder()
    chunk = b"x" * 1024
    started = time.process_time()

    for _ in range(4096):
        decoder.feed(chunk)
    lines = decoder.feed(b"\n")

    assert [len(line) for line in lines] == [4 * 1024 * 1024]
    assert time.process_time() - started < 2
