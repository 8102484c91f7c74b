"""Options that several commands have, and how a list is printed."""

import importlib
import sys
from collections.abc import Sequence
from typing import Annotated

import msgspec
import typer

from dragoman.cli.terminal import clean, json_text, to_terminal

__all__ = ["ConfigFile", "Debug", "Json", "print_json", "print_table"]

ConfigFile = Annotated[
    str | None,
    typer.Option(
        "--config",
        help="The configuration file; by default $DRAGOMAN_CONFIG, then dragoman.toml in this "
        "folder, then in your configuration folder.",
        metavar="FILE",
    ),
]
Debug = Annotated[bool, typer.Option("--debug", help="Before an error, print its traceback.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def print_json(value: object) -> None:
    """One JSON document on standard output."""
    sys.stdout.write(json_text(msgspec.json.format(msgspec.json.encode(value), indent=2)) + "\n")
    sys.stdout.flush()


def print_table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Rows in columns; with a header, and as wide as the terminal, where a person reads them."""
    cells = [[clean(cell) for cell in row] for row in rows]
    if to_terminal():
        _print_wrapped(header, cells)
        return
    widths = [max(len(row[at]) for row in cells) for at in range(len(header))] if cells else []
    for row in cells:
        line = "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        sys.stdout.write(f"{line.rstrip()}\n")
    sys.stdout.flush()


def _print_wrapped(header: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    # Rich takes longer to import than all the rest.
    text = importlib.import_module("rich.text").Text
    table = importlib.import_module("rich.table").Table(box=None, pad_edge=False)
    for name in header:
        table.add_column(name, overflow="fold")
    for row in rows:
        table.add_row(*(text(cell) for cell in row))
    importlib.import_module("rich.console").Console(highlight=False).print(table)
