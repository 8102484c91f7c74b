"""Streams for the tests of the scanner: of every dialect, in the shapes that services send."""

import contextlib
import json
import re
from collections.abc import Callable, Mapping
from typing import Any

import msgspec
from hypothesis import strategies as st

from dragoman.dialects.dialect import StreamDecoder
from dragoman.dialects.table import load_dialect
from dragoman.errors import ChatError
from dragoman.events import (
    Event,
    Finished,
    ReasoningDelta,
    RefusalDelta,
    Started,
    TextDelta,
    ToolCallDelta,
    UsageReported,
)

__all__ = ["FORMS", "Heard", "damaged", "hear", "merged", "streams", "units"]

Form = Callable[[int, str], object]
"""An event of a dialect by its number and its text."""


def _openai(number: int, text: str, **more: object) -> dict[str, object]:
    delta = {"content": text}
    choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": None}
    return {"id": "c1", "created": 17, "model": "gpt", "choices": [choice], **more}


def _counted(number: int, text: str) -> dict[str, object]:
    usage = {"prompt_tokens": 7, "completion_tokens": number, "total_tokens": 7 + number}
    return _openai(number, text, usage=usage)


def _thinking(number: int, text: str) -> dict[str, object]:
    delta = {"content": "", "reasoning": text, "reasoning_details": [{"text": text, "index": 0}]}
    return {"id": "c1", "choices": [{"index": 0, "delta": delta}]}


def _call(number: int, text: str) -> dict[str, object]:
    function = {"arguments": text} if number else {"name": "look", "arguments": ""}
    delta = {"tool_calls": [{"index": 0, "id": None if number else "c", "function": function}]}
    return {"id": "c1", "model": "gpt", "choices": [{"index": 0, "delta": delta}]}


def _aloud(number: int, text: str) -> dict[str, object]:
    thought, said = (text, "") if number < 4 else ("", text)
    delta = {"reasoning_content": thought, "content": said}
    return {"id": "c1", "choices": [{"index": 0, "delta": delta}]}


def _likely(number: int, text: str) -> dict[str, object]:
    event = _openai(number, text)
    likely = {"content": [{"token": "a", "logprob": -1}]}
    return {**event, "choices": [{"index": 0, "delta": {"content": text}, "logprobs": likely}]}


def _two(number: int, text: str) -> dict[str, object]:
    return {"id": "c1", "choices": [{"index": number % 2, "delta": {"content": text}}]}


def _anthropic(kind: str, name: str) -> Form:
    def make(number: int, text: str) -> object:
        delta = {"type": kind, name: text}
        return {"type": "content_block_delta", "index": 0, "delta": delta}

    return make


def _responses(number: int, text: str) -> dict[str, object]:
    return {
        "type": "response.output_text.delta",
        "sequence_number": number,
        "output_index": 0,
        "delta": text,
        "obfuscation": "x" * (number % 4),
    }


def _gemini(number: int, text: str) -> dict[str, object]:
    content = {"parts": [{"text": text}], "role": "model"}
    counts = {"promptTokenCount": 3, "candidatesTokenCount": number, "totalTokenCount": 3 + number}
    return {
        "candidates": [{"content": content, "index": 0}],
        "usageMetadata": counts,
        "modelVersion": "g",
    }


def _ollama(number: int, text: str) -> dict[str, object]:
    message = {"role": "assistant", "content": text}
    time = f"2026-11-21T00:00:{number:02}Z"
    return {"model": "m", "created_at": time, "message": message, "done": False}


class Said(msgspec.Struct, frozen=True):
    """The events of a form: what begins the stream, what ends it, and what goes on."""

    dialect: str
    form: Form
    begin: tuple[object, ...] = ()
    end: tuple[object, ...] = ()


