"""Which library a transport is made of, by name; each is imported when it is first asked for."""

from dragoman.errors import InputError
from dragoman.transport.base import Transport, Verify

__all__ = ["open_transport"]


def open_transport(kind: str, *, proxy: str | None = None, verify: Verify = True) -> Transport:
    """A transport: `plain` (aiohttp) or `curl` (curl_cffi, extra `curl`).

    Inside a running loop; whoever opens it closes it.
    """
    match kind:
        case "plain":
            from dragoman.transport.plain import PlainTransport

            return PlainTransport(proxy=proxy, verify=verify)
        case "curl":
            from dragoman.transport.curl import CurlTransport

            return CurlTransport(proxy=proxy, verify=verify)
        case _:
            raise InputError(f"unknown transport {kind!r}; known: plain, curl")
