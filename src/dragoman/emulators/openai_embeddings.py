"""OpenAI's embeddings: vectors of length 1 that follow from the text alone.

Source: OpenAI API reference, "Embeddings", read 2026-11-21.
"""

import base64
import hashlib
import math
import struct
from typing import Annotated, Literal, TypeAlias

import msgspec
from msgspec import Meta, Struct

from dragoman.emulators.openai_errors import not_valid
from dragoman.emulators.openai_models import check_model
from dragoman.emulators.service import Json, words

__all__ = ["EmbeddingsBody", "embeddings"]

_DIMENSIONS = 1536

_Tokens: TypeAlias = Annotated[tuple[int, ...], Meta(min_length=1, max_length=8192)]


class EmbeddingsBody(Struct, frozen=True, kw_only=True):
    """The request: one text or many, each also as a list of tokens."""

    model: str
    input: str | Annotated[tuple[str | int | _Tokens, ...], Meta(min_length=1, max_length=2048)]
    dimensions: Annotated[int, Meta(ge=1, le=_DIMENSIONS)] = _DIMENSIONS
    encoding_format: Literal["float", "base64"] = "float"
    user: str | None = None


def embeddings(body: EmbeddingsBody) -> dict[str, Json]:
    """The vectors in the order of the inputs; `RefusedError` for an empty text."""
    check_model(body.model)
    inputs = _inputs(body.input)
    if "" in inputs:
        raise not_valid("input", "it holds an empty text")
    read = sum(len(words(each)) if isinstance(each, str) else len(each) for each in inputs)
    data = [
        {"object": "embedding", "index": index, "embedding": _coded(each, body)}
        for index, each in enumerate(inputs)
    ]
    usage = {"prompt_tokens": read, "total_tokens": read}
    return {"object": "list", "data": data, "model": body.model, "usage": usage}


def _inputs(asked: str | tuple[str | int | _Tokens, ...]) -> list[str | _Tokens]:
    """The texts, each one as it is or as its tokens; a list of numbers is one text."""
    if isinstance(asked, str):
        return [asked]
    numbers = tuple(each for each in asked if isinstance(each, int))
    if numbers and len(numbers) < len(asked):
        raise not_valid("input", "it mixes tokens and texts")
    return [numbers] if numbers else [each for each in asked if not isinstance(each, int)]


def _coded(each: str | _Tokens, body: EmbeddingsBody) -> Json:
    vector = _vector(msgspec.json.encode(each), body.dimensions)
    if body.encoding_format == "float":
        return vector
    return base64.b64encode(struct.pack(f"<{len(vector)}f", *vector)).decode()


def _vector(content: bytes, dimensions: int) -> list[float]:
    # The middle of a byte's range is no whole number, so no vector is all zeros.
    raw = [byte - 127.5 for byte in hashlib.shake_256(content).digest(dimensions)]
    length = math.sqrt(math.fsum(value * value for value in raw))
    return [value / length for value in raw]
