"""Embeddings in OpenAI's form: both halves.

    {"model", "input": "text" or ["text", ...] or tokens, "dimensions", "encoding_format", "user"}
    {"object": "list", "data": [{"index", "embedding": [...] or base64}], "model", "usage"}

Base64 is that of 32-bit floats, the lowest byte first.
Source: OpenAI API reference, "Embeddings", and the types of `openai` 3.54, read 2026-11-21.
"""

import base64
import binascii
import struct

import msgspec

from dragoman.dialects.failures import FOREIGN
from dragoman.dialects.reading import Field, read_object
from dragoman.embeddings import EmbeddingReply, EmbeddingRequest, Encoding, check_count
from dragoman.errors import ResponseError

__all__ = [
    "decode_embedding_reply",
    "decode_embedding_request",
    "encode_embedding_reply",
    "encode_embedding_request",
]

MAX_TOKEN = 2**31 - 1
MAX_DIMENSIONS = 65_536
_KNOWN = ("model", "input", "dimensions", "encoding_format", "user")
_ENCODINGS: tuple[Encoding, ...] = ("float", "base64")


class _Row(msgspec.Struct):
    embedding: tuple[float, ...] | str
    index: int | None = None


class _Usage(msgspec.Struct):
    prompt_tokens: int | None = None


class _Reply(msgspec.Struct):
    data: list[_Row]
    model: str | None = None
    usage: _Usage | None = None


_REPLY = msgspec.json.Decoder(_Reply)


def decode_embedding_request(body: bytes) -> EmbeddingRequest:
    """What a program asks; `InputError` names the place of what is wrong."""
    asked = read_object(body)
    dimensions, encoding = asked.get("dimensions"), asked.get("encoding_format")
    user = asked.get("user")
    return EmbeddingRequest(
        model=asked.need("model").text(empty=False),
        inputs=_inputs(asked.need("input")),
        dimensions=dimensions.whole(1, MAX_DIMENSIONS) if dimensions else None,
        encoding=encoding.word(_ENCODINGS) if encoding else "float",
        user=user.text() if user else None,
        native=asked.rest(_KNOWN),
    )


def _inputs(field: Field) -> tuple[str | tuple[int, ...], ...]:
    if isinstance(field.value, str):
        return (field.text(empty=False),)
    items = list(field.items())
    if not items:
        field.wrong("a text or a list of them")
    if isinstance(items[0].value, int):
        return (_tokens(items),)
    return tuple(_input(item) for item in items)


def _input(item: Field) -> str | tuple[int, ...]:
    if isinstance(item.value, list):
        tokens = list(item.items())
        return _tokens(tokens) if tokens else item.wrong("tokens")
    return item.text(empty=False)


def _tokens(items: list[Field]) -> tuple[int, ...]:
    return tuple(item.whole(0, MAX_TOKEN) for item in items)


def encode_embedding_request(asked: EmbeddingRequest) -> dict[str, object]:
    """The JSON object of a request; the numbers are asked for as such."""
    body: dict[str, object] = {
        **asked.native,
        "model": asked.model,
        "input": asked.inputs,
        "encoding_format": "float",
    }
    if asked.dimensions is not None:
        body["dimensions"] = asked.dimensions
    if asked.user is not None:
        body["user"] = asked.user
    return body


def decode_embedding_reply(body: bytes, asked: EmbeddingRequest) -> EmbeddingReply:
    """The vectors of a whole reply; `ResponseError` if it is none."""
    try:
        reply = _REPLY.decode(body)
    except FOREIGN as exc:
        raise ResponseError("a list of embeddings was due, and none came") from exc
    check_count(reply.data, asked.inputs)
    rows = reply.data
    if all(row.index is not None for row in rows):
        rows = sorted(rows, key=lambda row: row.index or 0)
    return EmbeddingReply(
        model=reply.model or asked.model,
        vectors=tuple(_numbers(row.embedding) for row in rows),
        input_tokens=reply.usage.prompt_tokens if reply.usage else None,
        dropped=asked.hints,
    )


def _numbers(vector: tuple[float, ...] | str) -> tuple[float, ...]:
    if not isinstance(vector, str):
        return vector
    try:
        packed = base64.b64decode(vector, validate=True)
        return struct.unpack(f"<{len(packed) // 4}f", packed)
    except (binascii.Error, struct.error, ValueError) as exc:
        raise ResponseError("an embedding that is no base64 of numbers") from exc


def encode_embedding_reply(reply: EmbeddingReply, asked: EmbeddingRequest) -> bytes:
    """The whole reply. The form has no word for tokens that nobody counted: then it says 0."""
    packed = asked.encoding == "base64"
    data = [
        {
            "object": "embedding",
            "index": index,
            "embedding": _packed(vector) if packed else vector,
        }
        for index, vector in enumerate(reply.vectors)
    ]
    tokens = reply.input_tokens or 0
    usage = {"prompt_tokens": tokens, "total_tokens": tokens}
    told = {"object": "list", "data": data, "model": reply.model, "usage": usage}
    return msgspec.json.encode(told)


def _packed(vector: tuple[float, ...]) -> str:
    try:
        return base64.b64encode(struct.pack(f"<{len(vector)}f", *vector)).decode("ascii")
    except OverflowError as exc:
        raise ResponseError("an embedding with a number that 32 bits cannot hold") from exc
