"""Rows of conversations and turns, to values and back. Pure."""

import secrets
from collections.abc import Mapping
from typing import Any

import msgspec

from dragoman.store.faults import UnknownError
from dragoman.store.parts import words_of
from dragoman.store.rows import Conversation, Turn
from dragoman.store.tables import conversations, turns

__all__ = [
    "CONVERSATION",
    "TURN",
    "content_columns",
    "conversation_of",
    "encoded",
    "missing",
    "new_id",
    "turn_columns",
    "turn_of",
]

CONVERSATION = [conversations.c[name] for name in Conversation.__struct_fields__]
TURN = [turns.c[name] for name in Turn.__struct_fields__]

_Json = dict[str, Any]


def conversation_of(row: Mapping[Any, Any]) -> Conversation:
    """A row with the columns `CONVERSATION` as a value."""
    settings = msgspec.json.decode(row["settings"], type=_Json)
    return Conversation(**{**row, "settings": settings})


def turn_of(row: Mapping[Any, Any]) -> Turn:
    """A row with the columns `TURN` as a value."""
    content = msgspec.json.decode(row["content"], type=list[_Json])
    usage = msgspec.json.decode(row["usage"], type=dict[str, int])
    story = msgspec.json.decode(row["story"], type=_Json)
    return Turn(**{**row, "content": content, "usage": usage, "story": story})


def turn_columns(turn: Turn, number: int) -> _Json:
    """A turn as the columns of its row."""
    columns = msgspec.structs.asdict(turn) | content_columns(turn.content)
    return columns | {
        "number": number,
        "usage": encoded(turn.usage),
        "story": encoded(turn.story),
    }


def content_columns(content: list[_Json]) -> dict[str, str]:
    """The columns of a turn that say what was said."""
    return {"content": encoded(content), "folded": words_of(content).casefold()}


def encoded(value: object) -> str:
    """JSON as a text."""
    return msgspec.json.encode(value).decode()


def missing(what: str, id: str) -> UnknownError:
    """The error for what is not there, or is another's."""
    return UnknownError(f"there is no such {what}: {id}")


def new_id() -> str:
    """A name that nobody has."""
    return secrets.token_hex(12)
