"""A page on a real socket, and a browser's requests to it without a browser."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from io import BytesIO
from pathlib import Path
from typing import Any

import aiohttp
from msgspec.json import encode

from dragoman.config import Config
from dragoman.gateway.app import Application
from dragoman.store.store import Store
from tests.gateway.house import open_gateway

__all__ = ["Place", "open_page"]

_SAME = {"sec-fetch-site": "same-origin"}


class Place:
    """The page's address, and one reader with its cookies."""

    def __init__(self, url: str, app: Application, session: aiohttp.ClientSession) -> None:
        self.url = url
        self.app = app
        self._session = session

    async def ask(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        headers: Mapping[str, str] = {},
    ) -> tuple[int, Any, Mapping[str, str]]:
        """Status, JSON (or text) and headers of what `/page/api` answers."""
        told = dict(_SAME) if body is None else {**_SAME, "content-type": "application/json"}
        # Of bytes that are large the client says that they block.
        given: dict[str, Any] = {} if body is None else {"data": BytesIO(encode(body))}
        url = f"{self.url}/page/api{path}"
        if method != "GET" and body is None:
            told["content-type"] = "application/json"
        async with self._session.request(
            method, url, headers={**told, **headers}, **given
        ) as reply:
            is_json = reply.content_type == "application/json"
            said = await reply.json() if is_json else await reply.text()
            return reply.status, said, reply.headers

    async def file(
        self, path: str, headers: Mapping[str, str] = {}
    ) -> tuple[int, bytes, Mapping[str, str]]:
        """Status, bytes and headers of what is no interface."""
        async with self._session.get(f"{self.url}{path}", headers=headers) as reply:
            return reply.status, await reply.read(), reply.headers

    async def store(self) -> Store:
        """The gateway's store."""
        store = await self.app.gateway.store()
        assert store is not None
        return store


@asynccontextmanager
async def open_page(
    folder: Path,
    providers: Mapping[str, Mapping[str, Any]] | None = None,
    *,
    routes: Mapping[str, Mapping[str, Any]] | None = None,
    **gateway: Any,
) -> AsyncIterator[Place]:
    """A gateway with a page, whose store is in a folder."""
    database = f"sqlite:///{folder / 'page.db'}"
    config = Config.of(
        dict(providers or {}),
        gateway={"log": False, "database_url": database, **gateway},
        routes={name: dict(route) for name, route in (routes or {}).items()},
    )
    # By a number as its host a cookie is taken, too.
    jar = aiohttp.CookieJar(unsafe=True)
    async with (
        open_gateway(config) as (url, app),
        aiohttp.ClientSession(cookie_jar=jar) as session,
    ):
        yield Place(url, app, session)
