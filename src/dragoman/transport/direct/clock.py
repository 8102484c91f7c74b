"""The one timer that a loop keeps for all deadlines of its direct connections."""

import asyncio
import math
from typing import Protocol

from dragoman.transport.direct.wheel import Wheel

__all__ = ["Clock", "Timed"]


class Timed(Protocol):
    """Who has a deadline."""

    def on_deadline(self, now: float) -> None:
        """The deadline has come and is forgotten; it may be set again."""
        ...


class Clock:
    """Deadlines in the time of one event loop.

    Without deadlines there is no timer; one that was set for a dropped deadline still wakes the
    loop once.
    """

    __slots__ = ("_handle", "_loop", "_wakes_at", "_wheel")

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._wheel: Wheel[Timed] = Wheel()
        self._handle: asyncio.TimerHandle | None = None
        self._wakes_at = math.inf

    def set(self, item: Timed, at: float) -> None:
        """Call `item.on_deadline` at `at`, and at no other time; infinity is never."""
        if at == math.inf:
            self._wheel.drop(item)
            return
        self._wheel.set(item, at)
        if at < self._wakes_at:
            self._wake_next()

    def drop(self, item: Timed) -> None:
        """Forget an item's deadline, if it has one."""
        self._wheel.drop(item)

    def close(self) -> None:
        """Forget every deadline."""
        self._wheel = Wheel()
        self._wake_next()

    def _wake_next(self) -> None:
        if self._handle is not None:
            self._handle.cancel()
            self._handle = None
        self._wakes_at = math.inf
        at = self._wheel.next_at()
        if at is not None:
            self._wakes_at = at
            self._handle = self._loop.call_at(at, self._wake)

    def _wake(self) -> None:
        self._handle, self._wakes_at = None, math.inf
        now = self._loop.time()
        for item in self._wheel.due(now):
            try:
                item.on_deadline(now)
            except Exception as exc:
                # One receiver's fault must not take the others' deadlines.
                message = "a receiver failed at a deadline"
                self._loop.call_exception_handler({"message": message, "exception": exc})
        self._wake_next()
