"""Addresses, parsed once: a client asks the same few again and again."""

import functools

from yarl import URL

from dragoman.errors import InputError, excerpt

__all__ = ["http_address"]


@functools.lru_cache(maxsize=1024)
def http_address(url: str) -> URL:
    """An absolute http or https address, quoted; `InputError` without its query if it is none."""
    try:
        address = URL(url)
        # The host is decoded when it is asked for: `xn--` may stand before what is no name.
        usable = address.scheme in {"http", "https"} and bool(address.host)
    except ValueError:
        usable = False
    if not usable:
        raise InputError(f"not an http or https address: {excerpt(url.partition('?')[0])!r}")
    return address
