"""Official SDKs that reach every provider: their clients, wired to the gateway without a socket.

For code that has an SDK already. Each answers as the service's own address would, streams and
errors included; models are named `provider/model-id`.
"""

import importlib
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from dragoman.config import Config, load_config
from dragoman.errors import MissingRequirementsError

if TYPE_CHECKING:
    from anthropic import AsyncAnthropic
    from openai import AsyncOpenAI

__all__ = ["anthropic", "openai"]

# Neither goes anywhere: no socket is opened, and the gateway inside asks for no key.
_ADDRESS = "http://dragoman.invalid"
_KEY = "in-process"
T = TypeVar("T")


def openai(config: Config | str | Path | None = None) -> "AsyncOpenAI":
    """The `openai` package's asynchronous client, for chats and responses of every provider.

    `config` is as for `Client`, and is read now. Use it as an async context manager, or `close()`
    it; it belongs to one event loop. Raises `MissingRequirementsError` without the packages
    `openai` and those of the extra `serve`, and `InputError` for a wrong configuration.
    """

    def made(http_client: Any) -> "AsyncOpenAI":
        from openai import AsyncOpenAI

        return AsyncOpenAI(base_url=f"{_ADDRESS}/v1", api_key=_KEY, http_client=http_client)

    return _wired("openai", config, made)


def anthropic(config: Config | str | Path | None = None) -> "AsyncAnthropic":
    """The `anthropic` package's asynchronous client, for messages of every provider.

    All else is as with `openai`.
    """

    def made(http_client: Any) -> "AsyncAnthropic":
        from anthropic import AsyncAnthropic

        return AsyncAnthropic(base_url=_ADDRESS, api_key=_KEY, http_client=http_client)

    return _wired("anthropic", config, made)


def _wired(name: str, config: Config | str | Path | None, made: Callable[[Any], T]) -> T:
    loaded = config if isinstance(config, Config) else load_config(config)
    try:
        return made(importlib.import_module("dragoman.gateway.in_process").open_client(loaded))
    except ImportError as exc:
        if (exc.name or "").startswith("dragoman"):
            raise
        missing = MissingRequirementsError(
            f"dragoman.{name}() needs {exc.name}, which is not installed"
        )
        missing.hint = f"Install it: pip install 'dragoman[serve]' {name}"
        raise missing from exc
