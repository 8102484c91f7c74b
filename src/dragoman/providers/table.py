"""Every provider, by the name that callers use: one row each.

A row names a class without importing it, so that a program pays only for what it uses. The
contract suite, the docs and the command line walk this table.
"""

import importlib
from collections.abc import Mapping

from dragoman.errors import InputError
from dragoman.providers.base import Provider

__all__ = ["PROVIDERS", "load_provider"]

PROVIDERS: Mapping[str, str] = {
    "local": "dragoman.providers.local.llama:Local",
    "echo": "dragoman.providers.local.echo:Echo",
    "fakegpt": "dragoman.providers.web.fake_gpt:FakeGpt",
    "chatgptfree": "dragoman.providers.web.chatgpt_free:ChatgptFree",
    "chatgptt": "dragoman.providers.web.chat_gptt:ChatGptt",
    "aichat": "dragoman.providers.web.aichat:Aichat",
}


def load_provider(name: str) -> Provider:
    """The provider of that name; `InputError` lists those that there are."""
    row = PROVIDERS.get(name)
    if row is None:
        raise InputError(f"unknown service {name!r}; known: {', '.join(PROVIDERS)}")
    module, _, kind = row.partition(":")
    provider: type[Provider] = getattr(importlib.import_module(module), kind)
    return provider()
