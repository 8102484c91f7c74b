"""The row of usage that is kept of a request that is over."""

from functools import lru_cache

from dragoman.errors import excerpt
from dragoman.events import Usage
from dragoman.gateway.record import Record
from dragoman.gateway_keys import GatewayKeyError
from dragoman.store.rows import UsageRow

__all__ = ["usage_row"]

_DAY_S = 86400
# What a provider says is not always so: beyond this it is not believed, and no sum overflows.
_MOST_TOKENS = 10**12
_RESCUES = ("replay", "continue")
_NONE = Usage()
# Who did not come in used nothing, and must not fill the disk.
_OUTSIDE = GatewayKeyError.__name__


def usage_row(record: Record, now: float, clock: float) -> UsageRow | None:
    """The row of a request that was over at `now` (Unix time), when `perf_counter` was `clock`.

    None for one that the gateway did not let in.
    """
    if record.error == _OUTSIDE:
        return None
    usage = record.usage or _NONE
    first_at = record.first_token_at
    return UsageRow(
        time=now,
        day=int(now // _DAY_S),
        key=record.key_name,
        face=record.face,
        provider=record.provider,
        model=_model(record.model),
        status=record.status,
        error=record.error,
        attempts=record.attempts,
        rescued=_rescued(record),
        stream=record.stream,
        input_tokens=_count(usage.input_tokens),
        output_tokens=_count(usage.output_tokens),
        cached_tokens=_count(usage.cached_tokens),
        reasoning_tokens=_count(usage.reasoning_tokens),
        cost=_cost(record.cost),
        first_token_s=None if first_at is None else first_at - record.started_at,
        duration_s=clock - record.started_at,
    )


def _count(tokens: int | None) -> int | None:
    return tokens if tokens is not None and 0 <= tokens <= _MOST_TOKENS else None


def _cost(dollars: float | None) -> float | None:
    return dollars if dollars is not None and 0 <= dollars <= _MOST_TOKENS else None


@lru_cache(1024)
def _model(name: str) -> str:
    # A caller may write anything there, a key by mistake or what moves a terminal's cursor.
    return excerpt(name)


def _rescued(record: Record) -> str:
    """How it was rescued last, if that helped."""
    if record.error or len(record.tries) < 2:
        return ""
    kinds = [attempt.kind for attempt in record.tries if attempt.kind in _RESCUES]
    return kinds[-1] if kinds else ""
