"""Counts of tokens as services tell them."""

import pytest

from dragoman.errors import ResponseError
from dragoman.providers.api.counts import decode_count


@pytest.mark.parametrize("name", ["input_tokens", "totalTokens"])
def test_a_count_is_read_by_either_name(name: str) -> None:
    assert decode_count(b'{"%b": 3, "more": []}' % name.encode()) == 3


@pytest.mark.parametrize("body", [b"", b"<html>", b"{}", b"[]", b'{"input_tokens": "3"}'])
def test_what_tells_no_count_is_an_error(body: bytes) -> None:
    with pytest.raises(ResponseError, match="a number of tokens was due"):
        decode_count(body)
