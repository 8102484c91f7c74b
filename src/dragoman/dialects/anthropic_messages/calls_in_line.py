"""Tool calls one after another, where a service makes several at once.

Blocks of this wire do not overlap. A call is streamed while it is the only one that goes on; the
next begins when the arguments of the one before are a whole JSON object, or when the answer goes
on with something else. What comes for a call whose turn it is not waits.
"""

from dragoman.dialects.arguments import is_object
from dragoman.events import ToolCallStarted

__all__ = ["CallsInLine", "Said"]

Said = list[tuple[ToolCallStarted | None, str]]
"""Calls that start, and more arguments of them; None goes on with the open one."""


class CallsInLine:
    """The calls of one answer by the index of their events."""

    __slots__ = ("_open", "_said", "_waiting")

    def __init__(self) -> None:
        self._open: int | None = None
        self._said: list[str] = []
        self._waiting: dict[int, tuple[ToolCallStarted, list[str]]] = {}

    def start(self, call: ToolCallStarted) -> Said:
        """What may be said when a call begins."""
        self._waiting[call.index] = (call, [])
        return self._go_on()

    def more(self, index: int, arguments: str) -> Said:
        """What may be said when more arguments of a call come."""
        if index != self._open:
            if index in self._waiting:
                self._waiting[index][1].append(arguments)
            return []
        self._said.append(arguments)
        return [(None, arguments), *(self._go_on() if self._waiting else ())]

    def end(self) -> Said:
        """The calls that still wait, whole: the answer goes on with something else."""
        waiting: Said = [(call, "".join(texts)) for call, texts in self._waiting.values()]
        self._waiting.clear()
        self._said.clear()
        self._open = None
        return waiting

    def _go_on(self) -> Said:
        told: Said = []
        while self._waiting and (self._open is None or is_object("".join(self._said))):
            index = next(iter(self._waiting))
            call, self._said = self._waiting.pop(index)
            self._open = index
            told.append((call, "".join(self._said)))
        return told
