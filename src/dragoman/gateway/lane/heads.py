"""What the head of a request says, worked out once for all on a connection that say the same.

The requests of a program have one head but for their length, as long as a connection lasts. So the
bytes of the last one are kept with its connection, and nowhere else: a key may stand in them.
"""

import re
from collections.abc import Mapping

import msgspec

from dragoman.gateway.faces import Address, Face
from dragoman.gateway.state import Held
from dragoman.gateway_settings import GatewayKey

__all__ = ["Head", "Known"]

_LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*([0-9]{1,8})(?=[ \t]*\r\n)", re.IGNORECASE)
_END = b"\r\n\r\n"


class Head(msgspec.Struct, frozen=True, kw_only=True):
    """What a sound head says, under one configuration, of who may ask for what."""

    held: Held
    face: Face
    address: Address
    headers: Mapping[str, str]
    passed: tuple[tuple[str, str], ...]
    """Of those, the ones that the service is to see."""
    key: GatewayKey | None


class Known(msgspec.Struct, frozen=True):
    """The bytes of a head, before and behind the number that is the length of its body."""

    head: Head
    before: bytes
    behind: bytes

    @classmethod
    def of(cls, head: Head, read: bytes, body: bytes) -> "Known | None":
        """Of a request as it was read; None if that was not one request and nothing else."""
        text = read[: len(read) - len(body)]
        if text.find(_END) != len(text) - len(_END):
            return None
        found = _LENGTH.search(text)
        return found and cls(head, text[: found.start(1)], text[found.end(1) :])

    def body_of(self, read: bytes) -> bytes | None:
        """The body of a whole request with the same head; None if it is anything else."""
        if not read.startswith(self.before):
            return None
        at = len(self.before)
        end = read.find(self.behind, at, at + 8 + len(self.behind))
        if end < 0:
            return None
        size, start = read[at:end], end + len(self.behind)
        return read[start:] if size.isdigit() and int(size) == len(read) - start else None
