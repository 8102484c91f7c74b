"""A streamed answer: named events of items, each with its deltas and then whole.

Rules: `response.completed` and `response.incomplete` end an answer, and nothing else does; deltas
are believed, and an item that had none is taken whole when it is done; events of unknown names are
passed over; the errors that the service reports inside the stream come after the events before
them. Parts of a thought are separated by an empty line.
Source: OpenAI API reference, "Responses: streaming events", and the types of the package
openai 3.54.0, read 2026-11-21.
"""

from collections.abc import Callable

import msgspec

from dragoman.chat import ChatReply
from dragoman.dialects.answer_decoder import SseAnswerDecoder
from dragoman.dialects.empty_answers import has_thought, refuse_empty
from dragoman.dialects.failures import FOREIGN, cut_off, senseless
from dragoman.dialects.openai_responses.failures import Said, error_in_lines, said_error
from dragoman.dialects.openai_responses.reply_decoder import (
    Item,
    Logprob,
    Response,
    decode_annotations,
    decode_item,
    decode_logprobs,
    decode_reply,
    decode_usage,
    finished,
    item_signature,
    native_piece,
    phase_mark,
    refuse_failed,
    reply_native,
)
from dragoman.errors import ResponseError, excerpt
from dragoman.events import (
    Event,
    LogprobsReported,
    NativeReported,
    ReasoningDelta,
    ReasoningSigned,
    RefusalDelta,
    Started,
    TextDelta,
    ToolCallDelta,
    ToolCallStarted,
    UsageReported,
)
from dragoman.messages import Message, ToolCall
from dragoman.wire.sse import SseMessage

__all__ = ["Decoder"]

_NOTHING = msgspec.Raw()
_Place = int | str
"""Where an item stands in the output; some servers tell only its id."""


class _Event(msgspec.Struct, gc=False):
    type: str = ""
    delta: str | None = None
    output_index: int | None = None
    item_id: str | None = None
    content_index: int | None = None
    summary_index: int | None = None
    logprobs: list[Logprob] | None = None


class _Whole(msgspec.Struct):
    """The fields of events that come once for an item or an answer."""

    item: msgspec.Raw = _NOTHING
    response: msgspec.Raw = _NOTHING
    part: msgspec.Raw = _NOTHING
    error: Said | str | None = None
    message: str | None = None
    code: str | int | None = None


class _Kind(msgspec.Struct):
    type: str = ""


class _Part(msgspec.Struct):
    annotations: list[dict[str, object]] | None = None


_EVENT = msgspec.json.Decoder(_Event)
_WHOLE = msgspec.json.Decoder(_Whole)
_KIND = msgspec.json.Decoder(_Kind)
_PART = msgspec.json.Decoder(_Part)
_ITEM = msgspec.json.Decoder(Item)
_RESPONSE = msgspec.json.Decoder(Response)


