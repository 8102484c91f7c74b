"""A scenario: a JSON object checked against an emulator's knobs, and when its faults hold.

A scenario replaces the one before it whole. `on`, `for` and `at` limit the faults, never the
settings (an answer, a dialect), so a service stays the same service from request to request.
"""

from collections.abc import Mapping
from typing import Annotated, Any, Generic, TypeVar, get_args, get_origin, get_type_hints

import msgspec

from dragoman.emulators.drawing import Dice
from dragoman.emulators.knob import CommonKnobs
from dragoman.emulators.service import Request

__all__ = ["Scenario", "checked", "knob_metas"]

K = TypeVar("K", bound=CommonKnobs)


def knob_metas(knobs_type: type[CommonKnobs]) -> Mapping[str, msgspec.Meta]:
    """The description of each knob by the name that a scenario uses."""
    hints = get_type_hints(knobs_type, include_extras=True)
    return {
        field.encode_name: next(
            meta
            for meta in get_args(hints[field.name])
            if isinstance(meta, msgspec.Meta) and meta.extra
        )
        for field in msgspec.structs.fields(knobs_type)
        if get_origin(hints[field.name]) is Annotated
    }


def checked(mapping: Mapping[str, Any], knobs_type: type[K]) -> K:
    """The knobs of a scenario; `ValueError` names an unknown knob or a wrong shape."""
    known = knob_metas(knobs_type)
    for name in mapping:
        if name not in known:
            raise ValueError(f"unknown knob `{name}`; this emulator has {', '.join(sorted(known))}")
    for name, value in mapping.items():
        try:
            msgspec.convert({name: value}, knobs_type)
        except msgspec.ValidationError as exc:
            reason = str(exc).replace("$.", "").replace("$", "the scenario")
            raise ValueError(f"knob `{name}`: {reason}") from exc
    return msgspec.convert(dict(mapping), knobs_type)


class Scenario(Generic[K]):
    """The knobs as given, and those in force for one request."""

    def __init__(self, mapping: Mapping[str, Any], knobs_type: type[K]) -> None:
        """Raises `ValueError` naming an unknown knob or a wrong shape."""
        self.mapping = dict(mapping)
        self.knobs = checked(mapping, knobs_type)
        self.calm = _settings_only(self.knobs)
        self._dice = Dice()

    def for_request(self, request: Request, client: str) -> K:
        """The knobs for one request, with its own answer and what was drawn for it."""
        knobs = self.in_force(number=request.number, step=request.step, client=client)
        if request.step != "chat":
            return knobs
        answers = getattr(knobs, "answers", ())
        if answers:
            answer = answers[min(request.number, len(answers)) - 1]
            knobs = msgspec.structs.replace(knobs, answer=answer)
        return self._dice.drawn(knobs, request.raw, request.note)

    def in_force(self, *, number: int, step: str, client: str) -> K:
        """The knobs for one request; without its faults where they are limited to others."""
        knobs = self.knobs
        if knobs.on is not None and number not in knobs.on:
            return self.calm
        if knobs.at is not None and step not in knobs.at:
            return self.calm
        if knobs.for_ is not None and client != knobs.for_:
            return self.calm
        return knobs


def _settings_only(knobs: K) -> K:
    metas = knob_metas(type(knobs))
    kept = {
        field.name: getattr(knobs, field.name)
        for field in msgspec.structs.fields(knobs)
        if not (metas[field.encode_name].extra or {})["fault"]
    }
    return type(knobs)(**kept)
