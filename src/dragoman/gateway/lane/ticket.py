"""What is known of a request that goes the short way, before it is asked."""

from collections.abc import Callable

import msgspec

from dragoman.gateway.lane.heads import Head
from dragoman.gateway.lane.lines import Line
from dragoman.gateway.record import Record
from dragoman.gateway.state import Held
from dragoman.limits import Admission

__all__ = ["Ticket"]


class Ticket(msgspec.Struct, frozen=True):
    """What is known of a request that goes the short way."""

    held: Held
    line: Line
    head: Head
    body: bytes
    """As the caller sent it."""
    sent: bytes
    edit: Callable[[bytes], bytes] | None
    """Takes out of the answer what only we asked for."""
    admission: Admission
    record: Record
