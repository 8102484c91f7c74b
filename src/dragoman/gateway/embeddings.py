"""Embeddings in OpenAI's form, where the provider has them.

A service in OpenAI's form gets the request as it is, and its reply is passed on as it came.
Source: OpenAI API reference, "Embeddings", read 2026-11-21.
"""

import msgspec

from dragoman.dialects.failures import FOREIGN
from dragoman.dialects.openai_chat.embeddings import (
    decode_embedding_request,
    encode_embedding_reply,
)
from dragoman.errors import InputError, ResponseError
from dragoman.events import Usage
from dragoman.gateway.asking import cost_of
from dragoman.gateway.errand import Errand, Kind, run_errand
from dragoman.gateway.state import Gateway
from dragoman.gateway.visit import Visit
from dragoman.provider_entry import ProviderEntry
from dragoman.providers.api.dialect_provider import DialectProvider
from dragoman.providers.beside import relay_steps, unsaid
from dragoman.providers.call import Call

__all__ = ["embed"]

_KIND = Kind("embeddings", "openai_chat")


class _Asked(msgspec.Struct):
    model: str
    input: msgspec.Raw


class _Usage(msgspec.Struct):
    prompt_tokens: int | None = None


class _Told(msgspec.Struct):
    """What is read of a reply that is passed on: that it is one, and what it counted."""

    data: list[msgspec.Raw]
    usage: _Usage | None = None


_ASKED = msgspec.json.Decoder(_Asked)
_TOLD = msgspec.json.Decoder(_Told)


async def embed(gateway: Gateway, visit: Visit) -> None:
    """`POST /v1/embeddings`."""
    await run_errand(gateway, visit, _KIND, _embed)


async def _embed(errand: Errand) -> bytes:
    client = errand.held.client
    try:
        asked = _ASKED.decode(errand.body)
    except msgspec.ValidationError as exc:
        raise InputError(f"the request: {exc}") from exc
    except FOREIGN as exc:
        raise InputError("the request's body is no JSON object") from exc
    entry, name = await client.target(asked.model)
    call = await client.call(entry, unsaid(name))
    errand.ask(entry, call)
    if isinstance(entry.provider, DialectProvider) and entry.provider.EMBED_PATH:
        return await _relay(errand, entry, call)
    return await _translate(errand, entry, call)


async def _relay(errand: Errand, entry: ProviderEntry, call: Call) -> bytes:
    reply = await errand.held.client.beside(
        entry,
        call,
        lambda service: relay_steps(service, call, service.EMBED_PATH, errand.body, {}),
    )
    try:
        told = _TOLD.decode(reply)
    except FOREIGN as exc:
        raise ResponseError("a list of embeddings was due, and none came") from exc
    _count(errand, entry, told.usage.prompt_tokens if told.usage else None)
    return reply


async def _translate(errand: Errand, entry: ProviderEntry, call: Call) -> bytes:
    decoded = decode_embedding_request(errand.body)
    asked = msgspec.structs.replace(decoded, model=call.chat.model)
    reply = await errand.held.client.beside(
        entry, call, lambda service: service.embed_steps(call, asked)
    )
    errand.record.dropped = reply.dropped
    _count(errand, entry, reply.input_tokens)
    return encode_embedding_reply(reply, asked)


def _count(errand: Errand, entry: ProviderEntry, tokens: int | None) -> None:
    if tokens is not None:
        usage = errand.record.usage = Usage(tokens, 0)
        errand.record.cost = cost_of(entry, errand.record.model, usage)
