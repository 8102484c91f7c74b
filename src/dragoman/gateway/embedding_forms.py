"""The forms in which embeddings are asked for, each a row: how it is read, passed on and told."""

from collections.abc import Callable
from typing import TypeVar

import msgspec

from dragoman.dialects.failures import FOREIGN
from dragoman.dialects.gemini import embeddings as gemini
from dragoman.dialects.ollama import embeddings as ollama
from dragoman.dialects.openai_chat import embeddings as openai
from dragoman.embeddings import EmbeddingReply, EmbeddingRequest
from dragoman.errors import InputError, ResponseError
from dragoman.gateway.errand import Kind
from dragoman.providers.api.dialect_provider import DialectProvider
from dragoman.providers.api.gemini import address, resource
from dragoman.providers.beside import Fields, named
from dragoman.providers.call import Call

__all__ = ["BATCH", "EMBED", "OPENAI", "PROMPT", "SINGLE", "Form"]

T = TypeVar("T")


class Form(msgspec.Struct, frozen=True, kw_only=True):
    """One form; `path` is where a service that has it is asked, empty if that has no such thing."""

    kind: Kind
    decode: Callable[[bytes, str], EmbeddingRequest]
    encode: Callable[[EmbeddingReply, EmbeddingRequest], bytes]
    path: Callable[[DialectProvider, Call], str]
    addressed: Callable[[Fields, Call], Fields] = lambda fields, call: named(
        fields, call.chat.model
    )
    """A request that is passed on, with the model's name on the wire."""
    told: Callable[[bytes], int | None]
    """The tokens that a reply tells; `ResponseError` if it is none."""


class _Usage(msgspec.Struct):
    prompt_tokens: int | None = None


class _OpenAIReply(msgspec.Struct):
    data: list[msgspec.Raw]
    usage: _Usage | None = None


class _Metadata(msgspec.Struct, rename="camel"):
    prompt_token_count: int | None = None


class _SingleReply(msgspec.Struct, rename="camel"):
    embedding: msgspec.Raw
    usage_metadata: _Metadata | None = None


class _BatchReply(msgspec.Struct, rename="camel"):
    embeddings: list[msgspec.Raw]
    usage_metadata: _Metadata | None = None


class _EmbedReply(msgspec.Struct):
    embeddings: list[msgspec.Raw]
    prompt_eval_count: int | None = None


class _PromptReply(msgspec.Struct):
    embedding: list[msgspec.Raw]


def _reader(shape: type[T], tokens: Callable[[T], int | None]) -> Callable[[bytes], int | None]:
    decoder = msgspec.json.Decoder(shape)

    def read(body: bytes) -> int | None:
        try:
            return tokens(decoder.decode(body))
        except FOREIGN as exc:
            raise ResponseError("a list of embeddings was due, and none came") from exc

    return read


def _counted(reply: _SingleReply | _BatchReply) -> int | None:
    return reply.usage_metadata.prompt_token_count if reply.usage_metadata else None


def _renamed(fields: Fields, call: Call) -> Fields:
    return named(fields, resource(call)) if "model" in fields else fields


def _renamed_each(fields: Fields, call: Call) -> Fields:
    """Each request of a batch names the model, which has to be the address's."""
    try:
        requests = _REQUESTS.decode(bytes(fields.get("requests", b"[]")))
    except msgspec.ValidationError as exc:
        raise InputError("requests: expected a list of objects", place="requests") from exc
    renamed = [named(request, resource(call)) for request in requests]
    return {**_renamed(fields, call), "requests": msgspec.Raw(msgspec.json.encode(renamed))}


_REQUESTS = msgspec.json.Decoder(list[dict[str, msgspec.Raw]])

OPENAI = Form(
    kind=Kind("embeddings", "openai_chat"),
    decode=lambda body, _: openai.decode_embedding_request(body),
    encode=openai.encode_embedding_reply,
    path=lambda service, _: service.EMBED_PATH,
    told=_reader(_OpenAIReply, lambda reply: reply.usage.prompt_tokens if reply.usage else None),
)
SINGLE = Form(
    kind=Kind("embed_content", "gemini"),
    decode=gemini.decode_embedding_request,
    encode=lambda reply, _: gemini.encode_embedding_reply(reply),
    path=lambda _, call: address(call, "embedContent"),
    addressed=_renamed,
    told=_reader(_SingleReply, _counted),
)
BATCH = Form(
    kind=Kind("batch_embed_contents", "gemini"),
    decode=gemini.decode_batch_request,
    encode=lambda reply, _: gemini.encode_batch_reply(reply),
    path=lambda _, call: address(call, "batchEmbedContents"),
    addressed=_renamed_each,
    told=_reader(_BatchReply, _counted),
)
EMBED = Form(
    kind=Kind("embed", "ollama"),
    decode=lambda body, _: ollama.decode_embedding_request(body),
    encode=lambda reply, _: ollama.encode_embedding_reply(reply),
    path=lambda *_: "/api/embed",
    told=_reader(_EmbedReply, lambda reply: reply.prompt_eval_count),
)
PROMPT = Form(
    kind=Kind("embed_prompt", "ollama"),
    decode=lambda body, _: ollama.decode_prompt_request(body),
    encode=lambda reply, _: ollama.encode_prompt_reply(reply),
    path=lambda *_: "/api/embeddings",
    told=_reader(_PromptReply, lambda _: None),
)
