"""Events to the bytes of a stream.

A chunk is written around its text: all of it but the text is made once. Usage is told in a chunk of
its own, behind the end, and only to a program that asked for it with `stream_options`.
Source: OpenAI API reference, "The chat completion chunk object", read 2026-11-21.
"""

from collections.abc import Iterable, Mapping

import msgspec

from dragoman.chat import ChatRequest
from dragoman.dialects.dialect import Stamp
from dragoman.dialects.openai_chat.choice_encoder import ChoiceEncoder
from dragoman.dialects.openai_chat.failures import TYPES
from dragoman.dialects.openai_chat.reply_encoder import is_legacy, usage_object
from dragoman.dialects.openai_chat.tables import NAME
from dragoman.dialects.openai_errors import error_object
from dragoman.errors import ChatError
from dragoman.events import Event, Finished, OtherChoice, Started, TextDelta, Usage, UsageReported

__all__ = ["Encoder"]

_json = msgspec.json.encode


class Encoder:
    """One stream's encoder; `chat` is what was asked."""

    __slots__ = ("_asks_usage", "_choices", "_head", "_legacy", "_stamp", "_tail", "_usage")

    def __init__(self, chat: ChatRequest, stamp: Stamp) -> None:
        options = chat.native.of(NAME).get("stream_options") if chat.native is not None else None
        self._asks_usage = isinstance(options, Mapping) and options.get("include_usage") is True
        self._legacy = is_legacy(chat)
        self._stamp = stamp
        self._usage: Usage | None = None
        self._choices: dict[int, ChoiceEncoder] = {}
        self._head = b""
        # Where usage is asked for, the other chunks say that they have none.
        self._tail = b',"usage":null}\n\n' if self._asks_usage else b"}\n\n"

    def feed(self, events: Iterable[Event]) -> bytes:
        """These events in one piece of bytes."""
        written: list[bytes] = []
        for event in events:
            if type(event) is TextDelta:
                # Nearly every event.
                first = self._choices[0]
                written += (first.text_head, _json(event.text), first.text_tail)
            else:
                self._write(event, written)
        return b"".join(written)

    def fail(self, error: ChatError) -> bytes:
        """The error in place of the rest of the answer; there is no `[DONE]` behind it."""
        return b"data: %b\n\n" % _json({"error": error_object(error, TYPES)})

    def ping(self) -> bytes:
        """A comment, which no program sees."""
        return b": ping\n\n"

    def _write(self, event: Event, written: list[bytes]) -> None:
        match event:
            case Started():
                self._start(event)
                written.append(self._choice(0).begin())
            case UsageReported(usage):
                self._usage = usage
            case OtherChoice(index, inner):
                if index not in self._choices:
                    written.append(self._choice(index).begin())
                written.append(self._choices[index].write(inner))
            case Finished():
                written.append(self._choices[0].write(event))
                written.append(self._end())
            case _:
                written.append(self._choices[0].write(event))

    def _start(self, started: Started) -> None:
        native = started.native.of(NAME) if started.native is not None else {}
        head = {
            **native,
            "id": started.id or f"chatcmpl-{self._stamp.id}",
            "object": "chat.completion.chunk",
            "created": int(self._stamp.created),
            "model": started.model,
        }
        self._head = b"data: %b" % _json(head)[:-1]

    def _choice(self, index: int) -> ChoiceEncoder:
        head = b'%b,"choices":[{"index":%d,"delta":' % (self._head, index)
        choice = self._choices[index] = ChoiceEncoder(head, self._tail, legacy=self._legacy)
        return choice

    def _end(self) -> bytes:
        if not self._asks_usage:
            return b"data: [DONE]\n\n"
        usage = _json(usage_object(self._usage or Usage()))
        return b'%b,"choices":[],"usage":%b}\n\ndata: [DONE]\n\n' % (self._head, usage)
