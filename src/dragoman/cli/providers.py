"""`dragoman providers`: who there is, and which of them work, measured now."""

import asyncio
from typing import Annotated

import msgspec
import typer

from dragoman.cli.lacking import lacking
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

    A service whose key is missing is not asked; the environment variable for it is named.
    """
    rows = asyncio.run(_rows(load_config(config), timeout))
    if as_json:
        print_json(rows)
        return
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
    works, measured = await _measure(client, entry, limit_s)
    provider = entry.provider
    is_far = isinstance(provider, DialectProvider)
    return _Row(
        name=entry.name,
        usable=entry.is_usable,
        speaks=provider.SPEAKS,
        account=_account(entry),
        key_variable=provider.KEY_VARIABLE or None,
        address=provider.base_url(entry.account) or ("" if is_far else "this machine"),
        works=works,
        measured=measured,
    )


async def _measure(client: Client, entry: ProviderEntry, limit_s: float) -> tuple[bool, str]:
    if missing := lacking(entry):
        return False, f"no: set {missing}"
    try:
        async with asyncio.timeout(limit_s):
            steps = await client.probe(entry.name, timeout=limit_s)
    except TimeoutError:
        works, words = False, f"no answer within {limit_s:g} s"
    except ChatError as error:
        works, words = False, error.message
    else:
        failed = next((step for step in steps if step.error), None)
        works = failed is None
        words = f"{failed.name}: {failed.error}" if failed else _spent(steps)
    if not entry.provider.working and not entry.is_own:
        # Whoever answers at its old address is not the service.
        return False, "no: the public site is gone"
    return works, ": ".join(filter(None, ("yes" if works else "no", words)))


def _spent(steps: list[StepOutcome]) -> str:
    return f"{sum(step.seconds for step in steps) * 1000:.0f} ms" if steps else ""


def _account(entry: ProviderEntry) -> str:
    given = bool(entry.account.cookies or entry.account.api_key or entry.fields.cookies_file)
    if given:
        return "given"
    if entry.provider.KEY_VARIABLE and lacking(entry):
        return "missing"
    return "needed" if entry.provider.needs_auth else "none"
