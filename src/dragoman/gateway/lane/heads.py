"""What the head of a request says, worked out once for all on a connection that say the same.

The requests of a program have one head but for their length, as long as a connection lasts. So the
bytes of the last one are kept with its connection, and nowhere else: a key may stand in them.
"""

import re
from collections.abc import Mapping

import msgspec

from dragoman.gateway.faces import Address, Face
from dragoman.gateway.lane.lines import Line
from dragoman.gateway.state import Held
from dragoman.gateway_keys import KeyRing
from dragoman.gateway_settings import GatewayKey

__all__ = ["Head", "Known", "Ready"]

_LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*([0-9]{1,8})(?=[ \t]*\r\n)", re.IGNORECASE)
_END = b"\r\n\r\n"


class Ready(msgspec.Struct, frozen=True):
    """What a head and a few fields of a body come to, as long as `era` is the lane's."""

    era: object
    line: Line
    renames: bool
    """Whether the service knows the model by another name than the caller says."""
    adds_usage: bool
    """Whether we ask for what was used, where the caller does not."""


class Head(msgspec.Struct, frozen=True, kw_only=True):
    """What a sound head says, under one configuration, of who may ask for what."""

    held: Held
    face: Face
    address: Address
    headers: Mapping[str, str]
    passed: tuple[tuple[str, str], ...]
    """Of those, the ones that the service is to see."""
    key: GatewayKey | None
    keys: KeyRing
    """Where that key was looked up: as long as those are in force, it is."""
    request_id: str
    """What the caller calls its request; empty if it does not say."""
    wants_request_id: bool
    """Whether it looks for that where Anthropic's programs do."""
    ready: dict[tuple[str | None, bool | None], Ready]
    """What was asked with this head before, by what the bodies said."""


class Known(msgspec.Struct, frozen=True):
    """The bytes of a head, before and behind the number that is the length of its body."""

    head: Head
    before: bytes
    behind: bytes
    before_bytes: int
    behind_bytes: int

    @classmethod
    def of(cls, head: Head, read: bytes, body: bytes) -> "Known | None":
        """Of a request as it was read; None if that was not one request and nothing else."""
        text = read[: len(read) - len(body)]
        if text.find(_END) != len(text) - len(_END):
            return None
        found = _LENGTH.search(text)
        if found is None:
            return None
        before, behind = text[: found.start(1)], text[found.end(1) :]
        return cls(head, before, behind, len(before), len(behind))

    def body_of(self, read: bytes) -> bytes | None:
        """The body of a whole request with the same head; None if it is anything else."""
        if not read.startswith(self.before):
            return None
        at = self.before_bytes
        end = read.find(self.behind, at, at + 8 + self.behind_bytes)
        if end < 0:
            return None
        size, start = read[at:end], end + self.behind_bytes
        return read[start:] if size.isdigit() and int(size) == len(read) - start else None
