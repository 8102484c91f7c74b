"""Faults that a seed draws: which requests meet one, and which.

What is drawn depends on the seed, the request's body and how often that body came, and on nothing
else: the same requests meet the same faults, in whatever order they arrive.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from hashlib import blake2b
from random import Random
from typing import TypeVar, get_args

import msgspec

from dragoman.emulators.fault_shapes import (
    Cut,
    ErrorEvent,
    FaultKind,
    Malformed,
    Slow,
    Stall,
    Tail,
)
from dragoman.emulators.knob import CommonKnobs

__all__ = ["Dice"]

K = TypeVar("K", bound=CommonKnobs)


class Dice:
    """Draws for the requests of one scenario."""

    def __init__(self) -> None:
        self._came: Counter[bytes] = Counter()

    def drawn(self, knobs: K, body: bytes, note: Callable[[str, str], None]) -> K:
        """The knobs with what was drawn for a chat request; `note` is told the fault's kind."""
        tail, faults = knobs.tail, knobs.random_faults
        if tail is None and faults is None:
            return knobs
        known = blake2b(body, digest_size=8).digest()
        self._came[known] += 1
        request = f"{known.hex()}:{self._came[known]}"
        if tail is not None and _random("tail", tail.seed, request).random() < tail.share:
            note("drawn", "tail")
            knobs = msgspec.structs.replace(knobs, slow=_late(knobs.slow, tail))
        if faults is None:
            return knobs
        random = _random("fault", faults.seed, request)
        if random.random() >= faults.share:
            return knobs
        kind = random.choice(faults.kinds or get_args(FaultKind))
        note("drawn", kind)
        return msgspec.structs.replace(knobs, **_FAULTS[kind](random))


def _random(use: str, seed: int, request: str) -> Random:
    return Random(f"{use}:{seed}:{request}")  # noqa: S311 - it has to give the same again


def _late(slow: Slow | None, tail: Tail) -> Slow:
    return msgspec.structs.replace(slow or Slow(), before_first_s=tail.before_first_s)


def _cut(random: Random) -> Mapping[str, object]:
    how = random.choice(("end", "fin", "rst", "mid_chunk"))
    return {"cut": msgspec.convert({"after_events": random.randint(0, 8), "how": how}, Cut)}


def _cut_bytes(random: Random) -> Mapping[str, object]:
    how = random.choice(("end", "fin", "rst", "mid_chunk"))
    return {"cut": msgspec.convert({"after_bytes": random.randint(1, 800), "how": how}, Cut)}


def _malformed(random: Random) -> Mapping[str, object]:
    kind = random.choice(("json", "utf8", "not_object", "nan", "lone_surrogate"))
    spoilt = {"at_event": random.randint(1, 8), "kind": kind}
    return {"malformed": msgspec.convert(spoilt, Malformed)}


_FAULTS: Mapping[FaultKind, Callable[[Random], Mapping[str, object]]] = {
    "status": lambda random: {"status": random.choice((500, 502, 503, 504))},
    "rate_limit": lambda random: {"status": 429, "retry_after": 0},
    "reset": lambda random: {"connection": "reset"},
    "close": lambda random: {"connection": "close"},
    "html": lambda random: {"html_instead": True},
    "empty": lambda random: {"empty_body": True},
    "cut": _cut,
    "cut_bytes": _cut_bytes,
    "malformed": _malformed,
    "error": lambda random: {"error_event": ErrorEvent(after_events=random.randint(0, 8))},
    "stall": lambda random: {"stall": Stall(after_events=random.randint(0, 8))},
    "silent": lambda random: {"stall": Stall(headers=False)},
}
