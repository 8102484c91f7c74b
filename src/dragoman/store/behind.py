"""What is noted on a request's path and written behind it, in batches: bounded, and never in vain.

A note costs an append. Half a second later, or when there are 2,500, they are written in one
transaction; whoever is killed loses at most what was noted since. While the rows cannot be written
they wait, up to a bound; those beyond it are counted, and it is said.
"""

import asyncio
import contextlib
import time
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from itertools import islice
from typing import Generic, TypeVar

from dragoman.store.faults import StoreError

__all__ = ["BATCH_ROWS", "FLUSH_S", "MOST_ROWS", "WAIT_S", "Behind"]

WAIT_S = 0.5
BATCH_ROWS = 2500
"""So many rows are written at once: a transaction costs as much as a hundred of them."""
MOST_ROWS = 10_000
"""So many rows wait at most."""
FLUSH_S = 6.0
"""For so long the end waits: longer than a write waits for another process."""
_MOST_PAUSE_S = 10.0
# So many notes become rows at once: nobody who waits for an answer notices.
_MADE_AT_ONCE = 250

N = TypeVar("N")
R = TypeVar("R")


class Behind(Generic[N, R]):
    """Notes on their way to `write`. Belongs to one event loop.

    `make` gives a note's row, from the note, the time, and what `perf_counter` was then; None is
    no row. `write` raises `StoreError` if it wrote nothing; `say` tells whoever runs the program.
    """

    def __init__(
        self,
        make: Callable[[N, float, float], R | None],
        write: Callable[[Sequence[R]], Awaitable[None]],
        *,
        say: Callable[[str], object],
    ) -> None:
        self._make = make
        self._write = write
        self._say = say
        self._noted: list[tuple[N, float, float]] = []
        self._rows: deque[R] = deque()
        self._lost = 0
        self._timer: asyncio.Handle | None = None
        self._writing: asyncio.Task[None] | None = None
        self._closing = asyncio.Event()

    def note(self, thing: N) -> None:
        """Note it; nothing is written now. After `close` it is too late."""
        noted = self._noted
        noted.append((thing, time.time(), time.perf_counter()))
        if self._timer is None:
            self._wait()
        elif len(noted) == _MADE_AT_ONCE:
            asyncio.get_running_loop().call_soon(self._keep_up)

    async def close(self) -> None:
        """Write what waits; what cannot be written within `FLUSH_S` is lost, and it is said."""
        self._closing.set()
        self._turn()
        if self._writing is not None:
            await asyncio.wait({self._writing}, timeout=FLUSH_S)
            self._writing.cancel()
        self._tell_lost(len(self._rows))

    def _wait(self) -> None:
        self._timer = asyncio.get_running_loop().call_later(WAIT_S, self._turn)

    def _keep_up(self) -> None:
        """Make rows of what came meanwhile; a whole batch of them does not wait."""
        self._make_rows()
        if len(self._rows) >= BATCH_ROWS:
            self._turn()

    def _turn(self) -> None:
        """Write what there is."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._make_rows()
        if self._rows and (self._writing is None or self._writing.done()):
            self._writing = asyncio.get_running_loop().create_task(self._write_all())

    def _make_rows(self) -> None:
        noted, self._noted = self._noted, []
        for one in noted:
            row = self._make(*one)
            if row is None:
                continue
            if len(self._rows) < MOST_ROWS:
                self._rows.append(row)
            else:
                self._lost += 1

    async def _write_all(self) -> None:
        pause_s = WAIT_S
        while self._rows:
            batch = list(islice(self._rows, BATCH_ROWS))
            is_last = self._closing.is_set()
            try:
                await self._write(batch)
            except StoreError as error:
                if pause_s == WAIT_S:
                    self._say(f"usage cannot be written, and waits: {error}")
                if is_last:
                    return
                pause_s = await self._pause(pause_s)
                continue
            for _ in batch:
                self._rows.popleft()
            if pause_s > WAIT_S:
                self._say("usage is written again")
                pause_s = WAIT_S
            self._tell_lost()
            if 0 < len(self._rows) < BATCH_ROWS and not self._closing.is_set():
                # They came meanwhile, and wait for more.
                if self._timer is None:
                    self._wait()
                return

    async def _pause(self, pause_s: float) -> float:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._closing.wait(), pause_s)
        return min(pause_s * 2, _MOST_PAUSE_S)

    def _tell_lost(self, more: int = 0) -> None:
        lost, self._lost = self._lost + more, 0
        if lost:
            self._say(f"usage of {lost} requests is lost")
