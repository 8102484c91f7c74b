"""Gemini's embeddings: `batchEmbedContents`, the client half.

Source: the REST reference of models.batchEmbedContents, read 2026-11-21.
"""

from collections.abc import Sequence

import msgspec

from dragoman.dialects.failures import FOREIGN
from dragoman.embeddings import EmbeddingRequest, check_count
from dragoman.errors import ResponseError

__all__ = ["MAX_BATCH", "Embedded", "decode_embeddings", "encode_embeddings"]

MAX_BATCH = 100
"""Texts that one request may have."""


class _Vector(msgspec.Struct):
    values: tuple[float, ...] = ()


class _Usage(msgspec.Struct, rename="camel"):
    prompt_token_count: int | None = None


class Embedded(msgspec.Struct, rename="camel"):
    """One reply."""

    embeddings: list[_Vector]
    usage_metadata: _Usage | None = None

    @property
    def tokens(self) -> int | None:
        """How many tokens were read, if the service counted."""
        return self.usage_metadata.prompt_token_count if self.usage_metadata else None


_REPLY = msgspec.json.Decoder(Embedded)


def encode_embeddings(
    asked: EmbeddingRequest, model: str, texts: Sequence[str]
) -> dict[str, object]:
    """The JSON object of a request for these texts; `model` is as it stands in the address."""
    size = {} if asked.dimensions is None else {"outputDimensionality": asked.dimensions}
    return {
        "requests": [
            {"model": model, "content": {"parts": [{"text": text}]}, **size} for text in texts
        ]
    }


def decode_embeddings(body: bytes, texts: Sequence[str]) -> Embedded:
    """The vectors of these texts; `ResponseError` if the reply has not one for each."""
    try:
        reply = _REPLY.decode(body)
    except FOREIGN as exc:
        raise ResponseError("a list of embeddings was due, and none came") from exc
    check_count(reply.embeddings, texts)
    if not all(vector.values for vector in reply.embeddings):
        raise ResponseError("an embedding without numbers came")
    return reply
