"""What `[health]` of a configuration says: when a provider's model is left alone, and for how long.

Every complaint names file and line.
"""

from collections.abc import Mapping
from typing import Annotated

import msgspec
from msgspec import Meta

from dragoman.config_tables import Field, Place, decode_fields

__all__ = ["FIELDS", "HealthSettings", "decode_health"]

_Count = Annotated[int, Meta(ge=0, le=1_000_000)]
_Share = Annotated[float, Meta(ge=0, le=1)]
_Span = Annotated[float, Meta(ge=0.1, le=86400)]
_Pause = Annotated[float, Meta(ge=0, le=86400)]


class HealthSettings(msgspec.Struct, frozen=True, kw_only=True):
    """When a breaker opens and when it is tried again; see `FIELDS`."""

    breaker_failures: _Count = 5
    breaker_error_rate: _Share = 0.5
    window_s: _Span = 30.0
    probe_every_s: _Span = 5.0
    active_s: _Pause = 0.0

    @property
    def breaks(self) -> bool:
        """Whether a breaker opens at all."""
        return self.breaker_failures > 0 or self.breaker_error_rate > 0


_SPAN = "a number from 0.1 to 86400"

FIELDS: Mapping[str, Field] = {
    "breaker_failures": Field(
        "a whole number",
        "failures in a row after which a provider's model is left alone; 0: never for that",
    ),
    "breaker_error_rate": Field(
        "a number from 0 to 1",
        "share of failures, of at least 10 requests within `window_s`, after which it is left "
        "alone; 0: never for that",
    ),
    "window_s": Field(_SPAN, "seconds back that count for the share of failures"),
    "probe_every_s": Field(
        _SPAN, "seconds between the single requests that try whether it is back"
    ),
    "active_s": Field(
        "a number from 0 to 86400",
        "seconds between the handshakes, or lists of models, that measure each provider of a "
        "route without a chat; 0: none",
    ),
}
"""Each field of `[health]`; printed in the docs."""


def decode_health(place: Place, table: object) -> HealthSettings:
    """The settings that a table is; `InputError` names what is wrong with it."""
    if not isinstance(table, dict):
        raise place.error(("health",), "expected a table, as [health]")
    types = {field.name: field.type for field in msgspec.structs.fields(HealthSettings)}
    return HealthSettings(**decode_fields(place, ("health",), table, (types, FIELDS)))
