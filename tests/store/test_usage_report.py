"""Usage of any time summed three ways, which agree: by name, of all, and bucket by bucket."""

from collections import defaultdict
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete

from dragoman.store.rows import By, UsagePoint, UsageQuestion, UsageRow
from dragoman.store.store import Store
from dragoman.store.tables import usage
from dragoman.store.usage import MOST_SERIES
from tests.store.given import NOON, row

HOUR_S, DAY_S = 3600, 86400
EAST_S = 3 * HOUR_S
MIDNIGHT = int(NOON - NOON % DAY_S)


async def _series(store: Store, **question: Any) -> list[UsagePoint]:
    return (await store.usage.report(UsageQuestion(**question))).series


async def test_without_any_there_is_nothing_and_the_total_is_nothing(store: Store) -> None:
    report = await store.usage.report(UsageQuestion())

    assert (report.rows, report.series) == ([], [])
    assert (report.total.of, report.total.requests, report.total.errors) == ("", 0, 0)
    assert (report.total.cost, report.total.first_token_s, report.total.duration_s) == (
        *(None, None),
        0.0,
    )


async def test_a_point_has_what_was_used_in_its_bucket(store: Store) -> None:
    await store.usage.add(
        [row(), row(at=NOON + 60, error="gone", input_tokens=None), row(at=NOON + HOUR_S)]
    )

    found = await _series(store, bucket_s=HOUR_S)

    noon = int(NOON - NOON % HOUR_S)
    usual = {"of": "small", "rest": False}
    assert found == [
        UsagePoint(
            t=noon,
            requests=2,
            errors=1,
            input_tokens=10,
            output_tokens=10,
            cost=1.0,
            **usual,  # type: ignore[arg-type]  # a text and a truth
        ),
        UsagePoint(
            t=noon + HOUR_S,
            requests=1,
            errors=0,
            input_tokens=10,
            output_tokens=5,
            cost=0.5,
            **usual,  # type: ignore[arg-type]  # a text and a truth
        ),
    ]


async def test_what_has_no_price_has_none_in_its_point(store: Store) -> None:
    await store.usage.add([row(cost=None)])

    (point,) = await _series(store)

    assert point.cost is None


@pytest.mark.parametrize(
    ("zone_s", "days", "starts"),
    [
        (0, ["2026-11-20", "2026-11-21"], [MIDNIGHT - DAY_S, MIDNIGHT]),
        (EAST_S, ["2026-11-21"], [MIDNIGHT - EAST_S]),
        (-EAST_S, ["2026-11-20"], [MIDNIGHT - DAY_S + EAST_S]),
    ],
)
async def test_a_day_begins_where_the_reader_is(
    store: Store, zone_s: int, days: list[str], starts: list[int]
) -> None:
    await store.usage.add([row(at=MIDNIGHT - 1.0), row(at=MIDNIGHT + 1.0)])

    report = await store.usage.report(UsageQuestion(by="day", zone_s=zone_s))

    assert [one.of for one in report.rows] == days
    assert [one.t for one in report.series] == starts
    assert {(one.of, one.rest) for one in report.series} == {("", False)}


async def test_the_names_beyond_the_first_have_one_series_together(store: Store) -> None:
    """And a model that is called as they are is not taken for them."""
    names = [f"model-{number}" for number in range(MOST_SERIES - 1)]
    await store.usage.add([row(model=name) for name in (*names, *names, "", "")])
    await store.usage.add([row(model="rare"), row(model="seldom")])

    found = await _series(store, by="model")

    assert {(one.of, one.rest, one.requests) for one in found} == {
        *((name, False, 2) for name in names),
        ("", False, 2),
        ("", True, 2),
    }


async def test_of_one_key_only_its_own_is_told(store: Store) -> None:
    await store.usage.add([row(key="shop"), row(key="other", cost=9.0), row(key="")])

    report = await store.usage.report(UsageQuestion(by="key", key="shop"))

    assert [one.of for one in report.rows] == ["shop"]
    assert (report.total.requests, report.total.cost) == (1, 0.5)
    assert [(one.of, one.requests) for one in report.series] == [("shop", 1)]


async def test_a_time_is_from_its_beginning_on_and_before_its_end(store: Store) -> None:
    await store.usage.add([row(at=NOON - 1), row(), row(at=NOON + 1)])

    report = await store.usage.report(UsageQuestion(since=NOON, until=NOON + 1))

    assert (report.total.requests, sum(one.requests for one in report.series)) == (1, 1)


ROWS = st.lists(
    st.builds(
        lambda at, fields: row(at=float(at), **fields),
        st.integers(MIDNIGHT - 3 * DAY_S, MIDNIGHT + 3 * DAY_S),
        st.fixed_dictionaries(
            {
                "model": st.sampled_from([f"m{number}" for number in range(12)]),
                "provider": st.sampled_from(["work", "home", ""]),
                "key": st.sampled_from(["", "shop", "guest"]),
                "error": st.sampled_from(["", "gone"]),
                "input_tokens": st.none() | st.integers(0, 10**9),
                "cost": st.none() | st.integers(0, 1000).map(float),
            }
        ),
    ),
    max_size=20,
)
ZONES = st.integers(-12 * 60, 14 * 60).map(lambda minutes: minutes * 60)


def _by_hand(rows: list[UsageRow], zone_s: int, bucket_s: int) -> dict[int, int]:
    counts: dict[int, int] = defaultdict(int)
    for one in rows:
        counts[(int(one.time) + zone_s) // bucket_s * bucket_s - zone_s] += 1
    return counts


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    rows=ROWS,
    by=st.sampled_from(["model", "provider", "key", "day"]),
    zone_s=ZONES,
    bucket_s=st.sampled_from([HOUR_S, DAY_S]),
    key=st.sampled_from([None, "shop"]),
)
async def test_the_series_add_up_to_the_total_whatever_the_zone(
    store: Store, rows: list[UsageRow], by: By, zone_s: int, bucket_s: int, key: str | None
) -> None:
    async with store.writing() as connection:
        await connection.execute(delete(usage))
    await store.usage.add(rows)

    report = await store.usage.report(
        UsageQuestion(by=by, zone_s=zone_s, bucket_s=bucket_s, key=key)
    )

    for name in ("requests", "errors", "input_tokens", "output_tokens"):
        of_all = getattr(report.total, name)
        assert sum(getattr(one, name) for one in report.series) == of_all
        assert sum(getattr(one, name) for one in report.rows) == of_all
    assert sum(one.cost or 0.0 for one in report.series) == (report.total.cost or 0.0)
    asked = [one for one in rows if key in (None, one.key)]
    told: dict[int, int] = defaultdict(int)
    for point in report.series:
        told[point.t] += point.requests
    assert told == _by_hand(asked, zone_s, bucket_s)
    assert len({(one.of, one.rest) for one in report.series}) <= MOST_SERIES + 1
