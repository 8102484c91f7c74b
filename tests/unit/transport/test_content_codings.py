"""Any cut of the bytes gives the same text; any bytes give text or an error of ours."""

import contextlib
import gzip
import tracemalloc
import zlib
from itertools import pairwise

import brotli  # type: ignore[import-untyped]  # it ships no types
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dragoman.errors import ResponseError, StreamTruncatedError
from dragoman.transport.content_codings import MAX_PIECE_BYTES, content_decoder

ENCODERS = {
    "gzip": gzip.compress,
    "deflate": zlib.compress,
    "br": brotli.compress,
    "gzip, br": lambda text: brotli.compress(gzip.compress(text)),
}


def decode(header: str, chunks: list[bytes]) -> bytes:
    decoder = content_decoder(header)
    assert decoder is not None
    text = b""
    for chunk in chunks:
        text += decoder.feed(chunk)
        while decoder.waiting:
            text += decoder.feed(b"")
    decoder.close()
    return text


@given(
    coding=st.sampled_from(sorted(ENCODERS)),
    text=st.binary(max_size=2000).map(lambda piece: piece * 7),
    cuts=st.lists(st.integers(0, 3000), max_size=8),
)
def test_any_cut_gives_the_same_text(coding: str, text: bytes, cuts: list[int]) -> None:
    packed = ENCODERS[coding](text)
    edges = [0, *sorted(min(cut, len(packed)) for cut in cuts), len(packed)]

    chunks = [packed[start:end] for start, end in pairwise(edges)]

    assert decode(coding, chunks) == text


@given(
    coding=st.sampled_from(sorted(ENCODERS)), chunks=st.lists(st.binary(max_size=50), max_size=9)
)
def test_any_bytes_give_text_or_an_error_of_ours(coding: str, chunks: list[bytes]) -> None:
    with contextlib.suppress(ResponseError):
        decode(coding, chunks)


@given(
    coding=st.sampled_from(sorted(ENCODERS)),
    text=st.binary(min_size=1, max_size=300),
    lost=st.integers(1, 400),
)
def test_data_that_lost_its_end_is_never_whole(coding: str, text: bytes, lost: int) -> None:
    packed = ENCODERS[coding](text)
    cut = packed[: max(1, len(packed) - lost)]

    if cut != packed:
        with pytest.raises(StreamTruncatedError):
            decode(coding, [cut])


def test_a_body_without_bytes_is_whole() -> None:
    assert decode("gzip", []) == b""


@pytest.mark.parametrize("header", ["", "identity", " , identity"])
def test_nothing_to_decode_is_no_decoder(header: str) -> None:
    assert content_decoder(header) is None


@pytest.mark.parametrize("header", ["zstd", "gzip, snappy", "gzip, gzip, gzip, gzip"])
def test_what_was_not_asked_for_is_refused(header: str) -> None:
    with pytest.raises(ResponseError):
        content_decoder(header)


def test_codings_upon_each_other_unfold_piece_by_piece() -> None:
    """If the outer one ran ahead, its whole text would wait inside of the inner one."""
    packed = gzip.compress(b"".join([gzip.compress(bytes(1_000_000))] * 20_000))
    decoder = content_decoder("gzip, gzip")
    assert decoder is not None
    tracemalloc.start()

    decoder.feed(packed)
    for _ in range(200):
        decoder.feed(b"")

    _, peak_bytes = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert decoder.waiting
    assert peak_bytes < 12 * MAX_PIECE_BYTES
