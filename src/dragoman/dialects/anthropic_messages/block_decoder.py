"""Content blocks to events: whole ones, or those that a stream starts, goes on with and stops.

Blocks come one after another: the one that is open ends when the next starts. What has no event is
kept whole and told natively when it ends; what a text or a tool call has beside the usual
fields is told in marks (`natives`).
Source: Claude API docs "Streaming messages", the SDK's `ContentBlock` and `RawContentBlockDelta`,
read 2026-11-21.
"""

from collections.abc import Mapping
from typing import TypeVar

import msgspec

from dragoman.dialects.anthropic_messages.natives import (
    CITATION,
    TEXT_BREAK,
    TOOL_FIELDS,
    mark,
    seal_redacted,
    tool_seal_of,
)
from dragoman.dialects.anthropic_messages.tables import NAME
from dragoman.dialects.failures import FOREIGN, senseless
from dragoman.dialects.signatures import sign
from dragoman.errors import ResponseError, excerpt
from dragoman.events import (
    Event,
    NativeReported,
    ReasoningDelta,
    ReasoningSigned,
    TextDelta,
    ToolCallDelta,
    ToolCallStarted,
)
from dragoman.native import Native

__all__ = ["BlockDecoder", "Delta"]

_T = TypeVar("_T")

_USUAL_TOOL_FIELDS = frozenset({"type", "id", "name", "input"})
_THOUGHTS = frozenset({"thinking", "redacted_thinking"})
_DIRECT = {"type": "direct"}


class Delta(msgspec.Struct, gc=False):
    """More of a block."""

    type: str = ""
    text: str | None = None
    thinking: str | None = None
    signature: str | None = None
    partial_json: str | None = None
    citation: dict[str, object] | None = None


class _ToolUse(msgspec.Struct):
    id: str = ""
    name: str = ""
    input: msgspec.Raw = msgspec.Raw()


_FIELDS = msgspec.json.Decoder(dict[str, object])
_TOOL_USE = msgspec.json.Decoder(_ToolUse)


class BlockDecoder:
    """The blocks of one answer; what they say is added to the list that comes with each."""

    __slots__ = (
        "_break_due",
        "_calls",
        "_fields",
        "_input",
        "_json",
        "_kind",
        "_seal",
        "_signature",
        "_text_said",
        "answered",
        "thought",
    )

    def __init__(self) -> None:
        self.answered = False
        """Whether there was more than thoughts."""
        self.thought = False
        """Whether there were any, also hidden ones."""
        self._kind = ""
        self._calls = 0
        self._text_said = False
        self._break_due = False
        self._seal: str | None = None
        self._signature = ""
        self._input = b""
        self._json: list[str] = []
        self._fields: dict[str, object] = {}

    def start(self, raw: bytes, events: list[Event]) -> None:
        """A block begins, or comes whole and then ends with `stop`."""
        self.stop(events)
        fields = _decoded(_FIELDS, raw)
        kind = fields.get("type")
        if not isinstance(kind, str):
            raise ResponseError(f"a content block without a type: {excerpt(raw)!r}")
        self._kind = kind
        self.thought = self.thought or kind in _THOUGHTS
        self._break_due = kind == "text" and (self._text_said or self._break_due)
        self._text_said = False
        match kind:
            case "text":
                self._start_text(fields, events)
            case "thinking":
                self._think(_text(fields, "thinking"), events)
                self._signature = _text(fields, "signature")
            case "tool_use":
                self._start_call(raw, fields, events)
            case _:
                self._fields = fields

    def text(self, text: str, events: list[Event]) -> None:
        """More text, also where no block was started."""
        if text:
            if self._break_due:
                self._break(events)
            self.answered = self._text_said = True
            events.append(TextDelta(text))

    def more(self, delta: Delta, events: list[Event]) -> None:
        """More of the open block, if not of its text; what is not known is passed over."""
        match delta.type:
            case "thinking_delta":
                self._think(delta.thinking or "", events)
            case "signature_delta":
                self._signature += delta.signature or ""
            case "input_json_delta":
                self._more_json(delta.partial_json or "", events)
            case "citations_delta" if delta.citation is not None:
                self._cite(delta.citation, events)

    def stop(self, events: list[Event]) -> None:
        """The open block ends, if there is one."""
        kind, self._kind = self._kind, ""
        match kind:
            case "" | "text":
                pass
            case "thinking":
                if self._signature:
                    events.append(ReasoningSigned(sign(NAME, self._signature)))
                self._signature = ""
            case "tool_use":
                if not self._json:
                    # No arguments are an empty object, which a stream may leave unsaid.
                    text = self._input.decode() or "{}"
                    events.append(ToolCallDelta(self._calls - 1, text))
                self._json.clear()
            case "redacted_thinking":
                self._redacted(events)
            case _:
                self._other(events)

    def _start_text(self, fields: Mapping[str, object], events: list[Event]) -> None:
        self.text(_text(fields, "text"), events)
        citations = fields.get("citations")
        for citation in citations if isinstance(citations, list) else ():
            if isinstance(citation, dict):
                self._cite(citation, events)

    def _cite(self, citation: Mapping[str, object], events: list[Event]) -> None:
        if self._break_due:
            self._break(events)
        self._text_said = True
        events.append(NativeReported(mark(CITATION, {"citation": citation})))

    def _break(self, events: list[Event]) -> None:
        self._break_due = False
        events.append(NativeReported(mark(TEXT_BREAK)))

    def _think(self, text: str, events: list[Event]) -> None:
        if text:
            events.append(ReasoningDelta(text))

    def _start_call(self, raw: bytes, fields: dict[str, object], events: list[Event]) -> None:
        call = _decoded(_TOOL_USE, raw)
        if not call.name:
            raise ResponseError("a tool call without a name")
        more = {
            name: value
            for name, value in fields.items()
            if name not in _USUAL_TOOL_FIELDS and value is not None and value != _DIRECT
        }
        if more:
            events.append(NativeReported(mark(TOOL_FIELDS, {"fields": more})))
        seal, self._seal = self._seal, None
        call_id = call.id or f"toolu_{self._calls}"
        events.append(ToolCallStarted(self._calls, call_id, call.name, seal))
        self._calls += 1
        self.answered = True
        arguments = fields.get("input")
        if not isinstance(arguments, dict | None):
            raise ResponseError(f"arguments of the tool {call.name} that are no object")
        # A stream says `{}` here and the arguments later.
        self._input = bytes(call.input) if arguments else b""

    def _more_json(self, text: str, events: list[Event]) -> None:
        if not text:
            return
        if not self._kind:
            raise ResponseError("arguments without a tool call")
        self._json.append(text)
        if self._kind == "tool_use":
            events.append(ToolCallDelta(self._calls - 1, text))

    def _redacted(self, events: list[Event]) -> None:
        data = _text(self._fields, "data")
        seal = tool_seal_of(data)
        if seal is not None:
            self._seal = seal
        elif data:
            events.append(ReasoningSigned(sign(NAME, seal_redacted(data))))

    def _other(self, events: list[Event]) -> None:
        fields = self._fields
        if self._json:
            fields["input"] = _decoded(_FIELDS, "".join(self._json).encode())
            self._json.clear()
        self.answered = True
        events.append(NativeReported(Native(NAME, fields)))


def _decoded(decoder: "msgspec.json.Decoder[_T]", raw: bytes) -> "_T":
    try:
        return decoder.decode(raw)
    except FOREIGN as exc:
        raise senseless(raw, "a content block") from exc


def _text(fields: Mapping[str, object], name: str) -> str:
    text = fields.get(name)
    return text if isinstance(text, str) else ""
