"""How the streams of each dialect are cut into events, and which of their values say nothing new.

Most events of an answer differ from the one before in a text, and perhaps in a number or a time
that no decoder keeps. Those fields stand here. A field may be named only if an event that differs
from an accepted one in it alone is accepted, too, and changes nothing but the text or the counts
that were said last. Arguments that a decoder gathers (a signature, an audio) may not.
Source: the fields that the decoders in `dragoman.dialects` read, and those that the services send
beside them as their API references have them, read 2026-11-21.
"""

import re
from collections.abc import Mapping

import msgspec

__all__ = ["SHAPES", "Shape", "make_shape"]

# A carriage return that is the last byte may be the first half of a line's end: it waits.
_LINE_END = rb"(?:\r\n|\n|\r(?=[^\n]))"


class Shape(msgspec.Struct, frozen=True):
    """How a stream is framed. `holes` finds values of the named fields, and tells them apart.

    Its groups: `text` is the inside of a text of the answer, `side` that of any other text, `count`
    a number of tokens, `number` any other number.
    """

    event_end: re.Pattern[bytes]
    holes: re.Pattern[bytes]
    is_sse: bool = True
    only_in: bytes = b""
    """What stands in every event that may be taken for one more of its kind."""
    end: bytes = b""
    """What the dialect promises as the last of a stream."""


def make_shape(
    texts: str,
    *,
    sides: str = "",
    numbers: str = "",
    counts: str = "",
    is_sse: bool = True,
    only_in: bytes = b"",
    end: bytes = b"",
) -> Shape:
    """A shape by the names of its fields, separated by blanks."""
    body = rb'"((?:[^"\\\x00-\x1f]|\\[^\x00-\x1f])*)"'
    number = rb"(-?\d+)(?=[\s,}\]])"
    kinds = [("text", texts, body), ("side", sides, body)]
    kinds += [("number", numbers, number), ("count", counts, number)]
    holes = b"|".join(
        b'"(?:%b)"\\s*:\\s*%b'
        % (names.replace(" ", "|").encode(), value.replace(b"(", b"(?P<%b>" % kind.encode(), 1))
        for kind, names, value in kinds
        if names
    )
    ends = _LINE_END * 2 if is_sse else _LINE_END
    return Shape(re.compile(ends), re.compile(holes), is_sse, only_in, end)


_OLLAMA = make_shape("content thinking response", sides="created_at", is_sse=False)

SHAPES: Mapping[str, Shape] = {
    "openai_chat": make_shape(
        "content reasoning_content reasoning text thinking refusal arguments",
        sides="obfuscation",
        numbers="created",
        counts="prompt_tokens completion_tokens total_tokens reasoning_tokens",
        end=b"data: [DONE]\n\n",
    ),
    "openai_responses": make_shape("delta", sides="obfuscation", numbers="sequence_number"),
    "anthropic_messages": make_shape(
        "text thinking partial_json", only_in=b'"content_block_delta"'
    ),
    "gemini": make_shape(
        "text",
        counts="promptTokenCount candidatesTokenCount totalTokenCount thoughtsTokenCount",
    ),
    "ollama": _OLLAMA,
    "ollama_generate": _OLLAMA,
}
"""By the dialect's name."""
