"""Words for how much to think, for services that have fewer of them: see `Service.words`."""

from collections.abc import Mapping
from typing import get_args

from dragoman.chat import Effort

__all__ = ["EFFORTS", "on_or_off", "said"]

EFFORTS: tuple[str, ...] = get_args(Effort)

_Words = Mapping[str, Mapping[str, Mapping[str, object]]]


def said(**words: str) -> _Words:
    """The words of `reasoning_effort` that have another one in the same field."""
    return {"reasoning_effort": {ours: {"reasoning_effort": word} for ours, word in words.items()}}


def on_or_off(place: str, on: object, off: object) -> _Words:
    """`none` and every other word of `reasoning_effort`, for a service that has just a switch."""
    return {"reasoning_effort": {word: {place: off if word == "none" else on} for word in EFFORTS}}
