"""`dragoman pull`: fetch a model of the catalogue for this machine."""

import asyncio
import sys
from pathlib import Path
from typing import Annotated

import typer

from dragoman.cli.progress import Download
from dragoman.cli.shared import Debug
from dragoman.providers.local.pull import pull
from dragoman.providers.local.weights import CATALOGUE, DEFAULT_MODEL, find_weights

__all__ = ["run"]


def run(
    name: Annotated[
        str, typer.Argument(metavar="NAME", help=f"One of {', '.join(CATALOGUE)}.")
    ] = DEFAULT_MODEL,
    *,
    debug: Debug = False,
) -> None:
    """Fetch a model, check it, and print where its file is."""
    path = asyncio.run(_pull(name.removeprefix("local/").removeprefix("local:")))
    sys.stdout.write(f"{path}\n")


async def _pull(name: str) -> Path:
    weights = find_weights(name)
    download = Download(weights.name)
    try:
        return await pull(weights, progress=download)
    finally:
        download.close()
