"""The page's requests: its document, its files, and its interface, for its own origin only.

A browser sends a page's cookie with requests that another page makes; `SameSite=Strict` keeps it
back, and what comes from elsewhere is refused here besides, whatever `origins` allows to programs.
Sources: W3C, "Fetch Metadata Request Headers"; WHATWG Fetch (`Origin`); read 2026-11-21.
"""

import asyncio

from dragoman.errors import ChatError, ResponseStatusError, excerpt
from dragoman.gateway.state import Gateway
from dragoman.gateway.visit import GoneError, Visit
from dragoman.page.caller import Caller
from dragoman.page.files import find_file, give_file
from dragoman.page.room import Page
from dragoman.page.session import caller_of
from dragoman.page.speaking import Answer, Ask, MissingError, failed
from dragoman.page.table import find_row, methods_of

__all__ = ["PageApplication"]

_API = "/page/api"
_STATIC = "/page/static/"
_READS = ("GET", "HEAD")


class PageApplication:
    """Answers what `gateway.app` gives it; `close` ends what runs."""

    def __init__(self, gateway: Gateway) -> None:
        self._page = Page(gateway)

    async def close(self) -> None:
        """End the answers that run."""
        await self._page.close()

    async def visit(self, visit: Visit) -> None:
        """Answer one request."""
        try:
            await self._answer(visit)
        except GoneError:
            return
        except ChatError as error:
            if visit.started:
                raise
            await failed(error).give(visit)

    async def _answer(self, visit: Visit) -> None:
        if visit.path.startswith(f"{_API}/"):
            await self._api(visit)
            return
        if visit.method not in _READS:
            raise ResponseStatusError("a file of the page is only read", status=405)
        name = "index.html" if visit.path in ("/", "/page/") else visit.path.removeprefix(_STATIC)
        if name == visit.path:
            raise MissingError("address of the page")
        await give_file(visit, await asyncio.to_thread(find_file, name))

    async def _api(self, visit: Visit) -> None:
        _check_origin(visit)
        path = visit.path.removeprefix(_API)
        found = find_row("GET" if visit.method == "HEAD" else visit.method, path)
        if found is None:
            raise _nothing_here(visit, path)
        row, groups = found
        with (await self._page.gateway.held()).used() as held:
            ask = Ask(self._page, held, visit, Caller())
            if not row.open:
                ask.caller = await caller_of(ask)
            said = await row.load()(ask, **groups)
        if visit.started:
            return
        answer = (
            said if isinstance(said, Answer) else Answer(status=200 if said else 204, body=said)
        )
        await answer.give(visit)


def _nothing_here(visit: Visit, path: str) -> ResponseStatusError:
    if methods_of(path):
        return ResponseStatusError(f"not by {excerpt(visit.method)}", status=405)
    return MissingError("address of the page")


def _check_origin(visit: Visit) -> None:
    """Raise `ResponseStatusError` with status 403 for what is not the page itself."""
    headers = visit.headers
    site = headers.get("sec-fetch-site", "same-origin")
    is_ours = site == "same-origin" or (site == "none" and visit.method in _READS)
    origin = headers.get("origin")
    if origin is not None and origin.partition("://")[2] != headers.get("host", ""):
        is_ours = False
    if not is_ours:
        raise ResponseStatusError("only the page itself may ask this", status=403)
    if visit.method in _READS:
        return
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    # A form of another page cannot send this.
    if kind != "application/json":
        raise ResponseStatusError("the page speaks application/json", status=415)
