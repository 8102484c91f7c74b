"""Which addresses are in the public internet, and which addresses a name has.

What is not clearly public is refused: private, loopback, link-local, multicast and reserved
networks, and every IPv6 address that only wraps an IPv4 one, but for the plain mapped form, which
is judged by what it wraps.
Sources: the IANA special-purpose address registries, RFC 4291 section 2.4 (IPv6), RFC 3056 (6to4),
RFC 2928 (2001::/23), read 2026-11-21.
"""

import asyncio
import socket
from collections.abc import Awaitable, Callable, Sequence
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import TypeAlias

__all__ = ["LookUp", "is_public", "look_up"]

LookUp: TypeAlias = Callable[[str, int], Awaitable[Sequence[str]]]
"""From a name and a port to addresses; `OSError` if it has none."""

# All that was ever given out for use in the public internet.
_UNICAST = IPv6Network("2000::/3")
# 6to4 and Teredo lead to an IPv4 address that only their relay sees; the last is for examples.
_SPECIAL = tuple(IPv6Network(text) for text in ("2002::/16", "2001::/23", "3fff::/20"))


def is_public(text: str) -> bool:
    """Whether a numeric address is one of the public internet."""
    try:
        address = ip_address(text)
    except ValueError:
        return False
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is None:
            return _is_public_6(address)
        address = address.ipv4_mapped
    return _is_public_4(address)


async def look_up(host: str, port: int) -> list[str]:
    """The addresses that the system knows for a name."""
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(row[4][0]) for row in found]


def _is_public_4(address: IPv4Address) -> bool:
    return address.is_global and not (address.is_multicast or address.is_reserved)


def _is_public_6(address: IPv6Address) -> bool:
    return (
        address in _UNICAST
        and address.is_global
        and not any(address in network for network in _SPECIAL)
    )
