"""Answers for the tests of a rescue: of every kind of content, cut into deltas in every way."""

from hypothesis import strategies as st

from dragoman.events import (
    Event,
    Finished,
    ReasoningDelta,
    ReasoningSigned,
    RefusalDelta,
    Started,
    TextDelta,
    ToolCallDelta,
    ToolCallStarted,
    Usage,
    UsageReported,
)
from dragoman.gathered import Gathered
from dragoman.messages import Part, Reasoning, ToolCall
from dragoman.routing.said import Said

__all__ = ["Script", "kept", "read", "scripts", "told"]

_Delta = type[TextDelta] | type[ReasoningDelta] | type[RefusalDelta]
Script = list[_Delta | tuple[_Delta, str] | tuple[str, str] | None]
"""What an answer says, whatever its deltas: a kind and a text, a call's name and its arguments, or
None, the proof of a thought."""

_TEXTS = st.text("aü ", max_size=4)
_DELTAS: st.SearchStrategy[_Delta] = st.sampled_from([TextDelta, ReasoningDelta, RefusalDelta])
scripts: st.SearchStrategy[Script] = st.lists(
    st.one_of(
        st.tuples(_DELTAS, _TEXTS), st.tuples(st.sampled_from(["f", "g"]), _TEXTS), st.none()
    ),
    max_size=6,
)


def kept(events: list[Event]) -> Said:
    """What was said, of which these are the events."""
    said = Said()
    said.add(events)
    return said


def read(events: list[Event]) -> list[object]:
    """What a reader has of these events, but for what is new in each answer: ids and proofs."""
    gathered = Gathered()
    gathered.add([*events, Finished()])
    parts = gathered.reply().message.parts
    return [_lasting(part) for part in parts]


def _lasting(part: Part) -> object:
    match part:
        case ToolCall(_, name, arguments):
            return name, arguments
        case Reasoning(text, signature):
            return text, signature is not None
        case _:
            return part


@st.composite
def told(draw: st.DrawFn, script: Script, name: str) -> list[Event]:
    """A script as the events of one legal answer, whose ids and proofs have this name.

    Neighbouring calls are told side by side, in any order.
    """
    events: list[Event] = [Started("m", name)]
    calls = 0
    arguments: list[list[Event]] = []
    for piece in script:
        match piece:
            case (str() as function, text):
                events.append(ToolCallStarted(calls, f"{name}{calls}", function))
                arguments.append([ToolCallDelta(calls, part) for part in _cut(draw, text)])
                calls += 1
                events += _mixed(draw, [arguments.pop()] if draw(st.booleans()) else [])
                continue
            case None:
                told_so_far = _mixed(draw, arguments)
                events += told_so_far
                is_hidden = not isinstance(_last_content(events), ReasoningDelta)
                # A hidden thought is known by nothing but its proof.
                events.append(ReasoningSigned("hidden" if is_hidden else name))
            case (kind, text):
                events += _mixed(draw, arguments)
                events += [kind(part) for part in _cut(draw, text)]
        arguments = []
        if draw(st.integers(0, 4)) == 0:
            events.append(UsageReported(Usage(1, len(events))))
    return [*events, *_mixed(draw, arguments), UsageReported(Usage(2)), Finished()]


def _last_content(events: list[Event]) -> Event:
    return next(event for event in reversed(events) if not isinstance(event, UsageReported))


def _cut(draw: st.DrawFn, text: str) -> list[str]:
    parts: list[str] = []
    while text:
        size = draw(st.integers(1, len(text)))
        parts.append(text[:size])
        text = text[size:]
    return parts


def _mixed(draw: st.DrawFn, queues: list[list[Event]]) -> list[Event]:
    mixed: list[Event] = []
    while queues := [queue for queue in queues if queue]:
        mixed.append(draw(st.sampled_from(queues)).pop(0))
    return mixed
