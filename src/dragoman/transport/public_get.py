"""A GET of an address that a stranger chose: of the public internet or not at all.

Each host on the way, redirects included, is looked up once; every address that it has must be
allowed, and the connection goes to one of just those, so that a name cannot mean one thing when it
is checked and another when it is used. No cookies, no login, no proxy, no kept connection.
Source: docs.aiohttp.org, "Resolving using custom nameservers" and "Custom socket creation", and
the OWASP cheat sheet on server-side request forgery, read 2026-11-21.
"""

import socket
from collections.abc import Callable, Sequence
from functools import partial
from ipaddress import ip_address
from typing import Any

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

from dragoman.errors import ChatError, InputError, ResponseError
from dragoman.transport.addresses import http_address
from dragoman.transport.base import Limits, Verify
from dragoman.transport.plain_errors import head_error
from dragoman.transport.public_hosts import LookUp, is_public, look_up
from dragoman.transport.redirects import REDIRECT_STATUSES, redirected
from dragoman.transport.request_head import USER_AGENT
from dragoman.transport.tls import ssl_context
from dragoman.wire.http import HttpReply, HttpRequest, ReplyHead

__all__ = ["MAX_REDIRECTS", "PublicGet"]

MAX_REDIRECTS = 3
# Nothing unfolds here: a small body that becomes gigabytes is not asked for.
_HEADERS = {"User-Agent": USER_AGENT, "Accept": "*/*", "Accept-Encoding": "identity"}
_PIECE_BYTES = 64 * 1024
# Whoever calls has one limit for all of it.
_NO_LIMITS = Limits(connect_s=None, idle_s=None)


class PublicGet:
    """Gets addresses in the public internet.

    `look_up` gives the addresses of a name, `allows` says which of them may be connected to.
    """

    def __init__(
        self,
        *,
        look_up: LookUp = look_up,
        allows: Callable[[str], bool] = is_public,
        verify: Verify = True,
    ) -> None:
        self._look_up = look_up
        self._allows = allows
        self._verify = verify

    async def get(self, url: str, taken: Callable[[int], None]) -> HttpReply:
        """The reply at the end of at most `MAX_REDIRECTS` redirects; the time is the caller's.

        `taken` is told the size of each piece of the body, and raises when it is enough.
        `InputError` for an address that is not asked, `ChatError` for what fails on the way.
        """
        for _ in range(MAX_REDIRECTS + 1):
            reply = await self._get(url, taken)
            following = redirected(HttpRequest("GET", url), reply.head)
            if following is None:
                return reply
            url = following.url
        raise ResponseError(f"more than {MAX_REDIRECTS} redirects")

    async def _get(self, url: str, taken: Callable[[int], None]) -> HttpReply:
        address = http_address(url)
        if address.raw_user is not None or address.raw_password is not None:
            raise InputError("an address with a login in it")
        pinned = await self._addresses(address)
        try:
            async with (
                self._session(pinned) as session,
                session.get(address, allow_redirects=False) as response,
            ):
                headers = {name.lower(): value for name, value in response.headers.items()}
                head = ReplyHead(response.status, headers, url, response.reason or "")
                return HttpReply(head, await _read(response, taken))
        except ChatError:
            raise
        except Exception as exc:
            error = head_error(exc, _NO_LIMITS)
        raise error

    async def _addresses(self, address: URL) -> Sequence[str]:
        host = address.host or ""
        try:
            found: Sequence[str] = [str(ip_address(host))]
        except ValueError:
            try:
                found = await self._look_up(host, address.port or 0)
            except (OSError, UnicodeError):
                # A name that is unknown and one that is private read alike: whoever asks is not
                # told which names there are inside.
                found = ()
        if not found or not all(self._allows(text) for text in found):
            raise InputError(f"{host} is no host in the public internet")
        return found

    def _session(self, pinned: Sequence[str]) -> aiohttp.ClientSession:
        connector = aiohttp.TCPConnector(
            resolver=_Pinned(pinned),
            use_dns_cache=False,
            socket_factory=partial(_open_socket, frozenset(pinned)),
            ssl=ssl_context(self._verify),
            force_close=True,
        )
        return aiohttp.ClientSession(
            connector=connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            headers=_HEADERS,
            auto_decompress=False,
            timeout=aiohttp.ClientTimeout(total=None),
        )


class _Pinned(AbstractResolver):
    """Knows the addresses that were checked, and no others."""

    def __init__(self, pinned: Sequence[str]) -> None:
        self._pinned = pinned

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        return [
            ResolveResult(
                hostname=host,
                host=text,
                port=port,
                family=socket.AF_INET6 if ":" in text else socket.AF_INET,
                proto=0,
                flags=socket.AI_NUMERICHOST,
            )
            for text in self._pinned
        ]

    async def close(self) -> None:
        """Nothing is open."""


def _open_socket(pinned: frozenset[str], row: Sequence[Any]) -> socket.socket:
    """The last look: whatever a library makes of a name, only what was checked is connected to."""
    family, kind, proto, _, address = row
    if address[0] not in pinned:
        raise OSError("not the address that was checked")
    return socket.socket(family, kind, proto)


async def _read(response: aiohttp.ClientResponse, taken: Callable[[int], None]) -> bytes:
    if response.status in REDIRECT_STATUSES:
        return b""
    pieces: list[bytes] = []
    async for piece in response.content.iter_chunked(_PIECE_BYTES):
        taken(len(piece))
        pieces.append(piece)
    return b"".join(pieces)
