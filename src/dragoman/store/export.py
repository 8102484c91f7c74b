"""A conversation as a file: Markdown for a reader, JSON for a program. Pure."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec

from dragoman.store.parts import words_of
from dragoman.store.rows import Conversation, Turn

__all__ = ["to_json", "to_markdown"]

_ENDS = {"running": "still running", "broken": "broken off", "stopped": "stopped"}


def to_json(conversation: Conversation, turns: Sequence[Turn]) -> bytes:
    """One object: the conversation's fields, and its `turns`."""
    told = msgspec.structs.asdict(conversation) | {"turns": list(turns)}
    return msgspec.json.format(msgspec.json.encode(told), indent=2) + b"\n"


def to_markdown(conversation: Conversation, turns: Sequence[Turn]) -> str:
    """A heading for the conversation and for each turn; its text as it was written."""
    title = " ".join(conversation.title.split()) or "A conversation"
    return "\n\n".join([f"# {title}", *(_turn(turn) for turn in turns)]) + "\n"


def _turn(turn: Turn) -> str:
    who = turn.model or turn.role
    when = datetime.fromtimestamp(turn.created, UTC).strftime("%Y-%m-%d %H:%M UTC")
    pieces = [f"## {who}, {when}", *(_part(part) for part in turn.content)]
    if turn.state != "whole":
        end = _ENDS[turn.state]
        pieces.append(f"*({end}: {turn.error})*" if turn.error else f"*({end})*")
    return "\n\n".join(piece for piece in pieces if piece)


def _part(part: dict[str, Any]) -> str:
    match part.get("type"):
        case "text":
            return words_of([part])
        case "reasoning":
            lines = str(part.get("text", "")).splitlines()
            return "\n".join(f"> {line}".rstrip() for line in lines)
        case kind:
            return f"*({kind})*"
