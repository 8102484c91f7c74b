"""`dragoman providers`: who there is, and which of them work, measured now."""

import asyncio
from typing import Annotated

import msgspec
import typer

from dragoman.cli.measured import tell_when, time_now
from dragoman.cli.shared import ConfigFile, Debug, Json, print_json, print_table
from dragoman.cli.terminal import to_terminal
from dragoman.client import Client
from dragoman.config import Config, load_config
from dragoman.errors import ChatError
from dragoman.provider_entry import ProviderEntry
from dragoman.providers.api.dialect_provider import DialectProvider
from dragoman.providers.handshake import StepOutcome

__all__ = ["run"]


class _Row(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    usable: bool
    speaks: str
    account: str
    key_variable: str | None
    address: str
    works: bool
    measured: str
    failed_step: str | None
    measured_at: str | None


class _Found(msgspec.Struct, frozen=True, kw_only=True):
    """What a measurement gave; `at` is None if nothing was asked."""

    works: bool
    words: str
    failed_step: str | None = None
    at: str | None = None


def run(
    *,
    timeout: Annotated[
        float,
        typer.Option("--timeout", help="Seconds to wait for each.", metavar="SECONDS", min=0.1),
    ] = 5.0,
    as_json: Json = False,
    config: ConfigFile = None,
    debug: Debug = False,
) -> None:
    """List the providers and measure which of them work now, all at once and without a chat.

    A service whose key is missing is not asked; the environment variable for it is named. What a
    running gateway has measured is told at its address /health/providers.
    """
    rows = asyncio.run(_rows(load_config(config), timeout))
    if as_json:
        print_json(rows)
        return
    _print(rows)
    tell_when(time_now())


def _print(rows: list[_Row]) -> None:
    if to_terminal():
        # Five columns do not fit into eighty.
        print_table(
            ("provider", "works", "account", "address, and what it speaks"),
            [(row.name, row.measured, row.account, f"{row.address}\n{row.speaks}") for row in rows],
        )
        return
    print_table(
        ("provider", "works", "account", "address", "speaks"),
        [(row.name, row.measured, row.account, row.address, row.speaks) for row in rows],
    )


async def _rows(config: Config, limit_s: float) -> list[_Row]:
    async with Client(config) as client:
        asked = [_row(client, entry, limit_s) for entry in config.providers.values()]
        rows = await asyncio.gather(*asked)
    # The order of the configuration, but first those that can be used.
    return sorted(rows, key=lambda row: not row.usable)


async def _row(client: Client, entry: ProviderEntry, limit_s: float) -> _Row:
    found = await _measure(client, entry, limit_s)
    provider = entry.provider
    is_far = isinstance(provider, DialectProvider)
    return _Row(
        name=entry.name,
        usable=entry.is_usable,
        speaks=provider.SPEAKS,
        account=_account(entry),
        key_variable=provider.KEY_VARIABLE or None,
        address=provider.base_url(entry.account) or ("" if is_far else "this machine"),
        works=found.works,
        measured=found.words,
        failed_step=found.failed_step,
        measured_at=found.at,
    )


async def _measure(client: Client, entry: ProviderEntry, limit_s: float) -> _Found:
    if missing := entry.lacks:
        return _Found(works=False, words=f"no: set {missing}")
    found = await _asked(client, entry, limit_s)
    if not entry.provider.working and not entry.is_own:
        # Whoever answers at its old address is not the service.
        return _Found(works=False, words="no: the public site is gone", at=found.at)
    words = ": ".join(filter(None, ("yes" if found.works else "no", found.words)))
    return msgspec.structs.replace(found, words=words)


async def _asked(client: Client, entry: ProviderEntry, limit_s: float) -> _Found:
    at, failed_step = time_now(), None
    try:
        async with asyncio.timeout(limit_s):
            steps = await client.probe(entry.name, timeout=limit_s)
    except TimeoutError:
        words = f"no answer within {limit_s:g} s"
    except ChatError as error:
        words, failed_step = error.message, error.step
    else:
        failed = next((step for step in steps if step.error), None)
        if failed is None:
            return _Found(works=True, words=_spent(steps), at=at)
        words, failed_step = f"{failed.name}: {failed.error}", failed.name
    return _Found(works=False, words=words, failed_step=failed_step, at=at)


def _spent(steps: list[StepOutcome]) -> str:
    return f"{sum(step.seconds for step in steps) * 1000:.0f} ms" if steps else ""


def _account(entry: ProviderEntry) -> str:
    given = bool(entry.account.cookies or entry.account.api_key or entry.fields.cookies_file)
    if given:
        return "given"
    if entry.provider.KEY_VARIABLE and entry.lacks:
        return "missing"
    return "needed" if entry.provider.needs_auth else "none"
