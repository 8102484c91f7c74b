"""The APIs that a question can go to, each through its emulator, for tests."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from dragoman.emulators.emulator import Emulator

__all__ = ["APIS", "Api", "Emulators"]

Emulators = Callable[..., Emulator[Any]]


class Api(NamedTuple):
    """A provider, one of its models, its emulator, and the path below the emulator's address."""

    provider: str
    model: str
    emulator: str
    path: str = ""

    def at(self, url: str) -> Sequence[str]:
        """The words that ask it there."""
        return (
            *("-m", f"{self.provider}/{self.model}", "-o", f"base_url={url}{self.path}"),
            *("-o", "api_key=a-key"),
        )


APIS = [
    Api("openai", "gpt-4o", "openai", "/v1"),
    Api("openai-responses", "gpt-4o", "openai", "/v1"),
    Api("anthropic", "claude-sonnet-4-5", "anthropic"),
    Api("gemini", "gemini-2.5-flash", "gemini"),
    Api("ollama", "llama3.2", "ollama"),
]
