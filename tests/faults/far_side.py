"""Six emulators in a process of their own, for the soak: their work and their memory are theirs.

The first line of standard output is their addresses as JSON. When standard input ends, so do they,
and the last line tells what they saw. Journals are emptied as they grow.
"""

import asyncio
import contextlib
import json
import re
import sys
from collections import Counter
from collections.abc import Mapping
from contextlib import AsyncExitStack
from typing import Any

from dragoman import emulators
from dragoman.emulators.emulator import Emulator

__all__ = ["ANSWERS", "KINDS", "request_text"]

KINDS: Mapping[str, str] = {"a": "openai", "b": "anthropic", "c": "gemini"}
"""Each provider and its emulator; `a1` repeats what it is asked, `a2` has an answer of its own."""

_BEGUN = "All of them begin alike, and some time later "

ANSWERS: Mapping[str, str] = {
    name: f"{_BEGUN}{name} goes on in words that only {kind} would ever say, to the very end."
    for name, kind in KINDS.items()
}
"""What `a2`, `b2`, `c2` say: alike at first, so that a splice would look whole."""

_DRAIN_S = 0.5
_NUMBER = re.compile(r"request (\d+) ")


def request_text(number: int) -> str:
    """The prompt of a request: no other one has the same."""
    return f"request {number} has to come back word by word, and not one of them may be missing, ok"


class _Seen:
    """What all emulators saw."""

    def __init__(self) -> None:
        self.first: dict[str, str] = {}
        self.drawn: Counter[str] = Counter()
        self.chats = 0
        self.complaints: list[str] = []

    def drain(self, name: str, emulator: Emulator[Any]) -> None:
        entries = [*emulator.journal]
        emulator.clear_journal()
        for entry in entries:
            self.complaints += entry["complaints"][:1]
            found = _NUMBER.search(json.dumps(entry["body"]))
            if found is None:
                continue
            self.chats += 1
            drawn = str(entry["notes"].get("drawn", ""))
            self.drawn[drawn] += bool(drawn)
            self.first.setdefault(f"{name} {found[1]}", drawn)


async def _drain(far: Mapping[str, Emulator[Any]], seen: _Seen) -> None:
    while True:
        await asyncio.sleep(_DRAIN_S)
        for name, emulator in far.items():
            seen.drain(name, emulator)


async def _main(seed: int, share: float) -> None:
    async with AsyncExitStack() as stack:
        far: dict[str, Emulator[Any]] = {}
        for place, (name, kind) in enumerate(KINDS.items()):
            for version, answer in (("1", "echo"), ("2", ANSWERS[name])):
                faults = {"seed": seed * 100 + place, "share": share}
                scenario = {"answer": answer, "random_faults": faults}
                running = emulators.run(kind, scenario=scenario)
                far[name + version] = await stack.enter_async_context(running)
        print(json.dumps({name: one.url for name, one in far.items()}), flush=True)  # noqa: T201 - the parent reads it
        seen = _Seen()
        draining = asyncio.create_task(_drain(far, seen))
        await asyncio.to_thread(sys.stdin.read)
        draining.cancel()
        for one in far.values():
            with contextlib.suppress(TimeoutError):
                await one.wait_idle()
        for name, one in far.items():
            seen.drain(name, one)
        told = {
            "first": seen.first,
            "drawn": seen.drawn,
            "chats": seen.chats,
            "complaints": seen.complaints[:5],
            "answers": sum(one.answers for one in far.values()),
            "connections": sum(one.connections for one in far.values()),
        }
        print(json.dumps(told), flush=True)  # noqa: T201 - the parent reads it


if __name__ == "__main__":
    asyncio.run(_main(int(sys.argv[1]), float(sys.argv[2])))
