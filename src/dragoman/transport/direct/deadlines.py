"""Which limit of a running exchange comes first, and what is said when it has passed. Pure."""

import math

import msgspec

from dragoman.errors import TimeoutError
from dragoman.transport.base import Limits

__all__ = ["Progress", "next_deadline", "shortest_s", "timeout_error", "waiting_deadline"]


class Progress(msgspec.Struct, frozen=True):
    """How far an exchange is: seconds of the loop's clock, and whether a body has begun.

    `heard_at` is None while nobody reads, which is no silence of the other side.
    """

    started_at: float
    heard_at: float | None
    begun: bool


def next_deadline(limits: Limits, progress: Progress) -> tuple[float, str]:
    """When the next limit passes, and its name; infinity without limits."""
    at, name = math.inf, ""
    if limits.total_s is not None:
        at, name = progress.started_at + limits.total_s, "total"
    if limits.first_token_s is not None and not progress.begun:
        first_at = progress.started_at + limits.first_token_s
        if first_at < at:
            at, name = first_at, "first byte"
    if limits.idle_s is not None and progress.heard_at is not None:
        idle_at = progress.heard_at + limits.idle_s
        if idle_at < at:
            at, name = idle_at, "silence"
    return at, name


def shortest_s(limits: Limits) -> float:
    """No limit of a running exchange passes sooner; infinity without limits."""
    found = (limits.idle_s, limits.first_token_s, limits.total_s)
    return min((limit for limit in found if limit is not None), default=math.inf)


def waiting_deadline(limits: Limits, started_at: float) -> tuple[float, str]:
    """The same for an exchange that has no connection yet."""
    at, name = next_deadline(limits, Progress(started_at, None, False))
    if limits.connect_s is not None and started_at + limits.connect_s <= at:
        return started_at + limits.connect_s, "connect"
    return at, name


def timeout_error(limits: Limits, name: str) -> TimeoutError:
    """What a passed limit means."""
    match name:
        case "connect":
            return TimeoutError(f"no connection within {limits.connect_s:g} s (connect limit)")
        case "first byte":
            return TimeoutError(f"no answer within {limits.first_token_s:g} s (first byte limit)")
        case "silence":
            return TimeoutError(f"silence for {limits.idle_s:g} s (silence limit)")
        case _:
            return TimeoutError(f"no whole answer within {limits.total_s:g} s (total limit)")
