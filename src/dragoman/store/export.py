"""A conversation as a file: Markdown for a reader, JSON for a program. Pure."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec

from dragoman.store.parts import words_of
from dragoman.store.rows import Conversation, Turn

__all__ = ["to_json", "to_markdown"]

_ENDS = {"running": "still running", "broken": "broken off", "stopped": "stopped"}


def to_json(
    conversation: Conversation,
    turns: Sequence[Turn],
    pictures: Mapping[tuple[str, int], str] = {},
) -> bytes:
    """One object: the conversation's fields, and its `turns`.

    `pictures` are in base64, by their turn and the number that its part has for them.
    """
    whole = [_with_pictures(turn, pictures) for turn in turns]
    told = msgspec.structs.asdict(conversation) | {"turns": whole}
    return msgspec.json.format(msgspec.json.encode(told), indent=2) + b"\n"


def to_markdown(conversation: Conversation, turns: Sequence[Turn]) -> str:
    """A heading for the conversation and for each turn; its text as it was written.

    One that stands in place of an earlier one is said to.
    """
    title = " ".join(conversation.title.split()) or "A conversation"
    seen: Counter[tuple[str | None, str]] = Counter()
    told = [f"# {title}"]
    for turn in turns:
        place = (turn.parent, turn.role)
        # What has no parent may be as old as the store, and then follows what stands before it.
        seen[place] += 1
        told.append(_turn(turn, seen[place] if turn.parent else 1))
    return "\n\n".join(told) + "\n"


def _with_pictures(turn: Turn, pictures: Mapping[tuple[str, int], str]) -> Turn:
    if not any("piece" in part for part in turn.content):
        return turn
    content = [
        part | {"data": pictures[turn.id, part["piece"]]}
        if (turn.id, part.get("piece")) in pictures
        else part
        for part in turn.content
    ]
    return msgspec.structs.replace(turn, content=content)


def _turn(turn: Turn, version: int) -> str:
    who = turn.model or turn.role
    if version > 1:
        who = f"{who} (version {version})"
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
        case "refusal":
            return str(part.get("text", ""))
        case "tool_call":
            return _call(str(part.get("name")), str(part.get("arguments", "")))
        case "reasoning":
            lines = str(part.get("text", "")).splitlines()
            return "\n".join(f"> {line}".rstrip() for line in lines)
        case kind:
            return f"*({kind})*"


def _call(name: str, arguments: str) -> str:
    # Longer than any fence that stands in the arguments.
    fence = "`" * max(3, 1 + max((len(run) for run in re.findall("`+", arguments)), default=0))
    return f"*(tool call: {name})*\n\n{fence}json\n{arguments}\n{fence}"
