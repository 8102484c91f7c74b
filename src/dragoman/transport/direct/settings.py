"""What a pool of direct connections keeps, and how much it reads."""

import msgspec

__all__ = ["PoolLimits"]


class PoolLimits(msgspec.Struct, frozen=True, kw_only=True):
    """Bounds of a pool, for each origin.

    `connections` open at once, `opening` of them being opened; above that up to `waiting` requests
    wait until one is free, and the next fail at once. `idle` connections are kept, each for
    `idle_s` without use and `age_s` in all. `max_body_bytes` is None where a body may be endless,
    as a relayed stream.
    """

    connections: int = 16_384
    # More at once would only fill the other side's queue, and be sent again a second later.
    opening: int = 256
    waiting: int = 1024
    idle: int = 1024
    # Below the shortest idle time of usual servers there would be no reuse, above it a POST may
    # meet a connection that is just being closed, and cannot be repeated.
    idle_s: float = 15.0
    # Addresses of a name change: no connection outlives that for long.
    age_s: float = 600.0
    max_header_bytes: int = 64 * 1024
    max_headers: int = 512
    max_body_bytes: int | None = None
