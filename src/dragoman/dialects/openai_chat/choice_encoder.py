"""One answer of a stream: its events to chunks.

A call without arguments is given an empty object at the end: programs read them as JSON.
Source: as `dragoman.dialects.openai_chat.stream_encoder`.
"""

from typing import assert_never

import msgspec

from dragoman.dialects.openai_chat.reply_encoder import (
    call_object,
    finish_word,
    logprobs_object,
    said,
)
from dragoman.dialects.openai_chat.tables import NAME
from dragoman.dialects.openai_chat.thoughts import signed
from dragoman.events import (
    ChoiceEvent,
    Finished,
    LogprobsReported,
    NativeReported,
    ReasoningDelta,
    ReasoningSigned,
    RefusalDelta,
    TextDelta,
    ToolCallDelta,
    ToolCallStarted,
)
from dragoman.messages import ToolCall
from dragoman.native import Native

__all__ = ["ChoiceEncoder"]

_json = msgspec.json.encode


class ChoiceEncoder:
    """One answer; `head` and `tail` stand around each delta and its end."""

    __slots__ = (
        "_bare",
        "_calls",
        "_head",
        "_legacy",
        "_numbers",
        "_tail",
        "_thinks",
        "_thoughts",
        "text_head",
        "text_tail",
    )

    def __init__(self, head: bytes, tail: bytes, *, legacy: bool) -> None:
        self._head = head
        self._tail = tail
        self._legacy = legacy
        self.text_head = head + b'{"content":'
        """What stands before the JSON of a text."""
        self.text_tail = b'},"logprobs":null,"finish_reason":null}]' + tail
        """What stands behind it."""
        self._thinks = False
        self._thoughts = 0
        self._calls = 0
        # The index on the wire of each call, and the calls that have no arguments yet.
        self._numbers: dict[int, int] = {}
        self._bare: set[int] = set()

    def begin(self) -> bytes:
        """The chunk that says who speaks."""
        return self._chunk({"role": "assistant", "content": "", "refusal": None})

    def write(self, event: ChoiceEvent) -> bytes:
        """The chunks of one event; empty for what has no place in them."""
        match event:
            case TextDelta(text):
                return b"%b%b%b" % (self.text_head, _json(text), self.text_tail)
            case ReasoningDelta(text):
                self._thinks = True
                return self._chunk({"reasoning_content": text})
            case ReasoningSigned(signature):
                return self._sign(signature)
            case RefusalDelta(text):
                return self._chunk({"refusal": text})
            case ToolCallStarted():
                return self._start(event)
            case ToolCallDelta(index, arguments):
                return self._argue(index, arguments)
            case LogprobsReported(tokens):
                return self._chunk({"content": ""}, logprobs=logprobs_object(tokens))
            case NativeReported(part):
                return self._native(part)
            case Finished():
                return self._finish(event)
            case _:
                assert_never(event)

    def _sign(self, signature: str) -> bytes:
        detail = signed(said(signature) or "", hidden=not self._thinks)
        number, self._thoughts, self._thinks = self._thoughts, self._thoughts + 1, False
        return self._chunk({"reasoning_details": [{**detail, "index": number}]})

    def _start(self, started: ToolCallStarted) -> bytes:
        number = self._numbers[started.index] = self._calls
        self._calls += 1
        self._bare.add(started.index)
        if self._legacy:
            # The older form has room for one.
            older: dict[str, object] = {"name": started.name, "arguments": ""}
            return self._chunk({"function_call": older}) if number == 0 else b""
        call = call_object(ToolCall(started.id, started.name, "", started.signature))
        return self._chunk({"tool_calls": [{"index": number, **call}]})

    def _argue(self, index: int, arguments: str) -> bytes:
        self._bare.discard(index)
        number = self._numbers[index]
        if self._legacy:
            call = {"arguments": arguments}
            return self._chunk({"function_call": call}) if number == 0 else b""
        return b'%b{"tool_calls":[{"index":%d,"function":{"arguments":%b}}]%b' % (
            self._head,
            number,
            _json(arguments),
            self.text_tail,
        )

    def _native(self, part: Native) -> bytes:
        fields = part.of(NAME)
        kind = fields.get("type")
        if kind == "custom":
            number, self._calls = self._calls, self._calls + 1
            return self._chunk({"tool_calls": [{"index": number, **fields}]})
        if kind in {"annotations", "audio"}:
            return self._chunk({name: fields[name] for name in fields if name != "type"})
        return b""

    def _finish(self, finished: Finished) -> bytes:
        written = b"".join(self._argue(index, "{}") for index in sorted(self._bare))
        word = finish_word(finished.reason, finished.word, legacy=self._legacy)
        return written + self._chunk({}, finish=word)

    def _chunk(
        self, delta: dict[str, object], *, logprobs: object = None, finish: str | None = None
    ) -> bytes:
        return b'%b%b,"logprobs":%b,"finish_reason":%b}]%b' % (
            self._head,
            _json(delta),
            _json(logprobs),
            _json(finish),
            self._tail,
        )
