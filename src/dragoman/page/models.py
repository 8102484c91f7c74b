"""The models that the page offers: what each can do, and whether it works now."""

import asyncio

from dragoman.catalog import ModelCard
from dragoman.errors import ChatError, excerpt
from dragoman.names import resolve_route
from dragoman.page.speaking import Ask
from dragoman.routing.health import Measured

__all__ = ["list_"]

_Json = dict[str, object]


async def list_(ask: Ask) -> object:
    """`GET /page/api/models`: routes first, then the models in the order of the providers."""
    held, caller = ask.held, ask.caller
    cards = dict(await held.listing.all())
    usable = await asyncio.to_thread(held.config.usable)
    for name in usable:
        entry = held.config.providers[name]
        for model in entry.account.models:
            # A service need not list what its owner says that it has.
            cards.setdefault(f"{name}/{model}", entry.card(model))
    troubles = [(name, held.listing.trouble(name)) for name in usable]
    return {
        "default": _default(ask, cards),
        "models": [_row(ask, name, card) for name, card in cards.items() if caller.may(name)],
        "failed": [_failed(name, error) for name, error in troubles if error is not None],
    }


def _default(ask: Ask, cards: dict[str, ModelCard]) -> str | None:
    """What the configuration names for whoever names none, else the first that may be asked."""
    named = ask.held.config.model
    if named and ask.caller.may(named):
        return named
    return next((name for name in cards if ask.caller.may(name)), None)


def _row(ask: Ask, name: str, card: ModelCard) -> _Json:
    told: _Json = {
        "name": name,
        "images": card.images,
        "tools": card.tools,
        "reasoning": card.reasoning,
        "context": card.context,
    }
    route = ask.held.config.routes.get(name)
    if route is None:
        provider, _, model = name.partition("/")
        return told | {"kind": "model", "provider": provider} | _health(ask, provider, model)
    candidates = [f"{one.provider}/{one.model}" for one in route.candidates]
    best = next(iter(resolve_route(name, ask.held.config).candidates))
    health = _health(ask, best.provider, best.model)
    return told | {"kind": "route", "provider": "", "candidates": candidates} | health


def _health(ask: Ask, provider: str, model: str) -> _Json:
    measured = ask.gateway.health.view(provider, model)
    first_s = measured.first_token_s
    return {
        "state": measured.state if _was_asked(measured) else "unknown",
        "why": measured.why or None,
        "last_success": measured.last_success,
        "first_token_ms": None if first_s is None else round(first_s * 1000, 1),
    }


def _was_asked(measured: Measured) -> bool:
    return bool(measured.last_success or measured.last_failure)


def _failed(provider: str, error: ChatError) -> _Json:
    return {"provider": provider, "message": excerpt(error.message)}
