"""Every provider, by the name that callers use: one row each.

A row names a class without importing it, so that a program pays only for what it uses. The
contract suite, the docs and the command line walk this table.
"""

import difflib
import importlib
from collections.abc import Mapping

from dragoman.errors import InputError
from dragoman.providers.api.rows import provider_class
from dragoman.providers.api.services import SERVICES
from dragoman.providers.base import Provider

__all__ = ["PROVIDERS", "load_provider", "unknown_service"]

PROVIDERS: Mapping[str, str] = {
    "local": "dragoman.providers.local.llama:Local",
    "echo": "dragoman.providers.local.echo:Echo",
    "fakegpt": "dragoman.providers.web.fake_gpt:FakeGpt",
    "chatgptfree": "dragoman.providers.web.chatgpt_free:ChatgptFree",
    "chatgptt": "dragoman.providers.web.chat_gptt:ChatGptt",
    "aichat": "dragoman.providers.web.aichat:Aichat",
    "openai": "dragoman.providers.api.openai:OpenAI",
    "openai-responses": "dragoman.providers.api.openai:OpenAIResponses",
    "anthropic": "dragoman.providers.api.anthropic:Anthropic",
    "gemini": "dragoman.providers.api.gemini:Gemini",
    "ollama": "dragoman.providers.api.ollama:Ollama",
    **{service.name: "" for service in SERVICES},
}
"""A row without a class is one of `services.py`, which is all there is of it."""


_BY_NAME = {service.name: service for service in SERVICES}


def unknown_service(name: str) -> str:
    """What to say about a name that no service has: the nearest, and where all are listed."""
    near = difflib.get_close_matches(name, PROVIDERS, n=2)
    guess = f"did you mean {' or '.join(map(repr, near))}? " if near else ""
    return f"unknown service {name!r}; {guess}`dragoman providers` lists them"


def load_provider(name: str) -> Provider:
    """The provider of that name; `InputError` lists those that there are."""
    row = PROVIDERS.get(name)
    if row is None:
        raise InputError(unknown_service(name))
    if not row:
        return provider_class(_BY_NAME[name])()
    module, _, kind = row.partition(":")
    provider: type[Provider] = getattr(importlib.import_module(module), kind)
    return provider()
