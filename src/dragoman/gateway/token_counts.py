"""Counts of tokens in the forms of three services, by the service that answers; none is estimated.

A service that speaks the form gets the request as it is. Of others only those are asked that count
whole requests themselves; the rest is refused by name.
Sources: Claude API docs "Count tokens in a Message", OpenAI API reference "Get input token counts",
the REST reference of models.countTokens, read 2026-11-21.
"""

from collections.abc import Callable
from functools import partial

import msgspec

from dragoman.chat import ChatRequest
from dragoman.dialects.anthropic_messages import request_decoder as anthropic_request
from dragoman.dialects.gemini.request_decoder import decode_count_request
from dragoman.dialects.openai_responses import request_decoder as responses_request
from dragoman.gateway.errand import Errand, Kind, run_errand
from dragoman.gateway.headers import passed_on
from dragoman.gateway.state import Gateway
from dragoman.gateway.visit import Visit
from dragoman.provider_entry import ProviderEntry
from dragoman.providers.api.counts import decode_count
from dragoman.providers.api.dialect_provider import DialectProvider
from dragoman.providers.api.gemini import address, resource
from dragoman.providers.beside import Fields, named, read_fields, relay_steps, unsaid
from dragoman.providers.call import Call
from dragoman.providers.relay import is_relayable

__all__ = ["count_gemini_tokens", "count_input_tokens", "count_tokens"]


class _Form(msgspec.Struct, frozen=True, kw_only=True):
    """A form of the question. `path` is where a service of its dialect is asked."""

    kind: Kind
    decode: Callable[[bytes, str], ChatRequest]
    path: Callable[[DialectProvider, Call], str] = lambda service, call: service.COUNT_PATH
    addressed: Callable[[Fields, Call], Fields] = lambda fields, call: named(
        fields, call.chat.model
    )
    told: Callable[[int], dict[str, object]] = lambda tokens: {"input_tokens": tokens}


async def count_tokens(gateway: Gateway, visit: Visit) -> None:
    """`POST /v1/messages/count_tokens`."""
    await run_errand(gateway, visit, _ANTHROPIC.kind, partial(_count, _ANTHROPIC))


async def count_input_tokens(gateway: Gateway, visit: Visit) -> None:
    """`POST /v1/responses/input_tokens`."""
    await run_errand(gateway, visit, _RESPONSES.kind, partial(_count, _RESPONSES))


async def count_gemini_tokens(gateway: Gateway, visit: Visit, model: str) -> None:
    """`POST /v1beta/models/MODEL:countTokens`."""
    await run_errand(gateway, visit, _GEMINI.kind, partial(_count, _GEMINI, model=model))


async def _count(form: _Form, errand: Errand, model: str = "") -> bytes:
    chat = form.decode(errand.body, model)
    entry, name = await errand.held.client.target(chat.model)
    if is_relayable(entry.provider, form.kind.dialect):
        return await _relay(form, errand, entry, name)
    call = await errand.held.client.call(entry, msgspec.structs.replace(chat, model=name))
    errand.ask(entry, call)
    errand.record.dropped = call.dropped
    tokens = await errand.held.client.beside(entry, call, lambda service: service.count_steps(call))
    return msgspec.json.encode(form.told(tokens))


async def _relay(form: _Form, errand: Errand, entry: ProviderEntry, name: str) -> bytes:
    call = await errand.held.client.call(entry, unsaid(name))
    errand.ask(entry, call)
    headers = errand.visit.headers
    passed = passed_on(headers)
    fields = form.addressed(read_fields(errand.body), call)
    reply = await errand.held.client.beside(
        entry,
        call,
        lambda service: relay_steps(service, call, form.path(service, call), fields, passed),
    )
    decode_count(reply)
    return reply


def _with_resource(fields: Fields, call: Call) -> Fields:
    """A whole request in the question names its model once more."""
    found = dict(fields)
    for name in ("generateContentRequest", "generate_content_request"):
        if name in found:
            whole = named(read_fields(bytes(found[name])), resource(call))
            found[name] = msgspec.Raw(msgspec.json.encode(whole))
    if "model" in found:
        found = named(found, resource(call))
    return found


_ANTHROPIC = _Form(
    kind=Kind("count_tokens", "anthropic_messages"),
    decode=lambda body, _: anthropic_request.decode_request(body, stream=False),
)
_RESPONSES = _Form(
    kind=Kind("input_tokens", "openai_responses"),
    decode=lambda body, _: responses_request.decode_request(body, stream=False),
    told=lambda tokens: {"object": "response.input_tokens", "input_tokens": tokens},
)
_GEMINI = _Form(
    kind=Kind("gemini_count_tokens", "gemini"),
    decode=decode_count_request,
    path=lambda _, call: address(call, "countTokens"),
    addressed=_with_resource,
    told=lambda tokens: {"totalTokens": tokens},
)
