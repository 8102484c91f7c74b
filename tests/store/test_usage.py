"""Usage: kept in batches, read as sums by model, provider, key and day, of any time."""

from pathlib import Path

import pytest

from dragoman.store.faults import StoreError
from dragoman.store.rows import UsageSum
from dragoman.store.store import Store
from tests.store.given import NOON, row, rows_of

DAY_S = 86400


async def test_a_row_is_kept_as_it_is(path: Path, store: Store) -> None:
    await store.usage.add([row(stream=False, input_tokens=2**40, model="a 'model'; --\x00é")])

    (kept,) = rows_of(path)
    assert kept == (
        *(1, NOON, 20778, "shop", "chat", "work", "a 'model'; --\x00é", 200, "", 1, "", 0),
        *(2**40, 5, None, None, 0.5, 0.25, 1.0),
    )


async def test_no_rows_are_no_transaction(path: Path, store: Store) -> None:
    await store.usage.add([])

    assert rows_of(path) == []


async def test_a_sum_has_everything_of_its_rows(store: Store) -> None:
    await store.usage.add(
        [
            row(cached_tokens=3, reasoning_tokens=1, rescued="replay"),
            row(input_tokens=None, output_tokens=None, cost=None, first_token_s=None),
            row(error="gone", status=0, cost=0.25, first_token_s=0.75, duration_s=4.0),
        ]
    )

    assert await store.usage.sums("model") == [
        UsageSum(
            of="small",
            requests=3,
            errors=1,
            rescued=1,
            input_tokens=20,
            output_tokens=10,
            cached_tokens=3,
            reasoning_tokens=1,
            cost=0.75,
            priced=2,
            first_token_s=0.5,
            duration_s=2.0,
        )
    ]


async def test_what_is_not_known_of_any_row_is_not_known_of_their_sum(store: Store) -> None:
    await store.usage.add([row(input_tokens=None, cost=None, first_token_s=None)])

    (found,) = await store.usage.sums("key")

    assert (found.input_tokens, found.cost, found.first_token_s) == (0, None, None)


@pytest.mark.parametrize(
    ("by", "expected"),
    [
        ("model", [("small", 3), ("big", 1)]),
        ("provider", [("work", 2), ("home", 1), ("other", 1)]),
        ("key", [("", 2), ("shop", 2)]),
        ("day", [("2026-11-20", 1), ("2026-11-21", 3)]),
    ],
)
async def test_sums_are_by_anything_the_most_first_and_days_in_order(
    store: Store, by: str, expected: list[tuple[str, int]]
) -> None:
    await store.usage.add(
        [
            row(key=""),
            row(key="", provider="home"),
            row(model="big"),
            row(provider="other", at=NOON - DAY_S),
        ]
    )

    found = await store.usage.sums(by)  # type: ignore[arg-type]  # each is one of `By`

    assert [(one.of, one.requests) for one in found] == expected


@pytest.mark.parametrize(
    ("since", "until", "requests"),
    [
        (None, None, 3),
        (NOON, None, 2),
        (NOON + 0.5, None, 1),
        (None, NOON, 1),
        (NOON - 1, NOON + 1, 2),
        (NOON + 2, None, 0),
    ],
)
async def test_a_time_is_from_its_beginning_on_and_before_its_end(
    store: Store, since: float | None, until: float | None, requests: int
) -> None:
    await store.usage.add([row(at=NOON - 1), row(), row(at=NOON + 1)])

    found = await store.usage.sums("provider", since=since, until=until)

    assert sum(one.requests for one in found) == requests


@pytest.mark.parametrize("at", [0.0, DAY_S - 0.001, NOON - NOON % DAY_S])
async def test_a_day_is_one_of_utc(store: Store, at: float) -> None:
    await store.usage.add([row(at=at)])

    (found,) = await store.usage.sums("day")

    assert found.of == ("1970-01-01" if at < DAY_S else "2026-11-21")


async def test_a_batch_is_kept_whole_or_not_at_all(path: Path, store: Store) -> None:
    wrong = row(key=None)

    with pytest.raises(StoreError, match="IntegrityError"):
        await store.usage.add([row(), wrong])

    assert rows_of(path) == []
