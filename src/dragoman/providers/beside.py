"""What a service is asked beside chats: embeddings, and counts of tokens.

A call is made of a chat, and where there is none one stands in for it.
"""

from collections.abc import Callable, Mapping
from typing import TypeAlias, TypeVar

import msgspec

from dragoman.chat import ChatRequest
from dragoman.dialects.failures import FOREIGN
from dragoman.embeddings import MAX_EMBEDDINGS_BYTES
from dragoman.errors import InputError
from dragoman.messages import Message, Text
from dragoman.providers.api.dialect_provider import DialectProvider, unsupported
from dragoman.providers.base import Provider
from dragoman.providers.call import Call, Step, Steps
from dragoman.providers.exchange import fetch
from dragoman.transport.line import Line
from dragoman.wire.http import HttpRequest

__all__ = ["Fields", "ask_beside", "named", "read_fields", "relay_steps", "unsaid"]

T = TypeVar("T")

Fields: TypeAlias = dict[str, msgspec.Raw]
"""A JSON object whose values are not looked at."""

_BODY = msgspec.json.Decoder(Fields)


def unsaid(model: str) -> ChatRequest:
    """What stands in for a chat where none is sent."""
    return ChatRequest(model=model, messages=(Message("user", (Text("probe"),)),))


async def ask_beside(
    provider: Provider, call: Call, line: Line, steps: Callable[[DialectProvider], Steps[T]]
) -> T:
    """What steps give; status 501 from a provider that answers chats and nothing else."""
    if not isinstance(provider, DialectProvider):
        raise unsupported(provider.name, "API for anything but chats")
    provider.need_model(call)
    # What is wrong with the request itself is said here, before there is a step to name.
    made = steps(provider)
    return await fetch(provider, lambda *_: made, call, line)


def relay_steps(
    service: DialectProvider, call: Call, path: str, fields: Fields, headers: Mapping[str, str]
) -> Steps[bytes]:
    """A caller's own request, as it goes to `path`; the reply as it came."""
    sent = {"Content-Type": "application/json", **service.headers(call), **headers}
    url = f"{call.base_url}{path}"
    request = HttpRequest("POST", url, sent, msgspec.json.encode(fields))
    step = Step(path.rpartition("/")[2], request, MAX_EMBEDDINGS_BYTES)
    return _relayed(service, call, step)


def read_fields(body: bytes) -> Fields:
    """A caller's own request; `InputError` if it is no JSON object."""
    try:
        return _BODY.decode(body)
    except FOREIGN as exc:
        raise InputError("the request's body is no JSON object") from exc


def named(fields: Fields, model: str) -> Fields:
    """The same with this model's name."""
    return {**fields, "model": msgspec.Raw(msgspec.json.encode(model))}


def _relayed(service: DialectProvider, call: Call, step: Step) -> Steps[bytes]:
    reply = yield from service.post_steps(call, step)
    return reply.body
