"""What FakeGPT wants of a chat request, in the forms of the two kinds of server.

Each check gives what is wrong as `(field, message)`; an empty list is a good request.
Source: public clients of `/api/conversation`, Pandora-ChatGPT 1.3.5, observed 2026-11-21.
"""

from collections.abc import Iterator
from uuid import UUID

from dragoman.emulators.service import Json, Request

__all__ = ["MODELS", "conversation_faults", "talk_faults"]

MODELS = ("text-davinci-002-render-sha", "gpt-4", "gpt-4-plugins", "mock-model")


def conversation_faults(request: Request) -> list[tuple[str, str]]:
    """What is wrong with a `POST /api/conversation`."""
    if not isinstance(request.body, dict):
        return [("", "the body is no JSON object")]
    return list(_conversation(request.body))


def _conversation(body: dict[str, Json]) -> Iterator[tuple[str, str]]:
    if body.get("action") not in ("next", "variant", "continue"):
        yield "action", "action must be next, variant or continue"
    messages = body.get("messages")
    if not isinstance(messages, list) or len(messages) != 1 or not isinstance(messages[0], dict):
        yield "messages", "messages must hold exactly one message"
    else:
        yield from _message(messages[0])
    yield from _uuids(body, must=(), may=("conversation_id",))
    # null was accepted for a new talk.
    if body.get("parent_message_id") is not None or "parent_message_id" not in body:
        yield from _uuids(body, must=("parent_message_id",), may=())
    if not isinstance(body.get("model"), str):
        yield "model", "model must be a string"


def _message(message: dict[str, Json]) -> Iterator[tuple[str, str]]:
    yield from _uuids(message, must=("id",), may=())
    author = message.get("author")
    role = author.get("role") if isinstance(author, dict) else message.get("role")
    if role != "user":
        yield "author", "the author's role must be user"
    match message.get("content"):
        case {"content_type": "text", "parts": [str()]}:
            pass
        case _:
            yield "content", "content must be text with one part"


def talk_faults(request: Request) -> list[tuple[str, str]]:
    """What is wrong with a `POST /api/conversation/talk`."""
    body = request.body if isinstance(request.body, dict) else {}
    wrong = [
        (name, f"{name} must be a string")
        for name in ("prompt", "model")
        if not isinstance(body.get(name), str)
    ]
    must = ("message_id", "parent_message_id")
    wrong += _uuids(body, must=must, may=("conversation_id",))
    if not isinstance(body.get("stream", True), bool):
        wrong.append(("stream", "stream must be a boolean"))
    return wrong


def _uuids(
    fields: dict[str, Json], *, must: tuple[str, ...], may: tuple[str, ...]
) -> Iterator[tuple[str, str]]:
    for name in (*must, *may):
        value = fields.get(name)
        if value is None and name in may:
            continue
        try:
            UUID(value)
        except (ValueError, TypeError, AttributeError):
            yield name, f"{name} must be a uuid"
