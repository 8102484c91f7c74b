"""A row of data becomes a provider: the class that speaks its dialect, with the row in it."""

import importlib
from collections.abc import Mapping

import msgspec

from dragoman.errors import InputError
from dragoman.providers.api.dialect_provider import DialectProvider
from dragoman.providers.api.service import Service

__all__ = ["FAMILIES", "own_provider", "provider_class"]

FAMILIES: Mapping[str, str] = {
    "openai_chat": "dragoman.providers.api.openai:OpenAI",
    "openai_responses": "dragoman.providers.api.openai:OpenAIResponses",
    "anthropic_messages": "dragoman.providers.api.anthropic:Anthropic",
    "gemini": "dragoman.providers.api.gemini:Gemini",
    "ollama": "dragoman.providers.api.ollama:Ollama",
}
"""The dialects that a configured provider may speak, and the class that does."""


def provider_class(service: Service) -> type[DialectProvider]:
    """The class that a row is."""
    base = _family(service.dialect)
    fields: dict[str, object] = {
        "__doc__": f"{service.title}; see {service.docs}.",
        "__module__": __name__,
        "SERVICE": service,
        "SETTINGS": service.settings,
        "KEY_VARIABLE": service.key_variable,
        "name": service.name,
        "url": service.base_url or None,
        "needs_auth": bool(service.key_variable) and service.key_needed,
    }
    kind: type[DialectProvider] = type(service.title, (base,), fields)
    return kind


def own_provider(name: str, dialect: str) -> DialectProvider:
    """A provider of one's own that speaks this dialect at an address of its own."""
    row = msgspec.structs.replace(
        _family(dialect).SERVICE,
        name=name,
        title=name,
        base_url="",
        key_variable="",
        says={},
        renames={},
        prices="",
        note="",
    )
    return provider_class(row)()


def _family(dialect: str) -> type[DialectProvider]:
    if dialect not in FAMILIES:
        raise InputError(f"unknown dialect {dialect!r}; known: {', '.join(FAMILIES)}")
    module, _, name = FAMILIES[dialect].partition(":")
    family: type[DialectProvider] = getattr(importlib.import_module(module), name)
    return family
