"""`dragoman usage`: sums of what is kept, of any time, for a person and for a program."""

import asyncio
import json
import time
from pathlib import Path

import pytest

from dragoman.cli.usage import time_of
from dragoman.errors import InputError
from dragoman.store.loading import opened_store, store_path
from dragoman.store.rows import UsageRow
from tests.cli.program import run
from tests.store.given import NOON, row

DAY_S = 86400


def _keep(*rows: UsageRow) -> None:
    async def keep() -> None:
        async with opened_store(store_path("")) as store:
            await store.usage.add(rows)

    asyncio.run(keep())


def _told(*words: str) -> list[dict[str, object]]:
    result = run("usage", *words, "--json")
    assert result.code == 0, result.err
    rows: list[dict[str, object]] = json.loads(result.out)
    return rows


def test_a_line_has_requests_errors_tokens_and_price() -> None:
    _keep(row(), row(error="gone", cost=None), row(model="big\x1b[2J", cost=0.000125))

    result = run("usage")

    assert (result.code, result.err) == (0, "")
    assert [line.split() for line in result.out.splitlines()] == [
        ["small", "2", "1", "20", "10", "$0.500000", "0.25", "s", "1.00", "s"],
        ["big", "1", "0", "10", "5", "$0.000125", "0.25", "s", "1.00", "s"],
    ]


def test_a_price_of_a_part_says_so() -> None:
    _keep(row(), row(cost=None))

    assert "$0.500000+ " in run("usage").out


def test_what_is_not_known_is_not_shown() -> None:
    _keep(row(key="", cost=None, first_token_s=None))

    assert run("usage", "--by", "key").out.split() == ["-", "1", "0", "10", "5", "1.00", "s"]


@pytest.mark.parametrize(
    ("by", "of"),
    [("model", "small"), ("provider", "work"), ("key", "shop"), ("day", "2026-11-21")],
)
def test_json_names_what_it_is_by(by: str, of: str) -> None:
    _keep(row(), row())

    (told,) = _told("--by", by)

    assert (told[by], told["requests"], told["cost"], told["priced"]) == (of, 2, 1.0, 2)
    assert set(told) >= {"errors", "rescued", "cached_tokens", "reasoning_tokens", "duration_s"}


def test_a_time_is_from_a_date_or_so_long_ago() -> None:
    now = time.time()
    _keep(row(at=NOON - 30 * DAY_S), row(at=now - 7200), row(at=now - 60))

    assert _told("--since", "1h")[0]["requests"] == 1
    assert _told("--since", "7d", "--until", "90m")[0]["requests"] == 1
    assert _told("--until", "2026-10-22")[0]["requests"] == 1
    assert _told("--since", "2026-10-23", "--until", "30m")[0]["requests"] == 1
    assert _told("--since", "0m") == []


def test_where_nothing_was_kept_it_says_how_to() -> None:
    result = run("usage")

    assert (result.code, result.out) == (0, "")
    assert "`dragoman serve` keeps it" in result.err
    assert _told() == []
    assert not list(Path.home().rglob("dragoman.db"))


@pytest.mark.parametrize(
    ("text", "whole_day", "expected"),
    [
        ("7d", False, NOON - 7 * DAY_S),
        ("12h", True, NOON - 12 * 3600),
        ("90m", False, NOON - 5400),
        ("2026-11-21", False, NOON - DAY_S / 2),
        ("2026-11-21", True, NOON + DAY_S / 2),
        ("1970-01-01", False, 0.0),
    ],
)
def test_a_date_is_its_beginning_or_its_end(text: str, whole_day: bool, expected: float) -> None:
    assert time_of("--since", text, NOON, whole_day=whole_day) == expected


@pytest.mark.parametrize(
    "text", ["yesterday", "7", "7w", "-7d", "2026-11-31", "2026", "9999-12-31", "1d2h", "٧d"]
)
def test_anything_else_is_wrong_usage(text: str) -> None:
    with pytest.raises(InputError, match="--until: expected 7d, 12h, 30m or a date"):
        time_of("--until", text, NOON, whole_day=True)


@pytest.mark.parametrize("words", [("--by", "hour"), ("--since", "soon"), ("now",)])
def test_wrong_usage_is_one_line(words: tuple[str, ...]) -> None:
    result = run("usage", *words)

    assert (result.code, result.out) == (2, "")
    assert len(result.err.splitlines()) == 1
