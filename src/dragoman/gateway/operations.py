"""What operators ask a gateway: whether it lives, whether it can work, what it has counted.

Health is told to everybody, for what asks it is a machine without secrets; the rest wants a key
where keys are configured.
"""

import asyncio

import msgspec

from dragoman.dialects.table import load_dialect
from dragoman.errors import AuthError, ChatError
from dragoman.gateway.faces import FACES
from dragoman.gateway.metrics import MEDIA_TYPE
from dragoman.gateway.openapi import document
from dragoman.gateway.routes import ROUTES
from dragoman.gateway.state import Gateway, Held
from dragoman.gateway.visit import Visit
from dragoman.routing.health_report import ProviderReport, report

__all__ = ["live", "metrics", "openapi", "providers", "ready"]

_JSON = ("content-type", "application/json")
# What is told is true now: neither a proxy nor a browser keeps it.
_FRESH = ("cache-control", "no-store")


async def live(gateway: Gateway, visit: Visit) -> None:
    """The process answers."""
    await _say(visit, 200, {"status": "ok"})


async def ready(gateway: Gateway, visit: Visit) -> None:
    """There is a configuration to work with; 503 if it cannot be read."""
    try:
        await gateway.held()
    except ChatError:
        # The reason may name files and hosts: it is for the log, not for everybody.
        await _say(visit, 503, {"status": "no configuration"})
        return
    await _say(visit, 200, {"status": "ok"})


async def metrics(gateway: Gateway, visit: Visit) -> None:
    """The page of the moment for Prometheus."""
    held = await _opened(gateway, visit)
    if held is None:
        return
    page = gateway.meter.page(await _measured(gateway, held))
    # A large page takes a tenth of a second, and streams are waiting.
    text = await asyncio.to_thread(page.text)
    await visit.answer(200, text, [("content-type", MEDIA_TYPE), _FRESH])


async def providers(gateway: Gateway, visit: Visit) -> None:
    """What was measured of the providers that can be asked; nothing is asked for it."""
    held = await _opened(gateway, visit)
    if held is None:
        return
    told = {"providers": await _measured(gateway, held)}
    await visit.answer(200, msgspec.json.encode(told), [_JSON, _FRESH])


async def openapi(gateway: Gateway, visit: Visit) -> None:
    """The description of what is served here."""
    held = await _opened(gateway, visit)
    if held is None:
        return
    described = document(FACES, ROUTES, keys=bool(held.settings.keys))
    await visit.answer(200, msgspec.json.encode(described), [_JSON])


async def _measured(gateway: Gateway, held: Held) -> list[ProviderReport]:
    # The first time it loads the code of each service.
    names = await asyncio.to_thread(held.config.usable)
    return report(gateway.health, names)


async def _opened(gateway: Gateway, visit: Visit) -> Held | None:
    """The configuration in force, if the caller's key fits; else None, and it was told so."""
    held = await gateway.held()
    try:
        held.keys.check(visit.headers, visit.query().get("key"))
    except AuthError as error:
        failure = load_dialect("openai_chat").encode_failure(error)
        headers = [_JSON, ("www-authenticate", "Bearer"), *failure.headers.items()]
        await visit.answer(failure.status, failure.body, headers)
        return None
    return held


async def _say(visit: Visit, status: int, words: dict[str, str]) -> None:
    await visit.answer(status, msgspec.json.encode(words), [_JSON, _FRESH])
