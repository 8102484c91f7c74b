"""The last day of providers and models, for small plots: points of five minutes. Pure.

Only spans in which something was asked are points; times are means, in milliseconds.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping

from dragoman.store.rows import HealthRow

__all__ = ["DAY_MINUTES", "POINT_MINUTES", "of_models", "of_providers"]

DAY_MINUTES = 24 * 60
POINT_MINUTES = 5

_Point = dict[str, object]
_BADNESS = ("closed", "probe", "open")


def of_models(rows: Iterable[HealthRow]) -> Mapping[tuple[str, str], list[_Point]]:
    """The points of each provider and model, from rows in order of time."""
    points: dict[tuple[str, str], list[_Point]] = defaultdict(list)
    for row in rows:
        points[row.provider, row.model].append(_point([row]))
    return points


def of_providers(rows: Iterable[HealthRow]) -> Mapping[str, list[_Point]]:
    """The points of each provider, of all its models together."""
    spans: dict[tuple[str, int], list[HealthRow]] = defaultdict(list)
    for row in rows:
        spans[row.provider, row.minute].append(row)
    points: dict[str, list[_Point]] = defaultdict(list)
    for (provider, _), together in spans.items():
        points[provider].append(_point(together))
    return points


def _point(rows: list[HealthRow]) -> _Point:
    firsts, wholes = sum(row.first_tokens for row in rows), sum(row.wholes for row in rows)
    return {
        "t": rows[0].minute * 60,
        "requests": sum(row.requests for row in rows),
        "failures": sum(row.failures for row in rows),
        "first_token_ms": _mean_ms(sum(row.first_tokens_s for row in rows), firsts),
        "latency_ms": _mean_ms(sum(row.wholes_s for row in rows), wholes),
        "state": max((row.state for row in rows), key=_BADNESS.index),
    }


def _mean_ms(total_s: float, count: int) -> float | None:
    return round(total_s / count * 1000, 1) if count else None
