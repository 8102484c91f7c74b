"""Embeddings as values: texts to numbers that say how near they are to each other."""

from collections.abc import Mapping, Sequence
from typing import Literal

import msgspec

from dragoman.errors import InputError, ResponseError
from dragoman.messages import is_unicode

__all__ = [
    "MAX_EMBEDDINGS_BYTES",
    "EmbeddingReply",
    "EmbeddingRequest",
    "Encoding",
    "check_count",
    "check_inputs",
]

MAX_EMBEDDINGS_BYTES = 128 * 1024 * 1024
"""A reply's limit: the 2,048 inputs that services take, as decimal numbers, are below it."""

Encoding = Literal["float", "base64"]


class EmbeddingRequest(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be embedded, each input a text or a text's tokens.

    `encoding` is how the caller wants the numbers; `user` is a hint, left out where there is no
    place for it, and `hints` are the names of those that only the caller's own form has.
    `native` are fields that only services in OpenAI's form have.
    """

    model: str
    inputs: tuple[str | tuple[int, ...], ...]
    dimensions: int | None = None
    encoding: Encoding = "float"
    user: str | None = None
    hints: tuple[str, ...] = ()
    native: Mapping[str, object] = {}

    def texts(self, provider: str) -> list[str]:
        """The inputs of a provider that takes texts and nothing else; else `InputError`."""
        for name in self.native:
            raise InputError(f"{name}: {provider} has no such field for embeddings", place=name)
        texts: list[str] = []
        for number, each in enumerate(self.inputs):
            if not isinstance(each, str):
                place = f"input[{number}]"
                raise InputError(f"{place}: {provider} takes texts and no tokens", place=place)
            texts.append(each)
        return texts

    def left_out(self) -> tuple[str, ...]:
        """The hints that a provider without a place for them does not get."""
        return (*(("user",) if self.user is not None else ()), *self.hints)


class EmbeddingReply(msgspec.Struct, frozen=True, kw_only=True):
    """The vectors, in the order of the inputs. `input_tokens` is None if nobody counted."""

    model: str
    vectors: tuple[tuple[float, ...], ...]
    input_tokens: int | None = None
    dropped: tuple[str, ...] = ()


def check_count(vectors: Sequence[object], inputs: Sequence[object]) -> None:
    """`ResponseError` if there is not one vector for each input."""
    if len(vectors) != len(inputs):
        raise ResponseError(f"{len(vectors)} embeddings came for {len(inputs)} inputs")


def check_inputs(inputs: Sequence[object]) -> None:
    """`InputError` if there is none, or one that is empty or no text."""
    if not inputs:
        raise InputError("input: there is nothing to embed", place="input")
    for number, each in enumerate(inputs):
        if not isinstance(each, str) or not each or not is_unicode(each):
            place = f"input[{number}]"
            raise InputError(f"{place}: expected text that is not empty", place=place)