_STOP = {"id": "c1", "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}
_COUNTS = {"id": "c1", "choices": [], "usage": {"prompt_tokens": 5, "completion_tokens": 6}}
_OPENAI_END = (_STOP, _COUNTS, "[DONE]")
_STARTED = {
    "type": "message_start",
    "message": {"id": "m1", "model": "claude", "usage": {"input_tokens": 4, "output_tokens": 1}},
}
_TEXT_BLOCK = {"type": "content_block_start", "index": 0, "content_block": {"type": "text"}}
_THOUGHT = {"type": "content_block_start", "index": 0, "content_block": {"type": "thinking"}}
_TOOL = {
    "type": "content_block_start",
    "index": 0,
    "content_block": {"type": "tool_use", "id": "t", "name": "look", "input": {}},
}
_SEARCH = {
    "type": "content_block_start",
    "index": 0,
    "content_block": {"type": "server_tool_use", "id": "t", "name": "web_search", "input": {}},
}
_ANTHROPIC_END = (
    {"type": "content_block_stop", "index": 0},
    {"type": "ping"},
    {
        "type": "message_delta",
        "delta": {"stop_reason": "max_tokens"},
        "usage": {"output_tokens": 9},
    },
    {"type": "message_stop"},
)
_RESPONSE = {"id": "r1", "model": "gpt", "status": "completed", "usage": {"input_tokens": 2}}
_GEMINI_STOP = {
    "candidates": [{"content": {"parts": [{"text": "."}]}, "finishReason": "MAX_TOKENS"}],
    "usageMetadata": {"promptTokenCount": 3, "candidatesTokenCount": 99},
}
_OLLAMA_STOP = {"model": "m", "message": {"content": ""}, "done": True, "eval_count": 3}

FORMS: Mapping[str, Said] = {
    "openai": Said("openai_chat", _openai, (), _OPENAI_END),
    "openai, obfuscated": Said(
        "openai_chat",
        lambda n, text: _openai(n, text, usage=None, obfuscation="x" * (n % 5)),
        (),
        _OPENAI_END,
    ),
    "openai, counted": Said("openai_chat", _counted, (), (_STOP, "[DONE]")),
    "openai, thinking": Said("openai_chat", _thinking, (), (_openai(0, "so"), *_OPENAI_END)),
    "openai, thinking aloud": Said("openai_chat", _aloud, (), _OPENAI_END),
    "openai, likely": Said("openai_chat", _likely, (), _OPENAI_END),
    "openai, calls": Said("openai_chat", _call, (), _OPENAI_END),
    "openai, two answers": Said("openai_chat", _two, (), (_STOP, "[DONE]")),
    "openai, without a sign": Said("openai_chat", _openai, (), (_STOP,)),
    "openai, cut": Said("openai_chat", _openai),
    "anthropic": Said(
        "anthropic_messages",
        _anthropic("text_delta", "text"),
        (_STARTED, _TEXT_BLOCK),
        _ANTHROPIC_END,
    ),
    "anthropic, thinking": Said(
        "anthropic_messages",
        _anthropic("thinking_delta", "thinking"),
        (_STARTED, _THOUGHT),
        _ANTHROPIC_END,
    ),
    "anthropic, signature": Said(
        "anthropic_messages",
        _anthropic("signature_delta", "signature"),
        (_STARTED, _THOUGHT),
        _ANTHROPIC_END,
    ),
    "anthropic, tool": Said(
        "anthropic_messages",
        _anthropic("input_json_delta", "partial_json"),
        (_STARTED, _TOOL),
        _ANTHROPIC_END,
    ),
    "anthropic, search": Said(
        "anthropic_messages",
        _anthropic("input_json_delta", "partial_json"),
        (_STARTED, _SEARCH),
        _ANTHROPIC_END,
    ),
    "responses": Said(
        "openai_responses",
        _responses,
        ({"type": "response.created", "response": {"id": "r1", "model": "gpt"}},),
        ({"type": "response.completed", "response": _RESPONSE},),
    ),
    "gemini": Said("gemini", _gemini, (), (_GEMINI_STOP,)),
    "ollama": Said("ollama", _ollama, (), (_OLLAMA_STOP,)),
}

_TEXTS = st.text(max_size=6) | st.sampled_from(["a", " b", "\n", '"', "\\", "\u2028", "é", "😀"])
_SNIPPETS = (
    *(b'"', b"\\", b"\n", b"\n\n", b"\r", b"\r\n", b"\r\r", b"}", b"{", b"[", b"]", b",", b":"),
    *(b"\xff", b"\xe2\x80", b"\xef\xbb\xbf", b"0", b" ", b"null", b"\x00", b'","', b'"\n"'),
    *(b"data: ", b"data: {}\n\n", b": note\n\n", b"event: error\n", b"id: 1\n", b"oops\n"),
    *(b'"error":{"message":"no"},', b'{"error":"no"}\n', b'"content":"x",', b'"text":"x",'),
    *(b"data: [DONE]\n\n", b'"finish_reason":"stop",', b"\\u0041", b"\\ud800", b'\\"', b"1e9"),
)


def units(name: str, texts: list[str], *, ascii_only: bool = False) -> list[bytes]:
    """The events of a stream in this form, as bytes."""
    said = FORMS[name]
    events = [*said.begin, *(said.form(n, text) for n, text in enumerate(texts)), *said.end]
    return [_wire(said.dialect, event, ascii_only=ascii_only) for event in events]


def _wire(dialect: str, event: object, *, ascii_only: bool) -> bytes:
    text = json.dumps(event, ensure_ascii=ascii_only, separators=(",", ":"))
    payload = text.encode() if isinstance(event, dict) else str(event).encode()
    if dialect == "ollama":
        return payload + b"\n"
    if dialect == "gemini":
        return b"data: " + payload + b"\r\n\r\n"
    named = isinstance(event, dict) and "type" in event
    name = b"event: %b\n" % str(event["type"]).encode() if named else b""  # type: ignore[index]  # it is a dict then
    return name + b"data: " + payload + b"\n\n"


@st.composite
def streams(draw: st.DrawFn, name: str) -> list[bytes]:
    """Any stream of this form."""
    return units(name, draw(st.lists(_TEXTS, max_size=14)), ascii_only=draw(st.booleans()))


@st.composite
def damaged(draw: st.DrawFn, pieces: list[bytes]) -> bytes:
    """A stream with bytes changed, removed, put in, events moved, or the end cut off."""
    for _ in range(draw(st.integers(0, 2))):
        at, other = draw(st.integers(0, 99)), draw(st.integers(0, 99))
        if pieces:
            pieces.insert(other % len(pieces), pieces[at % len(pieces)])
    body = b"".join(pieces)
    for _ in range(draw(st.integers(0, 3))):
        at = draw(st.integers(0, len(body)))
        gone = draw(st.sampled_from([0, 0, 1, 1, 2, 9]))
        body = body[:at] + draw(st.sampled_from([b"", *_SNIPPETS])) + body[at + gone :]
    line_end = draw(st.sampled_from([None, None, b"\r", b"\r\n"]))
    if line_end:
        body = body.replace(b"\r\n", b"\n").replace(b"\n", line_end)
    return body[: draw(st.integers(0, len(body)))] if draw(st.booleans()) else body


class Heard(msgspec.Struct):
    """What a decoder makes of a stream, event by event."""

    passed: list[bytes] = []
    events: list[Event] = []
    error: ChatError | None = None
    is_foreign: bool = False
    """Whether an event was refused because it is not UTF-8, which no decoder asks."""


_LINE = re.compile(rb"(.*?)(?:\r\n|\r|\n|\Z)", re.DOTALL)
_FIELD = re.compile(rb"(?:data|event|id|retry)?(?::.*)?", re.DOTALL)


def _blocks(body: bytes, *, is_sse: bool) -> tuple[list[bytes], bytes]:
    """The events, each with line feeds as its line ends; and what is left."""
    # Nobody knows yet whether a line end is whole that is the last byte and may be half of one.
    text = re.sub(rb"\r\n|\r(?!\Z)", b"\n", body)
    whole, _, rest = text.rpartition(b"\n\n" if is_sse else b"\n")
    if not is_sse:
        return [line + b"\n" for line in whole.split(b"\n")] if whole or text[
            :1
        ] == b"\n" else [], rest
    return [event + b"\n\n" for event in whole.split(b"\n\n")] if b"\n\n" in text else [], rest


def hear(dialect: str, body: bytes) -> Heard:
    """The same as the scanner does, without any haste: what it has to agree with."""
    heard = Heard([], [])
    is_sse = dialect != "ollama"
    decoder: Any = load_dialect(dialect).decoder("m")
    blocks, rest = _blocks(body, is_sse=is_sse)
    for number, block in enumerate([*blocks, rest]):
        is_last = number == len(blocks)
        if _is_passed_over(dialect, block):
            block = b""
        skipped = decoder.skipped
        try:
            sound = _sound(heard, block, is_sse=is_sse, is_first=number == 0)
            _read(heard, decoder, block, is_last=is_last)
            if decoder.skipped > skipped:
                sound = b""
        except ChatError as error:
            heard.error = error
            return heard
        if sound:
            heard.passed.append(sound)
        if any(isinstance(event, Finished) for event in heard.events):
            break
    return heard


def _is_passed_over(dialect: str, block: bytes) -> bool:
    """Whether a block is a broken event that says nothing of the answer."""
    decoder: Any = load_dialect(dialect).decoder("m")
    with contextlib.suppress(ChatError):
        decoder.feed(block + b"\n\n")
    return bool(decoder.skipped)


def _read(heard: Heard, decoder: StreamDecoder, block: bytes, *, is_last: bool) -> None:
    events = decoder.feed(block)
    heard.events += events
    heard.events += decoder.close() if is_last else decoder.feed(b"")


def _sound(heard: Heard, block: bytes, *, is_sse: bool, is_first: bool) -> bytes:
    if is_first:
        block = block.removeprefix(b"\xef\xbb\xbf")
    if is_sse:
        lines = [line for line in block.split(b"\n") if line and _FIELD.fullmatch(line)]
        block = b"\n".join(lines)
    try:
        block.decode()
    except UnicodeDecodeError:
        heard.is_foreign = True
        raise ChatError("not UTF-8") from None
    return block.strip(b"\r\n")


_DELTAS = (TextDelta, ReasoningDelta, RefusalDelta, ToolCallDelta)


def merged(events: list[Event]) -> list[Event]:
    """The events without counts and end, neighbouring deltas of one kind as one."""
    found: list[Event] = []
    for event in events:
        if isinstance(event, UsageReported | Finished):
            continue
        last = found[-1] if found else Started("")
        if type(last) is type(event) and isinstance(event, _DELTAS):
            if isinstance(event, ToolCallDelta) and isinstance(last, ToolCallDelta):
                if event.index == last.index:
                    whole = last.arguments + event.arguments
                    found[-1] = ToolCallDelta(event.index, whole)
                    continue
            elif not isinstance(event, ToolCallDelta):
                found[-1] = type(event)(last.text + event.text)  # type: ignore[union-attr]  # the same type
                continue
        found.append(event)
    return found
