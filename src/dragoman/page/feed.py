"""The events of one answer, for one reader, while it comes.

Source: WHATWG HTML, section 9.2 "Server-sent events", read 2026-11-21.
"""

import asyncio

from dragoman.gateway.visit import Visit
from dragoman.page.finding import found
from dragoman.page.live import state_frame
from dragoman.page.reader import Reader
from dragoman.page.speaking import Ask

__all__ = ["events"]

ALIVE_S = 10.0
_SLICE_BYTES = 64 * 1024
_ALIVE = b": alive\n\n"


async def events(ask: Ask, turn: str) -> None:
    """`GET /page/api/turns/ID/events`: a snapshot, what comes, and the whole at the end."""
    mine = (await ask.store()).conversations(ask.caller.name)
    runs = ask.page.runs
    with found("turn"):
        kept = await mine.turn(turn)
        if await runs.mended([kept]):
            kept = await mine.turn(turn)
    headers = ask.headers(
        ("content-type", "text/event-stream; charset=utf-8"), ("x-accel-buffering", "no")
    )
    if kept.state != "running":
        (told,) = await runs.rendered.told([kept])
        await ask.visit.start(200, headers)
        await _write(ask.visit, await asyncio.to_thread(state_frame, 1, told))
        await ask.visit.write(b"", more=False)
        return
    live = await runs.live(kept)
    reader = live.join()
    runs.followed(turn)
    try:
        await ask.visit.start(200, headers)
        await ask.visit.while_there(_pump(ask.visit, reader))
    finally:
        live.leave(reader)


async def _pump(visit: Visit, reader: Reader) -> None:
    while True:
        try:
            async with asyncio.timeout(ALIVE_S):
                said = await reader.next()
        except TimeoutError:
            said = [_ALIVE]
        if not said:
            await visit.write(b"", more=False)
            return
        for frame in said:
            await _write(visit, frame)


async def _write(visit: Visit, frame: bytes) -> None:
    """Send a frame; of a large one only as much waits in memory again as has room on the way."""
    for at in range(0, len(frame), _SLICE_BYTES):
        await visit.write(frame[at : at + _SLICE_BYTES])
