"""Lists of models, at an address of each face; only what the caller's key may use is listed.

`/v1/models` has three shapes, and the caller's headers say which.
"""

import msgspec

from dragoman.catalog import ModelCard
from dragoman.gateway.errand import Errand, Kind, run_errand
from dragoman.gateway.model_shapes import PAGES, SHAPES
from dragoman.gateway.state import Gateway
from dragoman.gateway.visit import Visit
from dragoman.names import resolve_route

__all__ = [
    "find_card",
    "list_gemini_models",
    "list_models",
    "show_gemini_model",
    "show_model",
    "usable_cards",
]

_OPENAI = Kind("models", "openai_chat", limited=False)
_ANTHROPIC = Kind("models", "anthropic_messages", limited=False)
_GEMINI = Kind("models", "gemini", limited=False)


async def list_models(gateway: Gateway, visit: Visit) -> None:
    """`GET /v1/models`."""
    await _list(gateway, visit, _kind(visit))


async def show_model(gateway: Gateway, visit: Visit, model: str) -> None:
    """`GET /v1/models/{model}`."""
    await _show(gateway, visit, _kind(visit), model)


async def list_gemini_models(gateway: Gateway, visit: Visit) -> None:
    """`GET /v1beta/models`."""
    await _list(gateway, visit, _GEMINI)


async def show_gemini_model(gateway: Gateway, visit: Visit, model: str) -> None:
    """`GET /v1beta/models/{model}`."""
    await _show(gateway, visit, _GEMINI, model)


async def usable_cards(errand: Errand) -> dict[str, ModelCard]:
    """The models that the caller may use, by name, as `provider/model-id`; routes first."""
    cards = await errand.held.listing.all()
    return {name: card for name, card in cards.items() if errand.may(name)}


async def find_card(errand: Errand, model: str) -> tuple[str, ModelCard]:
    """A model's or route's whole name and its card.

    Errors as `Listing.find`, and 403 for the key.
    """
    held = errand.held
    route = resolve_route(model, held.config)
    if route.is_named:
        held.keys.may(errand.key, route.name)
        return route.name, await held.listing.find_route(route)
    (candidate,) = route.candidates
    entry = held.config.providers[candidate.provider]
    name = entry.provider.resolve_model(candidate.model, entry.account)
    errand.record.provider, errand.record.model = entry.name, name
    full = f"{entry.name}/{name}"
    held.keys.may(errand.key, full)
    return full, await held.listing.find(entry.name, name)


async def _list(gateway: Gateway, visit: Visit, kind: Kind) -> None:
    async def work(errand: Errand) -> bytes:
        page = PAGES[kind.dialect]
        return msgspec.json.encode(page(await usable_cards(errand), visit.query()))

    await run_errand(gateway, visit, kind, work)


async def _show(gateway: Gateway, visit: Visit, kind: Kind, model: str) -> None:
    async def work(errand: Errand) -> bytes:
        return msgspec.json.encode(SHAPES[kind.dialect](*await find_card(errand, model)))

    await run_errand(gateway, visit, kind, work)


def _kind(visit: Visit) -> Kind:
    if "anthropic-version" in visit.headers:
        return _ANTHROPIC
    if "x-goog-api-key" in visit.headers or "key" in visit.query():
        return _GEMINI
    return _OPENAI
