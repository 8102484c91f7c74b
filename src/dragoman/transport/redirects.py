"""Where a redirect leads, and what may be taken along.

Pure. Only GET and HEAD are followed, at most `MAX_REDIRECTS` times, never from https to http.
Another origin gets neither cookies nor any header but the harmless ones: a key may be in any
header, not only in `Authorization`.
Source: RFC 9110 section 15.4 (redirection), read 2026-11-21.
"""

from urllib.parse import urljoin, urlsplit

from dragoman.errors import ResponseError
from dragoman.wire.http import HttpRequest, ReplyHead, origin

__all__ = ["MAX_REDIRECTS", "REDIRECT_STATUSES", "redirected"]

MAX_REDIRECTS = 10
REDIRECT_STATUSES = frozenset({301, 302, 303, 307, 308})

_FOLLOWED_METHODS = frozenset({"GET", "HEAD"})
_HARMLESS_HEADERS = frozenset({"accept", "accept-encoding", "accept-language", "user-agent"})


def redirected(request: HttpRequest, head: ReplyHead) -> HttpRequest | None:
    """The request that follows this reply, or None if the reply is to be handed out.

    The cookies that the reply set are taken along to the same origin.
    """
    location = head.headers.get("location")
    if (
        head.status not in REDIRECT_STATUSES
        or request.method not in _FOLLOWED_METHODS
        or not location
    ):
        return None
    target = _target(request.url, location)
    if origin(target) == origin(request.url):
        cookies = {**request.cookies, **head.cookies}
        return HttpRequest(request.method, target, request.headers, request.body, cookies)
    headers = {
        name: value for name, value in request.headers.items() if name.lower() in _HARMLESS_HEADERS
    }
    return HttpRequest(request.method, target, headers, request.body)


def _target(url: str, location: str) -> str:
    try:
        target = urljoin(url, location).partition("#")[0]
        parts = urlsplit(target)
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise ResponseError("a redirect to something that is no address") from None
    if parts.scheme not in {"http", "https"} or not host:
        raise ResponseError("a redirect to something that is no http address")
    if parts.scheme == "http" and url.lower().startswith("https:"):
        raise ResponseError(f"a redirect from https to http, at {host}; it is not followed")
    return target
