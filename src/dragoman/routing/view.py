"""What is known of a candidate at the moment when it is decided who is asked."""

from collections.abc import Mapping
from typing import Literal

import msgspec

from dragoman.catalog import ModelCard
from dragoman.features import How

__all__ = ["View"]


class View(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a candidate now.

    `says` is what its wire can say of `features.FEATURES`, in `dialect`; `who` is what it is called
    in an error; `price` is US dollars for a million tokens in and a million out; `trouble` is why
    it cannot be asked at all, or empty. `state` is its breaker's, `why` what that holds against it,
    and `until_s` in how many seconds it may be tried. None is "not known".
    """

    card: ModelCard
    says: Mapping[str, How]
    who: str
    dialect: str | None = None
    price: float | None = None
    trouble: str = ""
    state: Literal["closed", "open", "probe"] = "closed"
    until_s: float = 0.0
    why: str = ""
    first_token_s: float | None = None
    error_rate: float = 0.0
