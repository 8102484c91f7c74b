"""The items of a streamed output that are still being said, each as the events that say it.

An item begins with `.added` and ends with `.done`, and so do its parts; between them are deltas.
Source: OpenAI API reference, "Responses: streaming events", and the types of the package
openai 3.54.0, read 2026-11-21.
"""

from collections.abc import Sequence

import msgspec

from dragoman.dialects.arguments import is_object
from dragoman.dialects.openai_responses.reply_encoder import (
    call_item,
    encode_logprobs,
    message_item,
    text_part,
    thought_item,
)
from dragoman.events import TokenLogprob
from dragoman.messages import ToolCall

__all__ = ["Line", "OpenCall", "OpenMessage", "OpenThought"]

_Object = dict[str, object]


class Line:
    """The events of one answer, numbered, until they are taken away."""

    __slots__ = ("number", "pieces")

    def __init__(self) -> None:
        self.number = -1
        self.pieces: list[bytes] = []

    def say(self, kind: str, **fields: object) -> None:
        """One event."""
        self.number += 1
        event = {"type": kind, "sequence_number": self.number, **fields}
        self.pieces += (b"event: ", kind.encode(), b"\ndata: ", msgspec.json.encode(event), b"\n\n")

    def say_delta(self, prefix: bytes, text: str) -> None:
        """One delta; see `delta_prefix`."""
        self.number += 1
        self.pieces.append(b'%b%d,"delta":%b}\n\n' % (prefix, self.number, _encode(text)))

    def take(self) -> bytes:
        """The events since the last time, as bytes."""
        taken = b"".join(self.pieces)
        self.pieces.clear()
        return taken


_encode = msgspec.json.Encoder().encode


def _prefix(kind: str, **fields: object) -> bytes:
    """A delta event up to its number: what is the same in all deltas of one part."""
    return b'event: %b\ndata: %b,"sequence_number":' % (
        kind.encode(),
        msgspec.json.encode({"type": kind, **fields})[:-1],
    )


class _OpenItem:
    """What all open items share: their place and their first event."""

    __slots__ = ("_delta", "_line", "_place", "_texts", "index", "item_id")

    def __init__(self, line: Line, index: int, item_id: str) -> None:
        self._line = line
        self.index = index
        self.item_id = item_id
        self._place: _Object = {"item_id": item_id, "output_index": index}
        self._texts: list[str] = []
        self._delta = b""

    def _add(self, item: _Object) -> None:
        self._line.say("response.output_item.added", output_index=self.index, item=item)

    def _done(self, item: _Object) -> _Object:
        self._line.say("response.output_item.done", output_index=self.index, item=item)
        return item

    def _take_text(self) -> str:
        text = "".join(self._texts)
        self._texts.clear()
        return text


