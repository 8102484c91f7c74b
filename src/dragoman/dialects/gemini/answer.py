"""The pieces of one answer to events: what each GenerateContentResponse adds.

The first candidate ends with the body, because its last counts may come after its finish reason;
the others when their own reason comes. What an answer tells beside its parts comes once, before the
end: were it told where it came it would cut the text in two. A prompt that was refused is an answer
without content, as the service means it; a call or an answer that the model spoiled is an error,
and asking again may help.
Source: the REST reference of GenerateContentResponse, and "Thought signatures" of the Gemini API
docs, read 2026-11-21.
"""

from typing import Any, cast

import msgspec

from dragoman.dialects.empty_answers import has_thought, refuse_empty
from dragoman.dialects.gemini.failures import failure_inside
from dragoman.dialects.gemini.reply_fields import (
    Candidate,
    Chunk,
    Part,
    decode_arguments,
    decode_logprobs,
    decode_raw,
    decode_usage,
)
from dragoman.dialects.gemini.spelling import camel
from dragoman.dialects.gemini.tables import CANDIDATE_FIELDS, FINISH, NAME
from dragoman.dialects.signatures import sign
from dragoman.errors import ResponseError, ResponseStatusError, StreamTruncatedError, excerpt
from dragoman.events import (
    MAX_CHOICES,
    ChoiceEvent,
    Event,
    Finished,
    FinishReason,
    LogprobsReported,
    NativeReported,
    OtherChoice,
    ReasoningDelta,
    ReasoningSigned,
    Started,
    TextDelta,
    ToolCallDelta,
    ToolCallStarted,
    Usage,
    UsageReported,
)
from dragoman.native import Native

__all__ = ["Answer"]

_SPOILED = frozenset({"MALFORMED_FUNCTION_CALL", "UNEXPECTED_TOOL_CALL", "MALFORMED_RESPONSE"})
_UNSIGNED = "MISSING_THOUGHT_SIGNATURE"
_UNTOLD = frozenset({"STOP", "MAX_TOKENS", "SAFETY", "FINISH_REASON_UNSPECIFIED"})
_FIELDS = {name: camel(name) for name in Candidate.__struct_fields__}
_NATIVES = tuple(name for name, wire in _FIELDS.items() if wire in CANDIDATE_FIELDS)
_NOT_ID = str.maketrans({c: None for c in map(chr, range(128)) if not (c.isalnum() or c in "-_")})


class Line(msgspec.Struct, frozen=True, gc=False):
    """The JSON of some chunks, a line each, for the parts that are wanted whole."""

    text: bytes

    def part(self, line: int | None, candidate: int, part: int) -> dict[str, Any]:
        """A part of a chunk as it stands; `line` is None if the text is one chunk."""
        text = self.text if line is None else self.text.split(b"\n")[line]
        found: dict[str, Any] = decode_raw(text)["candidates"][candidate]["content"]["parts"][part]
        return found


class _Choice:
    """One of the candidates."""

    __slots__ = ("answered", "calls", "natives", "reason", "thought", "word")

    def __init__(self) -> None:
        self.answered = False
        self.thought = False
        self.calls = 0
        self.natives: dict[str, object] = {}
        self.word: str | None = None
        self.reason: FinishReason | None = None

    def finish(self, word: str, message: object) -> None:
        """Take the finish reason; raise for one that is no end of an answer."""
        said = f"{word}: {excerpt(message)}" if isinstance(message, str) else excerpt(word)
        if word in _SPOILED:
            raise ResponseError(f"the model spoiled its answer ({said})")
        if word == _UNSIGNED:
            raise ResponseStatusError(f"a signature is missing ({said})", status=400, code=word)
        self.reason = FINISH.get(word, "stop")
        self.word = None if word in _UNTOLD else word

    def end(self) -> list[ChoiceEvent]:
        """The last events; `finish` has been called."""
        events: list[ChoiceEvent] = [
            NativeReported(Native(NAME, {"type": name, name: value}, frozenset({name})))
            for name, value in self.natives.items()
        ]
        reason = self.reason or "stop"
        if reason == "stop" and self.calls:
            reason = "tool_calls"
        events.append(Finished(reason, self.word))
        return events


