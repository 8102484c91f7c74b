"""Which emulators there are: a name and where its service is, imported when it is asked for."""

from collections.abc import Mapping
from importlib import import_module
from typing import Any

from dragoman.emulators.service import Service

__all__ = ["NAMES", "OF_DIALECT", "load"]

_WHERE = {
    "aichat": "dragoman.emulators.aichat:Aichat",
    "anthropic": "dragoman.emulators.anthropic_api:Anthropic",
    "chatgptfree": "dragoman.emulators.wordpress:ChatgptFree",
    "chatgptt": "dragoman.emulators.wordpress:ChatGptt",
    "fakegpt": "dragoman.emulators.fakegpt:FakeGpt",
    "gemini": "dragoman.emulators.gemini_api:Gemini",
    "ollama": "dragoman.emulators.ollama_api:Ollama",
    "openai": "dragoman.emulators.openai_api:OpenAI",
}

NAMES = tuple(sorted(_WHERE))

OF_DIALECT: Mapping[str, str] = {
    "anthropic_messages": "anthropic",
    "gemini": "gemini",
    "ollama": "ollama",
    "ollama_generate": "ollama",
    "openai_chat": "openai",
    "openai_responses": "openai",
}
"""The emulator that plays any service which speaks a dialect."""


def load(name: str) -> Service[Any]:
    """Make the service of this name; `ValueError` lists the names if there is none."""
    try:
        module, _, attribute = _WHERE[name].partition(":")
    except KeyError:
        raise ValueError(f"no emulator is called {name!r}; there are {', '.join(NAMES)}") from None
    service: Service[Any] = getattr(import_module(module), attribute)()
    return service
