"""Markdown as every table of the docs has it."""

from collections.abc import Iterable, Sequence

__all__ = ["code", "codes", "table"]


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table; what stands in a cell is on one line."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(f"| {' | '.join(_cell(cell) for cell in row)} |" for row in lines)


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def code(text: object) -> str:
    """The text as code; nothing of an empty one."""
    return f"`{text}`" if str(text) else ""


def codes(names: Iterable[object]) -> str:
    """The texts as code, one after the other."""
    return ", ".join(code(name) for name in names)
