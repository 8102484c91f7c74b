"""Ollama's embeddings: `/api/embed`, the client half.

Source: docs.ollama.com ("Generate embeddings"), read 2026-11-21.
"""

from collections.abc import Sequence

import msgspec

from dragoman.dialects.failures import FOREIGN
from dragoman.embeddings import EmbeddingReply, EmbeddingRequest, check_count
from dragoman.errors import ResponseError

__all__ = ["decode_embeddings", "encode_embeddings"]


class _Reply(msgspec.Struct):
    embeddings: tuple[tuple[float, ...], ...]
    model: str | None = None
    prompt_eval_count: int | None = None


_REPLY = msgspec.json.Decoder(_Reply)


def encode_embeddings(asked: EmbeddingRequest, texts: Sequence[str]) -> dict[str, object]:
    """The JSON object of a request. A text that is too long is an error and is not cut."""
    body: dict[str, object] = {"model": asked.model, "input": texts, "truncate": False}
    if asked.dimensions is not None:
        body["dimensions"] = asked.dimensions
    return body


def decode_embeddings(body: bytes, asked: EmbeddingRequest) -> EmbeddingReply:
    """The vectors of a whole reply; `ResponseError` if it is none."""
    try:
        reply = _REPLY.decode(body)
    except FOREIGN as exc:
        raise ResponseError("a list of embeddings was due, and none came") from exc
    check_count(reply.embeddings, asked.inputs)
    return EmbeddingReply(
        model=reply.model or asked.model,
        vectors=reply.embeddings,
        input_tokens=reply.prompt_eval_count,
        dropped=asked.left_out(),
    )
