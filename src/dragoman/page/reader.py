"""Somebody who reads an answer while it comes: what waits for it, which is never much.

Who is too slow for that loses all that waits, and is given a snapshot in its place as soon as it
wants more. Not told of anything twice, and never of half: a frame is whole events.
"""

import asyncio
from collections import deque

__all__ = ["Reader"]

_MOST_WAITING_BYTES = 256 * 1024


class Reader:
    """Somebody who reads an answer while it comes."""

    def __init__(self) -> None:
        self.wants_all = True
        """Whether it needs a snapshot: at first, and when it was too slow."""
        self.is_over = False
        self._frames: deque[bytes] = deque()
        self._bytes = 0
        self._news = asyncio.Event()

    def offer(self, frame: bytes) -> None:
        """A frame for who has all that came before."""
        if self.wants_all:
            return
        if self._bytes + len(frame) > _MOST_WAITING_BYTES:
            self._forget()
            self.wants_all = True
            return
        self._put(frame)

    def catch_up(self, snapshot: bytes) -> None:
        """A snapshot in place of all that came before; a frame goes on from it."""
        self._forget()
        self.wants_all = False
        self._put(snapshot)

    def end(self, last: bytes) -> None:
        """The last frame, which is a snapshot."""
        if self.wants_all:
            self._forget()
        self.is_over = True
        self._put(last)

    async def next(self) -> list[bytes]:
        """What came since the last time; nothing at the end."""
        while not self._frames and not self.is_over:
            self._news.clear()
            await self._news.wait()
        said = list(self._frames)
        self._forget()
        return said

    @property
    def is_idle(self) -> bool:
        """Whether it has taken everything that it was given."""
        return not self._frames

    def _put(self, frame: bytes) -> None:
        self._frames.append(frame)
        self._bytes += len(frame)
        self._news.set()

    def _forget(self) -> None:
        self._frames.clear()
        self._bytes = 0