class OpenMessage(_OpenItem):
    """A message item: texts and refusals."""

    __slots__ = ("_annotations", "_content", "_kind", "_logprobs", "_phase")

    def __init__(self, line: Line, index: int, item_id: str, *, phase: object) -> None:
        super().__init__(line, index, item_id)
        self._phase = phase
        self._kind: str | None = None
        self._content: list[_Object] = []
        self._logprobs: list[_Object] = []
        self._annotations: list[_Object] = []
        self._add(message_item(item_id, [], "in_progress", phase))

    def text(self, text: str) -> None:
        """More text."""
        if self._kind != "output_text":
            self._open("output_text")
        self._texts.append(text)
        self._line.say_delta(self._delta, text)

    def refusal(self, text: str) -> None:
        """More of a refusal."""
        if self._kind != "refusal":
            self._open("refusal")
        self._texts.append(text)
        self._line.say_delta(self._delta, text)

    def likely(self, text: str, tokens: Sequence[TokenLogprob]) -> None:
        """More text with its likelihoods; the text may be empty, if it was said before."""
        if self._kind != "output_text":
            self._open("output_text")
        self._texts.append(text)
        found = encode_logprobs(tokens)
        self._logprobs += found
        self._line.say(
            "response.output_text.delta",
            **self._place,
            content_index=len(self._content),
            delta=text,
            logprobs=found,
        )

    def annotate(self, annotation: _Object) -> None:
        """An annotation of the text."""
        if self._kind != "output_text":
            self._open("output_text")
        self._line.say(
            "response.output_text.annotation.added",
            **self._place,
            content_index=len(self._content),
            annotation_index=len(self._annotations),
            annotation=annotation,
        )
        self._annotations.append(annotation)

    def whole(self, part: _Object) -> None:
        """A part that only this dialect knows."""
        self._close()
        place = self._place | {"content_index": len(self._content)}
        self._line.say("response.content_part.added", **place, part=part)
        self._line.say("response.content_part.done", **place, part=part)
        self._content.append(part)

    def close(self, status: str) -> dict[str, object]:
        """The whole item."""
        self._close()
        return self._done(message_item(self.item_id, self._content, status, self._phase))

    def _open(self, kind: str) -> None:
        self._close()
        self._kind = kind
        place = self._place | {"content_index": len(self._content)}
        self._line.say("response.content_part.added", **place, part=self._part(""))
        if kind == "output_text":
            self._delta = _prefix("response.output_text.delta", **place, logprobs=[])
        else:
            self._delta = _prefix("response.refusal.delta", **place)

    def _part(self, text: str) -> _Object:
        if self._kind == "refusal":
            return {"type": "refusal", "refusal": text}
        return text_part(text, self._logprobs) | {"annotations": self._annotations}

    def _close(self) -> None:
        if self._kind is None:
            return
        text = self._take_text()
        part = self._part(text)
        place = self._place | {"content_index": len(self._content)}
        if self._kind == "output_text":
            logprobs = self._logprobs
            self._line.say("response.output_text.done", **place, text=text, logprobs=logprobs)
        else:
            self._line.say("response.refusal.done", **place, refusal=text)
        self._line.say("response.content_part.done", **place, part=part)
        self._content.append(part)
        self._kind, self._logprobs, self._annotations = None, [], []


class OpenThought(_OpenItem):
    """A reasoning item: one part of a summary, and the proof at its end."""

    __slots__ = ()

    def __init__(self, line: Line, index: int, item_id: str) -> None:
        super().__init__(line, index, item_id)
        self._add(thought_item(item_id, "", None))

    def think(self, text: str) -> None:
        """More of the thought."""
        if not self._texts:
            place = self._place | {"summary_index": 0}
            part = {"type": "summary_text", "text": ""}
            self._line.say("response.reasoning_summary_part.added", **place, part=part)
            self._delta = _prefix("response.reasoning_summary_text.delta", **place)
        self._texts.append(text)
        self._line.say_delta(self._delta, text)

    def close(self, signature: str | None = None) -> dict[str, object]:
        """The whole item."""
        text = self._take_text()
        if text:
            place = self._place | {"summary_index": 0}
            part = {"type": "summary_text", "text": text}
            self._line.say("response.reasoning_summary_text.done", **place, text=text)
            self._line.say("response.reasoning_summary_part.done", **place, part=part)
        return self._done(thought_item(self.item_id, text, signature))


class OpenCall(_OpenItem):
    """A call of a tool and its arguments so far."""

    __slots__ = ("_call",)

    def __init__(self, line: Line, index: int, item_id: str, *, call: ToolCall) -> None:
        super().__init__(line, index, item_id)
        self._call = call
        self._delta = _prefix("response.function_call_arguments.delta", **self._place)
        self._add(call_item(item_id, call, "in_progress") | {"arguments": ""})

    @property
    def is_whole(self) -> bool:
        """Whether the arguments are a JSON object, to which nothing can be added."""
        return is_object("".join(self._texts))

    def more(self, arguments: str) -> None:
        """More of the arguments."""
        self._texts.append(arguments)
        self._line.say_delta(self._delta, arguments)

    def close(self, status: str) -> dict[str, object]:
        """The whole item."""
        call = msgspec.structs.replace(self._call, arguments=self._take_text())
        item = call_item(self.item_id, call, status)
        self._line.say(
            "response.function_call_arguments.done",
            **self._place,
            name=call.name,
            arguments=item["arguments"],
        )
        return self._done(item)
