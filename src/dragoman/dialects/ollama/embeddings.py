"""Ollama's embeddings: `/api/embed`, and of the server half its predecessor `/api/embeddings`.

    {"model", "input": "text" or ["text", ...], "dimensions", "truncate", "keep_alive", "options"}
    {"model", "prompt": "text", "keep_alive", "options"}

Source: docs.ollama.com ("Generate embeddings", openapi.yaml), read 2026-11-21.
"""

from collections.abc import Sequence

import msgspec

from dragoman.dialects.failures import FOREIGN
from dragoman.dialects.reading import Field, read_object
from dragoman.embeddings import EmbeddingReply, EmbeddingRequest, check_count
from dragoman.errors import ResponseError

__all__ = [
    "decode_embedding_request",
    "decode_embeddings",
    "decode_prompt_request",
    "encode_embedding_reply",
    "encode_embeddings",
    "encode_prompt_reply",
]

MAX_DIMENSIONS = 65_536
_HINTS = ("truncate", "keep_alive", "options")
"""How its own engine is to run. Elsewhere a text that is too long is an error and is not cut."""


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


def decode_embedding_request(body: bytes) -> EmbeddingRequest:
    """What a program asks of `/api/embed`; `InputError` names the place of what is wrong."""
    root = read_object(body)
    field = root.need("input")
    texts = [field] if isinstance(field.value, str) else list(field.items())
    return _asked(root, texts or field.wrong("a text or a list of them"), "input", "dimensions")


def decode_prompt_request(body: bytes) -> EmbeddingRequest:
    """What a program asks of `/api/embeddings`."""
    root = read_object(body)
    return _asked(root, [root.need("prompt")], "prompt")


def _asked(root: Field, texts: Sequence[Field], *known: str) -> EmbeddingRequest:
    for name in root.rest(("model", *known, *_HINTS)):
        root.need(name).refuse("only Ollama has such a field")
    size = root.get("dimensions")
    return EmbeddingRequest(
        model=root.need("model").text(empty=False),
        inputs=tuple(text.text(empty=False) for text in texts),
        dimensions=size.whole(1, MAX_DIMENSIONS) if size else None,
        hints=tuple(name for name in _HINTS if root.get(name)),
    )


def encode_embedding_reply(reply: EmbeddingReply) -> bytes:
    """The reply of `/api/embed`."""
    told: dict[str, object] = {"model": reply.model, "embeddings": reply.vectors}
    if reply.input_tokens is not None:
        told["prompt_eval_count"] = reply.input_tokens
    return msgspec.json.encode(told)


def encode_prompt_reply(reply: EmbeddingReply) -> bytes:
    """The reply of `/api/embeddings`."""
    return msgspec.json.encode({"embedding": reply.vectors[0]})
