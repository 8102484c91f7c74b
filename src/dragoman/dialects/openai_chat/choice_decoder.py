"""One answer of a reply: its deltas, or its whole message, to events.

Thoughts come before the text of the same delta. A call begins with its name; services number calls
in their own way, not at all, or all of them 0: then a new id with a name begins a new one. What the
middle has no word for (sound, annotations, calls of custom tools) is told whole, as `Native`.
"""

from collections.abc import Iterable

import msgspec

from dragoman.dialects.openai_chat.chunks import (
    Audio,
    CallDelta,
    Choice,
    Custom,
    Delta,
    Piece,
    logprobs_of,
)
from dragoman.dialects.openai_chat.tables import BROKEN_OFF, FINISH_REASONS, FINISH_WORDS, NAME
from dragoman.dialects.openai_chat.thoughts import detail_text, proof
from dragoman.dialects.signatures import sign
from dragoman.errors import ResponseError, excerpt
from dragoman.events import (
    ChoiceEvent,
    Finished,
    FinishReason,
    LogprobsReported,
    NativeReported,
    ReasoningDelta,
    ReasoningSigned,
    RefusalDelta,
    TextDelta,
    ToolCallDelta,
    ToolCallStarted,
)
from dragoman.native import Native

__all__ = ["ChoiceDecoder"]

_LEGACY_INDEX = -1


class _Call(msgspec.Struct):
    """A call that has begun; `number` is its index in our events."""

    id: str
    number: int
    custom: Custom | None = None


class ChoiceDecoder:
    """What one answer said so far."""

    __slots__ = ("_audio", "_by_index", "_calls", "_word", "answered", "reason", "thought")

    def __init__(self) -> None:
        self.answered = False
        """Whether there was anything but thoughts."""
        self.thought = False
        """Whether there were any."""
        self.reason: FinishReason | None = None
        """Why the answer ended; None if the service has not said so."""
        self._word: str | None = None
        self._calls: list[_Call] = []
        # By the service's own index.
        self._by_index: dict[int, _Call] = {}
        self._audio: Audio | None = None

    def take(self, choice: Choice) -> list[ChoiceEvent]:
        """The events of more of this answer."""
        events: list[ChoiceEvent] = []
        delta = choice.delta or choice.message
        if delta is not None:
            if delta.reasoning_content or delta.reasoning or delta.reasoning_details:
                self.thought = True
                _think(delta, events)
            if delta.content:
                self._say(delta.content, events)
            if delta.refusal:
                self.answered = True
                events.append(RefusalDelta(delta.refusal))
            if delta.tool_calls:
                self._call(delta.tool_calls, events)
            if delta.function_call or delta.annotations or delta.audio:
                self._rest(delta, events)
        if choice.logprobs is not None and (tokens := logprobs_of(choice.logprobs)):
            events.append(LogprobsReported(tokens))
        if choice.finish_reason and self.reason is None:
            self._finish(choice.finish_reason)
        return events

    def end(self) -> list[ChoiceEvent]:
        """The events of the answer's end."""
        events: list[ChoiceEvent] = [
            NativeReported(_custom(call.id, call.custom)) for call in self._calls if call.custom
        ]
        if self._audio is not None:
            fields = {"type": "audio", "audio": msgspec.to_builtins(self._audio)}
            events.append(NativeReported(Native(NAME, fields)))
        reason, word = self.reason or "stop", self._word
        if reason == "stop" and self._calls:
            # OpenAI says so where the choice of tools left none, others at any time.
            reason, word = "tool_calls", word or self.reason
        return [*events, Finished(reason, word)]

    def _say(self, content: str | list[Piece], events: list[ChoiceEvent]) -> None:
        if isinstance(content, str):
            self.answered = True
            events.append(TextDelta(content))
            return
        for piece in content:
            if piece.thinking:
                self.thought = True
                events += [ReasoningDelta(text) for text in _texts(piece.thinking)]
            if piece.text or piece.refusal:
                self.answered = True
            if piece.text:
                events.append(TextDelta(piece.text))
            if piece.refusal:
                events.append(RefusalDelta(piece.refusal))

    def _call(self, calls: Iterable[CallDelta], events: list[ChoiceEvent]) -> None:
        for delta in calls:
            call = self._known(delta) or self._begin(delta, events)
            if call.custom is not None:
                call.custom.input = (call.custom.input or "") + _input(delta)
            elif delta.function is not None and delta.function.arguments:
                events.append(ToolCallDelta(call.number, delta.function.arguments))

    def _known(self, delta: CallDelta) -> _Call | None:
        """The call that a delta goes on with."""
        if delta.index is None:
            last = self._calls[-1] if self._calls else None
            # Without an index a new id begins a call.
            return None if last is None or delta.id not in {None, "", last.id} else last
        known = self._by_index.get(delta.index)
        if known is None or delta.id in {None, "", known.id}:
            return known
        return None if delta.function is not None and delta.function.name else known

    def _begin(self, delta: CallDelta, events: list[ChoiceEvent]) -> _Call:
        begun = delta.custom or delta.function
        if begun is None or not begun.name:
            raise ResponseError("a tool call without a name")
        number = sum(call.custom is None for call in self._calls)
        call = _Call(delta.id or f"call_{len(self._calls)}", number)
        if delta.custom is not None:
            call.custom = Custom(delta.custom.name)
        else:
            events.append(ToolCallStarted(number, call.id, begun.name, _signature(delta)))
        self.answered = True
        self._calls.append(call)
        if delta.index is not None:
            self._by_index[delta.index] = call
        return call

    def _rest(self, delta: Delta, events: list[ChoiceEvent]) -> None:
        if delta.function_call is not None:
            call = CallDelta(index=_LEGACY_INDEX, function=delta.function_call)
            self._call([call], events)
        if delta.annotations:
            fields = {"type": "annotations", "annotations": delta.annotations}
            events.append(NativeReported(Native(NAME, fields, frozenset({"annotations"}))))
        if delta.audio is not None:
            self.answered = True
            self._audio = _joined(self._audio or Audio(), delta.audio)

    def _finish(self, word: str) -> None:
        if word in BROKEN_OFF:
            raise ResponseError(f"the service broke off its answer ({word})")
        self.reason = FINISH_REASONS.get(word.lower(), "stop")
        if word not in FINISH_WORDS[self.reason]:
            self._word = excerpt(word)


