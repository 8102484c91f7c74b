"""What is counted, wherever a service counts it."""

import msgspec
import pytest

from dragoman.dialects.openai_chat.chunks import ChunkUsage, decode_chunk, usage_of
from dragoman.errors import ResponseError
from dragoman.events import Usage


@pytest.mark.parametrize(
    ("wire", "expect"),
    [
        ({"prompt_tokens": 3, "completion_tokens": 2}, Usage(3, 2)),
        ({}, Usage()),
        (
            {
                "prompt_tokens": 3,
                "prompt_tokens_details": {
                    "cached_tokens": 1,
                    "cache_write_tokens": 2,
                    "audio_tokens": 4,
                },
                "completion_tokens_details": {"reasoning_tokens": 5, "audio_tokens": 6},
            },
            Usage(3, None, 1, 5, 2, 4, 6),
        ),
        ({"prompt_cache_hit_tokens": 2}, Usage(cached_tokens=2)),
        (
            {"prompt_cache_hit_tokens": 2, "prompt_tokens_details": {"cached_tokens": 0}},
            Usage(cached_tokens=0),
        ),
    ],
)
def test_counts(wire: dict[str, object], expect: Usage) -> None:
    assert usage_of(msgspec.convert(wire, ChunkUsage)) == expect


@pytest.mark.parametrize("text", [b"", b"[]", b'{"choices":7}', b"[" * 5000, b'"\xff"'])
def test_what_is_no_chunk_is_an_error(text: bytes) -> None:
    with pytest.raises(ResponseError, match="a reply that makes no sense"):
        decode_chunk(text, "a reply")
