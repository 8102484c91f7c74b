"""How a provider stands, in a word, from what was measured of it. Pure.

A model first: `down` while its breaker is not closed; `unknown` if nothing was measured within the
last hour; `trouble` if its last attempt failed, or a tenth of those within the breaker's window;
else it `works`. `STANDINGS` says what that makes of its provider; the first line that fits holds.
"""

from collections.abc import Mapping, Sequence
from typing import Literal

from dragoman.routing.health import Measured, Probed

__all__ = ["STALE_S", "STANDINGS", "Standing", "model_standing", "provider_standing"]

Standing = Literal["works", "trouble", "down", "unknown"]

STANDINGS: Mapping[Standing, str] = {
    "down": "it cannot be asked; or every model that is known of is down, and no probe has worked "
    "since; or a probe failed, and no answer was whole since",
    "trouble": "a model is down or in trouble",
    "works": "a model works, or the last probe did",
    "unknown": "nothing was measured of it within the last hour",
}
"""Each standing of a provider and when it has it, the first that fits."""

STALE_S = 3600.0
"""So long a measurement says something of now."""

_TROUBLE_RATE = 0.1


def model_standing(measured: Measured, now: float) -> Standing:
    """How a model stands; `now` in Unix seconds."""
    if measured.state != "closed":
        return "down"
    good, bad = measured.last_success or 0.0, measured.last_failure or 0.0
    if now - max(good, bad) > STALE_S:
        return "unknown"
    return "trouble" if bad > good or measured.error_rate >= _TROUBLE_RATE else "works"


def provider_standing(
    models: Sequence[Measured], probed: Probed | None, now: float, *, can_be_asked: bool = True
) -> Standing:
    """How a provider of these models stands; `now` in Unix seconds."""
    found = {model_standing(measured, now) for measured in models} - {"unknown"}
    probe = probed if probed is not None and now - probed.at <= STALE_S else None
    if not can_be_asked or _is_down(models, found, probe):
        return "down"
    if found & {"down", "trouble"}:
        return "trouble"
    return "works" if found or probe is not None else "unknown"


def _is_down(models: Sequence[Measured], found: set[Standing], probe: Probed | None) -> bool:
    if probe is not None and not probe.works:
        return probe.at > max((one.last_success or 0.0 for one in models), default=0.0)
    if found != {"down"}:
        return False
    return probe is None or probe.at < max(one.last_failure or 0.0 for one in models)