def _think(delta: Delta, events: list[ChoiceEvent]) -> None:
    details = delta.reasoning_details or ()
    text = delta.reasoning_content or delta.reasoning
    # The same text stands in both; which of several thoughts it is, only the details say.
    if text and not any(map(detail_text, details)):
        events.append(ReasoningDelta(text))
    for detail in details:
        if thought := detail_text(detail):
            events.append(ReasoningDelta(thought))
        if said := proof(detail):
            events.append(ReasoningSigned(sign(NAME, said)))


def _texts(thinking: list[Piece] | str) -> list[str]:
    pieces = [thinking] if isinstance(thinking, str) else [piece.text for piece in thinking]
    return [text for text in pieces if text]


def _input(delta: CallDelta) -> str:
    return (delta.custom.input or "") if delta.custom is not None else ""


def _signature(delta: CallDelta) -> str | None:
    google = delta.extra_content.google if delta.extra_content is not None else None
    said = google.thought_signature if google is not None else None
    return sign(NAME, said) if said else None


def _custom(call_id: str, custom: Custom) -> Native:
    fields = {"id": call_id, "type": "custom", "custom": msgspec.to_builtins(custom)}
    return Native(NAME, fields)


def _joined(first: Audio, more: Audio) -> Audio:
    return Audio(
        id=more.id or first.id,
        data=(first.data or "") + (more.data or "") or None,
        expires_at=more.expires_at or first.expires_at,
        transcript=(first.transcript or "") + (more.transcript or "") or None,
    )
