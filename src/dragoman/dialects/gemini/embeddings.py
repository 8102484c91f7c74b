"""Gemini's embeddings: `embedContent` and `batchEmbedContents`; of the client half the latter.

    {"content": {"parts": [{"text"}]}, "taskType", "title", "outputDimensionality"}
    {"requests": [the same, with "model"]}

Source: the REST references of models.embedContent and models.batchEmbedContents, read 2026-11-21.
"""

from collections.abc import Sequence

import msgspec

from dragoman.dialects.failures import FOREIGN
from dragoman.dialects.gemini.spelling import get, items, need, rest
from dragoman.dialects.reading import Field, read_object
from dragoman.embeddings import EmbeddingReply, EmbeddingRequest, check_count
from dragoman.errors import ResponseError

__all__ = [
    "MAX_BATCH",
    "Embedded",
    "decode_batch_request",
    "decode_embedding_request",
    "decode_embeddings",
    "encode_batch_reply",
    "encode_embedding_reply",
    "encode_embeddings",
]

MAX_BATCH = 100
"""Texts that one request may have."""
MAX_DIMENSIONS = 65_536
_HINTS = ("taskType", "title")
"""What the numbers are for: others make vectors that are good for anything."""


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


def decode_embedding_request(body: bytes, model: str) -> EmbeddingRequest:
    """What a program asks of `embedContent`; `InputError` names the place of what is wrong."""
    return _asked([read_object(body)], model)


def decode_batch_request(body: bytes, model: str) -> EmbeddingRequest:
    """What a program asks of `batchEmbedContents`; its requests must want the same size."""
    requests = need(read_object(body), "requests")
    return _asked(list(items(requests)) or requests.wrong("at least one"), model)


def _asked(requests: Sequence[Field], model: str) -> EmbeddingRequest:
    first = _size(requests[0])
    for request in requests:
        if _size(request) != first:
            request.refuse("wants another outputDimensionality than the first")
    hints = dict.fromkeys(name for each in requests for name in _HINTS if get(each, name))
    return EmbeddingRequest(
        model=model.removeprefix("models/"),
        inputs=tuple(_text(request) for request in requests),
        dimensions=first,
        hints=tuple(hints),
    )


def _size(request: Field) -> int | None:
    size = get(request, "outputDimensionality")
    return size.whole(1, MAX_DIMENSIONS) if size else None


def _text(request: Field) -> str:
    for name in rest(request, "model", "content", "outputDimensionality", *_HINTS):
        request.need(name).refuse("only Gemini has such a field")
    parts = need(need(request, "content"), "parts")
    text = "".join(need(part, "text").text() for part in items(parts))
    return text or parts.wrong("a text that is not empty")


def encode_embedding_reply(reply: EmbeddingReply) -> bytes:
    """The reply of `embedContent`."""
    return _encode({"embedding": {"values": reply.vectors[0]}}, reply)


def encode_batch_reply(reply: EmbeddingReply) -> bytes:
    """The reply of `batchEmbedContents`."""
    return _encode({"embeddings": [{"values": vector} for vector in reply.vectors]}, reply)


def _encode(told: dict[str, object], reply: EmbeddingReply) -> bytes:
    if reply.input_tokens is not None:
        told["usageMetadata"] = {"promptTokenCount": reply.input_tokens}
    return msgspec.json.encode(told)
