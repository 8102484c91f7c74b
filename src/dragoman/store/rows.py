"""The values of the store. Times are Unix seconds; what is not known is None or empty."""

from typing import Any, Literal

import msgspec

from dragoman.routing.breaker import State as BreakerState

__all__ = [
    "By",
    "Conversation",
    "HealthRow",
    "Piece",
    "State",
    "StoredKey",
    "Turn",
    "UsagePoint",
    "UsageQuestion",
    "UsageReport",
    "UsageRow",
    "UsageSum",
]

By = Literal["model", "provider", "key", "day"]
"""What usage is summed by; a day is one of UTC."""

State = Literal["running", "whole", "broken", "stopped"]
"""How far a turn came: `broken` by an error, `stopped` by its reader."""


class UsageRow(msgspec.Struct, frozen=True, kw_only=True):
    """One request that is over."""

    time: float
    """When it was over."""
    day: int
    """The day of that, counted from 1970-01-01, UTC."""
    key: str
    face: str
    provider: str
    model: str
    status: int
    error: str
    attempts: int
    rescued: str
    stream: bool
    input_tokens: int | None
    output_tokens: int | None
    cached_tokens: int | None
    reasoning_tokens: int | None
    cost: float | None
    """US dollars."""
    first_token_s: float | None
    duration_s: float


class UsageSum(msgspec.Struct, frozen=True, kw_only=True):
    """What several requests used together; `of` is their model, provider, key or day."""

    of: str
    requests: int
    errors: int
    rescued: int
    input_tokens: int
    output_tokens: int
    cached_tokens: int
    reasoning_tokens: int
    cost: float | None
    """US dollars, of the `priced` ones; None if no price is known."""
    priced: int
    first_token_s: float | None
    """The mean of those that had one."""
    duration_s: float
    """The mean."""


class UsageQuestion(msgspec.Struct, frozen=True, kw_only=True):
    """Which usage is wanted: from `since` on and before `until`, of one key or of all.

    Buckets are `bucket_s` long and begin where an hour or a day does `zone_s` east of Greenwich,
    in seconds; so do days in `rows`.
    """

    by: By = "model"
    since: float | None = None
    until: float | None = None
    key: str | None = None
    zone_s: int = 0
    bucket_s: int = 86400


class UsagePoint(msgspec.Struct, frozen=True, kw_only=True):
    """What was used in one bucket, by one name, or by all that have no series of their own.

    Those are the `rest`, whose name is empty.
    """

    t: int
    """When the bucket begins, in Unix seconds."""
    of: str
    rest: bool
    requests: int
    errors: int
    input_tokens: int
    output_tokens: int
    cost: float | None
    """US dollars; None if no price is known."""


class UsageReport(msgspec.Struct, frozen=True, kw_only=True):
    """Usage of one moment, summed three ways; buckets without any are left out of the series."""

    rows: list[UsageSum]
    total: UsageSum
    series: list[UsagePoint]


class HealthRow(msgspec.Struct, frozen=True, kw_only=True):
    """What came of a model's attempts from `minute` on, counted from 1970-01-01, UTC.

    Times are sums of so many, in seconds.
    """

    minute: int
    provider: str
    model: str
    state: BreakerState
    """The worst of its breaker."""
    requests: int
    """Whole answers and failures."""
    failures: int
    first_tokens: int
    first_tokens_s: float
    wholes: int
    wholes_s: float


class StoredKey(msgspec.Struct, frozen=True, kw_only=True):
    """One key of the gateway, without its digest, and what it may."""

    name: str
    created: float
    last_used: float | None
    """To the minute."""
    revoked: float | None
    models: tuple[str, ...] = ()
    requests_per_minute: int | None = None
    tokens_per_minute: int | None = None
    concurrency: int | None = None


class Conversation(msgspec.Struct, frozen=True, kw_only=True):
    """A conversation, without its turns."""

    id: str
    title: str
    created: float
    updated: float
    settings: dict[str, Any] = {}
    """What whoever keeps it wants to find again: a JSON object of theirs."""


PieceKind = Literal["text", "reasoning", "refusal", "tool_call", "arguments", "image"]


class Piece(msgspec.Struct, frozen=True):
    """What came of an answer since the last piece; see `parts.py` for what `text` holds."""

    kind: PieceKind
    text: str


class Turn(msgspec.Struct, frozen=True, kw_only=True):
    """What one side said; `parent` is the turn that it answers or replaces the answer of.

    `content` is a list of parts, each an object with a `type`.
    """

    id: str
    conversation: str
    parent: str | None
    role: str
    content: list[dict[str, Any]]
    created: float
    updated: float
    model: str = ""
    provider: str = ""
    state: State = "whole"
    usage: dict[str, int] = {}
    cost: float | None = None
    error: str = ""
    story: dict[str, Any] = {}
    """How an answer came about: a JSON object of whoever asked for it."""
