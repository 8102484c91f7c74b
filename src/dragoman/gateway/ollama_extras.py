"""What Ollama's programs ask besides chats: which models there are, what each can do, the version.

Dates, sizes and digests of weights are not known here: they stand because the form has them.
Source: docs.ollama.com (API reference), and the types of the package ollama 0.6.3, read 2026-11-21.
"""

from hashlib import sha256

import msgspec

from dragoman.catalog import ModelCard
from dragoman.dialects.reading import read_object
from dragoman.gateway.errand import Errand, Kind, run_errand
from dragoman.gateway.model_lists import find_card, usable_cards
from dragoman.gateway.model_shapes import NO_DATE
from dragoman.gateway.state import Gateway
from dragoman.gateway.visit import Visit

__all__ = ["list_running", "list_tags", "say_hello", "show_tag", "tell_version"]

VERSION = "0.40.12"
"""The version of Ollama whose API is spoken: its programs look for what it can do by it."""

_TAGS = Kind("tags", "ollama", limited=False)
_SHOW = Kind("show", "ollama", limited=False)
_RUNNING = Kind("ps", "ollama", limited=False)


async def list_tags(gateway: Gateway, visit: Visit) -> None:
    """`GET /api/tags`."""
    await run_errand(gateway, visit, _TAGS, _tags)


async def show_tag(gateway: Gateway, visit: Visit) -> None:
    """`POST /api/show`."""
    await run_errand(gateway, visit, _SHOW, _show)


async def list_running(gateway: Gateway, visit: Visit) -> None:
    """`GET /api/ps`: no model is loaded or unloaded here."""
    await run_errand(gateway, visit, _RUNNING, _running)


async def tell_version(gateway: Gateway, visit: Visit) -> None:
    """`GET /api/version`; needs no key, as it tells nothing of this gateway."""
    await _say(visit, msgspec.json.encode({"version": VERSION}), "application/json")


async def say_hello(gateway: Gateway, visit: Visit) -> None:
    """`GET /` and `HEAD /`: whether anybody is here."""
    await _say(visit, b"Dragoman\n", "text/plain; charset=utf-8")


async def _say(visit: Visit, body: bytes, media_type: str) -> None:
    await visit.answer(200, body, [("content-type", media_type)])


async def _tags(errand: Errand) -> bytes:
    cards = await usable_cards(errand)
    return msgspec.json.encode({"models": [_tag(name) for name in cards]})


def _tag(name: str) -> dict[str, object]:
    return {
        "name": name,
        "model": name,
        "modified_at": NO_DATE,
        "size": 0,
        # Programs tell models apart by it; here the name does.
        "digest": sha256(name.encode()).hexdigest(),
        "details": _details(name),
    }


def _details(name: str) -> dict[str, object]:
    family = name.partition("/")[0]
    return {
        "parent_model": "",
        "format": "",
        "family": family,
        "families": [family],
        "parameter_size": "",
        "quantization_level": "",
    }


async def _show(errand: Errand) -> bytes:
    asked = read_object(errand.body)
    # Its older programs say `name`.
    model = asked.get("model", "name") or asked.need("model")
    name, card = await find_card(errand, model.text(empty=False))
    family = name.partition("/")[0]
    facts: dict[str, object] = {"general.architecture": family}
    if card.context is not None:
        facts[f"{family}.context_length"] = card.context
    told = {
        "license": "",
        "modelfile": "",
        "parameters": "",
        "template": "",
        "details": _details(name),
        "model_info": facts,
        "capabilities": _abilities(card),
        "modified_at": NO_DATE,
    }
    return msgspec.json.encode(told)


def _abilities(card: ModelCard) -> list[str]:
    """What it can do. The form cannot say "not known", and what is not known is tried."""
    found = ["completion"]
    if card.tools is not False:
        found.append("tools")
    if card.images is not False:
        found.append("vision")
    if card.reasoning:
        found.append("thinking")
    return found


async def _running(errand: Errand) -> bytes:
    return b'{"models":[]}'
