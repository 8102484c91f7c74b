"""Every address below `/page/api` and what answers it; the page's own, and no promise to others.

A row names its function as `module:name` below `dragoman.page`.
"""

import importlib
import re
from collections.abc import Awaitable, Callable
from typing import Any

import msgspec

__all__ = ["ROWS", "Row", "find_row", "methods_of"]

_ID = "[0-9a-f]{24}"
_CONVERSATION = f"/conversations/(?P<conversation>{_ID})"
_TURN = f"/turns/(?P<turn>{_ID})"


class Row(msgspec.Struct, frozen=True):
    """One row; the groups of `path` go to the function by name."""

    method: str
    path: str
    handler: str
    open: bool = False
    """Whether it is answered for who is not signed in, too."""

    def load(self) -> Callable[..., Awaitable[Any]]:
        """The function: `async def NAME(ask, **groups)`; see `speaking.py` for what it gives."""
        module, _, name = self.handler.partition(":")
        found: Callable[..., Awaitable[Any]] = getattr(
            importlib.import_module(f"dragoman.page.{module}"), name
        )
        return found


ROWS: tuple[Row, ...] = (
    Row("GET", "/me", "session:me", open=True),
    Row("POST", "/sign-in", "session:sign_in", open=True),
    Row("POST", "/sign-out", "session:sign_out", open=True),
    Row("GET", "/models", "models:list_"),
    Row("GET", "/conversations", "conversations:list_"),
    Row("POST", "/conversations", "conversations:create"),
    Row("GET", _CONVERSATION, "conversations:read"),
    Row("PATCH", _CONVERSATION, "conversations:change"),
    Row("DELETE", _CONVERSATION, "conversations:remove"),
    Row("GET", f"{_CONVERSATION}/export", "conversations:export"),
    Row("POST", f"{_CONVERSATION}/turns", "turns:say"),
    Row("POST", f"{_TURN}/again", "turns:again"),
    Row("POST", f"{_TURN}/stop", "turns:stop"),
    Row("GET", f"{_TURN}/events", "feed:events"),
    Row("GET", f"{_TURN}/pictures/(?P<number>[0-9]{{1,4}})", "pictures:kept"),
    Row("GET", "/picture", "pictures:elsewhere"),
    Row("GET", "/board", "board:read"),
    Row("POST", "/board/(?P<provider>[^/]{1,64})/probe", "board:probe"),
    Row("GET", "/usage", "usage:read"),
)

_PATTERNS = tuple((re.compile(row.path), row) for row in ROWS)


def find_row(method: str, path: str) -> tuple[Row, dict[str, str]] | None:
    """The row for a request, whose path begins behind `/page/api`, and the groups of its path."""
    for pattern, row in _PATTERNS:
        if row.method == method and (match := pattern.fullmatch(path)):
            return row, match.groupdict()
    return None


def methods_of(path: str) -> list[str]:
    """The methods that are answered at a path; none if nothing is there."""
    return sorted({row.method for pattern, row in _PATTERNS if pattern.fullmatch(path)})
