"""Addresses, parsed once: a client asks the same few again and again."""

import functools

from yarl import URL

from dragoman.errors import InputError

__all__ = ["http_address"]


@functools.lru_cache(maxsize=1024)
def http_address(url: str) -> URL:
    """An absolute http or https address, quoted; `InputError` without its query if it is none."""
    try:
        address = URL(url)
    except ValueError:
        address = URL()
    if address.scheme not in {"http", "https"} or not address.host:
        raise InputError(f"not an http or https address: {url.partition('?')[0]!r}")
    return address
