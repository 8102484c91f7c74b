"""`dragoman usage`: what was asked of the gateway, and what it used and cost."""

import asyncio
import re
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from dragoman.cli.shared import ConfigFile, Debug, Json, print_json, print_table
from dragoman.cli.terminal import note
from dragoman.config import load_config
from dragoman.errors import InputError
from dragoman.store.loading import is_there, opened_store, store_path
from dragoman.store.rows import UsageSum

__all__ = ["run", "time_of"]

_AGO = re.compile(r"([0-9]{1,6})([dhm])")
_UNIT_S: Mapping[str, float] = {"d": 86400, "h": 3600, "m": 60}
_DAY = timedelta(days=1)


class _By(StrEnum):
    MODEL = "model"
    PROVIDER = "provider"
    KEY = "key"
    DAY = "day"


def run(
    *,
    by: Annotated[
        _By, typer.Option("--by", help="model, provider, key or day.", metavar="WHAT")
    ] = _By.MODEL,
    since: Annotated[
        str,
        typer.Option(
            "--since",
            help="From when: 7d, 12h or 30m ago, or a date as 2026-11-21, UTC.",
            metavar="WHEN",
        ),
    ] = "",
    until: Annotated[
        str,
        typer.Option("--until", help="Up to when, likewise; a date to its end.", metavar="WHEN"),
    ] = "",
    as_json: Json = False,
    config: ConfigFile = None,
    debug: Debug = False,
) -> None:
    """Say what the gateway's requests used: how many, their tokens, and their price."""
    now = time.time()
    first = time_of("--since", since, now) if since else None
    end = time_of("--until", until, now, whole_day=True) if until else None
    path = store_path(load_config(config).gateway.database_url)
    sums = asyncio.run(_sums(path, by, first, end))
    if as_json:
        print_json([{by.value: one.of, **_row(one)} for one in sums])
    else:
        header = (by.value, "requests", "errors", "in", "out", "price", "first token", "whole")
        print_table(header, [_cells(one) for one in sums])
    if not sums:
        note("no usage is kept of that time; `dragoman serve` keeps it, see `usage` of [gateway]")


def time_of(option: str, text: str, now: float, *, whole_day: bool = False) -> float:
    """Unix seconds of `7d` ago, or of the beginning of a date, UTC; of its end for a `whole_day`.

    `InputError` if it is neither.
    """
    ago = _AGO.fullmatch(text)
    if ago:
        return now - int(ago[1]) * _UNIT_S[ago[2]]
    try:
        day = datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC)
        return (day + _DAY if whole_day else day).timestamp()
    except (ValueError, OverflowError):
        raise InputError(f"{option}: expected 7d, 12h, 30m or a date as 2026-11-21") from None


async def _sums(path: Path, by: _By, since: float | None, until: float | None) -> list[UsageSum]:
    if not await asyncio.to_thread(is_there, path):
        return []
    async with opened_store(path) as store:
        return await store.usage.sums(by.value, since=since, until=until)


def _row(one: UsageSum) -> dict[str, object]:
    return {name: value for name, value in msgspec.structs.asdict(one).items() if name != "of"}


def _cells(one: UsageSum) -> Sequence[str]:
    price = "" if one.cost is None else f"${one.cost:.6f}"
    if one.cost is not None and one.priced < one.requests - one.errors:
        # Some of it has no listed price.
        price += "+"
    first = "" if one.first_token_s is None else f"{one.first_token_s:.2f} s"
    return (
        one.of or "-",
        str(one.requests),
        str(one.errors),
        str(one.input_tokens),
        str(one.output_tokens),
        price,
        first,
        f"{one.duration_s:.2f} s",
    )
