"""Counts of tokens as services tell them.

Sources: Claude API docs "Count tokens in a Message", OpenAI API reference "Get input token counts",
the REST reference of models.countTokens, read 2026-11-21.
"""

import msgspec

from dragoman.dialects.failures import FOREIGN
from dragoman.errors import ResponseError

__all__ = ["decode_count"]


class _Counted(msgspec.Struct):
    input_tokens: int | None = None
    total_tokens: int | None = msgspec.field(default=None, name="totalTokens")


_COUNT = msgspec.json.Decoder(_Counted)


def decode_count(body: bytes) -> int:
    """The number of tokens that a reply tells; `ResponseError` if it tells none."""
    try:
        told = _COUNT.decode(body)
    except FOREIGN as exc:
        raise ResponseError("a number of tokens was due, and none came") from exc
    count = told.total_tokens if told.input_tokens is None else told.input_tokens
    if count is None:
        raise ResponseError("a number of tokens was due, and none came")
    return count
