"""The values of the store. Times are Unix seconds; what is not known is None or empty."""

from typing import Any, Literal

import msgspec

__all__ = [
    "By",
    "Conversation",
    "Piece",
    "State",
    "StoredKey",
    "Turn",
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


class Piece(msgspec.Struct, frozen=True):
    """What came of an answer since the last piece."""

    kind: Literal["text", "reasoning"]
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
