"""The connections that the plain transport keeps, direct or through a SOCKS proxy.

Without a limit on their number: a stream holds its connection as long as its answer takes, and a
full pool would make the next call wait for an answer that is not its own, until its connect limit.
How many calls run at once is decided above, by those who know what a call is.
"""

import functools
from ssl import SSLContext
from typing import Any

import aiohttp

from dragoman.errors import MissingRequirementsError
from dragoman.transport.proxies import SOCKS_KINDS

__all__ = ["open_connector", "require_socks"]

# Below the shortest idle time of usual servers there would be no reuse, above it a POST may meet
# a connection that is just being closed, and cannot be repeated.
KEEPALIVE_S = 15.0
DNS_TTL_S = 60


class _AbortsUnfinished:
    """Cuts a connection that is not given back, at once.

    A polite close first sends what is waiting, and over TLS waits for the peer's goodbye: a peer
    that has stopped reading would hold the connection, and a model its slot.
    """

    def _release(self, key: Any, protocol: Any, *, should_close: bool = False) -> None:
        if should_close and protocol.transport is not None:
            protocol.transport.abort()
        super()._release(key, protocol, should_close=should_close)  # type: ignore[misc]  # a mixin


class _Connector(_AbortsUnfinished, aiohttp.TCPConnector):
    """Direct, or by an http proxy."""


def open_connector(context: SSLContext, socks_url: str | None) -> aiohttp.TCPConnector:
    """A connector of the running loop."""
    settings: dict[str, Any] = {
        "limit": 0,
        "ssl": context,
        "keepalive_timeout": KEEPALIVE_S,
        "ttl_dns_cache": DNS_TTL_S,
    }
    if socks_url is None:
        return _Connector(**settings)
    scheme, _, rest = socks_url.partition("://")
    # With a final letter the proxy resolves names; so it does without: a name must not be asked
    # for beside the proxy.
    connector: aiohttp.TCPConnector = require_socks().from_url(
        f"{scheme[:6]}://{rest}", rdns=True, **settings
    )
    return connector


@functools.cache
def require_socks() -> Any:
    """The connector class for SOCKS; `MissingRequirementsError` without its extra."""
    try:
        from aiohttp_socks import ProxyConnector
    except ImportError as exc:
        kinds = ", ".join(sorted(SOCKS_KINDS))
        raise MissingRequirementsError(
            f"proxies of kind {kinds} need aiohttp-socks: pip install 'dragoman[socks]'"
        ) from exc
    return type("_SocksConnector", (_AbortsUnfinished, ProxyConnector), {})
