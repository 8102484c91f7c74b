"""The way to the page: which requests are a browser's, and what it is told if there is no page.

The page needs an extra. Nothing of it is imported before a browser comes.
"""

import importlib
import importlib.util
from typing import Protocol

from dragoman.gateway.state import Gateway
from dragoman.gateway.visit import Visit

__all__ = ["Beside", "NoPage", "is_for_page", "load_page"]

_NEEDED = ("markdown_it", "nh3", "pygments", "sqlalchemy", "aiosqlite")

_NO_PAGE = b"""<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Dragoman</title>
<h1>Dragoman is here</h1>
<p>Programs are answered at this address. For a page to chat on, install the extra
<code>page</code> and start again:
<pre>pip install 'dragoman[page]'</pre>
</html>
"""


class Beside(Protocol):
    """What answers a browser."""

    async def visit(self, visit: Visit) -> None:
        """Answer one request."""
        ...

    async def close(self) -> None:
        """End what runs."""
        ...


class NoPage:
    """In place of the page, where it is not installed."""

    async def visit(self, visit: Visit) -> None:
        """Say what to install."""
        headers = [
            ("content-type", "text/html; charset=utf-8"),
            ("content-security-policy", "default-src 'none'; frame-ancestors 'none'"),
            ("x-content-type-options", "nosniff"),
        ]
        await visit.answer(200 if visit.path == "/" else 404, _NO_PAGE, headers)

    async def close(self) -> None:
        """There is nothing to end."""


def is_for_page(visit: Visit) -> bool:
    """Whether a request is the page's: all below `/page/`, and `/` for who reads HTML."""
    if visit.path == "/":
        return visit.method in ("GET", "HEAD") and "text/html" in visit.headers.get("accept", "")
    return visit.path.startswith("/page/")


def load_page(gateway: Gateway) -> Beside:
    """The page, or what stands for it; imports its libraries, which takes a while."""
    if not all(importlib.util.find_spec(name) for name in _NEEDED):
        return NoPage()
    page: Beside = importlib.import_module("dragoman.page.app").PageApplication(gateway)
    return page
