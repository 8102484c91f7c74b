"""An HTTP request and reply as values, and how a reply that is no answer becomes an error.

Nothing here touches a socket: a transport sends a `HttpRequest` and gives a `ReplyHead` with the
bytes after it; a whole reply is a `HttpReply`.
"""

from collections.abc import Mapping
from typing import Any, Literal
from urllib.parse import urlencode, urlsplit

import msgspec

from dragoman.account import Reticent
from dragoman.errors import ResponseError, excerpt

__all__ = ["HttpReply", "HttpRequest", "Method", "ReplyHead", "form", "json_request", "origin"]

Method = Literal["GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH"]


class HttpRequest(Reticent, frozen=True):
    """What is sent. `url` is absolute; `cookies` become one `Cookie` header."""

    method: Method
    url: str
    headers: Mapping[str, str] = {}
    body: bytes = b""
    cookies: Mapping[str, str] = {}

    def __repr__(self) -> str:
        # Headers, cookies and bodies hold secrets, and so may a query.
        return f"HttpRequest({self.method} {self.url.partition('?')[0]})"


class ReplyHead(Reticent, frozen=True):
    """Status and headers of a reply; header names are lower-case, the last of equals wins.

    `cookies` are those that the reply set, by name; `url` is where redirects ended.
    """

    status: int
    headers: Mapping[str, str]
    url: str
    reason: str = ""
    cookies: Mapping[str, str] = {}

    def __repr__(self) -> str:
        return f"ReplyHead({self.status} {self.url.partition('?')[0]})"

    @property
    def media_type(self) -> str:
        """The media type without parameters, lower-case; empty if none was sent."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()


class HttpReply(Reticent, frozen=True):
    """A reply with its whole body."""

    head: ReplyHead
    body: bytes

    def __repr__(self) -> str:
        return f"HttpReply({self.head.status}, {len(self.body)} bytes)"

    def json(self) -> Any:
        """The body as JSON; `ResponseError` if it is none."""
        try:
            return msgspec.json.decode(self.body)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as exc:
            if not self.body.strip():
                raise ResponseError("an empty reply where JSON was due") from exc
            if self.body.lstrip()[:1] in {b"{", b"["}:
                # A broken object may hold the very token that it was asked for.
                raise ResponseError(f"a reply of broken JSON, {len(self.body)} bytes") from exc
            kind = "HTML" if self.head.media_type == "text/html" else "a reply"
            raise ResponseError(f"{kind} that is not JSON: {excerpt(self.body)!r}") from exc


def json_request(
    url: str,
    value: object,
    headers: Mapping[str, str] | None = None,
    *,
    cookies: Mapping[str, str] | None = None,
) -> HttpRequest:
    """A POST of a value as JSON."""
    return HttpRequest(
        "POST",
        url,
        {"Content-Type": "application/json", **(headers or {})},
        msgspec.json.encode(value),
        cookies or {},
    )


def form(fields: Mapping[str, str]) -> bytes:
    """Fields as `application/x-www-form-urlencoded`, UTF-8."""
    return urlencode(fields, encoding="utf-8", errors="surrogatepass").encode("ascii")


def origin(url: str) -> str:
    """Scheme, host and port: what two addresses share that may see the same cookies."""
    parts = urlsplit(url)
    port = parts.port or {"http": 80, "https": 443}.get(parts.scheme, 0)
    return f"{parts.scheme}://{(parts.hostname or '').lower()}:{port}"
