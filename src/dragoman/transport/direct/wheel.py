"""Deadlines by the thousand: what is due is found without looking at what is not.

Pure: the clock is given. A deadline falls on a tick, 1/64 of a second, and is never early: 64 is a
power of two, so that no rounding moves it. Setting and dropping cost the same for any number.
"""

import heapq
import math
from typing import Generic, TypeVar

__all__ = ["TICKS_PER_S", "Wheel"]

TICKS_PER_S = 64

T = TypeVar("T")


class Wheel(Generic[T]):
    """Hashable items and when each is due, in seconds of one clock; an item has one deadline."""

    __slots__ = ("_order", "_tick_of", "_ticks")

    def __init__(self) -> None:
        self._tick_of: dict[T, int] = {}
        # Dictionaries keep their order: what is due at one tick is due in the order it was set.
        self._ticks: dict[int, dict[T, None]] = {}
        # Each key of _ticks once.
        self._order: list[int] = []

    def __len__(self) -> int:
        return len(self._tick_of)

    def set(self, item: T, at: float) -> None:
        """Let an item be due at `at`, finite, and no more at another time."""
        tick = math.ceil(at * TICKS_PER_S)
        self.drop(item)
        self._tick_of[item] = tick
        items = self._ticks.get(tick)
        if items is None:
            items = self._ticks[tick] = {}
            heapq.heappush(self._order, tick)
        items[item] = None

    def drop(self, item: T) -> None:
        """Forget an item; one that is not there is forgotten already."""
        tick = self._tick_of.pop(item, None)
        if tick is not None:
            del self._ticks[tick][item]

    def next_at(self) -> float | None:
        """When the next item is due; None if there is none."""
        while self._order:
            tick = self._order[0]
            if self._ticks[tick]:
                return tick / TICKS_PER_S
            # Left empty by `drop`.
            self._forget_first()
        return None

    def due(self, now: float) -> list[T]:
        """The items that are due, earliest first; they are forgotten."""
        last = math.floor(now * TICKS_PER_S)
        items: list[T] = []
        while self._order and self._order[0] <= last:
            items += self._ticks[self._order[0]]
            self._forget_first()
        for item in items:
            del self._tick_of[item]
        return items

    def _forget_first(self) -> None:
        del self._ticks[heapq.heappop(self._order)]
