"""`dragoman models`: what can be asked for with -m."""

import asyncio
from typing import Annotated

import typer

from dragoman.cli.shared import ConfigFile, Debug, Json, print_json, print_table
from dragoman.client import Client
from dragoman.config import Config, load_config
from dragoman.names import resolve_name

__all__ = ["run"]


def run(
    provider: Annotated[
        str | None,
        typer.Argument(metavar="PROVIDER", help="Only this provider's.", show_default=False),
    ] = None,
    *,
    as_json: Json = False,
    config: ConfigFile = None,
    debug: Debug = False,
) -> None:
    """List the models that can be asked, as far as they are known without asking."""
    loaded = load_config(config)
    names = asyncio.run(_models(loaded, provider))
    default = _default(loaded)
    rows = [
        {
            "model": name,
            "provider": name.partition("/")[0],
            "default": name == default,
            "usable": name.partition("/")[0] in loaded.usable(),
        }
        for name in names
    ]
    if as_json:
        print_json(rows)
    else:
        print_table(("model", ""), [(str(row["model"]), _remark(row)) for row in rows])


async def _models(config: Config, provider: str | None) -> list[str]:
    async with Client(config) as client:
        return await client.models(provider)


def _default(config: Config) -> str:
    target = resolve_name(None, config)
    entry = config.providers[target.provider]
    return f"{target.provider}/{entry.provider.resolve_model(target.model, entry.account)}"


def _remark(row: dict[str, object]) -> str:
    if row["default"]:
        return "default"
    return "" if row["usable"] else "the public site is gone: -o base_url=YOURS"
