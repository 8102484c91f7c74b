"""`NdjsonDecoder`: one JSON text a line."""

import itertools

from hypothesis import given
from hypothesis import strategies as st

from dragoman.wire.ndjson import NdjsonDecoder

STREAM = b'\xef\xbb\xbf{"a":1}\n\n  \r\n{"b":"\xe2\x80\xa8"}\r\n[3]'
TEXTS = [b'{"a":1}', b'{"b":"\xe2\x80\xa8"}', b"[3]"]


@given(st.lists(st.integers(0, len(STREAM)), max_size=8))
def test_texts_are_the_same_however_the_bytes_are_cut(cuts: list[int]) -> None:
    decoder = NdjsonDecoder()
    places = [0, *sorted(cuts), len(STREAM)]

    texts = [
        text
        for start, end in itertools.pairwise(places)
        for text in decoder.feed(STREAM[start:end])
    ]

    assert texts + decoder.close() == TEXTS


def test_nothing_comes_of_nothing() -> None:
    decoder = NdjsonDecoder()

    assert decoder.feed(b"") == []
    assert decoder.close() == []