class Decoder(SseAnswerDecoder):
    """One stream's decoder."""

    __slots__ = ("_answered", "_calls", "_has_thought", "_said", "_thought")

    def __init__(self, model: str, *, dropped: tuple[str, ...] = ()) -> None:
        super().__init__(model, dropped=dropped)
        self._answered = False
        self._has_thought = False
        # Our index of each tool call, and the items of which something was said, by their place.
        self._calls: dict[_Place, int] = {}
        self._said: set[_Place] = set()
        # Which part of an unsigned thought was said last, if nothing came after it.
        self._thought: tuple[object, ...] | None = None

    def _read_rest(self, rest: bytes, events: list[Event]) -> None:
        """A whole answer may come in place of a stream."""
        if self._started or not rest:
            raise error_in_lines(rest) or cut_off(rest)
        if not rest.lstrip().startswith(b"{"):
            raise ResponseError(f"no stream: {excerpt(rest)!r}")
        events += decode_reply(rest, self._model, dropped=self._dropped).events()

    def _take(self, message: SseMessage, events: list[Event]) -> None:
        if self._over or message.data == b"[DONE]":
            return
        try:
            event = _EVENT.decode(message.data)
        except FOREIGN as exc:
            self._pass_over(message, exc)
            return
        kind = event.type or message.event
        try:
            if kind == "response.output_text.delta":
                self._text(event, events)
            elif kind in _DELTAS:
                _DELTAS[kind](self, event, events)
            elif not kind:
                self._unnamed(message.data)
            elif kind in _WHOLES:
                _WHOLES[kind](self, event, _WHOLE.decode(message.data), events)
        except FOREIGN as exc:
            raise senseless(message.data) from exc

    def _unnamed(self, data: bytes) -> None:
        """An event without a name is passed over, unless it is an error."""
        if error := error_in_lines(data):
            raise error

    def _pass_over(self, message: SseMessage, exc: Exception) -> None:
        """Raise `ResponseError` unless this is an event that we need not understand."""
        try:
            kind = _KIND.decode(message.data).type or message.event
        except FOREIGN:
            raise senseless(message.data) from exc
        if kind in _DELTAS or kind in _WHOLES or kind == "response.output_text.delta":
            raise senseless(message.data) from exc

    def _begin(self, event: _Event, events: list[Event]) -> _Place:
        """The place of the event's item; the answer has begun."""
        if not self._started:
            self._started = True
            events.append(Started(self._model, None, self._dropped))
        return event.output_index if event.output_index is not None else event.item_id or ""

    def _text(self, event: _Event, events: list[Event]) -> None:
        place = self._begin(event, events)
        if event.delta:
            self._say(place)
            events.append(TextDelta(event.delta))
        if event.logprobs:
            self._said.add(place)
            events.append(LogprobsReported(decode_logprobs(event.logprobs)))

    def _say(self, place: _Place) -> None:
        self._answer()
        self._said.add(place)

    def _answer(self) -> None:
        self._answered = True
        self._thought = None

    def _refusal(self, event: _Event, events: list[Event]) -> None:
        place = self._begin(event, events)
        if event.delta:
            self._say(place)
            events.append(RefusalDelta(event.delta))

    def _thinking(self, event: _Event, events: list[Event]) -> None:
        place = self._begin(event, events)
        if event.delta:
            self._said.add(place)
            part = (place, event.type, event.summary_index, event.content_index)
            self._think(part, event.delta, events)

    def _think(self, part: tuple[object, ...], text: str, events: list[Event]) -> None:
        goes_on = self._thought in {None, part}
        self._has_thought = True
        self._thought = part
        events.append(ReasoningDelta(text if goes_on else f"\n\n{text}"))

    def _arguments(self, event: _Event, events: list[Event]) -> None:
        place = self._begin(event, events)
        if event.delta and place in self._calls:
            self._said.add(place)
            events.append(ToolCallDelta(self._calls[place], event.delta))

    def _lifecycle(self, _event: _Event, whole: _Whole, events: list[Event]) -> None:
        response = _RESPONSE.decode(whole.response)
        if not self._started:
            self._started = True
            native = reply_native(whole.response)
            model = response.model or self._model
            events.append(Started(model, response.id, self._dropped, native))

    def _added(self, event: _Event, whole: _Whole, events: list[Event]) -> None:
        place = self._begin(event, events)
        if native_piece(whole.item) is not None:
            return
        item = _ITEM.decode(whole.item)
        if item.type == "function_call" and item.name:
            self._call(place, ToolCall(item.call_id or item.id or item.name, item.name, ""), events)
        elif item.phase:
            # Said again if the item is taken whole, which changes nothing.
            events.append(NativeReported(phase_mark(item.phase)))

    def _call(self, place: _Place, call: ToolCall, events: list[Event]) -> None:
        if place not in self._calls:
            self._answer()
            self._calls[place] = len(self._calls)
            events.append(ToolCallStarted(self._calls[place], call.id, call.name))

    def _part_done(self, event: _Event, whole: _Whole, events: list[Event]) -> None:
        if self._begin(event, events) in self._said:
            annotations = decode_annotations(_PART.decode(whole.part).annotations or ())
            events += [NativeReported(annotation) for annotation in annotations]

    def _item_done(self, event: _Event, whole: _Whole, events: list[Event]) -> None:
        place = self._begin(event, events)
        native = native_piece(whole.item)
        if native is not None:
            self._answer()
            events.append(NativeReported(native))
        elif place not in self._said:
            self._item(place, whole.item, events)
        else:
            item = _ITEM.decode(whole.item)
            signature = item_signature(item) if item.type == "reasoning" else None
            if signature:
                self._sign(signature, events)

    def _sign(self, signature: str, events: list[Event]) -> None:
        self._has_thought = True
        self._thought = None
        events.append(ReasoningSigned(signature))

    def _item(self, place: _Place, raw: msgspec.Raw, events: list[Event]) -> None:
        """An item of which nothing was said before, whole."""
        parts, logprobs = decode_item(raw)
        reply = ChatReply(
            model="", message=Message("assistant", tuple(parts)), logprobs=tuple(logprobs)
        )
        for event in reply.events()[1:-1]:
            match event:
                case ToolCallStarted(_, call_id, name):
                    self._call(place, ToolCall(call_id, name, ""), events)
                case ToolCallDelta(_, arguments):
                    events.append(ToolCallDelta(self._calls[place], arguments))
                case ReasoningDelta(text):
                    self._think((place,), text, events)
                case ReasoningSigned(signature):
                    self._sign(signature, events)
                case NativeReported():
                    events.append(event)
                case _:
                    self._say(place)
                    events.append(event)

    def _end(self, _event: _Event, whole: _Whole, events: list[Event]) -> None:
        self._lifecycle(_event, whole, events)
        response = _RESPONSE.decode(whole.response)
        refuse_failed(response)
        if not self._answered and not self._said:
            for place, raw in enumerate(response.output or ()):
                self._item_done(_Event(output_index=place), _Whole(item=raw), events)
        end = finished(response, calls=bool(self._calls))
        usage = decode_usage(response)
        if not self._answered:
            refuse_empty(end.reason, end.word, thought=self._has_thought or has_thought(usage))
        if usage is not None:
            events.append(UsageReported(usage))
        self._over = True
        events.append(end)

    def _failed(self, _event: _Event, whole: _Whole, _events: list[Event]) -> None:
        response = _RESPONSE.decode(whole.response)
        refuse_failed(response)
        raise ResponseError("the answer failed, and the service gives no reason")

    def _error(self, _event: _Event, whole: _Whole, _events: list[Event]) -> None:
        match whole.error:
            case Said() as said:
                raise said_error(said)
            case str(text):
                raise said_error(Said(text))
            case _:
                raise said_error(Said(whole.message, code=whole.code))


_DELTAS: dict[str, Callable[[Decoder, _Event, list[Event]], None]] = {
    "response.refusal.delta": Decoder._refusal,
    "response.reasoning_summary_text.delta": Decoder._thinking,
    "response.reasoning_text.delta": Decoder._thinking,
    "response.function_call_arguments.delta": Decoder._arguments,
}
_WHOLES: dict[str, Callable[[Decoder, _Event, _Whole, list[Event]], None]] = {
    "response.created": Decoder._lifecycle,
    "response.queued": Decoder._lifecycle,
    "response.in_progress": Decoder._lifecycle,
    "response.output_item.added": Decoder._added,
    "response.content_part.done": Decoder._part_done,
    "response.output_item.done": Decoder._item_done,
    "response.completed": Decoder._end,
    "response.incomplete": Decoder._end,
    "response.failed": Decoder._failed,
    "response.cancelled": Decoder._failed,
    "error": Decoder._error,
}
