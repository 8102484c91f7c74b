"""`dragoman models`: what can be asked for with -m, and what is known of it."""

import asyncio
from typing import Annotated

import typer

from dragoman.catalog import ModelCard, widest
from dragoman.cli.shared import ConfigFile, Debug, Json, print_json, print_table
from dragoman.cli.terminal import note
from dragoman.client import Client
from dragoman.config import Config, load_config
from dragoman.names import full_name
from dragoman.provider_entry import ProviderEntry
from dragoman.routing.route import Route

__all__ = ["run"]

_ABILITIES = ("tools", "images", "audio", "documents", "schema", "reasoning", "prefill")


def run(
    provider: Annotated[
        str | None,
        typer.Argument(
            metavar="PROVIDER",
            help="Only this provider's, as its service lists them.",
            show_default=False,
        ),
    ] = None,
    *,
    as_json: Json = False,
    config: ConfigFile = None,
    debug: Debug = False,
) -> None:
    """List the models that can be asked, and what is known of each.

    Without PROVIDER: those of the providers that can be used now, as far as they are known
    without asking.
    """
    loaded = load_config(config)
    found = _known(loaded) if provider is None else asyncio.run(_listed(loaded, provider))
    default = full_name(None, loaded)
    routes = loaded.routes.values() if provider is None else ()
    rows = [_route_row(loaded, route, default) for route in routes]
    rows += [_row(entry, card, default) for entry, card in found]
    if as_json:
        print_json(rows)
    else:
        print_table(("model", "context", "can", ""), [_cells(row) for row in rows])
    if provider is None:
        _tell_unlisted(loaded, {entry.name for entry, _ in found})


_Found = list[tuple[ProviderEntry, ModelCard]]


def _known(config: Config) -> _Found:
    entries = [config.providers[name] for name in config.usable()]
    return [(entry, entry.card(model)) for entry in entries for model in entry.known_models()]


async def _listed(config: Config, provider: str) -> _Found:
    async with Client(config) as client:
        cards = await client.cards(provider)
    return [(config.providers[provider], card) for card in cards]


def _row(entry: ProviderEntry, card: ModelCard, default: str) -> dict[str, object]:
    name = f"{entry.name}/{card.name}"
    # `ModelCard` leaves out what is not known; a script should find each name.
    known = {field: getattr(card, field) for field in ModelCard.__struct_fields__[1:]}
    return {
        "model": name,
        "provider": entry.name,
        "default": name == default,
        "usable": entry.is_usable,
        **known,
        "candidates": [],
    }


def _route_row(config: Config, route: Route, default: str) -> dict[str, object]:
    entries = [config.providers[candidate.provider] for candidate in route.candidates]
    cards = [
        entry.card(candidate.model or next(iter(entry.known_models()), ""))
        for entry, candidate in zip(entries, route.candidates, strict=True)
    ]
    card = widest(route.name, cards)
    return {
        "model": route.name,
        "provider": None,
        "default": route.name == default,
        "usable": any(entry.is_usable for entry in entries),
        **{field: getattr(card, field) for field in ModelCard.__struct_fields__[1:]},
        "candidates": [candidate.name for candidate in route.candidates],
    }


def _cells(row: dict[str, object]) -> tuple[str, str, str, str]:
    abilities = ", ".join(name for name in _ABILITIES if row[name])
    return str(row["model"]), str(row["context"] or ""), abilities, _remark(row)


def _remark(row: dict[str, object]) -> str:
    marks = ["default"] if row["default"] else []
    if row["candidates"]:
        marks.append(f"a route: dragoman explain {row['model']}")
    if marks:
        return ", ".join(marks)
    return "" if row["usable"] else "the public site is gone: -o base_url=YOURS"


def _tell_unlisted(config: Config, listed: set[str]) -> None:
    """Say whose models only their service knows."""
    names = [name for name in config.usable() if name not in listed]
    if names:
        note(
            f"only their services know the models of {', '.join(names)}: dragoman models {names[0]}"
        )
