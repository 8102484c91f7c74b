"""Which cookie goes where: what a server sets, to whom it is sent back, and until when.

Pure. A cookie's value is in no repr.
Source: RFC 6265 sections 5.1-5.4, read 2026-11-21. Not kept: the list of public suffixes (a domain
needs a dot instead), SameSite and HttpOnly, which are about browsers.
"""

import datetime
import email.utils
import ipaddress
import math
import re
from collections.abc import Iterable
from urllib.parse import urlsplit

from dragoman.account import Reticent

__all__ = [
    "Cookie",
    "cookie_fault",
    "cookies_for",
    "decode_set_cookie",
    "host_matches",
    "is_live",
    "named_values",
]

_NAME = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
# Wider than the standard: real cookies hold spaces, quotes, commas, JSON, and pass every server.
# What ends the value or the header, or is not text at all, does not.
_VALUE = re.compile(r"[^\x00-\x08\x0a-\x1f\x7f;\ud800-\udfff]*")


class Cookie(Reticent, frozen=True, kw_only=True):
    """One cookie. `domain` is lower-case without a dot before it, empty is any host.

    `host_only`: not for subdomains. `expires_at` is Unix time, None is the end of the session.
    """

    name: str
    value: str
    domain: str = ""
    host_only: bool = False
    path: str = "/"
    secure: bool = False
    expires_at: float | None = None

    def __repr__(self) -> str:
        return f"Cookie({self.name!r}, domain={self.domain!r}, path={self.path!r})"


def cookie_fault(name: str, value: str) -> str | None:
    """Why no header can carry this cookie, without its value; None if one can."""
    if not _NAME.fullmatch(name):
        return f"a cookie with the name {name!r} cannot be sent"
    if not _VALUE.fullmatch(value):
        return f"the value of cookie {name!r} holds a semicolon or control characters"
    return None


def is_live(cookie: Cookie, now: float) -> bool:
    """Whether the cookie is still good at Unix time `now`."""
    return cookie.expires_at is None or cookie.expires_at > now


def host_matches(host: str, cookie: Cookie) -> bool:
    """Whether a lower-case host may see the cookie."""
    if not cookie.domain or host == cookie.domain:
        return True
    return not cookie.host_only and host.endswith(f".{cookie.domain}") and not _is_ip(host)


def cookies_for(cookies: Iterable[Cookie], url: str, now: float) -> dict[str, str]:
    """What a request to `url` carries, by name; of equal names the longest domain and path win."""
    parts = urlsplit(url)
    host, path = (parts.hostname or "").lower(), parts.path or "/"
    secure = parts.scheme in {"https", "wss"}
    sent = [
        cookie
        for cookie in cookies
        if host_matches(host, cookie)
        and _path_matches(path, cookie.path)
        and (secure or not cookie.secure)
        and is_live(cookie, now)
    ]
    sent.sort(key=lambda cookie: (len(cookie.domain), len(cookie.path)))
    return {cookie.name: cookie.value for cookie in sent}


def decode_set_cookie(header: str, url: str, now: float) -> Cookie | None:
    """The cookie that a reply from `url` sets, or None if it is none or none of this host's.

    A removal is a cookie that has expired.
    """
    fields = _fields(header)
    if fields is None:
        return None
    name, value, attributes = fields
    parts = urlsplit(url)
    host = (parts.hostname or "").lower()
    domain = attributes.get("domain", "").removeprefix(".").lower()
    if domain and domain != host and ("." not in domain or _is_ip(host)):
        return None
    if domain and domain != host and not host.endswith(f".{domain}"):
        return None
    path = attributes.get("path", "")
    return Cookie(
        name=name,
        value=value,
        domain=domain or host,
        host_only=not domain,
        path=path if path.startswith("/") else _default_path(parts.path),
        secure="secure" in attributes,
        expires_at=_expires_at(attributes, now),
    )


def named_values(headers: Iterable[str], now: float) -> dict[str, str]:
    """Name and value of each `Set-Cookie` header, but for those that remove a cookie."""
    found: dict[str, str] = {}
    for header in headers:
        fields = _fields(header)
        if fields is None:
            continue
        name, value, attributes = fields
        expires_at = _expires_at(attributes, now)
        if expires_at is None or expires_at > now:
            found[name] = value
        else:
            found.pop(name, None)
    return found


def _fields(header: str) -> tuple[str, str, dict[str, str]] | None:
    pair, *rest = header.split(";")
    name, equals, value = pair.partition("=")
    # What no header can carry is passed over: it must not stop the next request.
    if not equals or cookie_fault(name.strip(), value.strip()):
        return None
    attributes = {
        key.strip().lower(): text.strip() for key, _, text in (part.partition("=") for part in rest)
    }
    return name.strip(), value.strip(), attributes


def _expires_at(attributes: dict[str, str], now: float) -> float | None:
    age = attributes.get("max-age")
    if age is not None:
        try:
            seconds = float(int(age))
        except (ValueError, OverflowError):
            pass
        else:
            return now + seconds if seconds > 0 else -math.inf
    date = attributes.get("expires")
    if not date:
        return None
    try:
        parsed = email.utils.parsedate_to_datetime(date.replace("-", " "))
    except (ValueError, OverflowError):
        return None
    if parsed.tzinfo is None:
        parsed = parsed.replace(tzinfo=datetime.UTC)
    try:
        return parsed.timestamp()
    except (ValueError, OverflowError):
        return None


def _path_matches(path: str, of_cookie: str) -> bool:
    if path == of_cookie or of_cookie == "/":
        return True
    return path.startswith(of_cookie) and (of_cookie.endswith("/") or path[len(of_cookie)] == "/")


def _default_path(path: str) -> str:
    return path.rpartition("/")[0] or "/"


def _is_ip(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
