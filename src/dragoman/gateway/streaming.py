"""A streamed answer on its way to the caller: its beginning, its silences, its end.

The status waits for the first word, so that an error before it can still be a status; whoever is
silent for too long is given a sign of life in the face's own form, and then the status goes out.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable

from dragoman.dialects.dialect import StreamEncoder
from dragoman.errors import ChatError
from dragoman.events import Event, Started
from dragoman.gateway.visit import Visit

__all__ = ["Streaming"]


class Streaming:
    """A streamed answer: its status waits for the first word, and silence for a sign of life."""

    def __init__(self, visit: Visit, encoder: StreamEncoder, ping_s: float) -> None:
        self._visit = visit
        self._encoder = encoder
        self._ping_s = ping_s
        self._waiting: list[bytes] = []
        self._timer: asyncio.TimerHandle | None = None
        self._pinging: asyncio.Task[None] | None = None
        self._headers: Callable[[], list[tuple[str, str]]] = list

    async def run(
        self,
        batches: AsyncGenerator[list[Event], None],
        headers: Callable[[], list[tuple[str, str]]],
    ) -> None:
        """Send the answer; an error before its first word is raised, a later one is said in it."""
        self._headers = headers
        self._watch()
        try:
            async for batch in batches:
                data = self._encoder.feed(batch)
                await self._quiet()
                if self._visit.started:
                    if data:
                        await self._visit.write(data)
                elif all(type(event) is Started for event in batch):
                    self._waiting.append(data)
                else:
                    await self._begin(data)
                self._watch()
            await self._quiet()
            await self._visit.write(b"", more=False)
        except ChatError as error:
            await self._quiet()
            if not self._visit.started:
                raise
            await self._visit.write(self._encoder.fail(error))
            raise
        finally:
            await self._quiet()

    async def _begin(self, data: bytes) -> None:
        await self._visit.start(200, self._headers())
        waiting = b"".join([*self._waiting, data])
        self._waiting.clear()
        if waiting:
            await self._visit.write(waiting)

    def _watch(self) -> None:
        self._timer = asyncio.get_running_loop().call_later(self._ping_s, self._ping)

    def _ping(self) -> None:
        self._pinging = asyncio.ensure_future(self._send_ping())

    async def _send_ping(self) -> None:
        if not self._visit.started:
            await self._begin(b"")
        if sign := self._encoder.ping():
            await self._visit.write(sign)
        self._watch()

    async def _quiet(self) -> None:
        """No sign of life from now on; one that is being sent is waited for."""
        self._stop_timer()
        pinging, self._pinging = self._pinging, None
        if pinging is not None:
            await asyncio.wait({pinging})
            # It has set the next one.
            self._stop_timer()

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
