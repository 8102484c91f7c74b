"""The pages of the documentation as their reader meets them: blocks in order.

A block that the tests do not run has a comment above it that says why:
`<!-- not run: it fetches 93 MB -->`.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

__all__ = ["PAGES", "ROOT", "Block", "blocks"]

ROOT = Path(__file__).parents[2]

PAGES = [
    ROOT / "README.md",
    *sorted(path for path in (ROOT / "docs").rglob("*.md") if path.parent.name != "decisions"),
]

_BLOCK = re.compile(
    r"^(?:<!-- not run: (?P<why>.+?) -->\n+)?"
    r'^```(?P<language>\w+)(?: title="(?P<title>[^"]+)")?\n(?P<code>.*?)^```$',
    re.MULTILINE | re.DOTALL,
)
_FENCE = re.compile(r"^[ \t]*```[ \t]*[\w{.]", re.MULTILINE)


class Block(NamedTuple):
    """One fenced block: where it is, what it is, and why it is not run, if it is not."""

    page: Path
    line: int
    language: str
    title: str
    code: str
    why_not: str

    def __str__(self) -> str:
        return f"{self.page.relative_to(ROOT)}:{self.line}"


def blocks(page: Path) -> Iterator[Block]:
    """The page's fenced blocks in order; every one must be of a form that is known here."""
    text = page.read_text("utf-8")
    found = list(_BLOCK.finditer(text))
    assert len(found) == len(_FENCE.findall(text)), f"{page}: a fence of an unknown form"
    for match in found:
        line = text.count("\n", 0, match.start("code"))
        yield Block(
            page, line, match["language"], match["title"] or "", match["code"], match["why"] or ""
        )
