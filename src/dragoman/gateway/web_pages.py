"""Which web pages may ask: a browser lets any page send requests to this machine.

A gateway without keys believes whoever reaches it. A page that somebody on this machine looks at
reaches it, too: by a name that its owner lets resolve to this machine, which only `Host` shows, or
by a request that a browser sends without asking first, which has an `Origin`. Both are refused. A
key in a header is proof enough: no page can send one unless it was told before that it may.
With keys it is they that decide, and browsers keep to what they are told here.
Sources: WHATWG Fetch, "HTTP extensions" (`Origin`, CORS protocol); the draft "Private Network
Access"; read 2026-11-21.
"""

import ipaddress
import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Protocol

from dragoman.errors import ResponseStatusError, excerpt
from dragoman.gateway.visit import Visit
from dragoman.gateway_settings import GatewaySettings

__all__ = ["Caller", "admit_page", "permission"]

Headers = list[tuple[str, str]]

_NAMES = re.compile(r"[\w!#$%&'*+.^`|~, -]{1,2000}", re.ASCII)
_REMEMBERED_S = 600


class Caller(Protocol):
    """What has to be known of a request."""

    @property
    def method(self) -> str:
        """Its method."""
        ...

    @property
    def server(self) -> str:
        """The address that it came to."""
        ...

    @property
    def headers(self) -> Mapping[str, str]:
        """Its headers, with names in small letters."""
        ...


def admit_page(visit: Caller, settings: GatewaySettings) -> Headers:
    """What the answer says to the browser; `ResponseStatusError` with status 403 if it may not."""
    headers = visit.headers
    host = headers.get("host", "").lower()
    if not settings.keys and _is_this_machine(visit.server):
        name = _name(host)
        # Only HTTP/1.0 has no host, and no browser speaks that.
        if name and not _is_this_machine(name) and name not in (settings.host, *settings.hosts):
            words = f"{excerpt(name)} is no name of this gateway: add it to `hosts` of [gateway]"
            raise ResponseStatusError(words, status=403, code="unknown_host")
    origin = headers.get("origin")
    if origin is None:
        return []
    if origin in settings.origins or "*" in settings.origins or origin.endswith(f"://{host}"):
        allowed = [("access-control-allow-origin", origin), ("access-control-expose-headers", "*")]
        return [*allowed, ("vary", "origin")]
    if visit.method == "OPTIONS" or not (settings.keys or _has_key(visit)):
        words = f"pages of {excerpt(origin)} may not ask: add it to `origins` of [gateway]"
        raise ResponseStatusError(words, status=403, code="unknown_origin")
    return []


def permission(visit: Visit, methods: Iterable[str]) -> Headers | None:
    """What a browser that asks first is told, or None if that is not what it asks."""
    headers = visit.headers
    wanted = headers.get("access-control-request-method")
    if visit.method != "OPTIONS" or wanted is None or "origin" not in headers:
        return None
    told = [
        ("access-control-allow-methods", ", ".join(methods)),
        ("access-control-max-age", str(_REMEMBERED_S)),
    ]
    names = headers.get("access-control-request-headers", "")
    if _NAMES.fullmatch(names):
        told.append(("access-control-allow-headers", names))
    if "access-control-request-private-network" in headers:
        told.append(("access-control-allow-private-network", "true"))
    return told


def _has_key(visit: Caller) -> bool:
    """Whether there is a key where a page cannot put one: the address is no such place."""
    headers = visit.headers
    bearer = headers.get("authorization", "").lower().startswith("bearer ")
    return bearer or "x-api-key" in headers or "x-goog-api-key" in headers


def _name(host: str) -> str:
    """A host without its port."""
    if host.startswith("["):
        return host[1:].partition("]")[0]
    return host.partition(":")[0].removesuffix(".")


@lru_cache(256)
def _is_this_machine(name: str) -> bool:
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return name == "localhost"
