"""Which events of a stream may be taken for a template: those that only say more.

Of fields that only may differ a hole is made when they have differed: holes cost time.
"""

from collections.abc import Iterable

from dragoman.events import (
    Event,
    ReasoningDelta,
    RefusalDelta,
    Started,
    TextDelta,
    ToolCallDelta,
    UsageReported,
)
from dragoman.wire.watch.shapes import Shape
from dragoman.wire.watch.template import Hole, Template

__all__ = ["DELTAS", "Learner", "Lesson"]

DELTAS: frozenset[type] = frozenset({TextDelta, ReasoningDelta, RefusalDelta, ToolCallDelta})
"""The events that say more of what has begun."""

# The next event of the kind does not say it again, or says it anew.
_SAID_ONCE = frozenset({Started, UsageReported})
# How many templates may be of no use before another is tried but seldom.
_PATIENCE = 8
_SELDOM = 32
# A longer template is kept for no other stream.
_MOST_SHARED_BYTES = 4096


class Lesson:
    """What streams from one service to one kind of caller have taught the next one.

    A template with one hole, the text, in which no text is; and which other fields may differ.
    It says nothing that a stream may rely on before its own decoder has read such an event.
    """

    __slots__ = ("changing", "places", "template")

    def __init__(self) -> None:
        self.template: Template | None = None
        # Of that many fields that may differ those, by their number, have differed.
        self.places = 0
        self.changing: set[int] = set()


class Learner:
    """One stream's; `lesson` is what it shares with others."""

    __slots__ = ("_before", "_lesson", "_shape", "in_vain")

    def __init__(self, shape: Shape, lesson: Lesson | None = None) -> None:
        self._shape = shape
        self._lesson = lesson or Lesson()
        self.in_vain = 0
        """How many templates were learnt since the last one that an event was of."""
        # The fields that may differ, in their order, as the last event had them.
        self._before: list[bytes] = []

    def learn(self, event: bytes, said: Iterable[Event], passed: bytes) -> Template | None:
        """The template of an event that the decoder read, which said this; None if it has none.

        `passed` is what of the event is passed on: without what only we asked for.
        """
        says_more = False
        for one in said:
            if type(one) in DELTAS:
                says_more = True
            elif type(one) not in _SAID_ONCE:
                return None
        if not says_more:
            return None
        self.in_vain += 1
        if self.in_vain > _PATIENCE and self.in_vain % _SELDOM:
            return None
        known = self._lesson.template
        if known is not None and _fits(known, event, passed):
            return known
        return self._new(event, passed)

    def _new(self, event: bytes, passed: bytes) -> Template | None:
        holes = self._holes(event)
        surplus = _difference(event, passed, holes)
        if surplus is None or not any(hole.kind == "text" for hole in holes):
            return None
        if self._shape.only_in not in event[: holes[0].start]:
            return None
        if len(holes) > 1:
            return Template(event, holes, surplus)
        # Without the text: what is kept for others says nothing of this answer.
        (hole,) = holes
        frame = event[: hole.start] + event[hole.end :]
        template = Template(frame, [Hole(hole.start, hole.start, "text")], surplus)
        if len(frame) <= _MOST_SHARED_BYTES:
            self._lesson.template = template
        return template

    def _holes(self, event: bytes) -> list[Hole]:
        holes: list[Hole] = []
        values: list[bytes] = []
        lesson, starts = self._lesson, []
        for found in self._shape.holes.finditer(event):
            kind = found.lastgroup or ""
            start, end = found.span(kind)
            # An event with a text where there was none may be the first that says anything.
            if kind != "text":
                values.append(event[start:end])
                starts.append(start)
            elif start == end:
                continue
            holes.append(Hole(start, end, kind))
        if not values:
            return holes
        if len(values) != lesson.places:
            lesson.places = len(values)
            lesson.changing = set()
        if len(values) == len(self._before):
            pairs = enumerate(zip(self._before, values, strict=True))
            lesson.changing |= {at for at, (old, new) in pairs if old != new}
        self._before = values
        changing = {starts[at] for at in lesson.changing}
        return [hole for hole in holes if hole.kind == "text" or hole.start in changing]


def _fits(template: Template, event: bytes, passed: bytes) -> bool:
    """Whether the template is that of this event, too."""
    said = template.one(event)
    # An event with a text where there was none may be the first that says anything.
    if said is None or said == (b"",):
        return False
    return passed == (event.replace(template.surplus, b"") if template.surplus else event)


def _difference(event: bytes, passed: bytes, holes: Iterable[Hole]) -> bytes | None:
    """What is cut out of the event in one piece, perhaps nothing; None if it is not so."""
    if event == passed:
        return b""
    pairs = enumerate(zip(event, passed, strict=False))
    start = next((at for at, (a, b) in pairs if a != b), len(passed))
    end = start + len(event) - len(passed)
    cut = event[start:end]
    if any(start < hole.end and hole.start < end for hole in holes):
        return None
    # With a bare quote inside it can be found in no text.
    return cut if b'"' in cut and event.replace(cut, b"") == passed else None
