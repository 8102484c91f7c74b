"""An answer that another worker runs, followed through the store for those who read it here."""

import asyncio
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

import msgspec

from dragoman.page.live import Live
from dragoman.store.faults import StoreError, UnknownError
from dragoman.store.rows import Turn
from dragoman.store.running import News

if TYPE_CHECKING:
    from dragoman.store.store import Store

__all__ = ["DEAD_S", "LOOK_S", "Follow"]

LOOK_S = 0.25
DEAD_S = 15.0
"""Whoever runs an answer and kept nothing for so long is gone."""


class Follow:
    """Looks at the store for as long as somebody reads."""

    def __init__(self, store: "Store", turn: Turn) -> None:
        self.live = Live(msgspec.structs.replace(turn, content=[]))
        self._store = store
        self._last = 0
        self._closing = asyncio.Event()
        self.task: asyncio.Task[None] | None = None

    def begin(self, over: Callable[[], object]) -> None:
        """Look at it from now on, until `over`; somebody reads it already."""
        self.task = asyncio.create_task(self._run(over))

    def close(self) -> None:
        """Look no more."""
        self._closing.set()

    async def _run(self, over: Callable[[], object]) -> None:
        try:
            ended = await self._to_the_end()
        finally:
            # Before anything else happens: who comes now must not wait for this one.
            over()
        if ended is not None:
            await self.live.end(ended)

    async def _to_the_end(self) -> Turn | None:
        """The turn that it became; None if nobody wants to know any more."""
        while self.live.is_read and not self._closing.is_set():
            ended = await self._look()
            if ended is not None:
                return ended
            try:
                async with asyncio.timeout(LOOK_S):
                    await self._closing.wait()
            except TimeoutError:
                continue
        # The reader comes again, and to another worker.
        return self.live.turn if self.live.is_read else None

    async def _look(self) -> Turn | None:
        """What came; the turn if it has ended."""
        running = self._store.running
        try:
            news: News = await running.news(self.live.turn.id, self._last)
            if news.turn.state == "running" and news.turn.updated < time.time() - DEAD_S:
                await running.mend([news.turn.id], time.time() - DEAD_S)
                news = await running.news(self.live.turn.id, self._last)
        except UnknownError:
            return msgspec.structs.replace(
                self.live.turn, state="stopped", content=self.live.parts.content()
            )
        except StoreError:
            # It is tried again, as long as somebody wants to know.
            return None
        if news.turn.state != "running":
            return news.turn
        self._last = news.last
        self.live.add(news.pieces)
        return None
