"""Every command: its name, what it is for, and the module that is imported when it runs.

The module has a function `run`, whose signature is the command's usage.
"""

from collections.abc import Mapping
from typing import NamedTuple

__all__ = ["COMMANDS", "RESERVED", "Command"]


class Command(NamedTuple):
    """One row: a line of help and a module."""

    about: str
    module: str


COMMANDS: Mapping[str, Command] = {
    "chat": Command("Ask a model; without a prompt, begin a conversation.", "dragoman.cli.chat"),
    "models": Command("List the models that can be asked.", "dragoman.cli.models"),
    "providers": Command(
        "List the providers and measure which of them work now.", "dragoman.cli.providers"
    ),
    "probe": Command(
        "Measure a provider's handshake, step by step, without a chat.", "dragoman.cli.probe"
    ),
    "emulate": Command(
        "Run an emulator of a provider on this machine, for tests.", "dragoman.cli.emulate"
    ),
    "serve": Command("Serve every provider at one address.", "dragoman.cli.serve"),
    "explain": Command(
        "Say whom a model's name asks, in which order and why.", "dragoman.cli.explain"
    ),
    "pull": Command("Fetch a model for this machine.", "dragoman.cli.pull"),
    "login": Command("Keep or remove the cookies of a provider's site.", "dragoman.cli.login"),
    "keys": Command("Make, list and revoke keys of the gateway.", "dragoman.cli.keys"),
    "usage": Command("Say what the gateway's requests used and cost.", "dragoman.cli.usage"),
}

RESERVED = ("batch",)
"""Commands of later versions: a prompt of that word alone would change its meaning one day."""
