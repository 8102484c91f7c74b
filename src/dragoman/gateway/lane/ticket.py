"""What is known of a request that goes the short way, before it is asked."""

from collections.abc import Callable, Mapping

import msgspec

from dragoman.gateway.faces import Address
from dragoman.gateway.lane.lines import Line
from dragoman.gateway.record import Record
from dragoman.gateway.state import Held
from dragoman.gateway_settings import GatewayKey
from dragoman.limits import Admission

__all__ = ["Ticket"]


class Ticket(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a request that goes the short way."""

    held: Held
    line: Line
    address: Address
    headers: Mapping[str, str]
    body: bytes
    """As the caller sent it."""
    sent: bytes
    edit: Callable[[bytes], bytes] | None
    """Takes out of the answer what only we asked for."""
    key: GatewayKey | None
    admission: Admission
    record: Record
