"""Counts of tokens in Anthropic's form, by the service that answers; nothing is estimated.

A service that speaks Anthropic's Messages gets the request as it is. Of others only those are
asked that count whole requests themselves; the rest is refused by name.
Source: Claude API docs "Count tokens in a Message", read 2026-11-21.
"""

import msgspec

from dragoman.dialects.anthropic_messages.request_decoder import decode_request
from dragoman.gateway.errand import Errand, Kind, run_errand
from dragoman.gateway.state import Gateway
from dragoman.gateway.visit import Visit
from dragoman.providers.api.anthropic import decode_count
from dragoman.providers.beside import relay_steps, unsaid
from dragoman.providers.relay import is_relayable

__all__ = ["count_tokens"]

_KIND = Kind("count_tokens", "anthropic_messages")
_PASSED = ("anthropic-version", "anthropic-beta")


async def count_tokens(gateway: Gateway, visit: Visit) -> None:
    """`POST /v1/messages/count_tokens`."""
    await run_errand(gateway, visit, _KIND, _count)


async def _count(errand: Errand) -> bytes:
    client, record = errand.held.client, errand.record
    chat = decode_request(errand.body, stream=False)
    entry, name = await client.target(chat.model)
    relayed = is_relayable(entry.provider, "anthropic_messages")
    named = unsaid(name) if relayed else msgspec.structs.replace(chat, model=name)
    call = await client.call(entry, named)
    errand.ask(entry, call)
    if not relayed:
        record.dropped = call.dropped
        tokens = await client.beside(entry, call, lambda service: service.count_steps(call))
        return msgspec.json.encode({"input_tokens": tokens})
    passed = {name: errand.visit.headers[name] for name in _PASSED if name in errand.visit.headers}
    reply = await client.beside(
        entry,
        call,
        lambda service: relay_steps(service, call, service.COUNT_PATH, errand.body, passed),
    )
    decode_count(reply)
    return reply
