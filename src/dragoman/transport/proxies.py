"""Proxy addresses: which kinds there are, and how a caller's words become one.

An address may hold a password: errors name the scheme at most.
"""

from collections.abc import Mapping
from urllib.parse import urlsplit

from dragoman.errors import InputError

__all__ = ["HTTP_KINDS", "SOCKS_KINDS", "choose_proxy", "proxy_kind"]

HTTP_KINDS = frozenset({"http", "https"})
SOCKS_KINDS = frozenset({"socks4", "socks4a", "socks5", "socks5h"})


def proxy_kind(url: str) -> str:
    """The scheme of a proxy's address; `InputError` if it is no address or no kind we know."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise InputError("proxy: not an address; expected e.g. http://127.0.0.1:3128") from None
    if parts.scheme not in HTTP_KINDS | SOCKS_KINDS:
        known = ", ".join(sorted(HTTP_KINDS | SOCKS_KINDS))
        scheme = parts.scheme if "://" in url else ""
        raise InputError(f"proxy: unknown scheme {scheme!r}; known: {known}")
    if not host:
        raise InputError("proxy: an address without a host; expected e.g. http://127.0.0.1:3128")
    return parts.scheme


def choose_proxy(proxy: str | None, proxies: Mapping[str, str | None] | None) -> str | None:
    """The one proxy that `proxy` and `proxies` mean.

    Keys of `proxies`: `all`, `https`, `http`, the first that is there wins; `proxy` must not
    differ from it.
    """
    found = next(
        (url for key in ("all", "https", "http") if (url := (proxies or {}).get(key))), None
    )
    if proxy and found and proxy != found:
        raise InputError("proxy and proxies name different proxies; give one of them")
    return proxy or found
