"""Which events of a stream may be taken for a template: those that only say more.

Of fields that only may differ a hole is made when they have differed: holes cost time.
"""

from collections.abc import Iterable

from dragoman.events import (
    Event,
    ReasoningDelta,
    RefusalDelta,
    TextDelta,
    ToolCallDelta,
    UsageReported,
)
from dragoman.wire.watch.shapes import Shape
from dragoman.wire.watch.template import Hole, Template

__all__ = ["DELTAS", "Learner"]

DELTAS: frozenset[type] = frozenset({TextDelta, ReasoningDelta, RefusalDelta, ToolCallDelta})
"""The events that say more of what has begun."""

_REPEATED = DELTAS | {UsageReported}
# How many templates may be of no use before another is tried but seldom.
_PATIENCE = 8
_SELDOM = 32


class Learner:
    """One stream's."""

    __slots__ = ("_before", "_changing", "_shape", "in_vain")

    def __init__(self, shape: Shape) -> None:
        self._shape = shape
        self.in_vain = 0
        """How many templates were learnt since the last one that an event was of."""
        # The fields that may differ, in their order, as the last event had them.
        self._before: list[bytes] = []
        self._changing: set[int] = set()

    def learn(self, event: bytes, said: Iterable[Event], passed: bytes) -> Template | None:
        """The template of an event that the decoder read, which said this; None if it has none.

        `passed` is what of the event is passed on: without what only we asked for.
        """
        kinds = {type(one) for one in said}
        if not kinds <= _REPEATED or kinds.isdisjoint(DELTAS):
            return None
        self.in_vain += 1
        if self.in_vain > _PATIENCE and self.in_vain % _SELDOM:
            return None
        holes = self._holes(event)
        surplus = _difference(event, passed, holes)
        if not any(hole.kind == "text" for hole in holes) or surplus is None:
            return None
        if self._shape.only_in not in event[: holes[0].start]:
            return None
        return Template(event, holes, surplus)

    def _holes(self, event: bytes) -> list[Hole]:
        holes = [
            Hole(*found.span(kind), kind)
            for found in self._shape.holes.finditer(event)
            if (kind := found.lastgroup)
        ]
        sides = [hole for hole in holes if hole.kind != "text"]
        values = [event[hole.start : hole.end] for hole in sides]
        if len(values) != len(self._before):
            self._changing.clear()
        else:
            self._changing.update(
                at
                for at, (old, new) in enumerate(zip(self._before, values, strict=True))
                if old != new
            )
        self._before = values
        changing = {sides[at].start for at in self._changing}
        # An event with a text where there was none may be the first that says anything.
        return [
            hole
            for hole in holes
            if (hole.start < hole.end if hole.kind == "text" else hole.start in changing)
        ]


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
