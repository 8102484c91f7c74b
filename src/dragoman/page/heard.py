"""What an answer's events say, as pieces that can be kept and shown. Pure."""

from collections.abc import Iterable

from dragoman.events import (
    Event,
    ReasoningDelta,
    RefusalDelta,
    TextDelta,
    ToolCallDelta,
    ToolCallStarted,
)
from dragoman.store.parts import arguments_piece, call_piece, joined
from dragoman.store.rows import Piece

__all__ = ["pieces_of"]


def pieces_of(events: Iterable[Event]) -> list[Piece]:
    """The pieces of some events; a proof, a likelihood or a native part is nothing to read."""
    found: list[Piece] = []
    for event in events:
        match event:
            case TextDelta(text):
                found.append(Piece("text", text))
            case ReasoningDelta(text):
                found.append(Piece("reasoning", text))
            case RefusalDelta(text):
                found.append(Piece("refusal", text))
            case ToolCallStarted():
                found.append(call_piece(event.id, event.name))
            case ToolCallDelta(index, arguments):
                found.append(arguments_piece(index, arguments))
            case _:
                pass
    return joined(found) if len(found) > 1 else found
