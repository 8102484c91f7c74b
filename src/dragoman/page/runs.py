"""The answers that run in this process: begun, found, stopped, kept as they come, ended with it.

What came is written four times a second, that of all answers together; then it is looked which of
them somebody wants to end, at another worker's door. Who is killed loses what came since.
"""

import asyncio
import contextlib
import time
from collections.abc import Iterable
from functools import partial
from typing import TYPE_CHECKING

import msgspec

from dragoman.errors import ChatError, ResponseStatusError
from dragoman.gateway.state import Gateway, Held
from dragoman.page.follow import DEAD_S, Follow
from dragoman.page.live import Live
from dragoman.page.order import Order
from dragoman.page.run import Run, Why
from dragoman.page.told import Rendered, told_error
from dragoman.store.faults import StoreError, UnknownError
from dragoman.store.rows import Turn
from dragoman.store.running import Ending

if TYPE_CHECKING:
    from dragoman.store.store import Store

__all__ = ["Runs"]

SAVE_S = 0.25
ALIVE_S = 4.0
"""So often it is kept of an answer that says nothing that it runs."""
KEEP_TRIES_S = 30.0
"""For so long the end of an answer is tried to be written."""
END_S = 3.0
"""For so long the end of answers is waited for, from when they are told."""


class Runs:
    """The answers of one gateway's page."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway
        self._runs: dict[str, Run] = {}
        self._follows: dict[str, Follow] = {}
        self._keeping: asyncio.Task[None] | None = None
        self._wake = asyncio.Event()
        self._is_closing = False
        self.rendered = Rendered()
        """What answers that have ended look like."""

    def check_open(self) -> None:
        """Raise `ResponseStatusError` with the status 503 when the gateway ends."""
        if self._is_closing:
            raise ResponseStatusError("the gateway is being stopped", status=503)

    def begin(self, held: Held, orders: Iterable[Order]) -> None:
        """Ask, each for itself."""
        for order in orders:
            run = Run(self._gateway, held, order, self._finish)
            self._runs[order.turn.id] = run
            run.task.add_done_callback(partial(self._remember, run.live))
        if self._keeping is None or self._keeping.done():
            self._keeping = asyncio.create_task(self._keep())

    async def mended(self, turns: Iterable[Turn]) -> bool:
        """End those of some turns whose writer is gone; whether there were any."""
        before = time.time() - DEAD_S
        late = [
            turn.id
            for turn in turns
            if turn.state == "running" and turn.updated < before and turn.id not in self._runs
        ]
        if not late:
            return False
        return await (await self._store()).running.mend(late, before) > 0

    async def live(self, turn: Turn) -> Live:
        """A turn that runs, here or elsewhere."""
        run = self._runs.get(turn.id)
        if run is not None:
            return run.live
        follow = self._follows.get(turn.id)
        if follow is None:
            store = await self._store()
            follow = self._follows.setdefault(turn.id, Follow(store, turn))
        return follow.live

    def followed(self, turn: str) -> None:
        """Somebody reads a turn; if it runs elsewhere it is followed from now on."""
        follow = self._follows.get(turn)
        if follow is not None and follow.task is None:
            follow.begin(lambda: self._follows.pop(turn, None))

    async def stop(self, turn: Turn, why: Why = "stopped") -> bool:
        """End an answer now; whether it runs here. Returns when that is on the disk."""
        run = self._runs.get(turn.id)
        if run is None:
            return False
        run.stop(why)
        await asyncio.wait({run.task}, timeout=END_S)
        return True

    async def stop_conversation(self, conversation: str) -> None:
        """End all answers of one that is to be deleted."""
        here = [run.turn for run in self._runs.values() if run.turn.conversation == conversation]
        await asyncio.gather(*(self.stop(turn, "deleted") for turn in here))

    async def close(self, deadline_s: float) -> None:
        """Let those that run go on for so long, then end them."""
        self._is_closing = True
        tasks = {run.task for run in self._runs.values()}
        try:
            if tasks:
                await asyncio.wait(tasks, timeout=deadline_s)
        finally:
            for run in self._runs.values():
                run.stop("closed")
            for follow in self._follows.values():
                follow.close()
            tasks |= {follow.task for follow in self._follows.values() if follow.task}
            self._wake.set()
            if self._keeping is not None:
                tasks.add(self._keeping)
            if tasks:
                await asyncio.wait(tasks, timeout=END_S)
            for task in tasks:
                task.cancel()

    async def _store(self) -> "Store":
        store = await self._gateway.store()
        if store is None:
            raise StoreError("this gateway keeps nothing")
        return store

    async def _keep(self) -> None:
        """Write what comes, and look who is to stop, while anything runs."""
        while self._runs:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(SAVE_S):
                    await self._wake.wait()
            # What is not written now waits, and is written with its answer's end at last.
            with contextlib.suppress(StoreError):
                store = await self._store()
                await self._save(store)
                await self._look(store)
            if self._wake.is_set():
                return

    async def _save(self, store: "Store") -> None:
        now = time.monotonic()
        new = {
            turn: run.take_unsaved()
            for turn, run in self._runs.items()
            if run.unsaved or now - run.saved_at > ALIVE_S
        }
        if not new:
            return
        runs = {turn: self._runs[turn] for turn in new}
        await store.running.append(new)
        for turn, run in runs.items():
            run.saved(len(new[turn]))

    async def _look(self, store: "Store") -> None:
        here = dict(self._runs)
        going = await store.running.going(list(here))
        for turn, run in here.items():
            if turn not in going:
                run.stop("stopped")

    async def _finish(self, run: Run, ending: Ending) -> Turn:
        """Write the end of an answer; from then on it is the store's."""
        try:
            turn = await self._ended(run, ending)
        finally:
            del self._runs[run.turn.id]
            if not self._runs:
                self._wake.set()
        return turn

    def _remember(self, live: Live, _: object) -> None:
        """What its readers saw is what others will see."""
        if live.ended is not None and live.html is not None:
            self.rendered.keep(live.ended, live.html)

    async def _ended(self, run: Run, ending: Ending) -> Turn:
        until = time.monotonic() + KEEP_TRIES_S
        pause_s = SAVE_S
        while True:
            try:
                running = (await self._store()).running
                with contextlib.suppress(UnknownError):
                    return await running.finish(run.turn.id, ending)
                # Believed dead meanwhile, or deleted: what is there is what holds.
                with contextlib.suppress(UnknownError):
                    return (await running.news(run.turn.id, 0)).turn
                content = ending.content or []
                return msgspec.structs.replace(run.turn, state="stopped", content=content)
            except ChatError as error:
                if self._is_closing or time.monotonic() > until:
                    return _lost(run.turn, ending, error)
            await asyncio.sleep(pause_s)
            pause_s = min(pause_s * 2, 4.0)


def _lost(turn: Turn, ending: Ending, error: ChatError) -> Turn:
    """The turn of an answer that could not be kept, which must not look as if it were."""
    words = f"the answer could not be kept: {error}"
    story = ending.story | {"error": told_error(error) | {"message": words}}
    return msgspec.structs.replace(
        turn,
        state="broken",
        content=ending.content or [],
        provider=ending.provider,
        usage=ending.usage,
        cost=ending.cost,
        error=words,
        story=story,
    )
