"""Going on with an answer that broke off, by having it said again.

`Replay` reads another answer to the same request and swallows it while it equals what was said.
Before all of that was repeated nothing is handed out, so that what a reader has is always the
beginning of one answer and never text of two.
Pure: no I/O, no clock. Deltas may be cut anywhere, on both sides.
"""

from typing import NoReturn, assert_never

from dragoman.errors import ResponseError
from dragoman.events import (
    Event,
    Finished,
    LogprobsReported,
    NativeReported,
    OtherChoice,
    ReasoningDelta,
    ReasoningSigned,
    RefusalDelta,
    Started,
    TextDelta,
    ToolCallDelta,
    ToolCallStarted,
    UsageReported,
)
from dragoman.routing.said import Said

__all__ = ["Parted", "Replay"]

_TEXTS = frozenset({TextDelta, ReasoningDelta, RefusalDelta})

_Delta = TextDelta | ReasoningDelta | RefusalDelta


class Parted(ResponseError):
    """Another answer to the same request is not the one that was begun."""

    retryable = False


class Replay:
    """Swallows the beginning of another answer while it equals what was said.

    Texts, reasoning, names and arguments of tool calls must be equal. The ids of the calls and the
    proofs of reasoning that can be seen are not compared, for they are new each time: those that
    were handed out are kept. Make one for each new answer, which comes to `feed` from its
    `Started`; `started` is that event, which is never handed out.
    """

    __slots__ = (
        "_at",
        "_calls",
        "_done",
        "_held",
        "_last_other",
        "_missing",
        "_pieces",
        "_usage",
        "started",
    )

    def __init__(self, said: Said) -> None:
        self.started: Started | None = None
        self._pieces = said.pieces()
        self._done = [0] * len(self._pieces)
        kinds = [piece.kind for piece in self._pieces]
        others = (at for at, kind in enumerate(kinds) if kind is not ToolCallStarted)
        self._last_other = max(others, default=-1)
        self._missing = sum(1 + len(piece.text) for piece in self._pieces)
        self._at = -1
        self._calls: list[int] = []
        self._held: list[Event] = []
        self._usage: UsageReported | None = None

    @property
    def is_complete(self) -> bool:
        """Whether all that was said has been repeated; from then on all is handed out."""
        return not self._missing

    def feed(self, events: list[Event]) -> list[Event]:
        """What goes beyond what was said; `Parted` where the answers part."""
        if not self._missing and self.started is not None:
            return events
        given: list[Event] = []
        for event in events:
            if self._missing:
                self._take(event)
                given += self._released()
            elif isinstance(event, Started):
                self.started = event
            else:
                given.append(event)
        return given

    def _released(self) -> list[Event]:
        """What waited for the last of what was said to be repeated."""
        if self._missing:
            return []
        held, self._held = self._held, []
        return [self._usage, *held] if self._usage is not None else held

    def _take(self, event: Event) -> None:
        match event:
            case Started():
                self.started = event
            case UsageReported():
                self._usage = event
            case TextDelta(text) | ReasoningDelta(text) | RefusalDelta(text):
                if text:
                    self._repeat_text(event, text)
            case ReasoningSigned(signature):
                hidden = self._at < 0 or self._pieces[self._at].kind is not ReasoningDelta
                self._open(event, signature if hidden else "")
            case ToolCallStarted():
                self._open(event, event.name)
            case ToolCallDelta(index, arguments):
                self._repeat_arguments(event, index, arguments)
            case Finished() | LogprobsReported() | NativeReported() | OtherChoice():
                self._part(f"a {type(event).__name__}")
            case _:
                assert_never(event)

    def _repeat_text(self, event: _Delta, text: str) -> None:
        at = self._at
        if at >= 0 and self._pieces[at].kind is type(event):
            beyond = self._repeat(at, text)
        elif self._open(event, ""):
            beyond = self._repeat(self._at, text)
        else:
            return
        if beyond and self._at < len(self._pieces) - 1:
            self._part("more text")
        if beyond:
            self._held.append(type(event)(beyond))

    def _repeat_arguments(self, event: ToolCallDelta, index: int, arguments: str) -> None:
        if index >= len(self._calls):
            self._held.append(event)
            return
        beyond = self._repeat(self._calls[index], arguments)
        # Calls that are said side by side may end in any order; whatever else came after this one
        # tells that it was whole.
        if beyond and self._at < self._last_other:
            self._part("more arguments")
        if beyond:
            self._held.append(ToolCallDelta(index, beyond))

    def _open(self, event: Event, label: str) -> bool:
        """Go on to the next piece; False if there is none, and the event waits."""
        at, kind = self._at, type(event)
        if at >= 0 and self._pieces[at].kind in _TEXTS and self._left(at):
            self._part(f"a {kind.__name__}")
        if at == len(self._pieces) - 1:
            self._held.append(event)
            return False
        piece = self._pieces[at + 1]
        if (piece.kind, piece.label) != (kind, label):
            self._part(f"a {kind.__name__}")
        self._at += 1
        self._missing -= 1
        if kind is ToolCallStarted:
            self._calls.append(self._at)
        return True

    def _repeat(self, at: int, text: str) -> str:
        """Compare with what is left of a piece; what goes beyond it."""
        left = self._left(at)
        same = text[:left]
        if not self._pieces[at].text.startswith(same, self._done[at]):
            self._part("another text")
        self._done[at] += len(same)
        self._missing -= len(same)
        return text[left:]

    def _left(self, at: int) -> int:
        return len(self._pieces[at].text) - self._done[at]

    def _part(self, what: str) -> NoReturn:
        count = sum(self._done)
        raise Parted(
            f"the new answer parts from the one that broke off, {what} after {count} characters"
        )
