"""Hedging: a second answer is begun where the first is late, and the quicker one is taken."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

__all__ = ["race"]

T = TypeVar("T")


async def race(
    first: Awaitable[T],
    second: Callable[[], Awaitable[T] | None],
    delay_s: float,
    discard: Callable[[T], Awaitable[None]],
    *,
    is_final: Callable[[BaseException], bool] = lambda error: False,
) -> T:
    """What comes first: `first`, or what `second` begins after `delay_s` if it has not come.

    If both fail the error of `first` is raised; an error that is final ends the race, whoever's it
    is. The loser is cancelled, and if it was done at the same moment it is discarded, before this
    returns.
    """
    running = [asyncio.ensure_future(first)]
    winner: asyncio.Future[T] | None = None
    try:
        done, _ = await asyncio.wait(running, timeout=delay_s)
        if not done and (rival := second()) is not None:
            running.append(asyncio.ensure_future(rival))
        while (winner := _winner(running, is_final)) is None and not all(map(_is_done, running)):
            left = [one for one in running if not one.done()]
            await asyncio.wait(left, return_when=asyncio.FIRST_COMPLETED)
        return running[0].result() if winner is None else winner.result()
    finally:
        losers = [one for one in running if one is not winner]
        for loser in losers:
            loser.cancel()
        for lost in await asyncio.gather(*losers, return_exceptions=True):
            if not isinstance(lost, BaseException):
                await discard(lost)


def _winner(
    running: Sequence[asyncio.Future[T]], is_final: Callable[[BaseException], bool]
) -> asyncio.Future[T] | None:
    for one in running:
        if one.done() and not one.cancelled():
            error = one.exception()
            if error is None or is_final(error):
                return one
    return None


def _is_done(one: asyncio.Future[T]) -> bool:
    return one.done()
