"""A TOML file whose every complaint says file and line.

The TOML decoder gives values without places, so a key's line is looked up in the text when there is
something to say about it.
"""

import re
from collections import Counter
from pathlib import Path
from typing import Any

import msgspec

from dragoman.errors import InputError

__all__ = ["ConfigFile"]

_TABLE = re.compile(r"^\s*(?P<open>\[\[?)\s*(?P<path>[^\]]+?)\s*\]\]?\s*(#.*)?$")
_KEY = re.compile(
    r"""^\s*(?P<path>(?:[\w-]+|"[^"]*"|'[^']*')(?:\s*\.\s*(?:[\w-]+|"[^"]*"|'[^']*'))*)\s*="""
)
_PIECE = re.compile(r"""[\w-]+|"[^"]*"|'[^']*'""")
_PLACE = re.compile(r"\(at line (\d+), column \d+\)")


class ConfigFile:
    """One file's text and what it says."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            # Some editors put a byte-order mark before the text.
            self._text = path.read_text("utf-8-sig")
        except (OSError, UnicodeDecodeError) as exc:
            why = exc.strerror if isinstance(exc, OSError) else "it is not UTF-8"
            raise InputError(f"{path}: cannot be read: {why}") from exc
        try:
            self.tables: dict[str, Any] = msgspec.toml.decode(self._text)
        except (msgspec.DecodeError, RecursionError) as exc:
            place = _PLACE.search(str(exc))
            line = place[1] if place else self._text.count("\n") + 1
            raise InputError(f"{path}:{line}: not TOML: {exc}") from exc

    def error(self, keys: tuple[str, ...], expected: str) -> InputError:
        """An error about the value under these keys; a table of a list has its number, from 1."""
        return InputError(f"{self.path}:{self._line(keys)}: {'.'.join(keys)}: {expected}")

    def _line(self, keys: tuple[str, ...]) -> int:
        """The line of the key or of something in it, else of what is around it; else 1."""
        best, best_line = 0, 1
        table: tuple[str, ...] = ()
        tables: Counter[tuple[str, ...]] = Counter()
        for number, line in enumerate(self._text.split("\n"), 1):
            if match := _TABLE.match(line):
                path = table = _pieces(match["path"])
                if match["open"] == "[[":
                    tables[path] += 1
                    path = table = (*path, str(tables[path]))
            elif match := _KEY.match(line):
                path = (*table, *_pieces(match["path"]))
            else:
                continue
            shared = min(len(path), len(keys))
            if shared > best and keys[:shared] == path[:shared]:
                best, best_line = shared, number
        return best_line


def _pieces(path: str) -> tuple[str, ...]:
    return tuple(piece.strip("\"'") for piece in _PIECE.findall(path))
