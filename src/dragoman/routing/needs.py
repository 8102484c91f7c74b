"""What a chat needs of whoever answers it, in so few words that every candidate can be held to it.

Pure. Nothing is counted exactly: a model is left out as too small only where that is certain.
"""

import msgspec

from dragoman.chat import ChatRequest
from dragoman.features import foreign_words, used
from dragoman.messages import Part, Reasoning, Refusal, Text, ToolCall, ToolResult

__all__ = ["CHARS_A_TOKEN", "Needs", "needs_of"]

CHARS_A_TOKEN = 8
"""No tokenizer in use has fewer tokens than one for so many characters of a real text."""


class Needs(msgspec.Struct, frozen=True):
    """What a chat uses.

    `features` are names of `features.FEATURES`, each with the place of the first one; `dialects`
    those that alone can say something of it, likewise; `tokens` is how long it is at least.
    """

    features: tuple[tuple[str, str], ...] = ()
    dialects: tuple[tuple[str, str], ...] = ()
    tokens: int = 0


def needs_of(chat: ChatRequest) -> Needs:
    """What this chat needs."""
    features: dict[str, str] = {}
    for name, place in used(chat):
        features.setdefault(name, place)
    chars = sum(_chars(part) for message in chat.messages for part in message.parts)
    return Needs(
        features=tuple(features.items()),
        dialects=tuple(foreign_words(chat)),
        tokens=chars // CHARS_A_TOKEN,
    )


def _chars(part: Part) -> int:
    """The characters of a piece; what a picture or a sound takes is each service's own."""
    match part:
        case Text(text) | Reasoning(text) | Refusal(text):
            return len(text)
        case ToolCall(arguments=arguments):
            return len(arguments)
        case ToolResult(parts=parts):
            return sum(_chars(inner) for inner in parts)
        case _:
            return 0
