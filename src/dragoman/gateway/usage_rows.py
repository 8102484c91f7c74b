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
    input_tokens, output_tokens, cached_tokens, reasoning_tokens = [
        count if count is not None and 0 <= count <= _MOST_TOKENS else None
        for count in (
            usage.input_tokens,
            usage.output_tokens,
            usage.cached_tokens,
            usage.reasoning_tokens,
        )
    ]
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
        rescued=_rescued(record) if record.tries else "",
        stream=record.stream,
        input_tokens=input_tokens,
        output_tokens=output_tokens,
        cached_tokens=cached_tokens,
        reasoning_tokens=reasoning_tokens,
        cost=_cost(record.cost),
        first_token_s=None if first_at is None else first_at - record.started_at,
        duration_s=clock - record.started_at,
    )


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
