"""The gateway as an ASGI application, to be served by `dragoman serve` or mounted in another one.

Source: ASGI 3.0, "HTTP & WebSocket" and "Lifespan", read 2026-11-21.
"""

from pathlib import Path

from dragoman.config import Config
from dragoman.dialects.table import load_dialect
from dragoman.errors import ResponseStatusError, excerpt
from dragoman.gateway.asking import ask
from dragoman.gateway.faces import find_face
from dragoman.gateway.headers import request_id_of
from dragoman.gateway.routes import find_route
from dragoman.gateway.state import Gateway
from dragoman.gateway.visit import Receive, Scope, Send, Visit

__all__ = ["Application", "create_app"]


class Application:
    """The application. Served alone it opens and closes itself; who mounts it calls `close`."""

    def __init__(self, gateway: Gateway) -> None:
        self.gateway = gateway

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request, or the life of the server."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope["type"] == "http":
            await self._visit(Visit(scope, receive, send))
        else:
            await send({"type": "websocket.close", "code": 1000})

    async def close(self) -> None:
        """Close every connection to a provider; requests that run are waited for."""
        await self.gateway.close()

    async def _visit(self, visit: Visit) -> None:
        found = find_face(visit.path, visit.query)
        if found is not None and visit.method == "POST":
            await ask(self.gateway, visit, *found)
        elif (row := find_route(visit.method, visit.path)) is not None:
            route, groups = row
            await route.load()(self.gateway, visit, **groups)
        else:
            await _refuse(visit, 404 if found is None else 405)

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        try:
            await self.gateway.held()
        except Exception as exc:
            await send({"type": "lifespan.startup.failed", "message": str(exc)})
            return
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await self.gateway.close()
        await send({"type": "lifespan.shutdown.complete"})


async def _refuse(visit: Visit, status: int) -> None:
    """Say that nothing is here, in the words of the face that the address belongs to."""
    what = "there is no" if status == 404 else "there is no such method:"
    error = ResponseStatusError(f"{what} {visit.method} {excerpt(visit.path)}", status=status)
    dialect = next((name for start, name in _OWNERS if visit.path.startswith(start)), "openai_chat")
    failure = load_dialect(dialect).encode_failure(error)
    headers = [("content-type", "application/json"), ("x-request-id", request_id_of(visit.headers))]
    if status == 405:
        # Every address that has another method is a face.
        headers.append(("allow", "POST"))
    await visit.answer(status, failure.body, headers)


_OWNERS = (
    ("/v1/messages", "anthropic_messages"),
    ("/v1beta/", "gemini"),
    ("/v1/models/", "gemini"),
    ("/api/", "ollama"),
)


def create_app(config: Config | str | Path | None = None) -> Application:
    """The gateway for a configuration, a file of one, or the one in the usual place."""
    return Application(Gateway(config))
