"""A service's differences from its dialect, put into a request: all of them data of its row.

Pure: a chat and a row in, the JSON object of a request out.
"""

from collections.abc import Callable, Mapping

import msgspec

from dragoman.chat import ChatRequest
from dragoman.providers.api.service import Service

__all__ = ["shaped"]

_Encode = Callable[[ChatRequest], dict[str, object]]


def shaped(service: Service, chat: ChatRequest, encode: _Encode) -> dict[str, object]:
    """The request's JSON object as the service wants it; `encode` is its dialect's."""
    taken = {name: getattr(chat, name) for name in service.takes}
    if taken:
        chat = msgspec.structs.replace(chat, **dict.fromkeys(taken))
    body = encode(chat)
    body |= {name: value for name, value in taken.items() if value is not None}
    if service.prefill_mark and chat.messages[-1].role == "assistant":
        _mark(body, service.prefill_mark)
    return _renamed(service, body)


def _mark(body: dict[str, object], name: str) -> None:
    messages = body.get("messages")
    if isinstance(messages, list):
        body["messages"] = [*messages[:-1], {**messages[-1], name: True}]


def _renamed(service: Service, body: Mapping[str, object]) -> dict[str, object]:
    renamed = dict(service.adds)
    for name, value in body.items():
        if name in service.leaves_out:
            continue
        words = service.words.get(name, {})
        if isinstance(value, str) and value in words:
            for place, instead in words[value].items():
                _put(renamed, place, instead)
        else:
            _put(renamed, service.renames.get(name, name), value)
    return renamed


def _put(fields: dict[str, object], place: str, value: object) -> None:
    """Put a value in its place; the objects on the way to it keep their other fields."""
    outer, dot, inner = place.partition(".")
    if not dot:
        fields[outer] = value
        return
    found = fields.get(outer)
    within = dict(found) if isinstance(found, dict) else {}
    _put(within, inner, value)
    fields[outer] = within
