"""What only this dialect has words for, and four private marks that keep an answer's blocks apart.

A mark is a `Native` piece of an answer whose type no wire has. Other dialects pass it over; the
encoders here put what it holds back in its place:

    text_break       the text after it is a block of its own
    citations_delta  a citation of the text before it
    tool_use_fields  fields of the tool call after it
    message_delta    fields of the answer that came at its end

A tool call of another service may have a signature, for which there is no field: it travels
as `redacted_thinking` before the call, since programs send such blocks back unharmed.
"""

from collections.abc import Mapping

from dragoman.dialects.anthropic_messages.tables import NAME, PART_HINTS
from dragoman.native import Native

__all__ = [
    "CITATION",
    "END",
    "MARKS",
    "TEXT_BREAK",
    "TOOL_FIELDS",
    "mark",
    "merged",
    "native_fields",
    "redacted_of",
    "seal_redacted",
    "seal_tool",
    "tool_seal_of",
]

TEXT_BREAK = "text_break"
CITATION = "citations_delta"
TOOL_FIELDS = "tool_use_fields"
END = "message_delta"
MARKS = frozenset({TEXT_BREAK, CITATION, TOOL_FIELDS, END})

# No signature or redacted thought of the service has a colon: both are base64.
_REDACTED = "redacted:"
_TOOL = "tool:"


def mark(kind: str, fields: Mapping[str, object] | None = None) -> Native:
    """A mark with what it holds."""
    return Native(NAME, {"type": kind, **(fields or {})}, MARKS)


def native_fields(
    fields: Mapping[str, object], hints: frozenset[str] = PART_HINTS
) -> Native | None:
    """Fields that only this dialect has, or None if there are none."""
    return Native(NAME, fields, hints & fields.keys()) if fields else None


def merged(under: Mapping[str, object], over: Mapping[str, object]) -> dict[str, object]:
    """Both objects in one, and likewise the objects in them; of two values `over` has the say."""
    both = {**under, **over}
    for name in under.keys() & over.keys():
        low, high = under[name], over[name]
        if isinstance(low, Mapping) and isinstance(high, Mapping):
            both[name] = merged(low, high)
    return both


def seal_redacted(data: str) -> str:
    """A redacted thought as a signature without text."""
    return _REDACTED + data


def redacted_of(proof: str) -> str | None:
    """The redacted thought that a signature is, if it is one."""
    return proof.removeprefix(_REDACTED) if proof.startswith(_REDACTED) else None


def seal_tool(signature: str) -> str:
    """The signature of a tool call as the data of a redacted thought before it."""
    return _TOOL + signature


def tool_seal_of(data: str) -> str | None:
    """The signature of the tool call that follows, if the data are one."""
    return data.removeprefix(_TOOL) if data.startswith(_TOOL) else None
