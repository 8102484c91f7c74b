"""Embeddings in the forms of OpenAI, Gemini and Ollama, where the provider has them.

A service that has the caller's form gets the request as it is, and its reply is passed on as it
came; of any other the vectors are asked, and told in the caller's form.
Sources: OpenAI API reference, "Embeddings"; the REST references of models.embedContent and
models.batchEmbedContents; docs.ollama.com, "Generate embeddings", read 2026-11-21.
"""

from functools import partial

import msgspec

from dragoman.dialects.failures import FOREIGN
from dragoman.errors import InputError
from dragoman.events import Usage
from dragoman.gateway.asking import cost_of
from dragoman.gateway.embedding_forms import BATCH, EMBED, OPENAI, PROMPT, SINGLE, Form
from dragoman.gateway.errand import Errand, run_errand
from dragoman.gateway.state import Gateway
from dragoman.gateway.visit import Visit
from dragoman.provider_entry import ProviderEntry
from dragoman.providers.api.dialect_provider import DialectProvider
from dragoman.providers.beside import read_fields, relay_steps, unsaid
from dragoman.providers.call import Call

__all__ = ["embed", "embed_batch", "embed_content", "embed_prompt", "embed_texts"]


class _Asked(msgspec.Struct):
    model: str


_ASKED = msgspec.json.Decoder(_Asked)


async def embed(gateway: Gateway, visit: Visit) -> None:
    """`POST /v1/embeddings`."""
    await run_errand(gateway, visit, OPENAI.kind, partial(_embed, OPENAI))


async def embed_content(gateway: Gateway, visit: Visit, model: str) -> None:
    """`POST /v1beta/models/MODEL:embedContent`."""
    await run_errand(gateway, visit, SINGLE.kind, partial(_embed, SINGLE, model=model))


async def embed_batch(gateway: Gateway, visit: Visit, model: str) -> None:
    """`POST /v1beta/models/MODEL:batchEmbedContents`."""
    await run_errand(gateway, visit, BATCH.kind, partial(_embed, BATCH, model=model))


async def embed_texts(gateway: Gateway, visit: Visit) -> None:
    """`POST /api/embed`."""
    await run_errand(gateway, visit, EMBED.kind, partial(_embed, EMBED))


async def embed_prompt(gateway: Gateway, visit: Visit) -> None:
    """`POST /api/embeddings`."""
    await run_errand(gateway, visit, PROMPT.kind, partial(_embed, PROMPT))


async def _embed(form: Form, errand: Errand, model: str = "") -> bytes:
    client = errand.held.client
    entry, name = await client.target(model or _model(errand.body))
    call = await client.call(entry, unsaid(name))
    errand.ask(entry, call)
    service = entry.provider
    if (
        isinstance(service, DialectProvider)
        and form.kind.dialect == service.DIALECT
        and (path := form.path(service, call))
    ):
        return await _relay(form, errand, (entry, call), path)
    return await _translate(form, errand, entry, call)


def _model(body: bytes) -> str:
    try:
        return _ASKED.decode(body).model
    except msgspec.ValidationError as exc:
        raise InputError(f"the request: {exc}", place="model") from exc
    except FOREIGN as exc:
        raise InputError("the request's body is no JSON object") from exc


async def _relay(form: Form, errand: Errand, asked: tuple[ProviderEntry, Call], path: str) -> bytes:
    entry, call = asked
    fields = form.addressed(read_fields(errand.body), call)
    reply = await errand.held.client.beside(
        entry, call, lambda service: relay_steps(service, call, path, fields, {})
    )
    _count(errand, entry, form.told(reply))
    return reply


async def _translate(form: Form, errand: Errand, entry: ProviderEntry, call: Call) -> bytes:
    decoded = form.decode(errand.body, call.chat.model)
    asked = msgspec.structs.replace(decoded, model=call.chat.model)
    reply = await errand.held.client.beside(
        entry, call, lambda service: service.embed_steps(call, asked)
    )
    errand.record.dropped = reply.dropped
    _count(errand, entry, reply.input_tokens)
    return form.encode(reply, asked)


def _count(errand: Errand, entry: ProviderEntry, tokens: int | None) -> None:
    if tokens is not None:
        usage = errand.record.usage = Usage(tokens, 0)
        errand.record.cost = cost_of(entry.prices, errand.record.model, usage)
