"""Short ways to ask a service through its emulator, for the tests of this folder."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from dragoman import emulators
from dragoman.client import Client
from dragoman.config import Config
from dragoman.emulators.emulator import Emulator, JournalEntry

__all__ = ["KEY", "PNG", "SAID", "at", "client", "open_api", "without"]

KEY = "key-of-our-own-0123456789"
SAID = "Größe und 大きさ: one two three four"
MODEL = "mock-model"

PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de"
    "0000000c4944415408d763f8cfc000000301010018dd8db00000000049454e44ae426082"
)
"""One red point."""


def client(emulator: Emulator[Any], service: str, **fields: Any) -> Client:
    """A client whose provider `mine` is this service at the emulator."""
    table = {"service": service, "base_url": emulator.url, "api_key": KEY, **fields}
    return Client(Config.of({"mine": table}))


@asynccontextmanager
async def open_api(
    name: str, service: str, *, path: str = "", **fields: Any
) -> AsyncIterator[tuple[Emulator[Any], Client]]:
    """A running emulator and a client whose provider `mine` is this service there."""
    async with emulators.run(name) as emulator:
        base_url = f"{emulator.url}{path}"
        async with client(emulator, service, base_url=base_url, **fields) as asker:
            yield emulator, asker


def at(body: Any, place: str) -> Any:
    """What stands at a place of a body, as `reasoning.effort`; None if nothing does."""
    for name in place.split("."):
        body = body.get(name) if isinstance(body, dict) else None
    return body


def without(entry: JournalEntry, header: str) -> str:
    """All that was sent but one header, as text."""
    headers = {name: text for name, text in entry["headers"].items() if name != header.lower()}
    return json.dumps([entry["path"], entry["query"], headers, entry["body"]])