class Answer:
    """One answer while its responses come. `model` is the name to give where none is told."""

    __slots__ = ("_choices", "_dropped", "_first", "_id", "_model", "_started", "_told", "_usage")

    def __init__(self, model: str, dropped: tuple[str, ...]) -> None:
        self._model = model
        self._dropped = dropped
        self._started = False
        self._id = ""
        self._first = _Choice()
        self._choices: dict[int, _Choice] = {0: self._first}
        self._usage: Usage | None = None
        self._told: Usage | None = None

    @property
    def started(self) -> bool:
        """Whether a response has come."""
        return self._started

    def take(self, chunk: Chunk, line: Line, number: int | None, events: list[Event]) -> None:
        """Add what a response says; `number` is which of the lines it is, None the only one."""
        if chunk.error:
            raise failure_inside(bytes(chunk.error))
        if not self._started:
            self._start(chunk, events)
        if chunk.usage_metadata is not None:
            self._count(decode_usage(chunk.usage_metadata), events)
        for at, candidate in enumerate(chunk.candidates or ()):
            if not candidate.index:
                self._candidate(self._first, candidate, (line, number, at), events)
            else:
                self._other(candidate, (line, number, at), events)
        if chunk.prompt_feedback:
            self._block(decode_raw(chunk.prompt_feedback))

    def end(self) -> list[Event]:
        """What the end of the body completes.

        Raises:
            StreamTruncatedError: a candidate has no finish reason.
            ResponseError: the first has neither text, nor call, nor anything else, but see
                `empty_answers`.
        """
        if any(choice.reason is None for choice in self._choices.values()):
            raise StreamTruncatedError("the answer ended without a finish reason")
        first = self._first
        if not first.answered:
            thought = first.thought or has_thought(self._usage)
            refuse_empty(first.reason or "stop", first.word, thought=thought)
        events: list[Event] = [*first.end()]
        if self._usage is not None and self._usage != self._told:
            events.insert(-1, UsageReported(self._usage))
        return events

    def _start(self, chunk: Chunk, events: list[Event]) -> None:
        self._started = True
        self._id = (chunk.response_id or "").translate(_NOT_ID)
        raw = ("promptFeedback", "createTime", "modelStatus")
        values = map(decode_raw, (chunk.prompt_feedback, chunk.create_time, chunk.model_status))
        fields = {name: value for name, value in zip(raw, values, strict=True) if value is not None}
        native = Native(NAME, fields) if fields else None
        model = chunk.model_version or self._model
        events.append(Started(model, chunk.response_id or None, self._dropped, native))

    def _count(self, usage: Usage, events: list[Event]) -> None:
        """The first count is told at once, the last at the end; each response has one."""
        if self._usage is None:
            self._told = usage
            events.append(UsageReported(usage))
        self._usage = usage

    def _block(self, feedback: object) -> None:
        word = feedback.get("blockReason") if isinstance(feedback, dict) else None
        if isinstance(word, str) and word and self._first.reason is None:
            self._first.reason = "content_filter"
            self._first.word = None if word in _UNTOLD else word

    def _other(
        self, candidate: Candidate, place: tuple[Line, int | None, int], events: list[Event]
    ) -> None:
        index = candidate.index or 0
        if not 1 <= index < MAX_CHOICES:
            raise ResponseError(f"there is no candidate {index}")
        choice = self._choices.setdefault(index, _Choice())
        found: list[Event] = []
        is_over = choice.reason is not None
        self._candidate(choice, candidate, place, found)
        if is_over:
            return
        if choice.reason is not None:
            found += choice.end()
        # They are all events of a choice: none begins an answer or counts its tokens.
        events += [OtherChoice(index, cast("ChoiceEvent", event)) for event in found]

    def _candidate(
        self,
        choice: _Choice,
        candidate: Candidate,
        place: tuple[Line, int | None, int],
        events: list[Event],
    ) -> None:
        content = candidate.content
        if content is not None and content.parts:
            for at, part in enumerate(content.parts):
                if part.text is not None:
                    _say(choice, part, part.text, events)
                elif part.function_call is not None:
                    self._call(choice, part, events)
                else:
                    line, number, which = place
                    _show(choice, line.part(number, which, at), events)
        if candidate.logprobs_result and (found := decode_logprobs(candidate.logprobs_result)):
            events.append(LogprobsReported(found))
        for name in _NATIVES:
            if raw := getattr(candidate, name):
                _keep(choice.natives, _FIELDS[name], decode_raw(raw))
        if candidate.finish_reason and choice.reason is None:
            choice.finish(candidate.finish_reason, choice.natives.get("finishMessage"))

    def _call(self, choice: _Choice, part: Part, events: list[Event]) -> None:
        call = part.function_call
        if call is None or not call.name:
            raise ResponseError("a function call without a name")
        arguments = decode_arguments(call.args)
        index = choice.calls
        choice.calls += 1
        choice.answered = True
        # The next answer has a first call, too: the answer's own id tells them apart.
        made = f"call_{self._id}_{index}" if self._id else f"call_{index}"
        signed = part.thought_signature
        signature = sign(NAME, signed) if signed else None
        events.append(ToolCallStarted(index, call.id or made, call.name, signature))
        events.append(ToolCallDelta(index, arguments))


def _say(choice: _Choice, part: Part, text: str, events: list[Event]) -> None:
    if text:
        if part.thought:
            choice.thought = True
            events.append(ReasoningDelta(text))
        else:
            choice.answered = True
            events.append(TextDelta(text))
    if part.thought_signature:
        events.append(ReasoningSigned(sign(NAME, part.thought_signature)))


def _show(choice: _Choice, part: dict[str, Any], events: list[Event]) -> None:
    """A part that only this dialect has; notes without anything they are about are none."""
    kind = next((name for name, value in part.items() if isinstance(value, dict)), None)
    if kind is not None:
        choice.answered = True
        events.append(NativeReported(Native(NAME, {"type": kind, **part})))
    elif signed := part.get("thoughtSignature"):
        events.append(ReasoningSigned(sign(NAME, signed)))


def _keep(natives: dict[str, object], name: str, value: object) -> None:
    """The last word counts, but each response cites its own sources."""
    if value is None:
        return
    before = natives.get(name)
    if name == "citationMetadata" and isinstance(before, dict) and isinstance(value, dict):
        joined = {
            key: [*before[key], *value[key]]
            for key in before.keys() & value.keys()
            if isinstance(before[key], list) and isinstance(value[key], list)
        }
        value = before | value | joined
    natives[name] = value
