"""Usage as the page plots it: sums by name, and a series of hours or days for each.

Who is no operator is told of its own key only.
"""

import math
import time
from collections.abc import Mapping
from typing import get_args

from dragoman.errors import InputError
from dragoman.page.speaking import Ask
from dragoman.store.rows import By, UsageQuestion

__all__ = ["BUCKETS", "question_of", "read"]

BUCKETS: Mapping[str, int] = {"hour": 3600, "day": 86400}
"""The seconds of each bucket."""

_DAY_S = 86400
_USUAL_S = 30 * _DAY_S
_MOST_HOURS = 31 * 24
# From Baker Island to the Line Islands, in minutes.
_WEST, _EAST = -12 * 60, 14 * 60


async def read(ask: Ask) -> object:
    """`GET /page/api/usage`; see `question_of` for what may be asked."""
    caller = ask.caller
    own = None if caller.is_operator else caller.name
    question = question_of(ask.query, time.time(), key=own)
    report = await (await ask.store()).usage.report(question)
    return {
        "rows": report.rows,
        "total": report.total,
        "series": report.series,
        "own": own is not None,
        "kept": ask.held.settings.usage,
        "since": question.since,
        "until": question.until,
        "bucket": "hour" if question.bucket_s == BUCKETS["hour"] else "day",
        "zone": question.zone_s // 60,
    }


def question_of(query: Mapping[str, str], now: float, *, key: str | None) -> UsageQuestion:
    """What the parameters ask for, of one key or of all. `InputError` names the wrong one.

    `since` and `until` are Unix seconds, by default 30 days ago and no end; `by` is one of `By`;
    `bucket` hour, of at most 31 days, or day; `zone` the minutes that the reader's clock is ahead
    of UTC, the same for the whole time.
    """
    since = _time(query, "since", now - _USUAL_S)
    until = _time(query, "until", None)
    bucket = query.get("bucket", "day")
    if bucket not in BUCKETS:
        raise InputError("bucket: expected hour or day", place="bucket")
    if bucket == "hour" and (until or now) - (since or 0.0) > _MOST_HOURS * 3600:
        raise InputError("bucket: hours are told of 31 days at most", place="bucket")
    return UsageQuestion(
        by=_by(query.get("by", "model")),
        since=since,
        until=until,
        key=key,
        zone_s=_zone(query.get("zone", "0")) * 60,
        bucket_s=BUCKETS[bucket],
    )


def _by(text: str) -> By:
    for by in get_args(By):
        if text == by:
            found: By = by
            return found
    raise InputError(f"by: expected one of {', '.join(get_args(By))}", place="by")


def _time(query: Mapping[str, str], name: str, usual: float | None) -> float | None:
    text = query.get(name, "")
    if not text:
        return usual
    try:
        at = float(text)
    except ValueError:
        at = math.nan
    # Beyond that the database's whole numbers end.
    if not 0 <= at < 1e15:
        raise InputError(f"{name}: expected Unix seconds", place=name)
    return at


def _zone(text: str) -> int:
    try:
        # A plus sign is a space in an address.
        minutes = int(text)
    except ValueError:
        minutes = _EAST + 1
    if not _WEST <= minutes <= _EAST:
        raise InputError(f"zone: expected minutes from {_WEST} to {_EAST}", place="zone")
    return minutes
