"""The gateway as an ASGI application, to be served by `dragoman serve` or mounted in another one.

Source: ASGI 3.0, "HTTP & WebSocket" and "Lifespan", read 2026-11-21.
"""

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path

from dragoman.config import Config
from dragoman.errors import ChatError, ResponseStatusError, excerpt
from dragoman.gateway.anthropic_visit import AnthropicVisit, is_for_anthropic
from dragoman.gateway.asking import ask
from dragoman.gateway.faces import find_face
from dragoman.gateway.refusing import refusal, refusal_headers
from dragoman.gateway.routes import find_route, methods_at
from dragoman.gateway.state import Gateway
from dragoman.gateway.to_page import Beside, is_for_page, load_page
from dragoman.gateway.visit import Receive, Scope, Send, Visit
from dragoman.gateway.web_pages import admit_page, permission
from dragoman.gateway_settings import GatewaySettings

__all__ = ["Application", "create_app"]


class Application:
    """The application. Served alone it opens and closes itself; who mounts it calls `close`."""

    def __init__(self, gateway: Gateway) -> None:
        self.gateway = gateway
        self._page: Beside | None = None
        self._loading = asyncio.Lock()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request, or the life of the server."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope["type"] == "http":
            visit = Visit(scope, receive, send)
            if is_for_anthropic(visit):
                visit = AnthropicVisit(scope, receive, send)
            await self._visit(visit)
        else:
            await send({"type": "websocket.close", "code": 1000})

    async def close(self) -> None:
        """Close every connection to a provider; requests that run are waited for."""
        if self._page is not None:
            await self._page.close()
        await self.gateway.close()

    async def _visit(self, visit: Visit) -> None:
        if is_for_page(visit):
            if await self._is_admitted(visit, ()):
                await (await self._opened_page()).visit(visit)
            return
        found = find_face(visit.path, visit.query)
        methods = methods_at(visit.path) if found is None else ("POST",)
        if not await self._is_admitted(visit, methods):
            return
        if found is not None and visit.method == "POST":
            await ask(self.gateway, visit, *found)
        elif found is None and (row := find_route(visit.method, visit.path)) is not None:
            route, groups = row
            await route.load()(self.gateway, visit, **groups)
        else:
            await _refuse(visit, methods)

    async def _is_admitted(self, visit: Visit, methods: Sequence[str]) -> bool:
        """Whether to go on; who may not come in, or only asks whether it may, is answered."""
        try:
            settings = (await self.gateway.held()).settings
        except ChatError:
            # Whoever needs a configuration says so.
            settings = GatewaySettings()
        try:
            visit.page = admit_page(visit, settings)
        except ResponseStatusError as error:
            await _tell(visit, error)
            return False
        told = permission(visit, methods)
        if told is not None:
            await visit.answer(200, b"", told)
        return told is None

    async def _opened_page(self) -> Beside:
        async with self._loading:
            if self._page is None:
                self._page = await asyncio.to_thread(load_page, self.gateway)
        return self._page

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        try:
            await self.gateway.held()
        except Exception as exc:
            await send({"type": "lifespan.startup.failed", "message": str(exc)})
            return
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await self.close()
        await send({"type": "lifespan.shutdown.complete"})


async def _refuse(visit: Visit, methods: Sequence[str]) -> None:
    """Say that nothing is here, or nothing by that method."""
    what = "there is no such method:" if methods else "there is no"
    words = f"{what} {visit.method} {excerpt(visit.path)}"
    error = ResponseStatusError(words, status=405 if methods else 404)
    await _tell(visit, error, {"allow": ", ".join(methods)} if methods else {})


async def _tell(visit: Visit, error: ResponseStatusError, more: Mapping[str, str] = {}) -> None:
    failure = refusal(visit.path, error)
    headers = {**refusal_headers(failure, visit.headers), **more}
    await visit.answer(failure.status, failure.body, headers.items())


def create_app(config: Config | str | Path | None = None) -> Application:
    """The gateway for a configuration, a file of one, or the one in the usual place."""
    return Application(Gateway(config))
