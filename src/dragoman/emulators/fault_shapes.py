"""The faults that need more than one word: their shapes in a scenario.

Each is the value of a knob in `dragoman.emulators.knob`, which the docs print.
"""

from typing import Annotated, Literal

import msgspec
from msgspec import Struct

__all__ = [
    "Challenge",
    "Coding",
    "Count",
    "Cut",
    "Encoding",
    "ErrorEvent",
    "FaultKind",
    "Malformed",
    "RandomFaults",
    "Redirect",
    "Seconds",
    "Slow",
    "Stall",
    "Status",
    "Tail",
]

Count = Annotated[int, msgspec.Meta(ge=0)]
Seconds = Annotated[float, msgspec.Meta(ge=0)]
Status = Annotated[int, msgspec.Meta(ge=100, le=999)]
Share = Annotated[float, msgspec.Meta(ge=0, le=1)]
Coding = Literal["identity", "gzip", "deflate", "br"]
FaultKind = Literal[
    "status",
    "rate_limit",
    "reset",
    "close",
    "html",
    "empty",
    "cut",
    "cut_bytes",
    "malformed",
    "error",
    "stall",
    "silent",
]


class Challenge(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A page of a protecting front, with its mark only and no text of any real one."""

    status: Status = 403
    cf_mitigated: bool = True
    coding: Coding = "identity"


class Redirect(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Another address; None: the same path with `redirected=1`, which is answered as usual."""

    status: Status = 302
    location: str | None = None


class Slow(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Pauses in seconds: before the status line, after the headers, between two events."""

    before_headers_s: Seconds = 0.0
    before_first_s: Seconds = 0.0
    between_events_s: Seconds = 0.0


class Stall(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Silence for ever after n events; `headers` false: the headers do not come either."""

    after_events: int = 0
    headers: bool = True


class Cut(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where the body stops, and how; exactly one of the two places. -1: before the last event."""

    after_events: int | None = None
    after_bytes: Count | None = None
    how: Literal[
        "end", "fin", "rst", "no_chunk_end", "mid_chunk", "length_too_long", "close_delimited"
    ] = "fin"

    def __post_init__(self) -> None:
        """Raises `ValueError` unless one place is given."""
        if (self.after_events is None) == (self.after_bytes is None):
            raise ValueError("give one of `after_events` and `after_bytes`")


class Malformed(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which event is spoilt, counted from 1, and how; a whole body is one event."""

    at_event: Annotated[int, msgspec.Meta(ge=1)] = 1
    kind: Literal["json", "utf8", "not_object", "nan", "lone_surrogate"] = "json"


class ErrorEvent(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An error in the stream, after n events; nothing follows it.

    `form`: `object` is the dialect's own, `bare` the same in lines that are no event, `string` an
    event of `{"error": message}`, `line` the message as a line that is no event.
    """

    after_events: Count = 0
    message: str = "the model broke down"
    code: str | int = "server_error"
    form: Literal["object", "bare", "string", "line"] = "object"


class Encoding(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The content coding, when it is flushed, and the name in the header (None: its own)."""

    coding: Coding
    flush: Literal["event", "end"] = "event"
    header: str | None = None


class Tail(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Of so many chat answers the first word comes so many seconds late."""

    share: Share = 0.05
    before_first_s: Seconds = 1.0
    seed: int = 0


class RandomFaults(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """So many chat requests meet a fault, of one of these kinds (none named: of any)."""

    seed: int = 0
    share: Share = 0.3
    kinds: tuple[FaultKind, ...] = ()
