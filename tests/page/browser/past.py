"""A day that has been: what a store would have if a gateway had been asked all day long.

Nothing here is by chance, so pictures of it are the same each time.
"""

import math
import time
from pathlib import Path

from dragoman.store.loading import opened_store
from dragoman.store.rows import HealthRow, UsageRow

__all__ = ["MODELS", "live_a_day", "live_a_week"]

_DAY_MINUTES = 24 * 60
_STEP_MINUTES = 10

MODELS = {
    ("openai", "gpt-4o-mini"): (6, 0.35, 0.000_4),
    ("openai", "gpt-4o"): (2, 0.6, 0.006),
    ("anthropic", "claude-sonnet-4-5"): (3, 0.9, 0.009),
}
"""Requests in a step, seconds to the first token, US dollars for each, by provider and model."""


async def live_a_day(path: Path, *, failing: str = "") -> None:
    """Twenty-four hours of health up to now; `failing` had trouble some hours ago."""
    now = int(time.time() // 60)
    rows = [
        _health(minute, provider, model, failing=failing, now=now)
        for minute in range(now - _DAY_MINUTES + _STEP_MINUTES, now, _STEP_MINUTES)
        for provider, model in MODELS
    ]
    async with opened_store(path) as store:
        await store.health.add(rows)


async def live_a_week(path: Path) -> None:
    """Seven days of usage up to now."""
    now = time.time()
    rows = [
        _usage(now - hours * 3600, provider, model, number)
        for hours in range(1, 7 * 24)
        for provider, model in MODELS
        for number in range(_busy(hours, MODELS[provider, model][0]))
    ]
    async with opened_store(path) as store:
        await store.usage.add(rows)


def _busy(at: float, most: int) -> int:
    """More by day than by night."""
    return round(most * (0.55 + 0.45 * math.sin(at / 3.8)))


def _health(minute: int, provider: str, model: str, *, failing: str, now: int) -> HealthRow:
    each, first_s, _ = MODELS[provider, model]
    count = _busy(minute / 60, each) + 1
    ago = now - minute
    failures = count if provider == failing and 200 < ago < 260 else 0
    first_s *= 1.2 + math.sin(minute / 90) / 3
    return HealthRow(
        minute=minute,
        provider=provider,
        model=model,
        state="open" if failures else "closed",
        requests=count,
        failures=failures,
        first_tokens=count - failures,
        first_tokens_s=(count - failures) * first_s,
        wholes=count - failures,
        wholes_s=(count - failures) * first_s * 5,
    )


def _usage(at: float, provider: str, model: str, number: int) -> UsageRow:
    _, first_s, cost = MODELS[provider, model]
    failed = number == 0 and int(at // 3600) % 19 == 0
    return UsageRow(
        time=at,
        day=int(at // 86400),
        key="shop" if number % 3 else "lab",
        face="page" if number % 2 else "chat",
        provider=provider,
        model=model,
        status=502 if failed else 200,
        error="ResponseStatusError" if failed else "",
        attempts=1,
        rescued="replay" if number == 1 and int(at // 3600) % 23 == 0 else "",
        stream=True,
        input_tokens=None if failed else 900 + 40 * number,
        output_tokens=None if failed else 350 + 25 * number,
        cached_tokens=None if failed else 200,
        reasoning_tokens=None,
        cost=None if failed else cost * (1 + number / 10),
        first_token_s=None if failed else first_s,
        duration_s=first_s * 5,
    )
